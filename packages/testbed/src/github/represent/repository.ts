import { nodeId } from '../state/ids.js';
import { hasProtectionFeatures, type Repository, roleAtLeast, roleOf } from '../state/repositories.js';
import type { Caller } from '../state/tokens.js';
import type { World } from '../state/world.js';
import { simpleUser } from './account.js';

const LINKS: readonly (readonly [string, string])[] = [
  ['archive_url', '/{archive_format}{/ref}'],
  ['assignees_url', '/assignees{/user}'],
  ['blobs_url', '/git/blobs{/sha}'],
  ['branches_url', '/branches{/branch}'],
  ['collaborators_url', '/collaborators{/collaborator}'],
  ['comments_url', '/comments{/number}'],
  ['commits_url', '/commits{/sha}'],
  ['compare_url', '/compare/{base}...{head}'],
  ['contents_url', '/contents/{+path}'],
  ['contributors_url', '/contributors'],
  ['deployments_url', '/deployments'],
  ['downloads_url', '/downloads'],
  ['events_url', '/events'],
  ['forks_url', '/forks'],
  ['git_commits_url', '/git/commits{/sha}'],
  ['git_refs_url', '/git/refs{/sha}'],
  ['git_tags_url', '/git/tags{/sha}'],
  ['hooks_url', '/hooks'],
  ['issue_comment_url', '/issues/comments{/number}'],
  ['issue_events_url', '/issues/events{/number}'],
  ['issues_url', '/issues{/number}'],
  ['keys_url', '/keys{/key_id}'],
  ['labels_url', '/labels{/name}'],
  ['languages_url', '/languages'],
  ['merges_url', '/merges'],
  ['milestones_url', '/milestones{/number}'],
  ['notifications_url', '/notifications{?since,all,participating}'],
  ['pulls_url', '/pulls{/number}'],
  ['releases_url', '/releases{/id}'],
  ['stargazers_url', '/stargazers'],
  ['statuses_url', '/statuses/{sha}'],
  ['subscribers_url', '/subscribers'],
  ['subscription_url', '/subscription'],
  ['tags_url', '/tags'],
  ['teams_url', '/teams'],
  ['trees_url', '/git/trees{/sha}'],
];

export function repositoryUrl(world: World, repository: Repository): string {
  return `${world.urls.api}/repos/${repository.fullName}`;
}

export function repositoryPage(world: World, repository: Repository): string {
  return `${world.urls.server}/${repository.fullName}`;
}

/** OpenAPI `minimal-repository`. */
export function minimalRepository(world: World, repository: Repository): Record<string, unknown> {
  const url = repositoryUrl(world, repository);
  const page = repositoryPage(world, repository);
  return {
    id: repository.id,
    node_id: nodeId('Repository', repository.id),
    name: repository.name,
    full_name: repository.fullName,
    owner: simpleUser(world, repository.owner),
    private: repository.visibility !== 'public',
    html_url: page,
    description: repository.settings.description ?? null,
    fork: false,
    url,
    ...Object.fromEntries(LINKS.map(([key, path]) => [key, `${url}${path}`])),
  };
}

/** OpenAPI `repository`, as it stands inside other answers. */
export function plainRepository(world: World, repository: Repository): Record<string, unknown> {
  const page = repositoryPage(world, repository);
  return {
    ...minimalRepository(world, repository),
    git_url: `git:${page.replace(/^https?:/, '')}.git`,
    ssh_url: `git@${new URL(page).hostname}:${repository.fullName}.git`,
    clone_url: `${page}.git`,
    svn_url: page,
    mirror_url: null,
    homepage: null,
    language: null,
    license: null,
    forks_count: 0,
    forks: 0,
    stargazers_count: 0,
    watchers_count: 0,
    watchers: 0,
    size: 0,
    default_branch: repository.defaultBranch,
    open_issues_count: openPulls(repository),
    open_issues: openPulls(repository),
    is_template: false,
    topics: [],
    has_issues: true,
    has_projects: true,
    has_wiki: true,
    has_pages: false,
    has_downloads: true,
    has_discussions: false,
    archived: repository.settings.archived,
    disabled: false,
    visibility: repository.visibility,
    pushed_at: repository.pushedAt.toISOString(),
    created_at: repository.createdAt.toISOString(),
    updated_at: repository.pushedAt.toISOString(),
    allow_forking: true,
    web_commit_signoff_required: false,
  };
}

function openPulls(repository: Repository): number {
  return [...repository.pulls.values()].filter((pull) => pull.state === 'open').length;
}

/**
 * OpenAPI `full-repository`. The merge settings are told to those who may push only
 * (docs: get-a-repository, "you must have admin permissions … contents:write").
 */
export function fullRepository(world: World, repository: Repository, caller: Caller): Record<string, unknown> {
  const role = caller.kind === 'user' ? roleOf(repository, caller.account) : undefined;
  const pushes =
    roleAtLeast(role, 'write') || (caller.kind === 'installation' && caller.permissions.contents === 'write');
  const { settings } = repository;
  return {
    ...plainRepository(world, repository),
    ...(caller.kind === 'user'
      ? {
          permissions: {
            admin: role === 'admin',
            maintain: roleAtLeast(role, 'maintain'),
            push: roleAtLeast(role, 'write'),
            triage: roleAtLeast(role, 'triage'),
            pull: role !== undefined,
          },
        }
      : {}),
    ...(pushes
      ? {
          allow_merge_commit: settings.allowMergeCommit,
          allow_squash_merge: settings.allowSquashMerge,
          allow_rebase_merge: settings.allowRebaseMerge,
          allow_auto_merge: settings.allowAutoMerge && hasProtectionFeatures(repository),
          allow_update_branch: settings.allowUpdateBranch,
          delete_branch_on_merge: settings.deleteBranchOnMerge,
          squash_merge_commit_title: 'COMMIT_OR_PR_TITLE',
          squash_merge_commit_message: 'COMMIT_MESSAGES',
          merge_commit_title: 'MERGE_MESSAGE',
          merge_commit_message: 'PR_TITLE',
        }
      : {}),
    subscribers_count: 0,
    network_count: 0,
  };
}
