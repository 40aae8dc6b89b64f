import type { JobReport } from '../host.js';

/** One run of a workflow, as the jobs reported for it tell. */
export interface WorkflowRun {
  readonly id: number;
  readonly number: number;
  readonly attempt: number;
  readonly workflowId: number;
  readonly path: string;
  readonly name: string;
  readonly event: string;
  readonly headSha: string;
  readonly headBranch: string | undefined;
  readonly createdAt: Date;
  updatedAt: Date;
  /** By the job's name. */
  readonly jobs: Map<string, JobReport>;
}

/** A run is as far as its least advanced job; it concludes as its worst one. */
export function runState(run: WorkflowRun): { readonly status: string; readonly conclusion: string | null } {
  const jobs = [...run.jobs.values()];
  if (jobs.some((job) => job.status === 'action_required'))
    return { status: 'completed', conclusion: 'action_required' };
  if (jobs.every((job) => job.status === 'completed')) {
    const worst = ['failure', 'cancelled', 'success', 'skipped'].find((one) =>
      jobs.some((job) => job.conclusion === one),
    );
    return { status: 'completed', conclusion: worst ?? 'success' };
  }
  if (jobs.every((job) => job.status === 'queued')) return { status: 'queued', conclusion: null };
  if (jobs.every((job) => job.status === 'waiting' || job.status === 'completed')) {
    return { status: 'waiting', conclusion: null };
  }
  return { status: 'in_progress', conclusion: null };
}
