import { demand, permits } from '../domain/access.js';
import { protectionFor } from '../domain/rules.js';
import { listRefs } from '../git/refs.js';
import { Refusal } from '../refusal.js';
import { repositoryPage } from '../represent/repository.js';
import { gitNodeId, nodeId } from '../state/ids.js';
import { branchRef, hasProtectionFeatures, type Repository, roleOf } from '../state/repositories.js';
import type { Ruleset } from '../state/rules.js';
import { actorNode } from './actors.js';
import { objectBy } from './git-objects.js';
import { pullNode } from './pull-node.js';
import { type RefNode, refNode } from './ref-node.js';
import { selectPulls } from './select-pulls.js';
import {
  type Context,
  connection,
  defineType,
  listArg,
  type RepositoryNode,
  repositoryNode,
  textArg,
} from './types.js';

function permission(node: RepositoryNode, { caller }: Context): string | null {
  if (caller.kind === 'user') return roleOf(node.repository, caller.account)?.toUpperCase() ?? null;
  if (caller.kind !== 'installation') return null;
  return permits(caller, node.repository, 'contents:write') ? 'WRITE' : 'READ';
}

const reads = (
  { repository }: { readonly repository: Repository },
  { caller }: Context,
  need: 'contents:read' | 'pull_requests:read' | 'deployments:read',
) => demand(caller, repository, [need]);

export const repositoryTypes = [
  defineType<RepositoryNode>('Repository', {
    id: ({ repository }) => nodeId('Repository', repository.id),
    databaseId: ({ repository }) => repository.id,
    name: ({ repository }) => repository.name,
    nameWithOwner: ({ repository }) => repository.fullName,
    owner: ({ repository }) => actorNode(repository.owner),
    url: ({ repository }, _args, { world }) => repositoryPage(world, repository),
    description: ({ repository }) => repository.settings.description ?? null,
    visibility: ({ repository }) => repository.visibility.toUpperCase(),
    isPrivate: ({ repository }) => repository.visibility !== 'public',
    isArchived: ({ repository }) => repository.settings.archived,
    isFork: () => false,
    isEmpty: async ({ repository }) => (await refNode(repository, branchRef(repository.defaultBranch))) === null,
    createdAt: ({ repository }) => repository.createdAt,
    pushedAt: ({ repository }) => repository.pushedAt,
    autoMergeAllowed: ({ repository }) => repository.settings.allowAutoMerge && hasProtectionFeatures(repository),
    mergeCommitAllowed: ({ repository }) => repository.settings.allowMergeCommit,
    squashMergeAllowed: ({ repository }) => repository.settings.allowSquashMerge,
    rebaseMergeAllowed: ({ repository }) => repository.settings.allowRebaseMerge,
    deleteBranchOnMerge: ({ repository }) => repository.settings.deleteBranchOnMerge,
    viewerPermission: (node, _args, context) => permission(node, context),
    defaultBranchRef: (node, _args, context) => {
      reads(node, context, 'contents:read');
      return refNode(node.repository, branchRef(node.repository.defaultBranch));
    },
    ref: (node, args, context) => {
      reads(node, context, 'contents:read');
      return refNode(node.repository, textArg(args, 'qualifiedName') ?? '');
    },
    refs: async (node, args, context) => {
      reads(node, context, 'contents:read');
      const prefix = textArg(args, 'refPrefix') ?? '';
      const query = (textArg(args, 'query') ?? '').toLowerCase();
      const refs = (await listRefs(node.repository.store, prefix)).filter((ref) =>
        ref.name.slice(prefix.length).toLowerCase().includes(query),
      );
      return connection('refs', args, refs, (ref) => refNode(node.repository, ref.name));
    },
    object: (node, args, context) => {
      reads(node, context, 'contents:read');
      return objectBy(node.repository, textArg(args, 'oid'), textArg(args, 'expression'));
    },
    pullRequest: (node, args, context) => {
      reads(node, context, 'pull_requests:read');
      const pull = node.repository.pulls.get(Number(args.number));
      if (pull === undefined) {
        throw new Refusal({
          status: 404,
          type: 'NOT_FOUND',
          message: `Could not resolve to a PullRequest with the number of ${String(args.number)}.`,
        });
      }
      return pullNode(node.repository, pull);
    },
    pullRequests: (node, args, context) => {
      reads(node, context, 'pull_requests:read');
      return connection('pullRequests', args, selectPulls(node.repository, args), (pull) =>
        pullNode(node.repository, pull),
      );
    },
    deployments: (node, args, context) => {
      reads(node, context, 'deployments:read');
      const environments = listArg(args, 'environments');
      const order = args.orderBy as { readonly direction: string } | undefined;
      const found = node.repository.deployments.filter((one) => environments?.includes(one.environment) !== false);
      const sorted = order?.direction === 'DESC' ? [...found].reverse() : found;
      return connection('deployments', args, sorted, (deployment) => ({
        __typename: 'Deployment',
        repository: node.repository,
        deployment,
      }));
    },
    rulesets: (node, args) =>
      connection(
        'rulesets',
        args,
        hasProtectionFeatures(node.repository) ? node.repository.rulesets : [],
        (ruleset) => ({
          __typename: 'RepositoryRuleset',
          repository: node.repository,
          ruleset,
        }),
      ),
    label: ({ repository }, args) => {
      const label = repository.labels.get(textArg(args, 'name') ?? '');
      return label === undefined ? null : { __typename: 'Label', repository, label };
    },
  }),
  defineType<{ readonly repository: Repository; readonly ruleset: Ruleset }>('RepositoryRuleset', {
    id: ({ ruleset }) => nodeId('RepositoryRuleset', ruleset.id),
    databaseId: ({ ruleset }) => ruleset.id,
    name: ({ ruleset }) => ruleset.name,
    enforcement: ({ ruleset }) => ruleset.enforcement.toUpperCase(),
    target: ({ ruleset }) => ruleset.target.toUpperCase(),
    createdAt: ({ ruleset }) => ruleset.createdAt,
    updatedAt: ({ ruleset }) => ruleset.createdAt,
    source: ({ repository }) => repositoryNode(repository),
    conditions: ({ ruleset }) => ({
      __typename: 'RepositoryRuleConditions',
      refName: { include: ruleset.include, exclude: ruleset.exclude },
    }),
    rules: ({ ruleset }, args) =>
      connection('rules', args, ruleset.rules, (rule) => ({
        id: nodeId('RepositoryRuleset', ruleset.id, rule.type),
        type: rule.type.toUpperCase(),
      })),
  }),
  defineType<RefNode>('Ref', {
    id: ({ repository, name }) => gitNodeId('REF', repository.id, name),
    name: ({ name }) => name.replace(/^refs\/[^/]+\//, ''),
    prefix: ({ name }) => /^refs\/[^/]+\//.exec(name)?.[0] ?? 'refs/',
    repository: ({ repository }) => repositoryNode(repository),
    target: ({ repository, oid }) => objectBy(repository, oid, undefined),
    branchProtectionRule: ({ repository, name }) => {
      const protection = protectionFor(repository, name);
      return protection === undefined ? null : { __typename: 'BranchProtectionRule', protection };
    },
    associatedPullRequests: ({ repository, name }, args, context) => {
      demand(context.caller, repository, ['pull_requests:read']);
      const head = name.replace('refs/heads/', '');
      const found = selectPulls(repository, { ...args, headRefName: head });
      return connection('associatedPullRequests', args, found, (pull) => pullNode(repository, pull));
    },
  }),
];
