import type { GitHubHost } from '../github/host.js';
import type { ConcurrencyGroups } from './concurrency.js';
import type { Value } from './expressions.js';
import type { JobRecord, Mutable, WorkflowRun } from './records.js';
import type { ResolveAction } from './source.js';

/** What all runs of one runner share. */
export interface RunnerCore {
  readonly host: GitHubHost;
  readonly resolve: ResolveAction;
  readonly nodePath: string;
  readonly work: string;
  readonly env: Readonly<Record<string, string>>;
  readonly clock: () => Date;
  readonly groups: ConcurrencyGroups;
  /** Machines: how many jobs run steps at the same time. */
  readonly machines: Semaphore;
  readonly onLog: (entry: LogEntry) => void;
  nextJobId(): number;
  /** All machines die. */
  readonly dead: AbortSignal;
  /** Jobs that run steps now, by id, with how to kill their machine. */
  readonly running: Map<number, { readonly run: WorkflowRun; readonly job: JobRecord; readonly kill: () => void }>;
}

export interface LogEntry {
  readonly run: WorkflowRun;
  readonly job: JobRecord;
  readonly line: string;
}

/** One run in flight. */
export interface RunState {
  readonly record: Mutable<WorkflowRun> & { readonly jobs: Mutable<JobRecord>[] };
  readonly github: Readonly<Record<string, Value>>;
  readonly secrets: Readonly<Record<string, string>>;
  readonly variables: Readonly<Record<string, string>>;
  readonly fork: boolean;
  readonly headSha: string;
  readonly cancel: AbortController;
}

export interface Semaphore {
  acquire(): Promise<() => void>;
}

export function createSemaphore(size: number): Semaphore {
  let free = size;
  const waiting: (() => void)[] = [];
  const release = (): void => {
    const next = waiting.shift();
    if (next === undefined) free += 1;
    else next();
  };
  return {
    acquire: async () => {
      if (free > 0) free -= 1;
      else await new Promise<void>((resolve) => waiting.push(resolve));
      let released = false;
      return () => {
        if (!released) release();
        released = true;
      };
    },
  };
}

/** Puts a job among the run's records and shows it to the host as a check run. */
export function addJob(
  core: RunnerCore,
  run: RunState,
  key: string,
  name: string,
): Mutable<JobRecord> & { log: string[] } {
  const job = {
    id: core.nextJobId(),
    key,
    name,
    status: 'queued' as JobRecord['status'],
    outputs: {},
    steps: [],
    annotations: [],
    log: [] as string[],
  };
  run.record.jobs.push(job);
  reportJob(core, run, job);
  return job;
}

/** Changes a job's record and reports it. */
export function updateJob(core: RunnerCore, run: RunState, job: Mutable<JobRecord>, change: Partial<JobRecord>): void {
  Object.assign(job, change);
  reportJob(core, run, job);
}

function reportJob(core: RunnerCore, run: RunState, job: JobRecord): void {
  const { record } = run;
  core.host.reportJob({
    repository: record.repository,
    headSha: run.headSha,
    runId: record.id,
    runAttempt: record.attempt,
    workflowPath: record.workflow.path,
    workflowName: record.workflow.name,
    event: record.event.name,
    jobName: job.name,
    status: job.status === 'pending' ? 'queued' : job.status,
    ...(job.conclusion === undefined ? {} : { conclusion: job.conclusion }),
  });
}
