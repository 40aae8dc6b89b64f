import { messageOf, NotInTestBed } from './errors.js';
import { evaluateCondition, type Scope, type Status, type Value } from './expressions.js';
import { type ActionManifest, parseManifest } from './manifest.js';
import { shellCommand, workingFolder, writeScript } from './run-script.js';
import {
  cancelSignal,
  createRecorder,
  jobStatus,
  processEnv,
  type Recorder,
  runInStep,
  type Session,
  scopeOf,
} from './session.js';
import { type RepositoryFiles, type ResolvedUse, readManifest, resolveUse } from './source.js';
import type { StepDefinition } from './step-definition.js';
import { resolveString, resolveStrings, resolveTemplate } from './template.js';
import {
  type ActionCall,
  actionInputs,
  report,
  runBuiltin,
  runNodeAction,
  runPre,
  type StepOutcome,
} from './use-action.js';

/** A list of steps being run: a job's, or those of a composite action inside one step of another list. */
export interface Frame {
  /** The step ids that lead here, `''` for the job. */
  readonly key: string;
  /** The files that hold these steps, for `$/`. */
  readonly origin: RepositoryFiles;
  readonly inputs: Readonly<Record<string, Value>>;
  /** The environment of the step that uses the composite action. */
  readonly env: Readonly<Record<string, string>>;
  readonly github: Readonly<Record<string, Value>>;
  readonly defaults: { readonly shell?: string; readonly workingDirectory?: string };
  /** The `steps` context, filled as steps end. */
  readonly steps: Record<string, Value>;
  /** Of the outer step, for a composite action. */
  readonly recorder?: Recorder;
  failed: boolean;
}

/**
 * "Set up job": finds every action the steps use, those inside composite actions too, and runs what has a `pre`, before
 * the first step. Local actions are left out, as they need a checkout first. Throws for an action that cannot be had.
 */
export async function runPres(session: Session, frame: Frame, steps: readonly StepDefinition[]): Promise<void> {
  for (const step of steps) {
    if (step.body.kind !== 'uses' || session.kill.aborted) continue;
    const use = await findAction(session, frame, step.body.uses);
    if (use.kind === 'builtin' || use.local) continue;
    const { manifest, folder } = await loadAction(use);
    const { runs } = manifest;
    if (runs.kind === 'node' && runs.pre === undefined) continue;
    const prepare = (): { readonly call: ActionCall; readonly inputs: Readonly<Record<string, string>> } => {
      const { env, scope } = stepScope(session, frame, step);
      const given = step.body.kind === 'uses' ? resolveStrings(step.body.with, scope) : {};
      return { call: actionCall(frame, step, env, scope, use), inputs: actionInputs(manifest, given, scope).values };
    };
    if (runs.kind === 'node') {
      const { call, inputs } = prepare();
      await runPre(session, call, { folder, runs, inputs });
    } else {
      const { call, inputs } = orElse(prepare, () => ({
        call: actionCall(frame, step, frame.env, scopeOf(session, { ...frame, status: jobStatus(session) }), use),
        inputs: {},
      }));
      await runPres(session, compositeFrame(session, frame, call, use, folder, inputs), runs.steps);
    }
  }
}

/** Runs the steps in order, each by its condition. The frame's `failed` and `steps` say how it went. */
export async function runSteps(session: Session, frame: Frame, steps: readonly StepDefinition[]): Promise<void> {
  for (const step of steps) {
    if (session.kill.aborted) return;
    await runStep(session, frame, step);
  }
}

/** Runs the job's post steps, last first. */
export async function runPosts(session: Session): Promise<void> {
  for (let post = session.posts.pop(); post !== undefined; post = session.posts.pop()) {
    if (session.kill.aborted) return;
    const started = performance.now();
    const recorder = createRecorder(session);
    const skipped = !post.holds();
    const failed = skipped ? false : await post.run(recorder);
    report(session, recorder, { id: post.id, name: post.name, phase: 'post', failed, skipped, outputs: {}, started });
    if (failed) session.failed = true;
  }
}

async function runStep(session: Session, frame: Frame, step: StepDefinition): Promise<void> {
  const started = performance.now();
  const recorder = frame.recorder ?? createRecorder(session);
  recorder.cancel = cancelSignal(session);
  let name = defaultName(step);
  let outcome: StepOutcome = { failed: true, outputs: {} };
  let skipped = false;
  let continueOnError = false;
  try {
    const { env, scope } = stepScope(session, frame, step);
    if (step.name !== undefined) name = resolveString(step.name, scope);
    skipped = !evaluateCondition(step.condition ?? '', scope);
    if (skipped) outcome = { failed: false, outputs: {} };
    else {
      continueOnError = step.continueOnError !== undefined && resolveTemplate(step.continueOnError, scope) === true;
      outcome = await perform(session, frame, step, { name, env, scope, recorder });
    }
  } catch (error) {
    recorder.log.annotate({ level: 'error', message: messageOf(error) });
  }
  const result = skipped ? 'skipped' : !outcome.failed ? 'success' : session.cancel.aborted ? 'cancelled' : 'failure';
  frame.steps[step.id] = {
    outputs: outcome.outputs,
    outcome: result,
    conclusion: result === 'failure' && continueOnError ? 'success' : result,
  };
  if (frame.recorder === undefined) {
    const { failed, outputs } = outcome;
    const state = session.states.get(`${frame.key}/${step.id}`) ?? {};
    report(session, recorder, {
      id: step.id,
      name,
      phase: 'main',
      failed,
      outputs,
      state,
      skipped,
      continueOnError,
      started,
    });
  }
  if (outcome.failed && !continueOnError) {
    frame.failed = true;
    if (frame.recorder === undefined) session.failed = true;
  }
}

