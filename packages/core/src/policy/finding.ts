import { createHash } from 'node:crypto';
import type { Edit } from '../yaml/index.js';
import { RULES, type RuleId, type Severity } from './rules.js';

/** Another place that belongs to a finding: the other half of a split, an anchor, the upstream environment's line. */
export interface FindingPlace {
  readonly path: string;
  /** 1-based. */
  readonly line: number;
  /** 1-based, in UTF-16 code units. */
  readonly column: number;
  /** What stands there, a few words without a full stop. */
  readonly what: string;
}

/** What mends a finding, or why nothing does. */
export type Repair =
  /** The smallest byte-exact edits, all in the finding's file; ranges in UTF-16 code units of its text. */
  | { readonly edits: readonly Edit[]; readonly whyNoFix?: undefined }
  /** One sentence without a final full stop. */
  | { readonly whyNoFix: string; readonly edits?: undefined };

/**
 * One thing that the policy found. Every face (annotation, SARIF, summary, log) is made of it. All texts may hold
 * what the repository says: they are escaped by the faces.
 */
export type Finding = FindingFacts & Repair;

export interface FindingFacts {
  readonly rule: RuleId;
  readonly severity: Severity;
  /** From the root of the repository, with slashes; as Git has it, unescaped. */
  readonly path: string;
  /** 1-based; so are the other three. Columns count UTF-16 code units; the end is behind the last one. */
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
  /** `api.image.tag`; empty when the finding is about the file. */
  readonly keyPath: string;
  /** What stands there. */
  readonly current: string;
  /** What should, where that can be said: a value, or its shape (`ghcr.io/o/api@sha256:…`). */
  readonly expected?: string;
  /** One sentence without a final full stop. */
  readonly reason: string;
  /** Normalised repository of the image, where there is one. */
  readonly repository?: string;
  readonly related: readonly FindingPlace[];
  /** 32 hex digits: what baselines and SARIF's partialFingerprints know the finding by. Stays when lines move. */
  readonly fingerprint: string;
}

/** What a fingerprint is made of. */
export interface FingerprintParts {
  readonly rule: RuleId;
  readonly path: string;
  /** 0-based. */
  readonly document: number;
  readonly keyPath: string;
  /** Normalised; empty when there is none. */
  readonly repository: string;
}

/** A finding's stable name: it knows neither line nor digest, so that it survives edits around it. */
export function fingerprint(parts: FingerprintParts): string {
  const text = JSON.stringify([parts.rule, parts.path, parts.document, parts.keyPath, parts.repository]);
  return createHash('sha256').update(text).digest('hex').slice(0, 32);
}

const SEVERITY_ORDER: Readonly<Record<Severity, number>> = { error: 0, warning: 1, note: 2 };
const RULE_ORDER: ReadonlyMap<string, number> = new Map(RULES.map(({ id }, index) => [id, index]));

/** Findings by path (in code unit order), line, column, then rule: the order of reports and files. */
export function byPlace(left: FindingFacts, right: FindingFacts): number {
  if (left.path !== right.path) return left.path < right.path ? -1 : 1;
  return left.line - right.line || left.column - right.column || ruleOrder(left) - ruleOrder(right);
}

/** Findings most severe first, then by place: what is shown when not all can be. */
export function bySeverity(left: FindingFacts, right: FindingFacts): number {
  return SEVERITY_ORDER[left.severity] - SEVERITY_ORDER[right.severity] || byPlace(left, right);
}

function ruleOrder({ rule }: FindingFacts): number {
  return RULE_ORDER.get(rule) ?? 0;
}
