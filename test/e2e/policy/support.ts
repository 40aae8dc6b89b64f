import { expect } from '@jest/globals';
import {
  type Annotation,
  type Bed,
  exampleFiles,
  type PullRequest,
  repositoryRoot,
  runAnnotations,
  runLog,
  runSummaries,
  startBed,
  starterWorkflows,
  type WorkflowRun,
} from '@waybill/testbed';

/** The job of the starter, as a branch protection names it. */
export const CHECK = 'image-policy';
export const POLICIES = 'waybill.policies.yaml';
/** A digest that the example has nowhere. */
export const NEW = `sha256:${'9'.repeat(64)}`;

export function appFile(stage: string, service: string): string {
  return `sources/values/env/${stage}/apps/${service}.yaml`;
}

/** The example with the starter of the image policy alone, whose check the default branch requires. */
export async function startPolicyBed(extra: Readonly<Record<string, string>> = {}): Promise<Bed> {
  const example = Object.entries(exampleFiles()).filter(([path]) => !path.startsWith('.github/'));
  const files = { ...Object.fromEntries(example), ...starterWorkflows(repositoryRoot(), ['image-policy']), ...extra };
  return startBed({ identity: 'github-token', files, requiredCheck: CHECK });
}

export async function textOf(bed: Bed, path: string, ref = 'main'): Promise<string> {
  const text = await bed.github.readText(bed.repository, ref, path);
  if (text === undefined) throw new Error(`${ref} has no ${path}`);
  return text;
}

/** What a pull request's check said of it. */
export interface Judged {
  readonly pull: PullRequest;
  readonly run: WorkflowRun;
  readonly errors: readonly Annotation[];
  readonly summary: string;
  readonly log: readonly string[];
  readonly mergeState: string;
}

/** A branch with these files in one commit, its pull request, and what the check says. */
export async function propose(bed: Bed, head: string, files: Readonly<Record<string, string>>): Promise<Judged> {
  await bed.github.createBranch('alice', bed.repository, head);
  await bed.github.commitAs('alice', bed.repository, head, files, `Change ${head}`);
  const before = bed.runner.runs.length;
  const pull = await bed.github.openPullRequest('alice', bed.repository, { head });
  return judged(bed, pull, before);
}

/** A further commit on a pull request's branch, and what the check says then. */
export async function push(bed: Bed, pull: PullRequest, files: Readonly<Record<string, string>>): Promise<Judged> {
  const before = bed.runner.runs.length;
  await bed.github.commitAs('alice', bed.repository, pull.headRef, files, 'Repair');
  return judged(bed, pull, before);
}

async function judged(bed: Bed, pull: PullRequest, before: number): Promise<Judged> {
  await bed.runner.idle();
  const runs = bed.runner.runs.slice(before);
  const [run] = runs;
  if (run === undefined || runs.length > 1) throw new Error(`${runs.length} runs judged #${pull.number}`);
  return {
    pull,
    run,
    errors: runAnnotations(run).filter(({ level }) => level === 'error'),
    summary: runSummaries(run).join('\n'),
    log: runLog(run),
    mergeState: await bed.github.mergeState(bed.repository, pull.number),
  };
}

/** The errors at lines of files, as `path:line title`; the run's own last word has no file. */
export function found({ errors }: Judged): readonly string[] {
  return errors.flatMap(({ file, line, title }) => (file === undefined ? [] : [`${file}:${line} ${title}`])).sort();
}

/** The number of the line that has a text, as editors count. */
export function lineOf(text: string, part: string): number {
  return text.slice(0, text.indexOf(part)).split('\n').length;
}

/** The check failed, GitHub holds the merge back, and a person can not merge either. */
export async function expectBlocked(bed: Bed, { run, pull, mergeState, log }: Judged): Promise<void> {
  if (run.conclusion !== 'failure') throw new Error(`The run ended with ${run.conclusion}:\n${log.join('\n')}`);
  expect(mergeState).toBe('BLOCKED');
  await expect(bed.github.mergePullRequest(bed.repository, pull.number, 'alice')).rejects.toThrow(CHECK);
  expect(bed.github.pullRequest(bed.repository, pull.number).state).toBe('open');
}

export async function expectMerges(bed: Bed, { run, pull, mergeState, log }: Judged): Promise<void> {
  if (run.conclusion !== 'success') throw new Error(`The run ended with ${run.conclusion}:\n${log.join('\n')}`);
  expect(mergeState).toBe('CLEAN');
  await bed.github.mergePullRequest(bed.repository, pull.number, 'alice');
  await bed.runner.idle();
  expect(bed.github.pullRequest(bed.repository, pull.number).merged).toBe(true);
}
