import {
  bySeverity,
  type Finding,
  type PolicyReport,
  type ReferenceState,
  RULES,
  type StateCounts,
} from '../policy/index.js';
import {
  blocks,
  code,
  codeBlock,
  details,
  heading,
  type Interpolation,
  joined,
  type LinkTo,
  linksTo,
  list,
  type Markdown,
  markdown,
  raw,
  type Section,
  table,
} from '../report/index.js';
import { repositoryUri } from './sarif.js';
import { verdictLine } from './verdict.js';

export interface SummaryFacts {
  /** `https://github.com/o/r`. */
  readonly repositoryUrl: string;
  /** The commit that was judged; undefined for what is staged, which has no page to link to. */
  readonly commit: string | undefined;
  /** What the state is compared with, where there is a base. */
  readonly baseEnvironments?: ReadonlyMap<string, StateCounts>;
  readonly milliseconds: number;
  /** The page of a rule. */
  readonly pageOf: (rule: string) => string;
  /** The repairs as a patch; empty without any. */
  readonly patch: string;
  /** Sentences that belong below the verdict: which configuration, who could change the check. */
  readonly remarks: readonly Interpolation[];
}

const ROWS = 200;
const PATCH_LIMIT = 100_000;
const STATES: readonly ReferenceState[] = ['digest', 'tag+digest', 'tag', 'channel', 'unresolved'];

/**
 * The job summary in sections, the most important first, so that a page that is too long loses its end: verdict, state of
 * the environments, findings by rule, what was not checked, what is excused, the repairs.
 */
export function policySummary(report: PolicyReport, facts: SummaryFacts): readonly Section[] {
  const link = linksTo(new URL(facts.repositoryUrl).origin);
  return [
    { title: 'Verdict', content: verdict(report, facts) },
    ...states(report, facts),
    ...findings(report.findings, facts, link),
    ...notChecked(report, facts, link),
    ...suppressed(report, facts, link),
    ...repairs(facts.patch),
  ];
}

function verdict(report: PolicyReport, facts: SummaryFacts): Markdown {
  const sign = report.decision === 'pass' ? 'passed' : 'failed';
  return blocks([
    heading(2, `Image policy: ${sign}`),
    markdown`**${verdictLine(report, facts.milliseconds)}**`,
    ...(facts.remarks.length === 0 ? [] : [list(facts.remarks)]),
  ]);
}

function states(report: PolicyReport, facts: SummaryFacts): readonly Section[] {
  const { environments, states: all } = report.counts;
  const base = facts.baseEnvironments;
  const rows = [...environments].map(([name, counts]) => [
    code(name),
    ...STATES.map((state) => markdown`${counts[state]}${change(counts[state], base?.get(name)?.[state], base)}`),
  ]);
  const content = blocks([
    heading(3, 'References'),
    table(['Environment', ...STATES], [...rows, [raw('*all that was read*'), ...STATES.map((state) => all[state])]]),
  ]);
  return report.counts.references === 0 ? [] : [{ title: 'References', content }];
}

function change(now: number, before: number | undefined, base: SummaryFacts['baseEnvironments']): Markdown {
  const difference = base === undefined ? 0 : now - (before ?? 0);
  return difference === 0 ? raw('') : raw(` (${difference > 0 ? '+' : ''}${difference})`);
}

/** A section for each rule, so that a long one does not take the others with it. */
function findings(all: readonly Finding[], facts: SummaryFacts, link: LinkTo): readonly Section[] {
  return RULES.flatMap(({ id, title, severity }) => {
    const found = all.filter(({ rule }) => rule === id).toSorted(bySeverity);
    if (found.length === 0) return [];
    const rows = found
      .slice(0, ROWS)
      .map((finding) => [
        place(finding.path, finding.line, facts, link),
        finding.severity === severity ? raw(finding.severity) : markdown`*${raw(finding.severity)}*`,
        code(finding.current),
        finding.expected === undefined ? raw('–') : code(finding.expected),
        why(finding, facts, link),
      ]);
    const content = blocks([
      heading(3, markdown`${title} (${found.length})`),
      markdown`${raw(`[${id}](${facts.pageOf(id)})`)}`,
      cut(['Where', 'Severity', 'Now', 'Instead', 'Why'], rows, found.length),
    ]);
    return [{ title, content }];
  });
}

function why(finding: Finding, facts: SummaryFacts, link: LinkTo): Markdown {
  const { reason, related, whyNoFix } = finding;
  const see = related.slice(0, 10).map((one) => markdown` → ${place(one.path, one.line, facts, link)} ${one.what}`);
  const fix = whyNoFix === undefined ? raw('') : markdown` No automatic fix: ${whyNoFix}.`;
  return markdown`${reason}.${joined(see, raw(''))}${fix}`;
}

function notChecked(report: PolicyReport, facts: SummaryFacts, link: LinkTo): readonly Section[] {
  const entries = report.notChecked.toSorted((a, b) => Number(b.enforced) - Number(a.enforced));
  if (entries.length === 0) return [];
  const rows = entries
    .slice(0, ROWS)
    .map(({ path, line, kind, why: because, enforced }) => [
      place(path, line, facts, link),
      raw(kind),
      markdown`${because}`,
      raw(enforced ? '**yes**' : 'no'),
    ]);
  const body = cut(['Where', 'Kind', 'Why', 'Enforced'], rows, entries.length);
  return [{ title: 'Not checked', content: details(`Not checked (${entries.length})`, body) }];
}

function suppressed(report: PolicyReport, facts: SummaryFacts, link: LinkTo): readonly Section[] {
  if (report.suppressed.length === 0) return [];
  const rows = report.suppressed
    .slice(0, ROWS)
    .map(({ finding, by }) => [
      place(finding.path, finding.line, facts, link),
      raw(finding.rule),
      by.kind === 'baseline'
        ? raw('known to the baseline')
        : markdown`excused by ${by.owner} until ${by.expires}: ${by.reason}`,
    ]);
  const body = cut(['Where', 'Rule', 'Why it does not count'], rows, report.suppressed.length);
  return [{ title: 'Excused', content: details(`Excused (${report.suppressed.length})`, body) }];
}

function repairs(patch: string): readonly Section[] {
  if (patch === '') return [];
  const isWhole = patch.length <= PATCH_LIMIT;
  const shown = isWhole ? patch : patch.slice(0, patch.lastIndexOf('\n', PATCH_LIMIT));
  const more = isWhole ? [] : [markdown`The rest is in the patch file.`];
  return [{ title: 'Fix', content: details('Fix', blocks([codeBlock('diff', shown), ...more])) }];
}

/** The rows that are shown of `count`, and how many more there are: only those that are shown are ever made. */
function cut(head: readonly Interpolation[], rows: readonly (readonly Interpolation[])[], count: number): Markdown {
  const more = count - rows.length;
  const rest = markdown`${more} more are not shown. \`findings-file\` has all of them.`;
  return more === 0 ? table(head, rows) : blocks([table(head, rows), rest]);
}

function place(path: string, line: number, facts: SummaryFacts, link: LinkTo): Markdown {
  const label = code(`${path}:${line}`);
  if (facts.commit === undefined) return label;
  return link(label, `${facts.repositoryUrl}/blob/${facts.commit}/${repositoryUri(path)}#L${line}`);
}
