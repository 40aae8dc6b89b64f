import type { PolicyReport } from '../policy/index.js';
import { countSeverities } from './verdict.js';

/** What was judged, for those who read the file later. */
export interface JudgedCommit {
  /** Undefined for what is staged. */
  readonly commit: string | undefined;
  readonly base: string | undefined;
}

/**
 * The findings as a JSON document, version 1: `{version, decision, commit, base, counts, findings, suppressed, notChecked}`.
 * A finding has the fields of `Finding`; lines and columns are 1-based, columns and ranges in UTF-16 code units.
 */
export function findingsJson(report: PolicyReport, judged: JudgedCommit): string {
  const { findings, suppressed, notChecked, counts, decision } = report;
  const document = {
    version: 1,
    decision,
    commit: judged.commit ?? null,
    base: judged.base ?? null,
    counts: { ...counts, environments: Object.fromEntries(counts.environments), severities: countSeverities(report) },
    findings,
    suppressed,
    notChecked,
  };
  return `${JSON.stringify(document, undefined, 2)}\n`;
}