interface Prepared {
  readonly name: string;
  readonly env: Readonly<Record<string, string>>;
  readonly scope: Scope;
  readonly recorder: Recorder;
}

async function perform(session: Session, frame: Frame, step: StepDefinition, prepared: Prepared): Promise<StepOutcome> {
  const { env, scope, recorder } = prepared;
  const timeoutMs = timeoutOf(step, scope);
  if (step.body.kind === 'run') {
    const { shell, workingDirectory } = step.body;
    const script = await writeScript(session.temp, resolveString(step.body.script, scope));
    const [command, args] = shellCommand(shell ? resolveString(shell, scope) : frame.defaults.shell, script);
    const folder = workingDirectory ? resolveString(workingDirectory, scope) : frame.defaults.workingDirectory;
    const result = await runInStep(session, recorder, {
      command,
      args,
      cwd: workingFolder(session.workspace.root, folder),
      env: processEnv(session, { ...frame.github, action: step.id }, env),
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
    });
    if (result.exitCode !== 0) {
      recorder.log.annotate({ level: 'error', message: `Process completed with exit code ${result.exitCode}.` });
    }
    return result;
  }
  const use = await findAction(session, frame, step.body.uses);
  const given = resolveStrings(step.body.with, scope);
  const call = { ...actionCall(frame, step, env, scope, use), name: prepared.name };
  if (use.kind === 'builtin') {
    const inputs = Object.fromEntries(Object.entries(given).map(([key, value]) => [key.toLowerCase(), value]));
    return await runBuiltin(session, recorder, call, inputs, use.run);
  }
  const { manifest, folder } = await loadAction(use);
  const { values, warnings } = actionInputs(manifest, given, scope);
  for (const message of warnings) recorder.log.annotate({ level: 'warning', message });
  if (manifest.runs.kind === 'node') {
    return await runNodeAction(session, recorder, call, { folder, runs: manifest.runs, inputs: values });
  }
  if (timeoutMs !== undefined) throw new NotInTestBed('timeout-minutes of a step that uses a composite action');
  const inner = compositeFrame(session, { ...frame, recorder }, call, use, folder, values);
  await runSteps(session, inner, manifest.runs.steps);
  const outputScope = scopeOf(session, { ...inner, env, status: frameStatus(session, inner) });
  const outputs = Object.fromEntries(
    [...manifest.outputs].map(([key, value]) => [key, resolveString(value, outputScope)]),
  );
  return { failed: inner.failed, outputs };
}

function findAction(session: Session, frame: Frame, uses: string): Promise<ResolvedUse> {
  return resolveUse(uses, { origin: frame.origin, workspace: session.workspace, resolve: session.resolve });
}

/** Before the first step, what a composite action is given may hang on outputs that are not there yet. */
function orElse<T>(first: () => T, otherwise: () => T): T {
  try {
    return first();
  } catch {
    return otherwise();
  }
}

async function loadAction(
  use: Extract<ResolvedUse, { kind: 'files' }>,
): Promise<{ readonly manifest: ActionManifest; readonly folder: string }> {
  const { folder, file, text } = await readManifest(use.files, use.path);
  return { folder, manifest: parseManifest(file, text) };
}

function stepScope(
  session: Session,
  frame: Frame,
  step: StepDefinition,
): { readonly env: Readonly<Record<string, string>>; readonly scope: Scope } {
  const outer = { ...session.jobEnv, ...Object.fromEntries(session.exported), ...frame.env };
  const parts = { github: frame.github, inputs: frame.inputs, steps: frame.steps, status: frameStatus(session, frame) };
  const own = resolveStrings(step.env, scopeOf(session, { ...parts, env: outer }));
  const env = { ...outer, ...own };
  return { env, scope: scopeOf(session, { ...parts, env }) };
}

/** In a composite action the status functions speak of its own steps, not of the job's. */
function frameStatus(session: Session, frame: Frame): Status {
  const status = jobStatus(session);
  if (frame.recorder === undefined || status.cancelled) return status;
  return { success: !frame.failed, failure: frame.failed, cancelled: false };
}

function actionCall(
  frame: Frame,
  step: StepDefinition,
  env: Readonly<Record<string, string>>,
  scope: Scope,
  use: ResolvedUse,
): ActionCall {
  const { action_path: _, ...github } = frame.github;
  const timeoutMs = timeoutOf(step, scope);
  const from = use.kind === 'builtin' ? use : use.files;
  return {
    key: `${frame.key}/${step.id}`,
    id: step.id,
    name: defaultName(step),
    env,
    github: { ...github, action: step.id, action_repository: from.repository, action_ref: from.ref },
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
  };
}

function compositeFrame(
  session: Session,
  outer: Frame,
  call: ActionCall,
  use: Extract<ResolvedUse, { kind: 'files' }>,
  folder: string,
  inputs: Readonly<Record<string, string>>,
): Frame {
  return {
    key: call.key,
    origin: use.files,
    inputs,
    env: call.env,
    github: { ...call.github, action_path: folder },
    defaults: {},
    steps: {},
    recorder: outer.recorder ?? createRecorder(session),
    failed: false,
  };
}

function timeoutOf(step: StepDefinition, scope: Scope): number | undefined {
  if (step.timeoutMinutes === undefined) return undefined;
  const minutes = Number(resolveTemplate(step.timeoutMinutes, scope));
  return minutes > 0 ? minutes * 60_000 : undefined;
}

function defaultName(step: StepDefinition): string {
  if (step.body.kind === 'uses') return `Run ${step.body.uses}`;
  const script = step.body.script;
  const text = script.kind === 'literal' ? String(script.value) : step.id;
  return `Run ${text.trim().split('\n')[0] ?? ''}`;
}
