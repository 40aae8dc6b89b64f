import { demand, permits } from '../domain/access.js';
import { observe, reviewDecision } from '../domain/mergeability.js';
import { protectionFor } from '../domain/rules.js';
import { diffTrees, listCommits, mergeBase } from '../git/history.js';
import { listRefs } from '../git/refs.js';
import { Refusal } from '../refusal.js';
import { labelsOf } from '../represent/pull.js';
import { repositoryPage } from '../represent/repository.js';
import { gitNodeId, nodeId } from '../state/ids.js';
import type { Comment, Review } from '../state/pulls.js';
import { branchRef, hasProtectionFeatures, type Label, type Repository, roleOf } from '../state/repositories.js';
import type { Ruleset } from '../state/rules.js';
import { actorNode } from './actors.js';
import { rollupOf } from './checks.js';
import { commitByOid, objectBy } from './git-objects.js';
import { type PullNode, pullNode } from './pull-node.js';
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

export interface RefNode {
  readonly __typename: 'Ref';
  readonly repository: Repository;
  readonly name: string;
  readonly oid: string;
}

/** A ref by its full name, or the short name of a branch or tag; null when there is none. */
export async function refNode(repository: Repository, name: string): Promise<RefNode | null> {
  const candidates = name.startsWith('refs/') ? [name] : [`refs/heads/${name}`, `refs/tags/${name}`, `refs/${name}`];
  for (const candidate of candidates) {
    const object = await repository.store.info(candidate);
    if (object !== undefined) return { __typename: 'Ref', repository, name: candidate, oid: object.oid };
  }
  return null;
}

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

function observed(node: PullNode, { world, observed: memo }: Context) {
  const known = memo.get(node.pull.id) ?? observe(world, node.repository, node.pull);
  memo.set(node.pull.id, known);
  return known;
}

