import { Refusal } from '../refusal.js';
import { deploymentStatus, deployment as representDeployment } from '../represent/deployment.js';
import type { Deployment, DeploymentState, DeploymentStatus } from '../state/deployments.js';
import type { Repository } from '../state/repositories.js';
import type { Actor } from '../state/tokens.js';
import type { World } from '../state/world.js';
import { contextsOf } from './contexts.js';
import { causeOf, note } from './events.js';

export interface DeploymentFacts {
  readonly sha: string;
  readonly ref: string;
  readonly task: string;
  readonly payload: unknown;
  readonly environment: string;
  readonly description: string | undefined;
  readonly transient: boolean;
  readonly production: boolean;
  /** Contexts that must be successful; undefined: every one that was reported. */
  readonly requiredContexts: readonly string[] | undefined;
}

const appOf = (actor: Actor) => (actor.kind === 'installation' ? actor.app : undefined);

/** docs: rest/deployments "Create a deployment", "Failed commit status checks": 409 unless the contexts are green. */
export function addDeployment(world: World, repository: Repository, actor: Actor, facts: DeploymentFacts): Deployment {
  const contexts = contextsOf(repository, facts.sha);
  const required = facts.requiredContexts ?? contexts.map((context) => context.name);
  const green = (name: string) => {
    const own = contexts.filter((context) => context.name === name);
    return own.length > 0 && own.every((context) => context.state === 'success');
  };
  if (!required.every(green)) {
    throw new Refusal({
      status: 409,
      message: `Conflict: Commit status checks failed for ${facts.ref}.`,
      errors: [
        {
          contexts: [...new Set(contexts.map((context) => context.name))],
          resource: 'Deployment',
          field: 'required_contexts',
          code: 'invalid',
        },
      ],
    });
  }
  const { requiredContexts: _, ...rest } = facts;
  const deployment: Deployment = {
    id: world.ids.next('deployment'),
    ...rest,
    creator: actor.account,
    app: appOf(actor),
    createdAt: world.clock(),
    statuses: [],
  };
  repository.deployments.push(deployment);
  note(world, repository, causeOf(actor), {
    name: 'deployment',
    action: 'created',
    ref: facts.ref,
    sha: facts.sha,
    payload: { deployment: representDeployment(world, repository, deployment) },
  });
  return deployment;
}

export interface DeploymentStatusFacts {
  readonly state: DeploymentState;
  readonly description: string;
  readonly environment: string | undefined;
  readonly environmentUrl: string;
  readonly logUrl: string;
  readonly autoInactive: boolean;
}

/**
 * docs: rest/deployments/statuses, `auto_inactive`: a success makes the earlier non-transient, non-production
 * deployments of the same environment inactive.
 */
export function addDeploymentStatus(
  world: World,
  repository: Repository,
  actor: Actor,
  deployment: Deployment,
  facts: DeploymentStatusFacts,
): DeploymentStatus {
  const add = (to: Deployment, state: DeploymentState): DeploymentStatus => {
    const status: DeploymentStatus = {
      id: world.ids.next('deployment-status'),
      state,
      creator: actor.account,
      app: appOf(actor),
      description: to === deployment ? facts.description : '',
      environment: to === deployment ? (facts.environment ?? to.environment) : to.environment,
      environmentUrl: to === deployment ? facts.environmentUrl : '',
      logUrl: to === deployment ? facts.logUrl : '',
      createdAt: world.clock(),
    };
    to.statuses.push(status);
    note(world, repository, causeOf(actor), {
      name: 'deployment_status',
      action: 'created',
      ref: to.ref,
      sha: to.sha,
      payload: {
        deployment: representDeployment(world, repository, to),
        deployment_status: deploymentStatus(world, repository, to, status),
      },
    });
    return status;
  };
  const status = add(deployment, facts.state);
  if (facts.state === 'success' && facts.autoInactive) {
    for (const other of repository.deployments) {
      const earlier = other.id < deployment.id && other.environment === deployment.environment;
      const active = other.statuses.at(-1)?.state === 'success';
      if (earlier && active && !other.transient && !other.production) add(other, 'inactive');
    }
  }
  return status;
}
