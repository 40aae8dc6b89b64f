import type { BranchState, PullRequest } from '@waybill/core';
import type { Client } from './client.js';
import { COMMIT_FIELDS, type CommitNode, toCommit } from './snapshot.js';

const PULL_REQUEST_FIELDS = `id number url state title isDraft isCrossRepository headRefName headRefOid baseRefName
  mergeStateStatus mergedAt closedAt author { __typename login } mergedBy { __typename login } mergeCommit { oid } autoMergeRequest { enabledBy { __typename login } }`;

interface ActorNode {
  readonly __typename: string;
  readonly login: string;
}

interface PullRequestNode {
  readonly id: string;
  readonly number: number;
  readonly url: string;
  readonly state: 'OPEN' | 'CLOSED' | 'MERGED';
  readonly title: string;
  readonly isDraft: boolean;
  readonly isCrossRepository: boolean;
  readonly headRefName: string;
  readonly headRefOid: string;
  readonly baseRefName: string;
  readonly mergeStateStatus: string;
  readonly mergedAt: string | null;
  readonly closedAt: string | null;
  readonly author: ActorNode | null;
  readonly mergedBy: ActorNode | null;
  readonly mergeCommit: { readonly oid: string } | null;
  readonly autoMergeRequest: { readonly enabledBy: ActorNode | null } | null;
}

const BRANCHES_PER_QUERY = 50;
/** Forks may have branches of the same name, and whoever opens pull requests from there must not push ours out of sight. */
const PULLS_PER_BRANCH = 100;

/** Heads and pull requests by branch name. A branch that is gone still tells its pull requests. */
export async function readBranches(
  client: Client,
  names: readonly string[],
): Promise<ReadonlyMap<string, BranchState>> {
  const branches = new Map<string, BranchState>();
  for (let start = 0; start < names.length; start += BRANCHES_PER_QUERY) {
    const batch = names.slice(start, start + BRANCHES_PER_QUERY);
    const answer = await queryBranches(client, batch);
    for (const [index, name] of batch.entries()) {
      const head = answer[`head${index}`] as { readonly target: CommitNode } | null;
      const listed = answer[`pulls${index}`] as { readonly nodes: readonly PullRequestNode[] };
      branches.set(name, {
        head: head === null ? undefined : toCommit(head.target),
        pullRequests: listed.nodes.map(toPullRequest),
      });
    }
  }
  return branches;
}

async function queryBranches(client: Client, batch: readonly string[]): Promise<Readonly<Record<string, unknown>>> {
  const parts = batch.flatMap((_, index) => [
    `head${index}: ref(qualifiedName: $ref${index}) { target { ... on Commit { ${COMMIT_FIELDS} } } }`,
    `pulls${index}: pullRequests(headRefName: $branch${index}, first: ${PULLS_PER_BRANCH}, orderBy: {field: CREATED_AT, direction: DESC}) { nodes { ${PULL_REQUEST_FIELDS} } }`,
  ]);
  const variables = Object.fromEntries(
    batch.flatMap((name, index) => [
      [`ref${index}`, `refs/heads/${name}`],
      [`branch${index}`, name],
    ]),
  );
  const names = Object.keys(variables).map((name) => `$${name}: String!`);
  const answer = await client.query<{ readonly repository: Readonly<Record<string, unknown>> }>(
    'read the promotion branches and their pull requests',
    `query Branches($owner: String!, $name: String!, ${names.join(', ')}) {
  repository(owner: $owner, name: $name) {
    ${parts.join('\n    ')}
  }
}`,
    variables,
  );
  return answer.repository;
}

function toPullRequest(node: PullRequestNode): PullRequest {
  return {
    id: node.id,
    number: node.number,
    url: node.url,
    state: node.state.toLowerCase() as PullRequest['state'],
    title: node.title,
    author: loginOf(node.author) ?? 'ghost',
    headBranch: node.headRefName,
    headOid: node.headRefOid,
    baseBranch: node.baseRefName,
    sameRepository: !node.isCrossRepository,
    mergeState: toMergeState(node),
    autoMerge: node.autoMergeRequest !== null,
    autoMergeBy: loginOf(node.autoMergeRequest?.enabledBy ?? null),
    mergedAt: node.mergedAt ?? undefined,
    mergedBy: loginOf(node.mergedBy),
    closedAt: node.closedAt ?? undefined,
    mergeCommit: node.mergeCommit?.oid,
  };
}

/** An Actor that is a Bot lacks the `[bot]` that tells it from a person of the same name. */
function loginOf(actor: ActorNode | null): string | undefined {
  return actor?.__typename === 'Bot' ? `${actor.login.replace(/\[bot\]$/, '')}[bot]` : actor?.login;
}

function toMergeState(node: PullRequestNode): PullRequest['mergeState'] {
  if (node.isDraft) return 'draft';
  switch (node.mergeStateStatus) {
    case 'CLEAN':
    case 'HAS_HOOKS':
      return 'clean';
    case 'BLOCKED':
      return 'blocked';
    case 'BEHIND':
      return 'behind';
    case 'DIRTY':
      return 'dirty';
    case 'UNSTABLE':
      return 'unstable';
    default:
      return 'unknown';
  }
}
