import { join } from 'node:path';
import { evaluateCondition, type Scope, type Value } from './expressions.js';
import type { ActionManifest } from './manifest.js';
import { createRecorder, jobStatus, processEnv, type Recorder, runInStep, type Session, scopeOf } from './session.js';
import type { BuiltinAction } from './source.js';
import { resolveString } from './template.js';

/** What a step gave: whether it failed, and its outputs. */
export interface StepOutcome {
  readonly failed: boolean;
  readonly outputs: Readonly<Record<string, string>>;
}

/** A step that uses an action, its environment and inputs known. */
export interface ActionCall {
  /** Unique in the job: the path of step ids down to this one. */
  readonly key: string;
  readonly id: string;
  readonly name: string;
  readonly env: Readonly<Record<string, string>>;
  readonly github: Readonly<Record<string, Value>>;
  readonly timeoutMs?: number;
}

/**
 * The inputs an action gets: what the step gives, else the default, else the empty string. `required` is not
 * enforced, an undeclared input is passed and warned of, a deprecated one warned of; all as on the real runner.
 */
export function actionInputs(
  manifest: ActionManifest,
  given: Readonly<Record<string, string>>,
  scope: Scope,
): { readonly values: Readonly<Record<string, string>>; readonly warnings: readonly string[] } {
  const values: Record<string, string> = {};
  const warnings: string[] = [];
  for (const [name, value] of Object.entries(given)) values[name.toLowerCase()] = value;
  const unexpected = Object.keys(values).filter((name) => !manifest.inputs.has(name));
  if (unexpected.length > 0) {
    const valid = [...manifest.inputs.values()].map((input) => `'${input.name}'`).join(', ');
    const names = unexpected.map((name) => `'${name}'`).join(', ');
    warnings.push(`Unexpected input(s) ${names}, valid inputs are [${valid}]`);
  }
  for (const [name, input] of manifest.inputs) {
    if (values[name] !== undefined) {
      if (input.deprecationMessage !== undefined) {
        warnings.push(`Input '${input.name}' has been deprecated with message: ${input.deprecationMessage}`);
      }
    } else values[name] = input.default === undefined ? '' : resolveString(input.default, scope);
  }
  return { values, warnings };
}

/** `INPUT_*`: upper case, spaces to underscores, everything else (dashes too) kept. */
function inputVariables(inputs: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(inputs).map(([name, value]) => [`INPUT_${name.replaceAll(' ', '_').toUpperCase()}`, value]),
  );
}

type NodeRuns = Extract<ActionManifest['runs'], { kind: 'node' }>;

/** Runs `main` of a JavaScript action, after arranging for its `post`. */
export async function runNodeAction(
  session: Session,
  recorder: Recorder,
  call: ActionCall,
  action: { readonly folder: string; readonly runs: NodeRuns; readonly inputs: Readonly<Record<string, string>> },
): Promise<StepOutcome> {
  const { post, postIf } = action.runs;
  if (post !== undefined) {
    session.posts.push({
      id: call.id,
      name: `Post ${call.name}`,
      holds: () => evaluateCondition(postIf, actionScope(session, call, action.inputs)),
      run: async (postRecorder) => (await runNodeFile(session, postRecorder, call, action, post)).failed,
    });
  }
  return await runNodeFile(session, recorder, call, action, action.runs.main);
}

/** Runs `pre`, when there is one and its condition holds. Gives back whether the job failed by it. */
export async function runPre(
  session: Session,
  call: ActionCall,
  action: { readonly folder: string; readonly runs: NodeRuns; readonly inputs: Readonly<Record<string, string>> },
): Promise<void> {
  const { pre, preIf } = action.runs;
  if (pre === undefined || !evaluateCondition(preIf, actionScope(session, call, action.inputs))) return;
  const recorder = createRecorder(session);
  const started = performance.now();
  const { failed, outputs } = await runNodeFile(session, recorder, call, action, pre);
  report(session, recorder, {
    id: call.id,
    name: `Pre ${call.name}`,
    phase: 'pre',
    failed,
    outputs,
    state: session.states.get(call.key) ?? {},
    started,
  });
  if (failed) session.failed = true;
}

