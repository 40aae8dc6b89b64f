import type { RepositoryEvent } from '../github/host.js';
import { messageOf } from './errors.js';
import type { Value } from './expressions.js';
import { githubContext, headSha, isFork } from './github-context.js';
import { takeTurn } from './group-turn.js';
import { dispatchInputs } from './inputs.js';
import { runGraph } from './job-graph.js';
import type { RunnerCore, RunState } from './run-context.js';
import { literalString, resolveString } from './template.js';
import type { WorkflowFile } from './workflow-file.js';
import { hostOrigin, loadTree, type WorkflowOrigin } from './workflow-tree.js';

/** What a run is made from, kept for running it again. */
export interface RunPlan {
  readonly event: RepositoryEvent;
  readonly path: string;
  /** The workflow, or why GitHub could not read it. */
  readonly file: WorkflowFile | { readonly invalid: string };
  /** The commit the file is from. */
  readonly commit: string;
  readonly id: number;
  readonly number: number;
  readonly attempt: number;
  readonly triggeringActor: string;
}

const PLAIN = { success: true, failure: false, cancelled: false };

/** A run's record before anything of it has run. */
export function createRun(core: RunnerCore, plan: RunPlan): RunState {
  const { event, file } = plan;
  const name = 'invalid' in file ? plan.path : file.name;
  const fork = isFork(event);
  return {
    record: {
      id: plan.id,
      attempt: plan.attempt,
      number: plan.number,
      repository: event.repository,
      workflow: { name, path: plan.path },
      title: name,
      event,
      actor: event.actor,
      triggeringActor: plan.triggeringActor,
      status: event.runs === 'approval' && plan.attempt === 1 ? 'action_required' : 'in_progress',
      jobs: [],
      createdAt: core.clock(),
    },
    github: githubContext(core.host, {
      ...plan,
      workflowName: name,
      workflowPath: plan.path,
      workflowSha: plan.commit,
    }),
    secrets: fork ? {} : core.host.secrets(event.repository),
    variables: core.host.variables(event.repository),
    fork,
    headSha: headSha(event),
    cancel: new AbortController(),
  };
}

/** Shows the run's jobs as awaiting a person's approval. */
export function reportApproval(core: RunnerCore, run: RunState, plan: RunPlan): void {
  if ('invalid' in plan.file) return;
  for (const job of plan.file.jobs()) {
    core.host.reportJob({
      repository: run.record.repository,
      headSha: run.headSha,
      runId: run.record.id,
      runAttempt: run.record.attempt,
      workflowPath: plan.path,
      workflowName: run.record.workflow.name,
      event: plan.event.name,
      jobName: literalString(job.name) ?? job.id,
      status: 'action_required',
    });
  }
}

/** Runs it to its end. Never rejects: what cannot start is a `startup_failure` with the reason. */
export async function executeRun(core: RunnerCore, run: RunState, plan: RunPlan): Promise<void> {
  const { record } = run;
  const finish = (conclusion: NonNullable<typeof record.conclusion>, problem?: string): void => {
    record.status = 'completed';
    record.conclusion = conclusion;
    if (problem !== undefined) record.problem = problem;
  };
  let leave = (): void => undefined;
  try {
    if ('invalid' in plan.file) return finish('startup_failure', plan.file.invalid);
    const { file } = plan;
    const origin: WorkflowOrigin = hostOrigin(core, record.repository, record.event.ref, plan.commit);
    const inputs = runInputs(file, plan.event);
    const github = withDispatchedInputs(run.github, plan.event, inputs);
    const state: RunState = { ...run, github };
    const tree = await loadTree(core, file, origin);
    const scope = { contexts: { github, inputs, vars: run.variables }, status: PLAIN };
    if (file.runName !== undefined) record.title = resolveString(file.runName, scope) || file.name;
    const turn = await takeTurn(core, {
      repository: record.repository,
      template: file.concurrency,
      scope,
      held: new Set(),
      what: file.name,
      signal: run.cancel.signal,
      cancel: (reason) => {
        record.problem = reason;
        run.cancel.abort();
      },
      onWait: () => {
        record.status = 'pending';
      },
    });
    leave = turn.leave;
    if (turn.answer === 'cancelled') return finish('cancelled', turn.reason);
    record.status = 'in_progress';
    const { conclusion } = await runGraph({
      core,
      run: state,
      tree,
      inputs,
      secrets: run.secrets,
      prefix: '',
      held: turn.held,
      cancel: run.cancel.signal,
    });
    finish(run.cancel.signal.aborted && conclusion !== 'failure' ? 'cancelled' : conclusion);
  } catch (error) {
    finish('startup_failure', messageOf(error));
  } finally {
    leave();
  }
}

function runInputs(file: WorkflowFile, event: RepositoryEvent): Record<string, Value> {
  if (event.name !== 'workflow_dispatch') return {};
  const given = event.payload.inputs;
  return dispatchInputs(
    file.dispatchInputs,
    given !== null && typeof given === 'object' ? (given as Readonly<Record<string, unknown>>) : {},
  );
}

/** `github.event.inputs` has every input as a string, its default where none was given. */
function withDispatchedInputs(
  github: Readonly<Record<string, Value>>,
  event: RepositoryEvent,
  inputs: Readonly<Record<string, Value>>,
): Readonly<Record<string, Value>> {
  if (event.name !== 'workflow_dispatch') return github;
  const strings = Object.fromEntries(Object.entries(inputs).map(([name, value]) => [name, String(value)]));
  return { ...github, event: { ...(event.payload as Record<string, Value>), inputs: strings } };
}
