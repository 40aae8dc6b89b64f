import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import type { Value } from './expressions.js';
import { createMachine } from './machine.js';
import { findNode } from './node-path.js';
import { type Conclusion, endOrphans, type Session, type StepReport } from './session.js';
import type { ResolveAction } from './source.js';
import { optional } from './step-definition.js';
import type { Annotation, LogGroup } from './step-log.js';
import { type Frame, runPosts, runPres, runSteps } from './steps.js';

export interface RunActionOptions {
  /** The action's folder, which holds its action.yml. */
  readonly action: string;
  readonly inputs?: Readonly<Record<string, string>>;
  /** The step's environment (GITHUB_API_URL and the like belong in `github`: no one can override those). */
  readonly env?: Readonly<Record<string, string>>;
  /** Fields of the `github` context to set, e.g. `{repository, sha, ref, api_url, event_name, token}`. */
  readonly github?: Readonly<Record<string, Value>>;
  /** The webhook payload: `github.event` and the file at GITHUB_EVENT_PATH. */
  readonly event?: Readonly<Record<string, Value>>;
  /** Masked from the start; `github.token` always is. */
  readonly secrets?: readonly string[];
  /** GITHUB_WORKSPACE; a fresh empty folder, removed after, when not given. */
  readonly workspace?: string;
  /** What `$/` resolves to: by default the folder above the action that holds `.git`, else the action's own. */
  readonly repositoryRoot?: string;
  readonly resolve?: ResolveAction;
  readonly nodePath?: string;
  /** The machine dies: SIGKILL to the process group, nothing runs after, not even `post`. */
  readonly kill?: AbortSignal;
  /** The run is cancelled: SIGINT, SIGTERM, SIGKILL; `post` runs. */
  readonly cancel?: AbortSignal;
  /** Every line of log as it comes, masked. */
  readonly onLine?: (line: string) => void;
}

export interface ActionResult {
  readonly conclusion: Conclusion;
  /** Of `main` (or of the last process of a composite action); 137 when killed. Undefined when no process ran. */
  readonly exitCode: number | undefined;
  readonly outputs: Readonly<Record<string, string>>;
  /** What it wrote to GITHUB_ENV, and the folders it wrote to GITHUB_PATH. */
  readonly env: Readonly<Record<string, string>>;
  readonly path: readonly string[];
  /** What `pre` and `main` saved for `post`. */
  readonly state: Readonly<Record<string, string>>;
  /** Markdown of all phases. */
  readonly summary: string;
  readonly annotations: readonly Annotation[];
  readonly groups: readonly LogGroup[];
  /** Masked lines of all phases, commands rendered as `##[…]`. */
  readonly log: readonly string[];
  readonly debug: readonly string[];
  /** One report a phase. */
  readonly steps: readonly StepReport[];
  readonly durationMs: number;
}

/** Runs one action as the only step of a job. Rejects only when the test bed itself is at fault; all else is a failed result. */
export async function runAction(options: RunActionOptions): Promise<ActionResult> {
  const started = performance.now();
  const home = await mkdtemp(join(tmpdir(), 'waybill-action-'));
  try {
    const session = await createSession(options, home);
    const root = repositoryRoot(options);
    const repository = String(session.github.repository);
    const step = {
      id: 'action',
      body: {
        kind: 'uses' as const,
        uses: `$/${relative(root, resolve(options.action))}`,
        with: {
          kind: 'mapping' as const,
          entries: Object.entries(options.inputs ?? {}).map(
            ([name, value]) =>
              [
                { kind: 'literal', value: name },
                { kind: 'literal', value },
              ] as const,
          ),
        },
      },
    };
    const frame: Frame = {
      key: '',
      origin: { repository, ref: 'main', sha: '0'.repeat(40), root },
      inputs: {},
      env: options.env ?? {},
      github: session.github,
      defaults: {},
      steps: {},
      failed: false,
    };
    // An action that cannot be loaded is reported by the step itself.
    await runPres(session, frame, [step]).catch(() => undefined);
    await runSteps(session, frame, [step]);
    const main = session.reports.find((one) => one.phase === 'main');
    await runPosts(session);
    endOrphans(session);
    const reports = session.reports;
    return {
      conclusion: session.cancel.aborted ? 'cancelled' : session.failed || session.kill.aborted ? 'failure' : 'success',
      exitCode: main?.exitCode,
      outputs: main?.outputs ?? {},
      env: Object.fromEntries(session.exported),
      path: session.path,
      state: session.states.get('/action') ?? {},
      summary: reports
        .map((one) => one.summary)
        .filter((text) => text !== '')
        .join('\n'),
      annotations: reports.flatMap((one) => one.annotations),
      groups: reports.flatMap((one) => one.groups),
      log: reports.flatMap((one) => one.log),
      debug: reports.flatMap((one) => one.debug),
      steps: reports,
      durationMs: performance.now() - started,
    };
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}

async function createSession(options: RunActionOptions, folder: string): Promise<Session> {
  const github: Record<string, Value> = { ...defaultGitHub(), ...options.github, event: options.event ?? {} };
  const never = new AbortController().signal;
  return await createMachine({
    folder,
    nodePath: options.nodePath ?? findNode(),
    env: {},
    github,
    jobEnv: () => ({}),
    contexts: { vars: {}, secrets: {}, needs: {}, matrix: {}, strategy: {}, job: {} },
    secrets: [...(options.secrets ?? []), String(github.token ?? '')],
    resolve: options.resolve ?? (() => undefined),
    kill: options.kill ?? never,
    cancel: options.cancel ?? never,
    onLine: options.onLine ?? (() => undefined),
    ...optional('workspace', options.workspace),
  });
}

function defaultGitHub(): Record<string, Value> {
  return {
    actor: 'octocat',
    actor_id: '583231',
    api_url: 'https://api.github.com',
    base_ref: '',
    event_name: 'workflow_dispatch',
    graphql_url: 'https://api.github.com/graphql',
    head_ref: '',
    job: 'test',
    ref: 'refs/heads/main',
    ref_name: 'main',
    ref_protected: 'false',
    ref_type: 'branch',
    repository: 'octo-org/octo-repo',
    repository_owner: 'octo-org',
    retention_days: '90',
    run_attempt: '1',
    run_id: '1',
    run_number: '1',
    server_url: 'https://github.com',
    sha: '0'.repeat(40),
    triggering_actor: 'octocat',
    workflow: 'test',
    workflow_ref: 'octo-org/octo-repo/.github/workflows/test.yml@refs/heads/main',
    workflow_sha: '0'.repeat(40),
  };
}

function repositoryRoot(options: RunActionOptions): string {
  if (options.repositoryRoot !== undefined) return resolve(options.repositoryRoot);
  const action = resolve(options.action);
  for (let folder = action; folder !== dirname(folder); folder = dirname(folder)) {
    if (existsSync(join(folder, '.git'))) return folder;
  }
  return action;
}