export async function runBuiltin(
  session: Session,
  recorder: Recorder,
  call: ActionCall,
  inputs: Readonly<Record<string, string>>,
  run: BuiltinAction,
): Promise<StepOutcome> {
  const outputs: Record<string, string> = {};
  const problems: string[] = [];
  const obey = async ({ log, cancel }: Recorder, action: (signal: AbortSignal) => Promise<void>): Promise<boolean> => {
    const signal = AbortSignal.any([session.kill, cancel]);
    try {
      await Promise.race([action(signal), aborted(signal)]);
    } catch (error) {
      problems.push(error instanceof Error ? error.message : String(error));
    }
    log.endProcess();
    for (const message of problems) log.annotate({ level: 'error', message });
    return problems.length > 0;
  };
  const failed = await obey(recorder, (signal) =>
    run({
      inputs,
      env: processEnv(session, call.github, call.env),
      github: call.github,
      workspace: session.workspace.root,
      temp: session.temp,
      signal,
      log: (line) => {
        const problem = recorder.log.feed(line);
        if (problem !== undefined) problems.push(problem);
      },
      setOutput: (name, value) => {
        outputs[name] = value;
      },
      exportVariable: (name, value) => session.exported.set(name, value),
      addPath: (folder) => session.path.unshift(folder),
      addMask: (secret) => session.masker.add(secret),
      onPost: (action) =>
        session.posts.push({
          id: call.id,
          name: `Post ${call.name}`,
          holds: () => true,
          run: (postRecorder) => {
            problems.length = 0;
            return obey(postRecorder, action);
          },
        }),
    }),
  );
  return { failed, outputs };
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const end = (): void => reject(new Error('The operation was canceled.'));
    if (signal.aborted) end();
    else signal.addEventListener('abort', end, { once: true });
  });
}

/** Puts a finished step among the job's reports. */
export function report(
  session: Session,
  recorder: Recorder,
  step: {
    readonly id: string;
    readonly name: string;
    readonly phase: 'pre' | 'main' | 'post';
    readonly failed: boolean;
    readonly skipped?: boolean;
    readonly continueOnError?: boolean;
    readonly outputs: Readonly<Record<string, string>>;
    readonly state?: Readonly<Record<string, string>>;
    readonly started: number;
  },
): void {
  const outcome = step.skipped
    ? 'skipped'
    : !step.failed
      ? 'success'
      : session.cancel.aborted
        ? 'cancelled'
        : 'failure';
  session.reports.push({
    id: step.id,
    name: session.masker.mask(step.name),
    phase: step.phase,
    outcome,
    conclusion: outcome === 'failure' && step.continueOnError ? 'success' : outcome,
    outputs: step.outputs,
    state: step.state ?? {},
    summary: recorder.summary.join('\n'),
    annotations: recorder.log.annotations,
    droppedAnnotations: recorder.log.droppedAnnotations,
    groups: recorder.log.groups,
    log: recorder.log.lines,
    debug: recorder.log.debug,
    ...(recorder.exitCode === undefined ? {} : { exitCode: recorder.exitCode }),
    durationMs: performance.now() - step.started,
  });
}

async function runNodeFile(
  session: Session,
  recorder: Recorder,
  call: ActionCall,
  action: { readonly folder: string; readonly inputs: Readonly<Record<string, string>> },
  file: string,
): Promise<StepOutcome> {
  const state = session.states.get(call.key) ?? {};
  const stateVariables = Object.fromEntries(Object.entries(state).map(([name, value]) => [`STATE_${name}`, value]));
  const result = await runInStep(session, recorder, {
    command: session.nodePath,
    args: [join(action.folder, file)],
    cwd: session.workspace.root,
    env: processEnv(session, call.github, { ...call.env, ...inputVariables(action.inputs), ...stateVariables }),
    ...(call.timeoutMs === undefined ? {} : { timeoutMs: call.timeoutMs }),
  });
  session.states.set(call.key, { ...state, ...result.state });
  return result;
}

function actionScope(session: Session, call: ActionCall, inputs: Readonly<Record<string, string>>): Scope {
  return scopeOf(session, { github: call.github, inputs, env: call.env, steps: {}, status: jobStatus(session) });
}
