import { rm } from 'node:fs/promises';
import { messageOf } from './errors.js';
import type { Contexts, Value } from './expressions.js';
import { createMachine } from './machine.js';
import { type Conclusion, endOrphans, jobStatus, type Session, scopeOf } from './session.js';
import type { ResolveAction } from './source.js';
import type { Annotation } from './step-log.js';
import { type Frame, runPosts, runPres, runSteps } from './steps.js';
import { resolveString, resolveStrings, resolveTemplate } from './template.js';
import type { StepsJob, WorkflowFile } from './workflow-file.js';
import type { WorkflowOrigin } from './workflow-tree.js';

export interface JobRequest {
  readonly file: WorkflowFile;
  readonly origin: WorkflowOrigin;
  readonly job: StepsJob;
  /** A folder of this job's alone; gone when it ends. */
  readonly folder: string;
  readonly nodePath: string;
  readonly env: Readonly<Record<string, string>>;
  /** With `token` and `job`. */
  readonly github: Readonly<Record<string, Value>>;
  readonly inputs: Readonly<Record<string, Value>>;
  /** With GITHUB_TOKEN and the environment's. */
  readonly secrets: Readonly<Record<string, string>>;
  /** vars, needs, matrix, strategy. */
  readonly contexts: Contexts;
  readonly resolve: ResolveAction;
  readonly kill: AbortSignal;
  readonly cancel: AbortSignal;
  readonly onLine: (line: string) => void;
}

export interface JobResult {
  readonly conclusion: Conclusion;
  readonly outputs: Readonly<Record<string, string>>;
  readonly steps: Session['reports'];
  readonly annotations: readonly Annotation[];
  /** Its `continue-on-error`: the run does not fail by this job. */
  readonly continueOnError: boolean;
}

/** What GitHub gives a job that sets no `timeout-minutes`. */
const DEFAULT_TIMEOUT_MINUTES = 360;

/** Runs a job's steps on a machine of its own. Never rejects: what goes wrong is an annotation and a failure. */
export async function runJob(request: JobRequest): Promise<JobResult> {
  const annotations: Annotation[] = [];
  const fail = (error: unknown): void => {
    annotations.push({ level: 'error', message: messageOf(error) });
  };
  const timeout = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  let session: Session | undefined;
  let frame: Frame | undefined;
  let outputs: Record<string, string> = {};
  let continueOnError = false;
  let broken = false;
  try {
    session = await openSession(request, timeout.signal);
    frame = await jobFrame(request, session);
    const scope = frameScope(session, frame);
    const { timeoutMinutes, continueOnError: lenient } = request.job;
    continueOnError = lenient !== undefined && resolveTemplate(lenient, scope) === true;
    const minutes =
      timeoutMinutes === undefined ? DEFAULT_TIMEOUT_MINUTES : Number(resolveTemplate(timeoutMinutes, scope));
    timer = setTimeout(() => {
      fail(`The job has exceeded the maximum execution time of ${minutes}m0s`);
      timeout.abort();
    }, minutes * 60_000);
    await runPres(session, frame, request.job.steps);
    await runSteps(session, frame, request.job.steps);
  } catch (error) {
    // Actions that cannot be had, or an `env` that cannot be evaluated: the job fails at "Set up job".
    broken = true;
    fail(error);
  }
  try {
    if (session !== undefined && frame !== undefined && !request.kill.aborted) {
      await runPosts(session);
      if (!broken) outputs = jobOutputs(session, frame, request.job, annotations);
    }
  } catch (error) {
    broken = true;
    fail(error);
  }
  clearTimeout(timer);
  if (session !== undefined) endOrphans(session);
  await rm(request.folder, { recursive: true, force: true });
  if (request.kill.aborted) fail('The runner has lost communication with the server.');
  const cancelled = request.cancel.aborted || timeout.signal.aborted;
  const failed = broken || request.kill.aborted || session === undefined || session.failed;
  return {
    conclusion: cancelled && !request.kill.aborted ? 'cancelled' : failed ? 'failure' : 'success',
    outputs,
    steps: session?.reports ?? [],
    annotations: annotations.map((one) => ({ ...one, message: session?.masker.mask(one.message) ?? one.message })),
    continueOnError,
  };
}

async function openSession(request: JobRequest, timeout: AbortSignal): Promise<Session> {
  const { origin, file } = request;
  const contexts = {
    ...request.contexts,
    secrets: request.secrets,
    job: {
      workflow_repository: origin.repository,
      workflow_ref: `${origin.repository}/${file.path}@${origin.ref}`,
      workflow_sha: origin.sha,
      workflow_file_path: file.path,
    },
  };
  return await createMachine({
    folder: request.folder,
    nodePath: request.nodePath,
    env: request.env,
    github: request.github,
    jobEnv: (github) => {
      const status = { success: true, failure: false, cancelled: false };
      const outer = { ...contexts, github, inputs: request.inputs, env: {} };
      const workflow = resolveStrings(file.env, { contexts: outer, status });
      return { ...workflow, ...resolveStrings(request.job.env, { contexts: { ...outer, env: workflow }, status }) };
    },
    contexts,
    secrets: Object.values(request.secrets),
    resolve: request.resolve,
    kill: request.kill,
    cancel: AbortSignal.any([request.cancel, timeout]),
    onLine: request.onLine,
  });
}

async function jobFrame(request: JobRequest, session: Session): Promise<Frame> {
  const { origin, job } = request;
  const usesOwnFiles = job.steps.some((step) => step.body.kind === 'uses' && step.body.uses.startsWith('$/'));
  return {
    key: '',
    origin: usesOwnFiles ? await origin.files() : { ...session.workspace, ref: origin.ref, sha: origin.sha },
    inputs: request.inputs,
    env: {},
    github: session.github,
    defaults: job.defaults,
    steps: {},
    failed: false,
  };
}

function frameScope(session: Session, frame: Frame): ReturnType<typeof scopeOf> {
  return scopeOf(session, {
    github: frame.github,
    inputs: frame.inputs,
    env: { ...session.jobEnv, ...Object.fromEntries(session.exported) },
    steps: frame.steps,
    status: jobStatus(session),
  });
}

/** An output that holds a secret is not handed on (docs: passing information between jobs). */
function jobOutputs(session: Session, frame: Frame, job: StepsJob, annotations: Annotation[]): Record<string, string> {
  const outputs: Record<string, string> = {};
  if (job.outputs?.kind !== 'mapping') return outputs;
  const scope = frameScope(session, frame);
  for (const [key, template] of job.outputs.entries) {
    const name = resolveString(key, scope);
    const value = resolveString(template, scope);
    if (session.masker.holds(value)) {
      annotations.push({ level: 'warning', message: `Skip output '${name}' since it may contain secret.` });
    } else outputs[name] = value;
  }
  return outputs;
}
