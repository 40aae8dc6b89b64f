import { addDeployment, addDeploymentStatus } from '../domain/deployments.js';
import { notFound } from '../refusal.js';
import { deployment, deploymentStatus, environment } from '../represent/deployment.js';
import type { Deployment, DeploymentState } from '../state/deployments.js';
import { nodeId } from '../state/ids.js';
import type { Environment, Repository } from '../state/repositories.js';
import { actorOf } from '../state/tokens.js';
import { expectCommit } from './commits.js';
import { created, flag, ok, onRepository, page, type RepositoryRequest, type Route, text } from './route.js';

function find(request: RepositoryRequest): Deployment {
  const one = request.repository.deployments.find((each) => each.id === Number(request.parameters.deployment_id));
  if (one === undefined) throw notFound();
  return one;
}

function findEnvironment(repository: Repository, name: string): Environment {
  const one = repository.environments.get(name.toLowerCase());
  if (one === undefined) throw notFound();
  return one;
}

export const deploymentRoutes: readonly Route[] = [
  onRepository('POST /deployments', 'deployments:write', async ({ world, repository, caller, body }) => {
    const ref = text(body, 'ref') ?? '';
    const commit = await expectCommit(repository, ref);
    const name = text(body, 'environment') ?? 'production';
    const one = addDeployment(world, repository, actorOf(caller), {
      sha: commit.oid,
      ref,
      task: text(body, 'task') ?? 'deploy',
      payload: body.payload ?? {},
      environment: name,
      description: text(body, 'description'),
      transient: flag(body, 'transient_environment') ?? false,
      production: flag(body, 'production_environment') ?? name === 'production',
      requiredContexts: Array.isArray(body.required_contexts) ? body.required_contexts.map(String) : undefined,
    });
    return created(deployment(world, repository, one));
  }),
  onRepository('GET /deployments', 'deployments:read', (request) => {
    const { world, repository, query } = request;
    const found = repository.deployments.filter(
      (one) =>
        (query.get('sha') ?? one.sha) === one.sha &&
        (query.get('ref') ?? one.ref) === one.ref &&
        (query.get('task') ?? one.task) === one.task &&
        (query.get('environment') ?? one.environment) === one.environment,
    );
    const { items, headers } = page(request, found.reverse());
    return ok(
      items.map((one) => deployment(world, repository, one)),
      headers,
    );
  }),
  onRepository('GET /deployments/{deployment_id}', 'deployments:read', (request) =>
    ok(deployment(request.world, request.repository, find(request))),
  ),
  onRepository('POST /deployments/{deployment_id}/statuses', 'deployments:write', (request) => {
    const { world, repository, caller, body } = request;
    const of = find(request);
    const status = addDeploymentStatus(world, repository, actorOf(caller), of, {
      state: (text(body, 'state') ?? 'pending') as DeploymentState,
      description: text(body, 'description') ?? '',
      environment: text(body, 'environment'),
      environmentUrl: text(body, 'environment_url') ?? '',
      logUrl: text(body, 'log_url') ?? text(body, 'target_url') ?? '',
      autoInactive: flag(body, 'auto_inactive') ?? true,
    });
    return created(deploymentStatus(world, repository, of, status));
  }),
  onRepository('GET /deployments/{deployment_id}/statuses', 'deployments:read', (request) => {
    const of = find(request);
    const { items, headers } = page(request, [...of.statuses].reverse());
    return ok(
      items.map((one) => deploymentStatus(request.world, request.repository, of, one)),
      headers,
    );
  }),
  onRepository('GET /environments', ['actions:read', 'environments:read'], (request) => {
    const all = [...request.repository.environments.values()];
    const { items, headers } = page(request, all);
    const environments = items.map((one) => environment(request.world, request.repository, one));
    return ok({ total_count: all.length, environments }, headers);
  }),
  onRepository('GET /environments/{environment_name}', ['actions:read', 'environments:read'], (request) =>
    ok(
      environment(
        request.world,
        request.repository,
        findEnvironment(request.repository, request.parameters.environment_name ?? ''),
      ),
    ),
  ),
  onRepository(
    'GET /environments/{environment_name}/deployment-branch-policies',
    ['actions:read', 'environments:read'],
    (request) => {
      const one = findEnvironment(request.repository, request.parameters.environment_name ?? '');
      const branches = one.branches ?? [];
      const { items, headers } = page(
        request,
        branches.map((name, index) => ({
          id: one.id * 100 + index,
          node_id: nodeId('Environment', one.id, name),
          name,
          type: 'branch',
        })),
      );
      return ok({ total_count: branches.length, branch_policies: items }, headers);
    },
  ),
];
