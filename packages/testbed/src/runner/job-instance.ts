import { join } from 'node:path';
import { fnmatch } from '../github/domain/fnmatch.js';
import type { EnvironmentSettings, Permissions } from '../github/host.js';
import { messageOf } from './errors.js';
import type { Contexts, Scope, Value } from './expressions.js';
import { takeTurn } from './group-turn.js';
import type { GraphResult, GraphScope } from './job-graph.js';
import { runJob } from './job-run.js';
import { readOnly } from './permissions.js';
import { addJob, updateJob } from './run-context.js';
import type { Conclusion } from './session.js';
import type { Annotation } from './step-log.js';
import { fields, resolveString, resolveTemplate, type Template } from './template.js';
import type { StepsJob } from './workflow-file.js';

const PLAIN = { success: true, failure: false, cancelled: false };

/** One job with steps, or one combination of its matrix: waits for its group, its environment and a machine, and runs. */
export async function runStepsJob(
  scope: GraphScope,
  job: StepsJob,
  contexts: Contexts,
  name: string,
): Promise<GraphResult> {
  const { core, run } = scope;
  const record = addJob(core, run, job.id, name);
  const evaluation: Scope = { contexts, status: PLAIN };
  const end = (conclusion: Conclusion, annotations: readonly Annotation[] = []): GraphResult => {
    updateJob(core, run, record, { status: 'completed', conclusion, annotations, completedAt: core.clock() });
    return { conclusion, outputs: {} };
  };
  const own = new AbortController();
  const signal = AbortSignal.any([scope.cancel, own.signal]);
  let reason = 'The operation was canceled.';
  const stop = (why: string): void => {
    reason = why;
    own.abort();
  };
  let leave = (): void => undefined;
  let release = (): void => undefined;
  try {
    const turn = await takeTurn(core, {
      repository: run.record.repository,
      template: job.concurrency,
      scope: evaluation,
      held: scope.held,
      what: name,
      signal,
      cancel: stop,
      onWait: () => updateJob(core, run, record, { status: 'pending' }),
    });
    leave = turn.leave;
    if (turn.answer === 'cancelled') return end('cancelled', [{ level: 'error', message: turn.reason }]);
    const environment = enterEnvironment(scope, job.environment, evaluation);
    if (environment.refusal !== undefined) return end('failure', [{ level: 'error', message: environment.refusal }]);
    release = await core.machines.acquire();
    if (signal.aborted) return end('cancelled', [{ level: 'error', message: reason }]);
    return await runOnMachine(scope, job, contexts, {
      record,
      signal,
      environment: environment.settings,
      reason: () => reason,
    });
  } catch (error) {
    return end('failure', [{ level: 'error', message: messageOf(error) }]);
  } finally {
    release();
    leave();
  }
}

async function runOnMachine(
  scope: GraphScope,
  job: StepsJob,
  contexts: Contexts,
  at: {
    readonly record: ReturnType<typeof addJob>;
    readonly signal: AbortSignal;
    readonly environment: EnvironmentSettings | undefined;
    readonly reason: () => string;
  },
): Promise<GraphResult> {
  const { core, run, tree } = scope;
  const { record } = at;
  updateJob(core, run, record, { status: 'in_progress', startedAt: core.clock() });
  const repository = run.record.repository;
  const token = core.host.createJobToken({ repository, permissions: tokenPermissions(scope, job) });
  const kill = new AbortController();
  core.running.set(record.id, { run: run.record, job: record, kill: () => kill.abort() });
  try {
    const result = await runJob({
      file: tree.file,
      origin: tree.origin,
      job,
      folder: join(core.work, `${run.record.id}-${run.record.attempt}-${record.id}`),
      nodePath: core.nodePath,
      env: core.env,
      github: { ...run.github, token, job: job.id } satisfies Record<string, Value>,
      inputs: scope.inputs,
      // An environment's secret wins over a passed one of the same name (docs: reusing workflows).
      secrets: { ...scope.secrets, ...(run.fork ? {} : at.environment?.secrets), GITHUB_TOKEN: token },
      contexts: { ...contexts, vars: { ...run.variables, ...at.environment?.variables } },
      resolve: core.resolve,
      kill: AbortSignal.any([kill.signal, core.dead]),
      cancel: at.signal,
      onLine: (line) => {
        record.log.push(line);
        core.onLog({ run: run.record, job: record, line });
      },
    });
    const cancelled: readonly Annotation[] = at.signal.aborted ? [{ level: 'error', message: at.reason() }] : [];
    updateJob(core, run, record, {
      status: 'completed',
      conclusion: result.conclusion,
      outputs: result.outputs,
      steps: result.steps,
      annotations: [...result.annotations, ...cancelled],
      completedAt: core.clock(),
    });
    const lenient = result.conclusion === 'failure' && result.continueOnError;
    return { conclusion: lenient ? 'success' : result.conclusion, outputs: result.outputs };
  } finally {
    core.running.delete(record.id);
    core.host.revokeToken(token);
  }
}

function tokenPermissions(scope: GraphScope, job: StepsJob): Permissions {
  const permissions = scope.tree.permissions.get(job.id) ?? {};
  return scope.run.fork ? readOnly(permissions) : permissions;
}

/**
 * The environment a job names. One that the repository does not have is made by naming it, without secrets or rules
 * (docs: managing environments). A ref that its deployment branch rule does not take is refused.
 */
function enterEnvironment(
  scope: GraphScope,
  template: Template | undefined,
  evaluation: Scope,
): { readonly settings?: EnvironmentSettings; readonly refusal?: string } {
  if (template === undefined) return {};
  const named = template.kind === 'mapping' ? fields(template).get('name') : template;
  const name = named === undefined ? '' : environmentName(named, evaluation);
  if (name === '') return {};
  const { repository, event } = scope.run.record;
  const settings = scope.core.host.environment(repository, name);
  if (settings === undefined) return {};
  const ref = event.ref.replace(/^refs\/(heads|tags)\//, '');
  if (settings.branches !== undefined && !settings.branches.some((pattern) => fnmatch(pattern, ref))) {
    const kind = event.ref.startsWith('refs/tags/') ? 'Tag' : 'Branch';
    return {
      refusal: `${kind} "${ref}" is not allowed to deploy to ${name} due to environment protection rules.`,
    };
  }
  return { settings };
}

function environmentName(template: Template, scope: Scope): string {
  const value = resolveTemplate(template, scope);
  return value === null || typeof value === 'object' ? '' : resolveString(template, scope);
}