async function changedFiles({ repository, pull }: PullNode) {
  const from = (await mergeBase(repository.store, pull.baseOid, pull.headOid)) ?? pull.baseOid;
  return diffTrees(repository.store, from, pull.headOid);
}

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
  defineType<PullNode>('PullRequest', {
    id: ({ pull }) => nodeId('PullRequest', pull.id),
    databaseId: ({ pull }) => pull.id,
    fullDatabaseId: ({ pull }) => String(pull.id),
    number: ({ pull }) => pull.number,
    state: ({ pull }) => (pull.merged ? 'MERGED' : pull.state.toUpperCase()),
    title: ({ pull }) => pull.title,
    body: ({ pull }) => pull.body,
    url: ({ repository, pull }, _args, { world }) => `${repositoryPage(world, repository)}/pull/${pull.number}`,
    repository: ({ repository }) => repositoryNode(repository),
    author: ({ pull }) => actorNode(pull.author),
    createdAt: ({ pull }) => pull.createdAt,
    updatedAt: ({ pull }) => pull.updatedAt,
    closed: ({ pull }) => pull.state === 'closed',
    closedAt: ({ pull }) => pull.closedAt ?? null,
    merged: ({ pull }) => pull.merged,
    mergedAt: ({ pull }) => pull.mergedAt ?? null,
    mergedBy: ({ pull }) => (pull.mergedBy === undefined ? null : actorNode(pull.mergedBy)),
    mergeCommit: ({ repository, pull }) =>
      pull.mergeCommit === undefined ? null : commitByOid(repository, pull.mergeCommit),
    isDraft: ({ pull }) => pull.draft,
    isCrossRepository: () => false,
    isInMergeQueue: () => false,
    headRefName: ({ pull }) => pull.headRef,
    headRefOid: ({ pull }) => pull.headOid,
    headRef: ({ repository, pull }) => refNode(repository, branchRef(pull.headRef)),
    headRepository: ({ repository }) => repositoryNode(repository),
    headRepositoryOwner: ({ repository }) => actorNode(repository.owner),
    baseRefName: ({ pull }) => pull.baseRef,
    baseRefOid: ({ pull }) => pull.baseOid,
    baseRef: ({ repository, pull }) => refNode(repository, branchRef(pull.baseRef)),
    baseRepository: ({ repository }) => repositoryNode(repository),
    mergeable: async (node, _args, context) => {
      const { mergeable } = await observed(node, context);
      return mergeable === undefined ? 'UNKNOWN' : mergeable ? 'MERGEABLE' : 'CONFLICTING';
    },
    mergeStateStatus: async (node, _args, context) => (await observed(node, context)).state,
    reviewDecision: ({ repository, pull }) => reviewDecision(repository, pull) ?? null,
    changedFiles: async (node) => (await changedFiles(node)).length,
    additions: async (node) => (await changedFiles(node)).reduce((sum, file) => sum + file.additions, 0),
    deletions: async (node) => (await changedFiles(node)).reduce((sum, file) => sum + file.deletions, 0),
    files: async (node, args) =>
      connection('files', args, await changedFiles(node), (file) => ({
        path: file.path,
        additions: file.additions,
        deletions: file.deletions,
        changeType: file.status === 'removed' ? 'DELETED' : file.status.toUpperCase(),
      })),
    autoMergeRequest: ({ repository, pull }) =>
      pull.autoMerge === undefined
        ? null
        : {
            enabledAt: pull.autoMerge.enabledAt,
            mergeMethod: pull.autoMerge.method.toUpperCase(),
            enabledBy: actorNode(pull.autoMerge.enabledBy),
            commitHeadline: pull.autoMerge.title ?? null,
            commitBody: pull.autoMerge.message ?? null,
            authorEmail: null,
            pullRequest: pullNode(repository, pull),
          },
    commits: async ({ repository, pull }, args) => {
      const oids = (await listCommits(repository.store, [pull.headOid], [pull.baseOid])).reverse();
      return connection('commits', args, oids, async (oid) => ({
        id: nodeId('PullRequest', pull.id, oid),
        commit: await commitByOid(repository, oid),
      }));
    },
    reviews: ({ repository, pull }, args) => {
      const states = listArg(args, 'states');
      const found = pull.reviews.filter((review) => states?.includes(review.state) !== false);
      return connection('reviews', args, found, (review) => ({
        __typename: 'PullRequestReview',
        repository,
        pull,
        review,
      }));
    },
    latestReviews: ({ repository, pull }, args) => {
      const latest = new Map(pull.reviews.map((review) => [review.author.id, review]));
      return connection('latestReviews', args, [...latest.values()], (review) => ({
        __typename: 'PullRequestReview',
        repository,
        pull,
        review,
      }));
    },
    comments: ({ repository, pull }, args) =>
      connection('comments', args, pull.comments, (comment) => ({
        __typename: 'IssueComment',
        repository,
        pull,
        comment,
      })),
    labels: ({ repository, pull }, args) =>
      connection('labels', args, labelsOf(repository, pull), (label) => ({ __typename: 'Label', repository, label })),
    statusCheckRollup: ({ repository, pull }, _args, context) => rollupOf(repository, pull.headOid, context),
    viewerCanEnableAutoMerge: ({ repository, pull }) => pull.state === 'open' && repository.settings.allowAutoMerge,
  }),
  defineType<PullNode & { readonly review: Review }>('PullRequestReview', {
    id: ({ pull, review }) => nodeId('PullRequestReview', pull.id, review.id),
    databaseId: ({ review }) => review.id,
    state: ({ review }) => review.state,
    body: ({ review }) => review.body,
    submittedAt: ({ review }) => review.submittedAt,
    createdAt: ({ review }) => review.submittedAt,
    author: ({ review }) => actorNode(review.author),
    commit: ({ repository, review }) => commitByOid(repository, review.commit),
    pullRequest: ({ repository, pull }) => pullNode(repository, pull),
    url: ({ repository, pull, review }, _args, { world }) =>
      `${repositoryPage(world, repository)}/pull/${pull.number}#pullrequestreview-${review.id}`,
  }),
  defineType<PullNode & { readonly comment: Comment }>('IssueComment', {
    id: ({ pull, comment }) => nodeId('IssueComment', pull.id, comment.id),
    databaseId: ({ comment }) => comment.id,
    body: ({ comment }) => comment.body,
    createdAt: ({ comment }) => comment.createdAt,
    updatedAt: ({ comment }) => comment.updatedAt,
    author: ({ comment }) => actorNode(comment.author),
    pullRequest: ({ repository, pull }) => pullNode(repository, pull),
    url: ({ repository, pull, comment }, _args, { world }) =>
      `${repositoryPage(world, repository)}/pull/${pull.number}#issuecomment-${comment.id}`,
  }),
  defineType<{ readonly repository: Repository; readonly label: Label }>('Label', {
    id: ({ label }) => nodeId('Label', label.id),
    name: ({ label }) => label.name,
    color: ({ label }) => label.color,
    description: () => null,
  }),
];
