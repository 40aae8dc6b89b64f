import type { Edit, Piece, ReferenceSite } from '../yaml/index.js';
import type { Effective } from './effective.js';
import { type Finding, type FindingPlace, fingerprint } from './finding.js';
import type { RuleId, Severity } from './rules.js';
import { type PolicySettings, severityOf } from './settings.js';

/** Where a finding stands: 1-based, the end behind its last character. */
export interface Region {
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
}

/** A finding before the policies give it a severity. */
export interface FindingDraft {
  readonly rule: RuleId;
  /** It is never more severe: what only looks like an image fails nothing. */
  readonly most?: Severity;
  readonly path: string;
  readonly document: number;
  readonly keyPath: string;
  readonly region: Region;
  readonly current: string;
  readonly expected?: string;
  readonly reason: string;
  readonly repository?: string;
  readonly related?: readonly FindingPlace[];
  /** The edits that mend it, or why there are none. */
  readonly repair: readonly Edit[] | string;
  /** The image that lacks a digest, for those who can look one up. */
  readonly lacksDigest?: { readonly site: ReferenceSite; readonly effective: Effective };
}

/** The finding, or undefined when its rule is off. */
export function toFinding(draft: FindingDraft, settings: PolicySettings): Finding | undefined {
  const severity = severityOf(settings, draft.rule, draft.most);
  if (severity === 'off') return undefined;
  const { rule, path, document, keyPath, region, current, expected, reason, repository, repair } = draft;
  const facts = {
    rule,
    severity,
    path,
    ...region,
    keyPath,
    current,
    ...(expected === undefined ? {} : { expected }),
    reason,
    ...(repository === undefined ? {} : { repository }),
    related: draft.related ?? [],
    fingerprint: fingerprint({ rule, path, document, keyPath, repository: repository ?? '' }),
  };
  return typeof repair === 'string' ? { ...facts, whyNoFix: repair } : { ...facts, edits: repair };
}

/** The place of a piece's value, on its first line. */
export function regionOf(piece: Piece): Region {
  const { line, column, raw } = piece;
  const [first = ''] = piece.obstacle === 'inline-inexact' ? [''] : raw.split(/\r?\n|\r/, 1);
  return { line, column, endLine: line, endColumn: column + first.length };
}

/** The places of a site that a finding at `region` does not stand at itself. */
export function relatedOf(site: ReferenceSite, region: Region): readonly FindingPlace[] {
  return site.related.flatMap(({ role, keyPath, line, column }) =>
    line === region.line && column === region.column
      ? []
      : [{ path: site.path, line, column, what: role === 'alias' ? `used again as ${keyPath}` : `the ${role}` }],
  );
}
