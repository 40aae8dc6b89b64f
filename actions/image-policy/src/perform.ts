import { join, resolve } from 'node:path';
import {
  fixTree,
  formatBaseline,
  type MendedFile,
  mendedFiles,
  type PolicyReport,
  type Registry,
  type SourceOf,
  unifiedDiff,
  WaybillError,
} from '@waybill/core';
import { createGitStore, type GitRemote, type GitRepository, isInGit, openGit } from '@waybill/forge';
import type { Outcome, Run } from '@waybill/runtime';
import { connectRegistry } from '../../shared/connect.js';
import { commitsOf, type Judged } from './commits.js';
import type { imagePolicy } from './definition.js';
import { firstLook, judgeTrees, type Verdict } from './judge-trees.js';
import { lookUpDigests } from './online.js';
import { rulesAt } from './settings.js';
import { readSources, withSources } from './sources.js';
import { LOGGED, refusal, tell } from './tell.js';
import { writeNamed } from './write-file.js';
import { writeFixes } from './write-fixes.js';

/** Files whose repairs the summary shows when none are written. */
const SHOWN_REPAIRS = 50;

export type PolicyRun = Run<typeof imagePolicy>;

/**
 * Judges the commit, tells what was found in every form asked for, and writes the repairs.
 * @throws WaybillError when there are errors; before that, not-supported, input-invalid, config-invalid, forge-unavailable, tree-truncated
 */
export async function perform(run: PolicyRun): Promise<Outcome> {
  const { inputs, clock, context } = run;
  if (inputs.fix === 'commit' || inputs.fix === 'pull-request') {
    throw new WaybillError('not-supported', {
      what: `\`fix: ${inputs.fix}\` is not supported yet`,
      remedy: 'Write `fix: patch` and commit what it leaves in the working tree.',
    });
  }
  const started = clock.now().getTime();
  const remote = remoteOf(run);
  const git = await openRepository(run);
  const asked = { commit: inputs.commit, base: inputs.base, staged: inputs.staged };
  const judged = await commitsOf(asked, context, git, remote);
  if (inputs['changed-only'] && judged.base === undefined) throw noBase();
  const look = firstLook(git, judged, inputs['changed-only']);
  const rules = await rulesAt(judged.configuration?.commit, inputs.baseline, git);
  const registry = inputs.online ? await connectRegistry(run, inputs) : undefined;
  const verdict = await judgeTrees(git, judged, rules, look, { registry, now: clock.now() });
  const { report } = verdict;
  const isFixing = inputs.fix === 'patch';
  const mended = isFixing || inputs['sarif-file'] !== undefined ? Number.POSITIVE_INFINITY : SHOWN_REPAIRS;
  const shown = isFixing ? report.findings.length : LOGGED;
  const sourceOf = await readSources(git, report, verdict.tree, { shown, mended });
  const milliseconds = clock.now().getTime() - started;

  const fixed = isFixing
    ? await mendedTree(verdict, registry, sourceOf)
    : mendedFiles(report.findings, sourceOf, SHOWN_REPAIRS);
  const patch = unifiedDiff(fixed);
  const page = pages(run);
  await tell(run, { judged, rules, verdict, patch, sourceOf, milliseconds, page });
  giveCounts(run, report, judged);
  if (inputs['new-baseline'] !== undefined) {
    // Those that the old baseline knows are still debt.
    const known = report.suppressed.flatMap(({ finding, by }) => (by.kind === 'baseline' ? [finding] : []));
    await writeNamed(run, inputs['new-baseline'], formatBaseline([...report.findings, ...known]));
  }
  if (inputs.fix === 'patch') await repair(run, git, fixed, patch);
  return conclude(run, report);
}

/** @throws WaybillError when the gate is shut */
function conclude(run: PolicyRun, report: PolicyReport): Outcome {
  const { inputs } = run;
  if (report.decision === 'pass') {
    return { decision: 'done', reasonCode: report.findings.length === 0 ? 'no-findings' : 'no-errors' };
  }
  if (inputs['new-baseline'] !== undefined) return { decision: 'done', reasonCode: 'baseline-written' };
  if (inputs['report-only']) return { decision: 'done', reasonCode: 'errors-reported' };
  throw refusal(report);
}

async function mendedTree(
  { input, tree }: Verdict,
  registry: Registry | undefined,
  sourceOf: SourceOf,
): Promise<readonly MendedFile[]> {
  const whole = { ...input, files: withSources(tree.files, sourceOf) };
  const lookup = registry === undefined ? () => undefined : await lookUpDigests(registry, whole);
  return fixTree(whole, lookup).files;
}

async function repair(run: PolicyRun, git: GitRepository, fixed: readonly MendedFile[], patch: string): Promise<void> {
  if (patch === '') return run.output('patch-file', '');
  const file = run.inputs['patch-file'] ?? join(run.env.RUNNER_TEMP ?? git.top, 'image-policy.patch');
  run.output('patch-file', await writeNamed(run, file, patch));
  const { written, left } = await writeFixes(git.top, fixed);
  run.log.info(`Repaired ${written.length} of ${fixed.length} files in the working tree; the patch is in ${file}.`);
  for (const { path, why } of left) run.log.info(`Not written: ${path}: ${why}`);
}

function giveCounts(run: PolicyRun, report: PolicyReport, judged: Judged): void {
  const count = (severity: string) => report.findings.filter((finding) => finding.severity === severity).length;
  run.output('errors', count('error'));
  run.output('warnings', count('warning'));
  run.output('references', report.counts.references);
  run.output('files', report.counts.files);
  run.output('not-checked', report.notChecked.length);
  run.output('commit', judged.commit);
  run.output('base', judged.base);
}

/** The checkout, or without one a store of our own that the commits are fetched into. */
async function openRepository({ inputs, env }: PolicyRun): Promise<GitRepository> {
  const workspace = env.GITHUB_WORKSPACE ?? '.';
  const folder = resolve(workspace, inputs['working-directory']);
  const { RUNNER_TEMP: temp } = env;
  // A repository around the workspace is somebody else's.
  if (temp === undefined || inputs.staged || isInGit(folder, workspace)) return openGit(folder, env);
  return createGitStore(join(temp, 'waybill-objects.git'), env);
}

function remoteOf({ inputs, context }: PolicyRun): GitRemote {
  const { serverUrl } = context;
  return {
    name: `${serverUrl}/${inputs.repository}`,
    ...(inputs.token === '' ? {} : { credentials: { serverUrl, token: inputs.token } }),
  };
}

/** Where the rules' pages are: in the repository that this action comes from, at the version in use. */
function pages({ context, env }: PolicyRun): (rule: string) => string {
  const repository = context.actionRepository;
  const ref = env.GITHUB_ACTION_REF ?? '';
  const top =
    repository === undefined
      ? `${context.serverUrl}/${context.repository}/blob/${context.sha ?? 'HEAD'}`
      : `${context.serverUrl}/${repository}/blob/${encodeURIComponent(ref === '' ? 'HEAD' : ref)}`;
  return (rule) => `${top}/docs/policy/${rule}.md`;
}

function noBase(): WaybillError {
  return new WaybillError('input-invalid', {
    what: '`changed-only` is set, and there is nothing to compare with',
    remedy: 'Name a base, or leave `changed-only` out for this event.',
  });
}
