import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { GitHubHost, RepositoryEvent } from '../github/host.js';
import { checkoutBuiltin } from './checkout.js';
import { createConcurrencyGroups } from './concurrency.js';
import { RunnerError } from './errors.js';
import { cachedCommit, changedPaths } from './host-files.js';
import { findNode } from './node-path.js';
import { scheduleEvent, workflowRunEvent } from './own-events.js';
import type { JobRecord, WorkflowRun } from './records.js';
import { createRun, executeRun, type RunPlan, reportApproval } from './run.js';
import { createSemaphore, type LogEntry, type RunnerCore, type RunState } from './run-context.js';
import { firstOf, type ResolveAction, resolveFrom } from './source.js';
import { createCatalog } from './workflow-catalog.js';
import { startsWorkflow, usesOwnCommit } from './workflow-events.js';

export interface RunnerOptions {
  /** With `settled`, `idle` also waits for what the host still does, e.g. an auto-merge that a finished check allows. */
  readonly host: GitHubHost & { readonly settled?: () => Promise<void> };
  /** Where `uses: owner/name@ref` comes from. What it does not know is looked for on the host; `actions/checkout` is built in. */
  readonly resolveAction?: ResolveAction;
  readonly nodePath?: string;
  /** Extra environment of every job, e.g. HTTPS_PROXY and NODE_EXTRA_CA_CERTS. */
  readonly env?: Readonly<Record<string, string>>;
  readonly clock?: () => Date;
  /** How many jobs run steps at the same time; 4 when not given. */
  readonly machines?: number;
  readonly onLog?: (entry: LogEntry) => void;
}

export interface Runner {
  /** Every attempt of every run, in the order they were created. */
  readonly runs: readonly WorkflowRun[];
  /**
   * Resolves when no event is pending and nothing is queued or running; runs that wait for `approve` do not count.
   * Rejects when an event could not be handled at all.
   */
  idle(): Promise<void>;
  /** The clock strikes: starts the default branch's workflows with this `schedule`, without `cron` each scheduled one once. Rejects when there is none. */
  schedule(repository: string, cron?: string): Promise<readonly WorkflowRun[]>;
  /** "Approve workflows to run". */
  approve(runId: number): void;
  cancel(runId: number): void;
  /** "Re-run all jobs": the same event, commit and actor, the next attempt. */
  rerun(runId: number, triggeringActor?: string): WorkflowRun;
  /** The machines of running jobs die: SIGKILL, no further step, no post. By id or name of the job, or by a test. Gives how many. */
  kill(match: number | string | ((job: JobRecord, run: WorkflowRun) => boolean)): number;
  /** Kills what runs, stops listening, removes its folders. */
  dispose(): Promise<void>;
}

const FIRST_RUN_ID = 1001;
/** workflow_run can chain workflows three deep (docs: events that trigger workflows, workflow_run). */
const MAX_CHAIN = 3;

