import { messageOf, RunnerError } from './errors.js';
import { type Contexts, evaluateCondition, type Scope, type Status, type Value } from './expressions.js';
import { takeTurn } from './group-turn.js';
import { callInputs } from './inputs.js';
import { runStepsJob } from './job-instance.js';
import { expandMatrix, type MatrixRow, matrixSuffix } from './matrix.js';
import { addJob, createSemaphore, type RunnerCore, type RunState, updateJob } from './run-context.js';
import type { Conclusion } from './session.js';
import { resolveString, resolveStrings, resolveTemplate, type Template } from './template.js';
import type { CallJob, JobDefinition } from './workflow-file.js';
import type { WorkflowTree } from './workflow-tree.js';

/** A workflow being run: the run's own, or one that a job of it calls. */
export interface GraphScope {
  readonly core: RunnerCore;
  readonly run: RunState;
  readonly tree: WorkflowTree;
  readonly inputs: Readonly<Record<string, Value>>;
  readonly secrets: Readonly<Record<string, string>>;
  /** `caller / ` in front of the jobs' names. */
  readonly prefix: string;
  /** Concurrency groups held above. */
  readonly held: ReadonlySet<string>;
  readonly cancel: AbortSignal;
}

export interface GraphResult {
  readonly conclusion: Conclusion;
  readonly outputs: Readonly<Record<string, string>>;
}

/** One job, all its combinations together, as the jobs that need it see it. */
interface JobOutcome {
  readonly result: Conclusion;
  readonly outputs: Readonly<Record<string, string>>;
  /** It and all it needs, directly or not, succeeded: a skipped ancestor skips too (actions/runner issue 491). */
  readonly allSucceeded: boolean;
  readonly anyFailed: boolean;
}

/** Runs the jobs of a workflow in the order their needs allow. */
export async function runGraph(scope: GraphScope): Promise<GraphResult> {
  const outcomes = new Map<string, Promise<JobOutcome>>();
  const byId = new Map(scope.tree.jobs.map((job) => [job.id, job]));
  const outcomeOf = (job: JobDefinition): Promise<JobOutcome> => {
    const known = outcomes.get(job.id);
    if (known !== undefined) return known;
    const outcome = (async () => {
      const needs = new Map<string, JobOutcome>();
      for (const id of job.needs) {
        const needed = byId.get(id);
        if (needed !== undefined) needs.set(id, await outcomeOf(needed));
      }
      return await runDefinition(scope, job, needs);
    })();
    outcomes.set(job.id, outcome);
    return outcome;
  };
  const jobs: Record<string, Value> = {};
  const results: Conclusion[] = [];
  for (const job of scope.tree.jobs) void outcomeOf(job);
  for (const job of scope.tree.jobs) {
    const { result, outputs } = await outcomeOf(job);
    results.push(result);
    jobs[job.id] = { result, outputs };
  }
  const conclusion = combine(results);
  const outputScope = { contexts: { ...baseContexts(scope), jobs }, status: PLAIN };
  const outputs: Record<string, string> = {};
  for (const [name, template] of scope.tree.file.callOutputs) outputs[name] = resolveString(template, outputScope);
  return { conclusion, outputs };
}

const PLAIN: Status = { success: true, failure: false, cancelled: false };

async function runDefinition(
  scope: GraphScope,
  job: JobDefinition,
  needs: ReadonlyMap<string, JobOutcome>,
): Promise<JobOutcome> {
  const outcomes = [...needs.values()];
  const allSucceeded = outcomes.every((one) => one.allSucceeded);
  const anyFailed = outcomes.some((one) => one.anyFailed);
  const needsContext: Record<string, Value> = {};
  for (const [id, { result, outputs }] of needs) needsContext[id] = { result, outputs };
  const contexts: Contexts = { ...baseContexts(scope), needs: needsContext };
  const cancelled = scope.cancel.aborted;
  const status = { success: allSucceeded && !cancelled, failure: anyFailed && !cancelled, cancelled };
  const close = (result: Conclusion, outputs: Readonly<Record<string, string>>): JobOutcome => ({
    result,
    outputs,
    allSucceeded: allSucceeded && result === 'success',
    anyFailed: anyFailed || result === 'failure',
  });
  let plainName = scope.prefix + job.id;
  try {
    plainName = scope.prefix + jobName(job, { contexts: { ...contexts, matrix: {}, strategy: {} }, status: PLAIN }, {});
    if (!evaluateCondition(job.condition ?? '', { contexts, status })) {
      const result = cancelled && allSucceeded ? 'cancelled' : 'skipped';
      updateJob(scope.core, scope.run, addJob(scope.core, scope.run, job.id, plainName), {
        status: 'completed',
        conclusion: result,
      });
      return close(result, {});
    }
    const strategy = resolveStrategy(job.strategy, { contexts, status: PLAIN });
    return await runRows(scope, job, contexts, strategy, close);
  } catch (error) {
    updateJob(scope.core, scope.run, addJob(scope.core, scope.run, job.id, plainName), {
      status: 'completed',
      conclusion: 'failure',
      annotations: [{ level: 'error', message: messageOf(error) }],
    });
    return close('failure', {});
  }
}

interface Strategy {
  readonly rows: readonly MatrixRow[];
  readonly failFast: boolean;
  readonly maxParallel: number;
}

function resolveStrategy(template: Template | undefined, scope: Scope): Strategy {
  const value = template === undefined ? {} : resolveTemplate(template, scope);
  if (value === null || typeof value !== 'object') throw new RunnerError('strategy: a mapping was expected');
  const strategy = value as Readonly<Record<string, Value>>;
  const rows = strategy.matrix === undefined ? [{}] : expandMatrix(strategy.matrix);
  return {
    rows,
    failFast: strategy['fail-fast'] !== false,
    maxParallel: Number(strategy['max-parallel'] ?? rows.length),
  };
}

