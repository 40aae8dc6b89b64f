import { latestStatuses } from '../domain/contexts.js';
import type { CheckRun, CommitStatus } from '../state/checks.js';
import { nodeId } from '../state/ids.js';
import type { Repository } from '../state/repositories.js';
import type { World } from '../state/world.js';
import { integration, simpleUser } from './account.js';
import { isoSeconds } from './commit.js';
import { minimalRepository, repositoryPage, repositoryUrl } from './repository.js';

/** OpenAPI `pull-request-minimal`, for the open pull requests whose head this is. */
export function pullsOfHead(world: World, repository: Repository, sha: string): Record<string, unknown>[] {
  const url = repositoryUrl(world, repository);
  const repo = { id: repository.id, url, name: repository.name };
  return [...repository.pulls.values()]
    .filter((pull) => pull.state === 'open' && pull.headOid === sha)
    .map((pull) => ({
      id: pull.id,
      number: pull.number,
      url: `${url}/pulls/${pull.number}`,
      head: { ref: pull.headRef, sha: pull.headOid, repo },
      base: { ref: pull.baseRef, sha: pull.baseOid, repo },
    }));
}

/** OpenAPI `check-run`. */
export function checkRun(world: World, repository: Repository, run: CheckRun): Record<string, unknown> {
  const url = `${repositoryUrl(world, repository)}/check-runs/${run.id}`;
  const page = `${repositoryPage(world, repository)}/runs/${run.id}`;
  return {
    id: run.id,
    name: run.name,
    head_sha: run.headSha,
    node_id: nodeId('CheckRun', run.id),
    external_id: run.externalId,
    url,
    html_url: page,
    details_url: run.detailsUrl ?? page,
    status: run.status,
    conclusion: run.conclusion ?? null,
    started_at: isoSeconds(run.startedAt),
    completed_at: run.completedAt === undefined ? null : isoSeconds(run.completedAt),
    output: {
      title: run.output.title ?? null,
      summary: run.output.summary ?? null,
      text: run.output.text ?? null,
      annotations_count: run.output.annotations.length,
      annotations_url: `${url}/annotations`,
    },
    check_suite: { id: run.suiteId },
    app: integration(world, run.app),
    pull_requests: pullsOfHead(world, repository, run.headSha),
  };
}

function statusCore(world: World, repository: Repository, one: CommitStatus): Record<string, unknown> {
  return {
    url: `${repositoryUrl(world, repository)}/statuses/${one.sha}`,
    avatar_url: `${world.urls.server}/avatars/u/${one.creator.id}`,
    id: one.id,
    node_id: nodeId('StatusContext', one.id),
    state: one.state,
    description: one.description ?? null,
    target_url: one.targetUrl ?? null,
    context: one.context,
    created_at: isoSeconds(one.createdAt),
    updated_at: isoSeconds(one.createdAt),
  };
}

/** OpenAPI `status`. */
export function status(world: World, repository: Repository, one: CommitStatus): Record<string, unknown> {
  return { ...statusCore(world, repository, one), creator: simpleUser(world, one.creator) };
}

/** OpenAPI `combined-commit-status`: `pending` also where there is none (docs: rest/commits/statuses). */
export function combinedStatus(world: World, repository: Repository, sha: string): Record<string, unknown> {
  const latest = latestStatuses(repository, sha);
  const states = latest.map((one) => one.state);
  const failed = states.includes('failure') || states.includes('error');
  const api = repositoryUrl(world, repository);
  return {
    state: failed ? 'failure' : states.length === 0 || states.includes('pending') ? 'pending' : 'success',
    statuses: latest.map((one) => statusCore(world, repository, one)),
    sha,
    total_count: latest.length,
    repository: minimalRepository(world, repository),
    commit_url: `${api}/commits/${sha}`,
    url: `${api}/commits/${sha}/status`,
  };
}