/** Starts running the workflows that the host's events would start on GitHub. */
export function startRunner(options: RunnerOptions): Runner {
  const { host } = options;
  const work = mkdtempSync(join(tmpdir(), 'waybill-runner-'));
  const dead = new AbortController();
  let lastJobId = 0;
  const core: RunnerCore = {
    host,
    resolve: firstOf(
      options.resolveAction ?? (() => undefined),
      resolveFrom({ builtins: { 'actions/checkout': checkoutBuiltin(host) } }),
      hostResolver(host, work),
    ),
    nodePath: options.nodePath ?? findNode(),
    work,
    env: options.env ?? {},
    clock: options.clock ?? (() => new Date()),
    groups: createConcurrencyGroups(),
    machines: createSemaphore(options.machines ?? 4),
    onLog: options.onLog ?? (() => undefined),
    nextJobId: () => ++lastJobId,
    running: new Map(),
    dead: dead.signal,
  };

  const catalog = createCatalog(host);
  const states: { readonly run: RunState; readonly plan: RunPlan }[] = [];
  const runs: WorkflowRun[] = [];
  const numbers = new Map<string, number>();
  const chains = new WeakMap<RepositoryEvent, number>();
  let lastRunId = FIRST_RUN_ID - 1;
  let busy = 0;
  let disposed = false;
  let failure: unknown;
  let quiet: (() => void)[] = [];
  let events: Promise<unknown> = Promise.resolve();

  const track = async (action: () => Promise<void>): Promise<void> => {
    busy += 1;
    try {
      await action();
    } catch (error) {
      failure ??= error;
    } finally {
      busy -= 1;
      if (busy === 0) {
        for (const resolve of quiet.splice(0)) resolve();
      }
    }
  };

  const begin = (run: RunState, plan: RunPlan): void => {
    void track(async () => {
      await executeRun(core, run, plan);
      await followUp(run, plan);
    });
  };

  const launch = (plan: RunPlan): WorkflowRun => {
    const run = createRun(core, plan);
    states.push({ run, plan });
    runs.push(run.record);
    if (run.record.status === 'action_required') reportApproval(core, run, plan);
    else begin(run, plan);
    return run.record;
  };

  const start = (event: RepositoryEvent, path: string, file: RunPlan['file'], commit: string): WorkflowRun => {
    const key = `${event.repository}/${path}`;
    const number = (numbers.get(key) ?? 0) + 1;
    numbers.set(key, number);
    return launch({ event, path, file, commit, number, id: ++lastRunId, attempt: 1, triggeringActor: event.actor });
  };

  const handle = async (event: RepositoryEvent): Promise<void> => {
    if (event.runs === 'none' || disposed) return;
    const onBranch = await defaultCommit(host, event.repository);
    const commit = usesOwnCommit(event) ? event.sha : onBranch;
    if (commit === undefined || onBranch === undefined) return;
    const paths = await catalog.paths(event.repository, commit);
    const onDefault = event.name === 'workflow_dispatch' ? await catalog.paths(event.repository, onBranch) : undefined;
    for (const path of paths) {
      // A workflow can be dispatched on any ref, but only if the default branch has it too.
      if (onDefault !== undefined && !onDefault.includes(path)) continue;
      const file = await catalog.read(event.repository, commit, path);
      if ('invalid' in file) {
        // GitHub shows a file it cannot read as a failed run of the push.
        if (event.name === 'push' || event.payload.workflow === path) start(event, path, file, commit);
      } else if (await startsWorkflow(file, event, () => changedPaths(host, event))) start(event, path, file, commit);
    }
  };

  const enqueue = (event: RepositoryEvent): Promise<void> =>
    track(() => {
      const next = events.then(() => handle(event));
      events = next.catch(() => undefined);
      return next;
    });

  /** The end of a run is an event too. */
  const followUp = async (run: RunState, plan: RunPlan): Promise<void> => {
    const depth = (chains.get(plan.event) ?? 0) + 1;
    if (disposed || depth > MAX_CHAIN) return;
    const { repository } = run.record;
    const commit = await defaultCommit(host, repository);
    if (commit === undefined) return;
    const event = workflowRunEvent(host, run, plan.event, commit);
    chains.set(event, depth);
    await enqueue(event);
  };

  const find = (runId: number): { readonly run: RunState; readonly plan: RunPlan } => {
    const found = states.findLast(({ run }) => run.record.id === runId);
    if (found === undefined) throw new RunnerError(`There is no run ${runId}`);
    return found;
  };

  const stopListening = host.onEvent((event) => void enqueue(event));

  const idle = async (): Promise<void> => {
    do {
      if (busy > 0) await new Promise<void>((resolve) => quiet.push(resolve));
      // The last effect may have others that are still under way, and raise events.
      await host.settled?.();
      await new Promise<void>((resolve) => setImmediate(resolve));
    } while (busy > 0);
    if (failure !== undefined) {
      const error = failure;
      failure = undefined;
      throw error;
    }
  };

  return {
    runs,
    idle,
    schedule: async (repository, cron) => {
      const commit = await defaultCommit(host, repository);
      const started: WorkflowRun[] = [];
      await track(async () => {
        if (commit === undefined) return;
        for (const path of await catalog.paths(repository, commit)) {
          const file = await catalog.read(repository, commit, path);
          const crons = 'invalid' in file ? [] : (file.events.schedule ?? []).map((entry) => entry.cron);
          const due = cron === undefined ? crons[0] : crons.find((one) => one === cron);
          if (due !== undefined) started.push(start(scheduleEvent(host, repository, commit, due), path, file, commit));
        }
      });
      if (started.length === 0)
        throw new RunnerError(`No workflow of ${repository} is scheduled${cron ? ` at '${cron}'` : ''}`);
      return started;
    },
    approve: (runId) => {
      const { run, plan } = find(runId);
      if (run.record.status !== 'action_required') throw new RunnerError(`Run ${runId} does not wait for approval`);
      run.record.status = 'in_progress';
      begin(run, plan);
    },
    cancel: (runId) => find(runId).run.cancel.abort(),
    rerun: (runId, triggeringActor) => {
      const { run, plan } = find(runId);
      if (run.record.status !== 'completed') throw new RunnerError(`Run ${runId} has not ended`);
      return launch({ ...plan, attempt: plan.attempt + 1, triggeringActor: triggeringActor ?? plan.triggeringActor });
    },
    kill: (match) => {
      const chosen = [...core.running.values()].filter(({ job, run }) =>
        typeof match === 'function' ? match(job, run) : job.id === match || job.name === match,
      );
      for (const one of chosen) one.kill();
      return chosen.length;
    },
    dispose: async () => {
      disposed = true;
      stopListening();
      for (const { run } of states) run.cancel.abort();
      dead.abort();
      await idle().catch(() => undefined);
      quiet = [];
      await rm(work, { recursive: true, force: true });
    },
  };
}

function hostResolver(host: GitHubHost, work: string): ResolveAction {
  return async ({ repository, ref }) => {
    const sha = await host.resolveRef(repository, ref);
    if (sha === undefined) return undefined;
    return { kind: 'files', files: { repository, ref, sha, root: await cachedCommit(host, repository, sha, work) } };
  };
}

/** Undefined while the repository is empty. */
function defaultCommit(host: GitHubHost, repository: string): Promise<string | undefined> {
  return host.resolveRef(repository, host.defaultBranch(repository));
}