async function runRows(
  scope: GraphScope,
  job: JobDefinition,
  contexts: Contexts,
  strategy: Strategy,
  close: (result: Conclusion, outputs: Readonly<Record<string, string>>) => JobOutcome,
): Promise<JobOutcome> {
  const siblings = new AbortController();
  const cancel = AbortSignal.any([scope.cancel, siblings.signal]);
  const turns = createSemaphore(strategy.maxParallel);
  const outputs: Record<string, string> = {};
  const results = await Promise.all(
    strategy.rows.map(async (row, index) => {
      const release = await turns.acquire();
      try {
        const own: Contexts = {
          ...contexts,
          matrix: row,
          strategy: {
            'fail-fast': strategy.failFast,
            'job-index': index,
            'job-total': strategy.rows.length,
            'max-parallel': strategy.maxParallel,
          },
        };
        const name = scope.prefix + jobName(job, { contexts: own, status: PLAIN }, row);
        const instance = { ...scope, cancel };
        const done =
          job.kind === 'call' ? await runCall(instance, job, own, name) : await runStepsJob(instance, job, own, name);
        // Of a matrix the last to end wins, but never with an empty value (docs: defining outputs for jobs, matrix).
        for (const [key, value] of Object.entries(done.outputs)) if (value !== '') outputs[key] = value;
        if (done.conclusion === 'failure' && strategy.failFast) siblings.abort();
        return done.conclusion;
      } finally {
        release();
      }
    }),
  );
  return close(combine(results), outputs);
}

/** A job that calls a workflow: it is no job of its own, the called workflow's jobs are. */
async function runCall(scope: GraphScope, job: CallJob, contexts: Contexts, name: string): Promise<GraphResult> {
  const called = scope.tree.calls.get(job.id);
  if (called === undefined) throw new RunnerError(`jobs.${job.id}: the called workflow is not loaded`);
  const own = new AbortController();
  const signal = AbortSignal.any([scope.cancel, own.signal]);
  const evaluation = { contexts, status: PLAIN };
  const stop = (reason: string, conclusion: Conclusion): GraphResult => {
    updateJob(scope.core, scope.run, addJob(scope.core, scope.run, job.id, name), {
      status: 'completed',
      conclusion,
      annotations: [{ level: 'error', message: reason }],
    });
    return { conclusion, outputs: {} };
  };
  const shared = {
    repository: scope.run.record.repository,
    signal,
    cancel: () => own.abort(),
    onWait: () => undefined,
    what: name,
  };
  let leave = (): void => undefined;
  try {
    const turn = await takeTurn(scope.core, {
      ...shared,
      template: job.concurrency,
      scope: evaluation,
      held: scope.held,
    });
    leave = turn.leave;
    if (turn.answer === 'cancelled') return stop(turn.reason, 'cancelled');
    const given: Record<string, Value> = {};
    for (const [key, value] of Object.entries(resolveWith(job.with, evaluation))) given[key.toLowerCase()] = value;
    const definitions = called.file.call?.inputs ?? {};
    const cased = Object.fromEntries(
      Object.keys(definitions).flatMap((key) => {
        const value = given[key.toLowerCase()];
        return value === undefined ? [] : [[key, value]];
      }),
    );
    const inner: GraphScope = {
      ...scope,
      tree: called,
      inputs: callInputs(definitions, cased),
      secrets:
        job.secrets === 'inherit'
          ? scope.secrets
          : resolveStrings(job.secrets, { contexts: { ...contexts, secrets: scope.secrets }, status: PLAIN }),
      prefix: `${name} / `,
      held: turn.held,
      cancel: signal,
    };
    const innerScope = { contexts: baseContexts(inner), status: PLAIN };
    const innerTurn = await takeTurn(scope.core, {
      ...shared,
      template: called.file.concurrency,
      scope: innerScope,
      held: turn.held,
    });
    try {
      if (innerTurn.answer === 'cancelled') return stop(innerTurn.reason, 'cancelled');
      return await runGraph({ ...inner, held: innerTurn.held });
    } finally {
      innerTurn.leave();
    }
  } catch (error) {
    return stop(messageOf(error), 'failure');
  } finally {
    leave();
  }
}

function resolveWith(template: Template | undefined, scope: Scope): Readonly<Record<string, Value>> {
  if (template === undefined) return {};
  const value = resolveTemplate(template, scope);
  return value !== null && typeof value === 'object' && !Array.isArray(value) ? (value as Record<string, Value>) : {};
}

/** The contexts every job of this workflow has. `secrets` is not among them: a job's `if` may not read it. */
function baseContexts(scope: GraphScope): Contexts {
  return { github: scope.run.github, inputs: scope.inputs, vars: scope.run.variables };
}

function jobName(job: JobDefinition, scope: Scope, row: MatrixRow): string {
  if (job.name === undefined) return job.id + matrixSuffix(row);
  const name = resolveString(job.name, scope);
  return job.name.kind === 'expression' ? name : name + matrixSuffix(row);
}

/** What several jobs come to: a failure outweighs a cancellation, that a success, and that a skip. */
function combine(results: readonly Conclusion[]): Conclusion {
  if (results.includes('failure')) return 'failure';
  if (results.includes('cancelled')) return 'cancelled';
  return results.every((one) => one === 'skipped') ? 'skipped' : 'success';
}
