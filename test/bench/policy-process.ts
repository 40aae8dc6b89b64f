import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { PolicyRepository } from './policy-repository.js';

const run = promisify(execFile);
const ACTION = join(import.meta.dirname, '..', '..', '..', 'dist', 'image-policy.js');
const OUTPUT_LIMIT = 64 * 1024 * 1024;

/**
 * What the policy's own look ahead (`mightHoldImages` of the core) searches for, as Git's extended regular expressions, so
 * that both go through the same bytes for the same candidates. A line is all that `git grep` sees.
 */
const TRACES: readonly string[] = [
  `[iI]mages?[A-Za-z0-9_-]*["']?[[:space:]]*[:=]`,
  `[rR]epository["']?[[:space:]]*:`,
  'IMAGE',
  `ullPolicy["']?[[:space:]]*:`,
  '@sha256',
  `[iI]mage([.][A-Za-z0-9_]|["']?[[:space:]]*([,}]|$))`,
  'pkg[.]crossplane[.]io',
  'grafana[.]integreatly[.]org',
  'install[.]istio[.]io',
  '^[ -]*[?]( |$)',
];

/** Git without the user's configuration, in the locale that the action gives it. */
export async function git(args: readonly string[]): Promise<string> {
  const env = {
    PATH: process.env.PATH ?? '',
    LC_ALL: 'C',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_CONFIG_SYSTEM: '/dev/null',
  };
  const { stdout } = await run('git', args, { env, maxBuffer: OUTPUT_LIMIT });
  return stdout;
}

/** The paths of the commit's YAML files that `git grep` finds a trace of an image in: one whole process. */
export async function grepCandidates({ folder, base }: PolicyRepository): Promise<readonly string[]> {
  const patterns = ['-e', TRACES.join('|')];
  const found = await git(['--git-dir', folder, 'grep', '-lIE', '-z', ...patterns, base, '--', '*.yaml', '*.yml']);
  return found.split('\0').flatMap((name) => (name === '' ? [] : [name.slice(base.length + 1)]));
}

/** What a run of the action said of itself. */
export interface ActionRun {
  readonly references: number;
  readonly files: number;
}

/** The committed action as a process of its own, with a runner's environment and nothing else of this process's. */
export interface PolicyAction {
  /** The whole tree. */
  whole(): Promise<ActionRun>;
  /** What the pull request changes. */
  pullRequest(): Promise<ActionRun>;
  /** The whole tree; the peak of its resident memory, in bytes. */
  peakMemory(): Promise<number>;
}

/** @param temp a folder for the runner's files */
export function policyAction({ folder, base, merge, head }: PolicyRepository, temp: string): PolicyAction {
  const file = (name: string) => join(temp, name);
  const started = async (
    event: string,
    sha: string,
    payload: unknown,
    inputs: Readonly<Record<string, string>>,
    options: readonly string[] = [],
  ): Promise<ActionRun> => {
    writeFileSync(file('event.json'), JSON.stringify(payload));
    for (const name of ['output', 'summary']) writeFileSync(file(name), '');
    const given = { token: 'none', repository: 'acme/gitops', 'report-only': 'true', ...inputs };
    const child = spawn(process.execPath, [...options, ACTION], {
      stdio: 'ignore',
      env: {
        PATH: process.env.PATH ?? '',
        GITHUB_REPOSITORY: 'acme/gitops',
        GITHUB_SERVER_URL: 'https://github.invalid',
        GITHUB_API_URL: 'https://github.invalid/api',
        GITHUB_GRAPHQL_URL: 'https://github.invalid/graphql',
        GITHUB_RUN_ID: '1',
        GITHUB_RUN_ATTEMPT: '1',
        GITHUB_ACTOR: 'ada',
        GITHUB_EVENT_NAME: event,
        GITHUB_EVENT_PATH: file('event.json'),
        GITHUB_SHA: sha,
        GITHUB_REF: event === 'pull_request' ? 'refs/pull/1/merge' : 'refs/heads/main',
        GITHUB_WORKSPACE: folder,
        GITHUB_OUTPUT: file('output'),
        GITHUB_STEP_SUMMARY: file('summary'),
        RUNNER_TEMP: temp,
        WAYBILL_BENCH_PEAK: file('peak'),
        ...Object.fromEntries(Object.entries(given).map(([name, value]) => [`INPUT_${name.toUpperCase()}`, value])),
      },
    });
    const [code] = await once(child, 'exit');
    const outputs = readFileSync(file('output'), 'utf8');
    if (code !== 0) throw new Error(`the action ended with ${code}: ${outputs.replaceAll(/\s+/g, ' ')}`);
    return { references: numberOf(outputs, 'references'), files: numberOf(outputs, 'files') };
  };
  const whole = (options?: readonly string[]) => started('workflow_dispatch', base, {}, {}, options);
  return {
    whole: () => whole(),
    pullRequest: () => {
      const repository = { default_branch: 'main' };
      const pull = { base: { sha: base, ref: 'main' }, head: { sha: head } };
      return started('pull_request', merge, { repository, pull_request: pull }, { 'changed-only': 'true' });
    },
    peakMemory: async () => {
      await whole(['--import', join(import.meta.dirname, 'peak-memory.js')]);
      return Number(readFileSync(file('peak'), 'utf8'));
    },
  };
}

/** The action up to the refusal of a missing input, as the start-up row has it. */
export async function bareStart(): Promise<void> {
  const child = spawn(process.execPath, [ACTION], { stdio: 'ignore', env: { PATH: process.env.PATH ?? '' } });
  const [code] = await once(child, 'exit');
  if (code !== 1) throw new Error(`the action without inputs ended with ${code}`);
}

function numberOf(outputs: string, name: string): number {
  const value = new RegExp(`^${name}<<(\\S+)\\n(\\d+)\\n\\1$`, 'm').exec(outputs)?.[2];
  if (value === undefined) throw new Error(`the action gave no ${name}`);
  return Number(value);
}
