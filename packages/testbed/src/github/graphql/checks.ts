import { demand } from '../domain/access.js';
import { contextsOf, latestCheckRuns, latestStatuses } from '../domain/contexts.js';
import { checksRules, rulesFor } from '../domain/rules.js';
import { repositoryPage } from '../represent/repository.js';
import type { App } from '../state/accounts.js';
import type { CheckRun, CommitStatus } from '../state/checks.js';
import { nodeId } from '../state/ids.js';
import { branchRef, type Repository } from '../state/repositories.js';
import { actorNode } from './actors.js';
import { type Args, type Context, connection, defineType, repositoryNode } from './types.js';

interface CheckRunNode {
  readonly __typename: 'CheckRun';
  readonly repository: Repository;
  readonly run: CheckRun;
}

interface StatusNode {
  readonly __typename: 'StatusContext';
  readonly repository: Repository;
  readonly status: CommitStatus;
}

interface RollupNode {
  readonly __typename: 'StatusCheckRollup';
  readonly repository: Repository;
  readonly oid: string;
}

/** The rollup of a commit, null when nothing was reported on it. */
export function rollupOf(repository: Repository, oid: string, { caller }: Context): RollupNode | null {
  demand(caller, repository, ['checks:read', 'statuses:read']);
  return contextsOf(repository, oid).length === 0 ? null : { __typename: 'StatusCheckRollup', repository, oid };
}

function isRequired(repository: Repository, name: string, appId: number | undefined, args: Args): boolean {
  const pull = repository.pulls.get(Number(args.pullRequestNumber));
  if (pull === undefined) return false;
  return checksRules(rulesFor(repository, branchRef(pull.baseRef)))
    .flatMap((rule) => rule.checks)
    .some((check) => check.context === name && (check.appId === undefined || check.appId === appId));
}

export const checkTypes = [
  defineType<RollupNode>('StatusCheckRollup', {
    id: ({ repository, oid }) => nodeId('CheckSuite', repository.id, oid),
    state: ({ repository, oid }) => {
      const states = contextsOf(repository, oid).map((context) => context.state);
      if (states.includes('failure')) return 'FAILURE';
      return states.includes('pending') ? 'PENDING' : 'SUCCESS';
    },
    contexts: ({ repository, oid }, args) =>
      connection(
        'contexts',
        args,
        [
          ...latestCheckRuns(repository, oid).map((run): CheckRunNode => ({ __typename: 'CheckRun', repository, run })),
          ...latestStatuses(repository, oid).map(
            (status): StatusNode => ({ __typename: 'StatusContext', repository, status }),
          ),
        ],
        (node) => node,
      ),
  }),
  defineType<CheckRunNode>('CheckRun', {
    id: ({ run }) => nodeId('CheckRun', run.id),
    databaseId: ({ run }) => run.id,
    name: ({ run }) => run.name,
    status: ({ run }) => run.status.toUpperCase(),
    conclusion: ({ run }) => run.conclusion?.toUpperCase() ?? null,
    startedAt: ({ run }) => run.startedAt,
    completedAt: ({ run }) => run.completedAt ?? null,
    detailsUrl: ({ run }) => run.detailsUrl ?? null,
    externalId: ({ run }) => run.externalId,
    title: ({ run }) => run.output.title ?? null,
    summary: ({ run }) => run.output.summary ?? null,
    text: ({ run }) => run.output.text ?? null,
    url: ({ repository, run }, _args, { world }) => `${repositoryPage(world, repository)}/runs/${run.id}`,
    isRequired: ({ repository, run }, args) => isRequired(repository, run.name, run.app.id, args),
    repository: ({ repository }) => repositoryNode(repository),
    checkSuite: ({ run }) => ({ __typename: 'CheckSuite', run }),
  }),
  defineType<{ readonly run: CheckRun }>('CheckSuite', {
    id: ({ run }) => nodeId('CheckSuite', run.suiteId),
    databaseId: ({ run }) => run.suiteId,
    app: ({ run }) => ({ __typename: 'App', app: run.app }),
    status: ({ run }) => run.status.toUpperCase(),
    conclusion: ({ run }) => run.conclusion?.toUpperCase() ?? null,
  }),
  defineType<{ readonly app: App }>('App', {
    id: ({ app }) => nodeId('App', app.id),
    databaseId: ({ app }) => app.id,
    slug: ({ app }) => app.slug,
    name: ({ app }) => app.name,
    clientId: ({ app }) => app.clientId,
  }),
  defineType<StatusNode>('StatusContext', {
    id: ({ status }) => nodeId('StatusContext', status.id),
    context: ({ status }) => status.context,
    state: ({ status }) => status.state.toUpperCase(),
    description: ({ status }) => status.description ?? null,
    targetUrl: ({ status }) => status.targetUrl ?? null,
    createdAt: ({ status }) => status.createdAt,
    creator: ({ status }) => actorNode(status.creator),
    isRequired: ({ repository, status }, args) => isRequired(repository, status.context, status.app?.id, args),
  }),
];
