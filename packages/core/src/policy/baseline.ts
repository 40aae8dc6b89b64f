import { WaybillError } from '../errors.js';
import type { Finding } from './finding.js';

/** The findings that a repository had when it adopted the policy: how many of each fingerprint. */
export interface Baseline {
  readonly counts: ReadonlyMap<string, number>;
}

const VERSION = 1;
const MAX_LENGTH = 16 * 1024 * 1024;

/** The file of a baseline: one line for each fingerprint, sorted, so that it merges and reviews well. */
export function formatBaseline(findings: readonly Finding[]): string {
  const lines = new Map<string, { rule: string; path: string; count: number }>();
  for (const { fingerprint, rule, path, severity } of findings) {
    if (severity === 'note') continue;
    const line = lines.get(fingerprint) ?? { rule, path, count: 0 };
    line.count += 1;
    lines.set(fingerprint, line);
  }
  const entries = [...lines]
    .map(([fingerprint, { rule, path, count }]) => ({ path, rule, fingerprint, ...(count === 1 ? {} : { count }) }))
    .sort((left, right) => compare(left.path, right.path) || compare(left.fingerprint, right.fingerprint));
  const body = entries.map((entry) => `    ${JSON.stringify(entry)}`).join(',\n');
  return `{\n  "version": ${VERSION},\n  "findings": [${body === '' ? '' : `\n${body}\n  `}]\n}\n`;
}

function compare(left: string, right: string): number {
  return left === right ? 0 : left < right ? -1 : 1;
}

/**
 * Reads what `formatBaseline` wrote.
 * @throws WaybillError config-invalid
 */
export function parseBaseline(file: { readonly path: string; readonly text: string }): Baseline {
  const counts = new Map<string, number>();
  for (const entry of readEntries(file)) {
    if (!isEntry(entry)) throw invalid(file.path, 'holds an entry without a fingerprint');
    const count = entry.count ?? 1;
    counts.set(entry.fingerprint, (counts.get(entry.fingerprint) ?? 0) + count);
  }
  return { counts };
}

function readEntries({ path, text }: { readonly path: string; readonly text: string }): readonly unknown[] {
  if (text.length > MAX_LENGTH) throw invalid(path, 'is too large');
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch {
    throw invalid(path, 'is no JSON');
  }
  if (typeof data !== 'object' || data === null || !('version' in data) || data.version !== VERSION) {
    throw invalid(path, `is not of version ${VERSION}`);
  }
  if (!('findings' in data) || !Array.isArray(data.findings)) throw invalid(path, 'has no list of findings');
  return data.findings;
}

function isEntry(entry: unknown): entry is { readonly fingerprint: string; readonly count?: number } {
  if (typeof entry !== 'object' || entry === null || !('fingerprint' in entry)) return false;
  if (typeof entry.fingerprint !== 'string' || !/^[0-9a-f]{32}$/.test(entry.fingerprint)) return false;
  return !('count' in entry) || (Number.isInteger(entry.count) && Number(entry.count) > 0);
}

function invalid(path: string, what: string): WaybillError {
  return new WaybillError('config-invalid', {
    what: `The baseline ${what}`,
    where: { file: path },
    remedy: 'Write it anew with the image policy’s baseline input',
  });
}

/**
 * Parts findings into new debt and what the baseline knows. A fingerprint that stands more often than it did is new
 * from there on; expired exceptions are always new.
 */
export function applyBaseline(
  findings: readonly Finding[],
  baseline: Baseline,
): { readonly fresh: readonly Finding[]; readonly known: readonly Finding[] } {
  const left = new Map(baseline.counts);
  const fresh: Finding[] = [];
  const known: Finding[] = [];
  for (const finding of findings) {
    const count = left.get(finding.fingerprint) ?? 0;
    if (count > 0 && finding.rule !== 'expired-exception') {
      left.set(finding.fingerprint, count - 1);
      known.push(finding);
    } else fresh.push(finding);
  }
  return { fresh, known };
}
