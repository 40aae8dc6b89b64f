import { bySeverity, type Finding, ruleOf, type Severity } from '../policy/index.js';
import { counted } from './verdict.js';

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
 * The runner keeps ten of each kind a step and drops the rest without a word. One error is left to the run itself, which
 * says why it failed.
 * https://github.com/actions/toolkit/blob/main/docs/problem-matchers.md#limitations
 */
const LIMITS: Readonly<Record<Severity, number>> = { error: 9, warning: 10, note: 10 };

/**
 * The annotations that a run shows: of each severity as many as there is room for, each rule and image once before any
 * comes again. The last of a severity says how many more there are, and where.
 */
export function policyAnnotations(
  findings: readonly Finding[],
  pageOf: (rule: string) => string,
): readonly PolicyAnnotation[] {
  return (['error', 'warning', 'note'] as const).flatMap((severity) => {
    const found = findings.filter((finding) => finding.severity === severity);
    const shown = distinctFirst(found).slice(0, LIMITS[severity]);
    return shown.map((finding, index) => {
      const isLast = index === shown.length - 1 && shown.length < found.length;
      const more = isLast
        ? `\n(${shown.length} of ${counted(found.length, severity)} are shown; the log and the job summary have the others.)`
        : '';
      return annotation(finding, shown.length - index, more, pageOf);
    });
  });
}

/** In the order of places, but what shows nothing new last. */
function distinctFirst(findings: readonly Finding[]): readonly Finding[] {
  const seen = new Set<string>();
  const first: Finding[] = [];
  const again: Finding[] = [];
  for (const finding of findings.toSorted(bySeverity)) {
    const key = JSON.stringify([finding.rule, finding.repository ?? finding.path]);
    (seen.has(key) ? again : first).push(finding);
    seen.add(key);
  }
  return [...first, ...again];
}

function annotation(
  finding: Finding,
  weight: number,
  more: string,
  pageOf: (rule: string) => string,
): PolicyAnnotation {
  const { rule, severity, path, line, endLine, column, endColumn, reason, expected } = finding;
  const instead = expected === undefined ? '' : `\nInstead: ${expected}`;
  return {
    kind: KINDS[severity],
    message: `${reason}${instead}\n${pageOf(rule)}${more}`,
    place: { title: `${rule}: ${ruleOf(rule).title}`, file: path, line, endLine, column, endColumn },
    weight,
  };
}
