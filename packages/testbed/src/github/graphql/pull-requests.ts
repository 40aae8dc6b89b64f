import { observe, reviewDecision } from '../domain/mergeability.js';
import { diffTrees, listCommits, mergeBase } from '../git/history.js';
import { labelsOf } from '../represent/pull.js';
import { repositoryPage } from '../represent/repository.js';
import { nodeId } from '../state/ids.js';
import type { Comment, Review } from '../state/pulls.js';
import { branchRef, type Label, type Repository } from '../state/repositories.js';
import { actorNode } from './actors.js';
import { rollupOf } from './checks.js';
import { commitByOid } from './git-objects.js';
import { type PullNode, pullNode } from './pull-node.js';
import { refNode } from './ref-node.js';
import { type Context, connection, defineType, listArg, repositoryNode } from './types.js';

function observed(node: PullNode, { world, observed: memo }: Context) {
  const known = memo.get(node.pull.id) ?? observe(world, node.repository, node.pull);
  memo.set(node.pull.id, known);
  return known;
}

async function changedFiles({ repository, pull }: PullNode) {
  const from = (await mergeBase(repository.store, pull.baseOid, pull.headOid)) ?? pull.baseOid;
  return diffTrees(repository.store, from, pull.headOid);
}

export const pullRequestTypes = [
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
