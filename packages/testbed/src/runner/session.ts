import { createCommandFiles } from './command-files.js';
import type { Contexts, Scope, Status, Value } from './expressions.js';
import type { Masker } from './mask.js';
import { endGroup, runProcess } from './process.js';
import type { RepositoryFiles, ResolveAction } from './source.js';
import { type Annotation, createStepLog, type LogGroup, type StepLog } from './step-log.js';

export type Conclusion = 'success' | 'failure' | 'cancelled' | 'skipped';

/** One step as the run's page shows it. Pre and post parts of an action are steps of their own there. */
export interface StepReport {
  readonly id: string;
  readonly name: string;
  readonly phase: 'pre' | 'main' | 'post';
  /** Before `continue-on-error`. */
  readonly outcome: Conclusion;
  /** After it. */
  readonly conclusion: Conclusion;
  readonly outputs: Readonly<Record<string, string>>;
  readonly state: Readonly<Record<string, string>>;
  /** Markdown, masked. */
  readonly summary: string;
  readonly annotations: readonly Annotation[];
  readonly droppedAnnotations: number;
  readonly groups: readonly LogGroup[];
  readonly log: readonly string[];
  readonly debug: readonly string[];
  /** Of the last process; undefined when none ran. */
  readonly exitCode?: number;
  readonly durationMs: number;
}

/** What lasts as long as a job: its folders, variables, secrets, and what is to be cleaned up. */
export interface Session {
  readonly nodePath: string;
  readonly workspace: RepositoryFiles;
  readonly temp: string;
  readonly toolCache: string;
  /** What the machine gives every process (PATH, HOME, proxies). */
  readonly machineEnv: Readonly<Record<string, string>>;
  /** The workflow's and the job's `env`. */
  readonly jobEnv: Readonly<Record<string, string>>;
  /** Set through GITHUB_ENV. */
  readonly exported: Map<string, string>;
  /** Added through GITHUB_PATH, latest first. */
  readonly path: string[];
  readonly masker: Masker;
  readonly github: Readonly<Record<string, Value>>;
  /** The contexts that are the same for every step: inputs excepted, as a composite action has its own. */
  readonly contexts: Contexts;
  readonly resolve: ResolveAction;
  readonly kill: AbortSignal;
  readonly cancel: AbortSignal;
  readonly onLine: (line: string) => void;
  readonly posts: PostStep[];
  /** GITHUB_STATE by step, handed from pre to main to post. */
  readonly states: Map<string, Record<string, string>>;
  readonly reports: StepReport[];
  readonly groups: Set<number>;
  failed: boolean;
}

interface PostStep {
  readonly id: string;
  readonly name: string;
  readonly run: (recorder: Recorder) => Promise<boolean>;
  readonly holds: () => boolean;
}

/** What collects for one step, and for the steps of a composite action within it. */
export interface Recorder {
  readonly log: StepLog;
  readonly summary: string[];
  exitCode?: number;
  /** What ends its processes early; a step that starts after the cancellation is clean-up and is left to run. */
  cancel: AbortSignal;
}

export function createRecorder(session: Session): Recorder {
  return { log: createStepLog(session.masker, session.onLine), summary: [], cancel: cancelSignal(session) };
}

const NEVER = new AbortController().signal;

export function cancelSignal(session: Session): AbortSignal {
  return session.cancel.aborted ? NEVER : session.cancel;
}

export function jobStatus(session: Session): Status {
  const cancelled = session.cancel.aborted;
  return { success: !session.failed && !cancelled, failure: session.failed && !cancelled, cancelled };
}

/** One process of a step: gives it its command files, reads them after it, fails it as the runner does. */
export async function runInStep(
  session: Session,
  recorder: Recorder,
  request: {
    readonly command: string;
    readonly args: readonly string[];
    readonly cwd: string;
    readonly env: Readonly<Record<string, string>>;
    readonly timeoutMs?: number;
  },
): Promise<{
  readonly failed: boolean;
  readonly exitCode: number;
  readonly outputs: Readonly<Record<string, string>>;
  readonly state: Readonly<Record<string, string>>;
}> {
  const files = await createCommandFiles(session.temp);
  const problems: string[] = [];
  let group: number | undefined;
  const result = await runProcess({
    ...request,
    env: { ...request.env, ...files.env },
    kill: session.kill,
    cancel: recorder.cancel,
    onGroup: (started) => {
      group = started;
      session.groups.add(started);
    },
    onLine: (line) => {
      const problem = recorder.log.feed(line);
      if (problem !== undefined) problems.push(problem);
    },
  });
  // A group that is gone is forgotten, as its number may be given to another.
  if (group !== undefined && !endGroup(group, 0)) session.groups.delete(group);
  recorder.log.endProcess();
  recorder.exitCode = result.exitCode;
  const collected = await files.collect();
  for (const [name, value] of Object.entries(collected.env)) session.exported.set(name, value);
  session.path.unshift(...[...collected.path].reverse());
  addSummary(session, recorder, collected.summary);
  for (const message of [...problems, ...collected.problems]) recorder.log.annotate({ level: 'error', message });
  if (result.timedOut) {
    const minutes = (request.timeoutMs ?? 0) / 60_000;
    recorder.log.annotate({ level: 'error', message: `The action has timed out after ${minutes} minutes.` });
  }
  const failed = result.exitCode !== 0 || problems.length + collected.problems.length > 0 || result.timedOut;
  return { failed, exitCode: result.exitCode, outputs: collected.outputs, state: collected.state };
}

