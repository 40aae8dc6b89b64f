import type { RepositoryEvent } from '../github/host.js';
import type { Conclusion, StepReport } from './session.js';
import type { Annotation } from './step-log.js';

/** A job of a run, one for each combination of a matrix; a skipped or calling job that runs nothing itself has no steps. */
export interface JobRecord {
  /** Unique on this runner. */
  readonly id: number;
  /** The job's key in its workflow file. */
  readonly key: string;
  /** As its check run is named: `caller / callee` below a reusable workflow. */
  readonly name: string;
  readonly status: 'queued' | 'pending' | 'in_progress' | 'completed';
  readonly conclusion?: Conclusion;
  readonly outputs: Readonly<Record<string, string>>;
  readonly steps: readonly StepReport[];
  /** Of the job itself: why it could not start, was cancelled or lost. Its steps have their own. */
  readonly annotations: readonly Annotation[];
  /** Every masked line, as it came. */
  readonly log: readonly string[];
  readonly startedAt?: Date;
  readonly completedAt?: Date;
}

export interface WorkflowRun {
  /** Same for every attempt. */
  readonly id: number;
  readonly attempt: number;
  /** Counts the runs of one workflow. */
  readonly number: number;
  readonly repository: string;
  readonly workflow: { readonly name: string; readonly path: string };
  /** `run-name`, else the workflow's name. */
  readonly title: string;
  readonly event: RepositoryEvent;
  readonly actor: string;
  readonly triggeringActor: string;
  /** `action_required`: waits for `approve`. `pending`: waits for its concurrency group. */
  readonly status: 'action_required' | 'pending' | 'in_progress' | 'completed';
  readonly conclusion?: Conclusion | 'startup_failure';
  /** Why it could not start or was cancelled. */
  readonly problem?: string;
  readonly jobs: readonly JobRecord[];
  readonly createdAt: Date;
}

/** Every line of a run's log, job after job. */
export function runLog(run: WorkflowRun): readonly string[] {
  return run.jobs.flatMap((job) => job.log);
}

/** The step summaries of a run, Markdown, in order. */
export function runSummaries(run: WorkflowRun): readonly string[] {
  return run.jobs.flatMap((job) => job.steps.map((step) => step.summary)).filter((text) => text !== '');
}

export function runAnnotations(run: WorkflowRun): readonly Annotation[] {
  return run.jobs.flatMap((job) => [...job.annotations, ...job.steps.flatMap((step) => step.annotations)]);
}

export type Mutable<T> = { -readonly [K in keyof T]: T[K] };
