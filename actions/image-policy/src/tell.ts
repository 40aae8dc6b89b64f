import {
  bySeverity,
  caretRenderer,
  code,
  countSeverities,
  type Finding,
  findingsJson,
  type Interpolation,
  joined,
  markdown,
  type PolicyReport,
  policyAnnotations,
  policySummary,
  RULES,
  raw,
  type SourceOf,
  sarifLog,
  verdictLine,
  WaybillError,
} from '@waybill/core';
import type { Judged } from './commits.js';
import { oddityReason, type Verdict } from './judge-trees.js';
import type { PolicyRun } from './perform.js';
import type { Rules } from './settings.js';
import { writeNamed } from './write-file.js';

export interface Told {
  readonly judged: Judged;
  readonly rules: Rules;
  readonly verdict: Verdict;
  readonly patch: string;
  readonly sourceOf: SourceOf;
  readonly milliseconds: number;
  readonly page: (rule: string) => string;
}

/** A log that nobody scrolls to the end of helps nobody; the files have the rest. */
export const LOGGED = 500;

/** The same findings in every form: annotations, summary, files, log. */
export async function tell(run: PolicyRun, told: Told): Promise<void> {
  const { report } = told.verdict;
  for (const { kind, message, place, weight } of policyAnnotations(report.findings, told.page)) {
    run.annotations.add(kind, message, place, weight);
  }
  summarize(run, told);
  await writeFiles(run, told);
  await log(run, told);
}

function summarize(run: PolicyRun, told: Told): void {
  const { judged, verdict, patch, milliseconds, page } = told;
  const { serverUrl } = run.context;
  const sections = policySummary(verdict.report, {
    repositoryUrl: `${serverUrl}/${run.inputs.repository}`,
    commit: judged.commit,
    ...(verdict.baseEnvironments === undefined ? {} : { baseEnvironments: verdict.baseEnvironments }),
    milliseconds,
    pageOf: page,
    patch,
    remarks: remarks(told),
  });
  for (const { title, content } of sections) run.summary.add(title, content);
}

function remarks({ judged, rules, verdict }: Told): readonly Interpolation[] {
  const { configuration, commit, base } = judged;
  const what = commit === undefined ? raw('What is staged') : markdown`Commit ${code(short(commit))}`;
  const whole = base === undefined ? what : markdown`${what}, against ${code(short(base))}`;
  const by =
    configuration === undefined || rules.files.length === 0
      ? markdown`no configuration: every reference pinned, no pull policy but IfNotPresent, over the whole tree`
      : markdown`${joined(rules.files.map((file) => code(file)))} of ${configuration.of} at ${code(short(configuration.commit))}`;
  const shown = verdict.tree.oddities.slice(0, 20);
  const more = verdict.tree.oddities.length - shown.length;
  return [
    markdown`${whole}; judged by ${by}.`,
    ...judged.remarks,
    ...verdict.remarks,
    ...shown.map((oddity) => markdown`Not followed: ${code(oddity.path)}, ${oddityReason(oddity)}.`),
    ...(more > 0 ? [markdown`${more} more were not followed.`] : []),
  ];
}

function short(oid: string): string {
  return oid.slice(0, 7);
}

async function writeFiles(run: PolicyRun, { judged, verdict, page, sourceOf }: Told): Promise<void> {
  const { inputs, context } = run;
  const { report } = verdict;
  if (inputs['findings-file'] !== undefined) {
    const json = findingsJson(report, { commit: judged.commit, base: judged.base });
    run.output('findings-file', await writeNamed(run, inputs['findings-file'], json));
  }
  if (inputs['sarif-file'] !== undefined) {
    const ref = run.env.GITHUB_ACTION_REF ?? '';
    const sarif = sarifLog(report, {
      ...(ref === '' ? {} : { version: ref }),
      category: inputs.category,
      pageOf: page,
      sourceOf,
      ...(judged.commit === undefined ? {} : { commit: judged.commit }),
      repositoryUrl: `${context.serverUrl}/${inputs.repository}`,
    });
    run.output('sarif-file', await writeNamed(run, inputs['sarif-file'], sarif));
  }
}

/** Most severe first by rule, as a compiler shows them. */
async function log(run: PolicyRun, { verdict, sourceOf, milliseconds, page }: Told): Promise<void> {
  const { report } = verdict;
  const shown = report.findings.toSorted(bySeverity).slice(0, LOGGED);
  const show = caretRenderer(sourceOf, page);
  for (const { id, title } of RULES) {
    const found = shown.filter(({ rule }) => rule === id);
    if (found.length === 0) continue;
    await run.log.group(`${id}: ${title} (${found.length})`, async () => {
      for (const finding of found) run.log.info(`${show(finding)}\n`);
    });
  }
  if (shown.length < report.findings.length) {
    run.log.info(
      `${report.findings.length - shown.length} more findings: write them to a file with \`findings-file\`.`,
    );
  }
  if (report.notChecked.length > 0) {
    await run.log.group(`Not checked (${report.notChecked.length})`, async () => {
      for (const { path, line, why } of report.notChecked.slice(0, LOGGED)) run.log.info(`${path}:${line}: ${why}`);
    });
  }
  run.log.info(verdictLine(report, milliseconds));
}

/** Why the gate is shut. */
export function refusal(report: PolicyReport): WaybillError {
  const { error } = countSeverities(report);
  const [first] = report.findings.filter(({ severity }) => severity === 'error').toSorted(bySeverity);
  const fixable = report.findings.filter((finding: Finding) => finding.edits !== undefined).length;
  return new WaybillError('policy-violated', {
    what: `The image policy found ${error} ${error === 1 ? 'error' : 'errors'}${first === undefined ? '' : `, the first in ${first.path}:${first.line} (${first.rule})`}`,
    remedy:
      fixable > 0
        ? `Mend what the findings name; \`fix: patch\` writes the repair of ${fixable} of them.`
        : 'Mend what the findings name; each links to the page of its rule.',
  });
}