/** A step's summary may have 1 MiB; a larger one is dropped and said, and the step does not fail (workflow-commands, "Step isolation and limits"). */
const SUMMARY_LIMIT = 1024 * 1024;

function addSummary(session: Session, recorder: Recorder, summary: string): void {
  if (summary === '') return;
  const bytes = Buffer.byteLength(summary);
  if (bytes > SUMMARY_LIMIT) {
    recorder.log.annotate({
      level: 'error',
      message: `$GITHUB_STEP_SUMMARY upload aborted, supports content up to a size of 1024k, got ${Math.ceil(bytes / 1024)}k.`,
    });
    return;
  }
  recorder.summary.push(session.masker.mask(summary));
}

/** Ends what the job's processes left behind, as the runner's "Cleaning up orphan processes". */
export function endOrphans(session: Session): void {
  for (const group of session.groups) endGroup(group, 'SIGKILL');
}

/** The environment of a process of a step: machine, job, exported, step, then what no one can override. */
export function processEnv(
  session: Session,
  github: Readonly<Record<string, Value>>,
  env: Readonly<Record<string, string>>,
): Record<string, string> {
  const merged: Record<string, string> = { ...session.machineEnv, CI: 'true', ...env, GITHUB_ACTIONS: 'true' };
  for (const name of GITHUB_VARIABLES) {
    const value = github[name];
    if (value !== undefined && value !== null && typeof value !== 'object') {
      merged[`GITHUB_${name.toUpperCase()}`] = String(value);
    } else delete merged[`GITHUB_${name.toUpperCase()}`];
  }
  const runner = runnerContext(session);
  for (const name of ['os', 'arch', 'name', 'environment', 'temp', 'tool_cache', 'workspace']) {
    merged[`RUNNER_${name.toUpperCase()}`] = runner[name] ?? '';
  }
  merged.PATH = [...session.path, merged.PATH ?? ''].filter((part) => part !== '').join(':');
  return merged;
}

function runnerContext(session: Session): Readonly<Record<string, string>> {
  return {
    os: 'Linux',
    arch: process.arch === 'arm64' ? 'ARM64' : 'X64',
    name: 'test bed',
    environment: 'github-hosted',
    temp: session.temp,
    tool_cache: session.toolCache,
    workspace: session.workspace.root,
  };
}

/** The `github` context's fields that are also variables (variables reference of the Actions documentation). */
const GITHUB_VARIABLES = [
  'action',
  'action_path',
  'action_ref',
  'action_repository',
  'actor',
  'actor_id',
  'api_url',
  'base_ref',
  'event_name',
  'event_path',
  'graphql_url',
  'head_ref',
  'job',
  'ref',
  'ref_name',
  'ref_protected',
  'ref_type',
  'repository',
  'repository_id',
  'repository_owner',
  'repository_owner_id',
  'retention_days',
  'run_attempt',
  'run_id',
  'run_number',
  'server_url',
  'sha',
  'triggering_actor',
  'workflow',
  'workflow_ref',
  'workflow_sha',
  'workspace',
] as const;

export function scopeOf(
  session: Session,
  parts: {
    readonly github: Readonly<Record<string, Value>>;
    readonly inputs: Readonly<Record<string, Value>>;
    readonly env: Readonly<Record<string, string>>;
    readonly steps: Readonly<Record<string, Value>>;
    readonly status: Status;
  },
): Scope {
  const { success, cancelled } = jobStatus(session);
  return {
    status: parts.status,
    contexts: {
      ...session.contexts,
      github: parts.github,
      inputs: parts.inputs,
      env: parts.env,
      steps: parts.steps,
      runner: runnerContext(session),
      job: {
        ...(session.contexts.job as Record<string, Value> | undefined),
        status: cancelled ? 'cancelled' : success ? 'success' : 'failure',
      },
    },
  };
}
