import type { GitHubHost, RepositoryEvent } from '../github/host.js';
import type { RunState } from './run-context.js';

/** The clock struck for one cron of a workflow. The actor is the repository's owner. */
export function scheduleEvent(host: GitHubHost, repository: string, commit: string, cron: string): RepositoryEvent {
  const [owner = ''] = repository.split('/');
  const branch = host.defaultBranch(repository);
  return {
    name: 'schedule',
    repository,
    ref: `refs/heads/${branch}`,
    sha: commit,
    actor: owner,
    payload: { schedule: cron, repository: { full_name: repository, default_branch: branch } },
    runs: 'start',
  };
}

/** A run has ended. `commit` is the default branch's, which workflow_run runs on. */
export function workflowRunEvent(
  host: GitHubHost,
  { record, headSha }: RunState,
  cause: RepositoryEvent,
  commit: string,
): RepositoryEvent {
  const { repository } = record;
  return {
    name: 'workflow_run',
    action: 'completed',
    repository,
    ref: `refs/heads/${host.defaultBranch(repository)}`,
    sha: commit,
    actor: record.actor,
    runs: 'start',
    payload: {
      action: 'completed',
      workflow: { name: record.workflow.name, path: record.workflow.path },
      workflow_run: {
        id: record.id,
        name: record.workflow.name,
        path: record.workflow.path,
        event: cause.name,
        status: 'completed',
        conclusion: record.conclusion,
        head_branch: cause.ref.replace(/^refs\/heads\//, ''),
        head_sha: headSha,
        run_attempt: record.attempt,
        run_number: record.number,
      },
      repository: cause.payload.repository ?? { full_name: repository },
      sender: cause.payload.sender ?? { login: record.actor },
    },
  };
}
