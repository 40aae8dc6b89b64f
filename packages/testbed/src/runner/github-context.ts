import type { GitHubHost, RepositoryEvent } from '../github/host.js';
import type { Value } from './expressions.js';
import { nested } from './workflow-events.js';

export interface RunIdentity {
  readonly id: number;
  readonly attempt: number;
  readonly number: number;
  readonly event: RepositoryEvent;
  readonly triggeringActor: string;
  readonly workflowName: string;
  readonly workflowPath: string;
  /** The commit the run's own workflow file is from. */
  readonly workflowSha: string;
}

/** The `github` context of a run, without what differs from job to job (`job`, `token`, `workspace`, `event_path`). */
export function githubContext(host: GitHubHost, run: RunIdentity): Record<string, Value> {
  const { event } = run;
  const [owner = ''] = event.repository.split('/');
  const pull = event.payload.pull_request !== undefined;
  return {
    actor: event.actor,
    actor_id: nested(event.payload, 'sender', 'id') ?? '',
    api_url: host.apiUrl,
    base_ref: pull ? (nested(event.payload, 'pull_request', 'base', 'ref') ?? '') : '',
    event: event.payload as Value,
    event_name: event.name,
    graphql_url: host.graphqlUrl,
    head_ref: pull ? (nested(event.payload, 'pull_request', 'head', 'ref') ?? '') : '',
    ref: event.ref,
    ref_name: event.ref.replace(/^refs\/(heads|tags|pull)\//, ''),
    ref_protected: false,
    ref_type: event.ref.startsWith('refs/tags/') ? 'tag' : 'branch',
    repository: event.repository,
    repository_id: nested(event.payload, 'repository', 'id') ?? '',
    repository_owner: owner,
    repository_owner_id: nested(event.payload, 'repository', 'owner', 'id') ?? '',
    repositoryUrl: `${host.serverUrl.replace(/^http/, 'git')}/${event.repository}.git`,
    retention_days: '90',
    run_attempt: String(run.attempt),
    run_id: String(run.id),
    run_number: String(run.number),
    secret_source: isFork(event) ? 'None' : 'Actions',
    server_url: host.serverUrl,
    sha: event.sha,
    triggering_actor: run.triggeringActor,
    workflow: run.workflowName,
    workflow_ref: `${event.repository}/${run.workflowPath}@${event.ref}`,
    workflow_sha: run.workflowSha,
  };
}

/** A pull request from a fork gets no secrets and a token that only reads (docs: events, "Workflows in forked repositories"). */
export function isFork(event: RepositoryEvent): boolean {
  const head = nested(event.payload, 'pull_request', 'head', 'repo', 'full_name');
  return event.name === 'pull_request' && head !== undefined && head !== event.repository;
}

/** The commit a run's checks show on: a pull request's head, else the event's own commit. */
export function headSha(event: RepositoryEvent): string {
  return nested(event.payload, 'pull_request', 'head', 'sha') ?? event.sha;
}
