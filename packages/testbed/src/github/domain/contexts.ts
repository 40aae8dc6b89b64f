import type { CheckRun, CommitStatus } from '../state/checks.js';
import type { Repository } from '../state/repositories.js';
import type { RequiredCheck } from '../state/rules.js';

export type ContextState = 'success' | 'failure' | 'pending';

/** What one check run or commit status says about a commit. */
export interface Context {
  readonly name: string;
  readonly appId: number | undefined;
  readonly state: ContextState;
}

/** The newest check run of each name and App: what `filter=latest` gives. */
export function latestCheckRuns(repository: Repository, sha: string): CheckRun[] {
  const latest = new Map<string, CheckRun>();
  for (const run of repository.checkRuns) {
    if (run.headSha === sha) latest.set(`${run.app.id}\0${run.name}`, run);
  }
  return [...latest.values()];
}

/** The newest status of each context. */
export function latestStatuses(repository: Repository, sha: string): CommitStatus[] {
  const latest = new Map<string, CommitStatus>();
  for (const status of repository.statuses) if (status.sha === sha) latest.set(status.context, status);
  return [...latest.values()];
}

/** docs: about-status-checks: successful, skipped and neutral conclusions let a required check pass. */
export function checkState(run: CheckRun): ContextState {
  if (run.status !== 'completed') return 'pending';
  return run.conclusion === 'success' || run.conclusion === 'neutral' || run.conclusion === 'skipped'
    ? 'success'
    : 'failure';
}

export function contextsOf(repository: Repository, sha: string): Context[] {
  return [
    ...latestCheckRuns(repository, sha).map((run) => ({ name: run.name, appId: run.app.id, state: checkState(run) })),
    ...latestStatuses(repository, sha).map((status) => ({
      name: status.context,
      appId: status.app?.id,
      state:
        status.state === 'success'
          ? ('success' as const)
          : status.state === 'pending'
            ? ('pending' as const)
            : ('failure' as const),
    })),
  ];
}

/** A required check's state on a commit: `expected` when nobody has reported it, or only another App has. */
export function requiredState(contexts: readonly Context[], required: RequiredCheck): ContextState | 'expected' {
  const matching = contexts.filter(
    (context) =>
      context.name === required.context && (required.appId === undefined || context.appId === required.appId),
  );
  if (matching.length === 0) return 'expected';
  if (matching.some((context) => context.state === 'failure')) return 'failure';
  return matching.some((context) => context.state === 'pending') ? 'pending' : 'success';
}
