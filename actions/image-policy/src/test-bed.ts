import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Edge, runAction } from '@waybill/runtime';
import { createTestRepository, type TestRepository } from '../../../packages/forge/src/git/test-repository.js';
import { imagePolicy } from './definition.js';
import { perform } from './perform.js';

const DIGEST = `sha256:${'a'.repeat(64)}`;
export const PINNED = `ghcr.io/o/api@${DIGEST}`;
/** A pod with this image, on line 6, column 14. */
export const pod = (image: string, more = '') =>
  `apiVersion: v1\nkind: Pod\nspec:\n  containers:\n    - name: x\n      image: ${image}\n${more}`;
export const ALWAYS = '      imagePullPolicy: Always\n';

export interface Result {
  readonly exitCode: number;
  readonly log: string;
  readonly summary: string;
  readonly outputs: Readonly<Record<string, string>>;
}

export interface Asked {
  readonly event?: string;
  readonly payload?: unknown;
  readonly sha?: string;
  readonly ref?: string;
  readonly inputs?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
}

/** A repository, a runner's folders, and the action run on them. */
export interface PolicyBed {
  readonly repository: TestRepository;
  readonly temp: string;
  run(asked: Asked): Promise<Result>;
  remove(): void;
}

export function createPolicyBed(): PolicyBed {
  const repository = createTestRepository();
  const temp = mkdtempSync(join(tmpdir(), 'waybill-policy-'));
  const run = async ({
    event = 'workflow_dispatch',
    payload = {},
    sha,
    ref = 'refs/heads/main',
    ...asked
  }: Asked): Promise<Result> => {
    let [log, exitCode] = ['', 0];
    writeFileSync(join(temp, 'event.json'), JSON.stringify(payload));
    const inputs = { token: 'secret-token', repository: 'o/r', ...asked.inputs };
    const env = {
      ...process.env,
      GITHUB_REPOSITORY: 'o/r',
      GITHUB_SERVER_URL: 'https://waybill.invalid',
      GITHUB_API_URL: 'https://waybill.invalid/api',
      GITHUB_GRAPHQL_URL: 'https://waybill.invalid/graphql',
      GITHUB_RUN_ID: '1',
      GITHUB_RUN_ATTEMPT: '1',
      GITHUB_ACTOR: 'ada',
      GITHUB_EVENT_NAME: event,
      GITHUB_EVENT_PATH: join(temp, 'event.json'),
      GITHUB_SHA: sha ?? repository.git('rev-parse', 'HEAD').trim(),
      GITHUB_REF: ref,
      GITHUB_WORKSPACE: repository.folder,
      GITHUB_OUTPUT: join(temp, 'output'),
      GITHUB_STEP_SUMMARY: join(temp, 'summary'),
      RUNNER_TEMP: temp,
      ...Object.fromEntries(Object.entries(inputs).map(([name, value]) => [`INPUT_${name.toUpperCase()}`, value])),
      ...asked.env,
    };
    for (const file of ['output', 'summary']) writeFileSync(join(temp, file), '');
    const edge: Edge = {
      env,
      clock: { now: () => new Date('2026-01-02T03:04:05Z'), sleep: async () => undefined },
      entropy: { bytes: (count) => new Uint8Array(count).fill(7) },
      write: (text) => {
        log += text;
      },
      setExitCode: (code) => {
        exitCode = code;
      },
    };
    await runAction(imagePolicy, perform, edge);
    const written = readFileSync(join(temp, 'output'), 'utf8');
    const pairs = [...written.matchAll(/^([\w-]+)<<(\w+)\n(.*?)\n?^\2$/gms)].map(([, name = '', , value = '']) => [
      name,
      value,
    ]);
    return { exitCode, log, summary: readFileSync(join(temp, 'summary'), 'utf8'), outputs: Object.fromEntries(pairs) };
  };
  return {
    repository,
    temp,
    run,
    remove: () => {
      repository.remove();
      rmSync(temp, { recursive: true, force: true });
    },
  };
}

export const DEFAULT = { repository: { default_branch: 'main' } };
/** The payload of a pull request's event. */
export const pullRequest = (base: string, ref = 'main', head = '1'.repeat(40)) => ({
  ...DEFAULT,
  pull_request: { base: { sha: base, ref }, head: { sha: head } },
});
