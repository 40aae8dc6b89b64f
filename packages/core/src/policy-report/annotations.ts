import { bySeverity, type Finding, ruleOf, type Severity } from '../policy/index.js';

/** What the runtime's annotation writer takes. */
export interface PolicyAnnotation {
  readonly kind: 'error' | 'warning' | 'notice';
  readonly message: string;
  readonly place: {
    readonly title: string;
    readonly file: string;
    readonly line: number;
    readonly endLine: number;
    readonly column: number;
    readonly endColumn: number;
  };
  /** The heavier is shown first among its kind. */
  readonly weight: number;
}

const KINDS: Readonly<Record<Severity, PolicyAnnotation['kind']>> = {
  error: 'error',
  warning: 'warning',
  note: 'notice',
};

/**
 * Every finding as an annotation, in the order in which they shall be shown. Of each kind the writer shows ten and says
 * how many more there are, so that each rule and image comes once before any comes again.
 * https://github.com/actions/toolkit/blob/main/docs/problem-matchers.md#limitations
 */
export function policyAnnotations(
  findings: readonly Finding[],
  pageOf: (rule: string) => string,
): readonly PolicyAnnotation[] {
  const seen = new Set<string>();
  const first: Finding[] = [];
  const again: Finding[] = [];
  for (const finding of findings.toSorted(bySeverity)) {
    const key = JSON.stringify([finding.rule, finding.repository ?? finding.path]);
    (seen.has(key) ? again : first).push(finding);
    seen.add(key);
  }
  const ordered = [...first, ...again];
  return ordered.map((finding, index) => annotation(finding, ordered.length - index, pageOf));
}

function annotation(finding: Finding, weight: number, pageOf: (rule: string) => string): PolicyAnnotation {
  const { rule, severity, path, line, endLine, column, endColumn, reason, expected } = finding;
  const instead = expected === undefined ? '' : `\nInstead: ${expected}`;
  return {
    kind: KINDS[severity],
    message: `${reason}${instead}\n${pageOf(rule)}`,
    place: { title: `${rule}: ${ruleOf(rule).title}`, file: path, line, endLine, column, endColumn },
    weight,
  };
}
