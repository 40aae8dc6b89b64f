import type { App } from '../state/accounts.js';
import type { Deployment, DeploymentStatus } from '../state/deployments.js';
import { nodeId } from '../state/ids.js';
import type { Environment, Repository } from '../state/repositories.js';
import type { World } from '../state/world.js';
import { integration, simpleUser } from './account.js';
import { isoSeconds } from './commit.js';
import { repositoryPage, repositoryUrl } from './repository.js';

const via = (world: World, app: App | undefined) => (app === undefined ? null : integration(world, app));

/** OpenAPI `deployment`. */
export function deployment(world: World, repository: Repository, one: Deployment): Record<string, unknown> {
  const api = repositoryUrl(world, repository);
  const url = `${api}/deployments/${one.id}`;
  return {
    url,
    id: one.id,
    node_id: nodeId('Deployment', one.id),
    sha: one.sha,
    ref: one.ref,
    task: one.task,
    payload: one.payload,
    original_environment: one.environment,
    environment: one.environment,
    description: one.description ?? null,
    creator: simpleUser(world, one.creator),
    created_at: isoSeconds(one.createdAt),
    updated_at: isoSeconds(one.statuses.at(-1)?.createdAt ?? one.createdAt),
    statuses_url: `${url}/statuses`,
    repository_url: api,
    transient_environment: one.transient,
    production_environment: one.production,
    performed_via_github_app: via(world, one.app),
  };
}

/** OpenAPI `deployment-status`. */
export function deploymentStatus(
  world: World,
  repository: Repository,
  of: Deployment,
  one: DeploymentStatus,
): Record<string, unknown> {
  const api = repositoryUrl(world, repository);
  const url = `${api}/deployments/${of.id}`;
  return {
    url: `${url}/statuses/${one.id}`,
    id: one.id,
    node_id: nodeId('DeploymentStatus', one.id),
    state: one.state,
    creator: simpleUser(world, one.creator),
    description: one.description,
    environment: one.environment,
    target_url: one.logUrl,
    log_url: one.logUrl,
    environment_url: one.environmentUrl,
    created_at: isoSeconds(one.createdAt),
    updated_at: isoSeconds(one.createdAt),
    deployment_url: url,
    repository_url: api,
    performed_via_github_app: via(world, one.app),
  };
}

/** OpenAPI `environment`. */
export function environment(world: World, repository: Repository, one: Environment): Record<string, unknown> {
  const rule = (type: string, extra: Record<string, unknown>) => ({
    id: one.id,
    node_id: nodeId('Environment', one.id, type),
    type,
    ...extra,
  });
  const custom = one.branches !== undefined;
  return {
    id: one.id,
    node_id: nodeId('Environment', one.id),
    name: one.name,
    url: `${repositoryUrl(world, repository)}/environments/${encodeURIComponent(one.name)}`,
    html_url: `${repositoryPage(world, repository)}/deployments/activity_log?environments_filter=${encodeURIComponent(one.name)}`,
    created_at: isoSeconds(one.createdAt),
    updated_at: isoSeconds(one.createdAt),
    protection_rules: [
      ...(one.waitMinutes > 0 ? [rule('wait_timer', { wait_timer: one.waitMinutes })] : []),
      ...(one.reviewers.length > 0
        ? [
            rule('required_reviewers', {
              prevent_self_review: one.preventSelfReview,
              reviewers: one.reviewers.flatMap((login) => {
                const account = world.accounts.get(login.toLowerCase());
                return account === undefined ? [] : [{ type: 'User', reviewer: simpleUser(world, account) }];
              }),
            }),
          ]
        : []),
      ...(custom || one.protectedBranchesOnly ? [rule('branch_policy', {})] : []),
    ],
    deployment_branch_policy:
      custom || one.protectedBranchesOnly
        ? { protected_branches: one.protectedBranchesOnly, custom_branch_policies: custom }
        : null,
  };
}
