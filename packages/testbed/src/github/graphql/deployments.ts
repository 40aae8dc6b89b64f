import type { Deployment, DeploymentStatus } from '../state/deployments.js';
import { nodeId } from '../state/ids.js';
import type { Repository } from '../state/repositories.js';
import { actorNode } from './actors.js';
import { commitByOid } from './git-objects.js';
import { connection, defineType, repositoryNode } from './types.js';

interface DeploymentNode {
  readonly repository: Repository;
  readonly deployment: Deployment;
}

type StatusNode = DeploymentNode & { readonly status: DeploymentStatus };

const statusNode = (node: DeploymentNode, status: DeploymentStatus) => ({
  __typename: 'DeploymentStatus',
  ...node,
  status,
});

/** A deployment is ACTIVE where its last status says success, and PENDING before it has any. */
function state(deployment: Deployment): string {
  const last = deployment.statuses.at(-1);
  if (last === undefined) return 'PENDING';
  return last.state === 'success' ? 'ACTIVE' : last.state.toUpperCase();
}

export const deploymentTypes = [
  defineType<DeploymentNode>('Deployment', {
    id: ({ deployment }) => nodeId('Deployment', deployment.id),
    databaseId: ({ deployment }) => deployment.id,
    commit: ({ repository, deployment }) => commitByOid(repository, deployment.sha),
    commitOid: ({ deployment }) => deployment.sha,
    createdAt: ({ deployment }) => deployment.createdAt,
    updatedAt: ({ deployment }) => deployment.statuses.at(-1)?.createdAt ?? deployment.createdAt,
    creator: ({ deployment }) => actorNode(deployment.creator),
    description: ({ deployment }) => deployment.description ?? null,
    environment: ({ deployment }) => deployment.environment,
    latestEnvironment: ({ deployment }) => deployment.environment,
    originalEnvironment: ({ deployment }) => deployment.environment,
    payload: ({ deployment }) => JSON.stringify(deployment.payload),
    task: ({ deployment }) => deployment.task,
    state: ({ deployment }) => state(deployment),
    repository: ({ repository }) => repositoryNode(repository),
    latestStatus: ({ repository, deployment }) => {
      const last = deployment.statuses.at(-1);
      return last === undefined ? null : statusNode({ repository, deployment }, last);
    },
    statuses: ({ repository, deployment }, args) =>
      connection('statuses', args, [...deployment.statuses].reverse(), (status) =>
        statusNode({ repository, deployment }, status),
      ),
  }),
  defineType<StatusNode>('DeploymentStatus', {
    id: ({ status }) => nodeId('DeploymentStatus', status.id),
    state: ({ status }) => status.state.toUpperCase(),
    createdAt: ({ status }) => status.createdAt,
    updatedAt: ({ status }) => status.createdAt,
    creator: ({ status }) => actorNode(status.creator),
    description: ({ status }) => status.description,
    environment: ({ status }) => status.environment,
    environmentUrl: ({ status }) => (status.environmentUrl === '' ? null : status.environmentUrl),
    logUrl: ({ status }) => (status.logUrl === '' ? null : status.logUrl),
    deployment: ({ repository, deployment }) => ({ __typename: 'Deployment', repository, deployment }),
  }),
];
