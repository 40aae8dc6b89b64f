import { countCommits, diffTrees, mergeBase } from '../git/history.js';
import { ACTIONS_APP, type Account } from '../state/accounts.js';
import { nodeId } from '../state/ids.js';
import type { Comment, MergeState, PullRequest, Review } from '../state/pulls.js';
import { type Label, type Repository, roleOf } from '../state/repositories.js';
import type { World } from '../state/world.js';
import { integration, simpleUser } from './account.js';
import { isoSeconds } from './commit.js';
import { plainRepository, repositoryPage, repositoryUrl } from './repository.js';

export function association(repository: Repository, account: Account): string {
  if (account.id === repository.owner.id) return 'OWNER';
  if (account.type === 'Bot') return account.id === ACTIONS_APP.botId ? 'CONTRIBUTOR' : 'NONE';
  const role = roleOf(repository, account);
  if (role === undefined || role === 'read') return 'NONE';
  return repository.owner.type === 'Organization' ? 'MEMBER' : 'COLLABORATOR';
}

export function label(world: World, repository: Repository, one: Label): Record<string, unknown> {
  return {
    id: one.id,
    node_id: nodeId('Label', one.id),
    url: `${repositoryUrl(world, repository)}/labels/${encodeURIComponent(one.name)}`,
    name: one.name,
    description: null,
    color: one.color,
    default: false,
  };
}

export function labelsOf(repository: Repository, pull: PullRequest): Label[] {
  return [...pull.labels].map((name) => repository.labels.get(name)).filter((one) => one !== undefined);
}

/** OpenAPI `pull-request-simple`. */
export function simplePull(world: World, repository: Repository, pull: PullRequest): Record<string, unknown> {
  const api = repositoryUrl(world, repository);
  const page = `${repositoryPage(world, repository)}/pull/${pull.number}`;
  const url = `${api}/pulls/${pull.number}`;
  const issue = `${api}/issues/${pull.number}`;
  const statuses = `${api}/statuses/${pull.headOid}`;
  const end = (ref: string, sha: string) => ({
    label: `${repository.owner.login}:${ref}`,
    ref,
    sha,
    user: simpleUser(world, repository.owner),
    repo: plainRepository(world, repository),
  });
  const links = {
    self: url,
    html: page,
    issue,
    comments: `${issue}/comments`,
    review_comments: `${url}/comments`,
    review_comment: `${api}/pulls/comments{/number}`,
    commits: `${url}/commits`,
    statuses,
  };
  return {
    url,
    id: pull.id,
    node_id: nodeId('PullRequest', pull.id),
    html_url: page,
    diff_url: `${page}.diff`,
    patch_url: `${page}.patch`,
    issue_url: issue,
    commits_url: links.commits,
    review_comments_url: links.review_comments,
    review_comment_url: links.review_comment,
    comments_url: links.comments,
    statuses_url: statuses,
    number: pull.number,
    state: pull.state,
    locked: false,
    title: pull.title,
    user: simpleUser(world, pull.author),
    body: pull.body === '' ? null : pull.body,
    labels: labelsOf(repository, pull).map((one) => ({ ...label(world, repository, one), description: '' })),
    milestone: null,
    active_lock_reason: null,
    created_at: isoSeconds(pull.createdAt),
    updated_at: isoSeconds(pull.updatedAt),
    closed_at: pull.closedAt === undefined ? null : isoSeconds(pull.closedAt),
    merged_at: pull.mergedAt === undefined ? null : isoSeconds(pull.mergedAt),
    // docs: rest/pulls "Get a pull request": before merging it is the trial merge's.
    merge_commit_sha: pull.mergeCommit ?? pull.testMerge ?? null,
    assignee: null,
    assignees: [],
    requested_reviewers: [],
    requested_teams: [],
    head: end(pull.headRef, pull.headOid),
    base: end(pull.baseRef, pull.baseOid),
    _links: Object.fromEntries(Object.entries(links).map(([name, href]) => [name, { href }])),
    author_association: association(repository, pull.author),
    auto_merge:
      pull.autoMerge === undefined
        ? null
        : {
            enabled_by: simpleUser(world, pull.autoMerge.enabledBy),
            merge_method: pull.autoMerge.method,
            commit_title: pull.autoMerge.title ?? '',
            commit_message: pull.autoMerge.message ?? '',
          },
    draft: pull.draft,
  };
}

export interface Mergeability {
  readonly mergeable: boolean | undefined;
  readonly state: MergeState;
}

/** OpenAPI `pull-request`. */
export async function fullPull(
  world: World,
  repository: Repository,
  pull: PullRequest,
  observed: Mergeability,
): Promise<Record<string, unknown>> {
  const { store } = repository;
  const from = (await mergeBase(store, pull.baseOid, pull.headOid)) ?? pull.baseOid;
  const files = await diffTrees(store, from, pull.headOid);
  return {
    ...simplePull(world, repository, pull),
    merged: pull.merged,
    mergeable: observed.mergeable ?? null,
    rebaseable: observed.mergeable ?? null,
    mergeable_state: observed.state.toLowerCase(),
    merged_by: pull.mergedBy === undefined ? null : simpleUser(world, pull.mergedBy),
    comments: pull.comments.length,
    review_comments: 0,
    maintainer_can_modify: false,
    commits: await countCommits(store, from, pull.headOid),
    additions: files.reduce((sum, file) => sum + file.additions, 0),
    deletions: files.reduce((sum, file) => sum + file.deletions, 0),
    changed_files: files.length,
  };
}

/** OpenAPI `pull-request-review`. */
export function review(world: World, repository: Repository, pull: PullRequest, one: Review): Record<string, unknown> {
  const page = `${repositoryPage(world, repository)}/pull/${pull.number}#pullrequestreview-${one.id}`;
  const url = `${repositoryUrl(world, repository)}/pulls/${pull.number}`;
  return {
    id: one.id,
    node_id: nodeId('PullRequestReview', pull.id, one.id),
    user: simpleUser(world, one.author),
    body: one.body,
    state: one.state,
    html_url: page,
    pull_request_url: url,
    _links: { html: { href: page }, pull_request: { href: url } },
    submitted_at: isoSeconds(one.submittedAt),
    commit_id: one.commit,
    author_association: association(repository, one.author),
  };
}

/** OpenAPI `issue-comment`. */
export function comment(
  world: World,
  repository: Repository,
  pull: PullRequest,
  one: Comment,
): Record<string, unknown> {
  const api = repositoryUrl(world, repository);
  return {
    id: one.id,
    node_id: nodeId('IssueComment', pull.id, one.id),
    url: `${api}/issues/comments/${one.id}`,
    html_url: `${repositoryPage(world, repository)}/pull/${pull.number}#issuecomment-${one.id}`,
    issue_url: `${api}/issues/${pull.number}`,
    body: one.body,
    user: simpleUser(world, one.author),
    created_at: isoSeconds(one.createdAt),
    updated_at: isoSeconds(one.updatedAt),
    author_association: association(repository, one.author),
    performed_via_github_app: one.app === undefined ? null : integration(world, one.app),
  };
}
