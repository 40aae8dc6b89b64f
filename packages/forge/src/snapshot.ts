import type { Commit, MergeMethod, RepositoryFacts, Snapshot, SnapshotQuery } from '@waybill/core';
import { WaybillError } from '@waybill/core';
import type { Client } from './client.js';

export const COMMIT_FIELDS = `oid message committedDate url tree { oid } parents(first: 2) { nodes { oid } }
  author { name email user { login } } signature { isValid wasSignedByGitHub }`;

export interface CommitNode {
  readonly oid: string;
  readonly message: string;
  readonly committedDate: string;
  readonly url: string;
  readonly tree: { readonly oid: string };
  readonly parents: { readonly nodes: readonly { readonly oid: string }[] };
  readonly author: GitActorNode | null;
  readonly signature: { readonly isValid: boolean; readonly wasSignedByGitHub: boolean } | null;
}

interface GitActorNode {
  readonly name: string | null;
  readonly email: string | null;
  readonly user: { readonly login: string } | null;
}

interface BlobNode {
  readonly text?: string | null;
  readonly isTruncated?: boolean;
}

interface SnapshotAnswer {
  readonly viewer: { readonly login: string };
  readonly repository: Readonly<Record<string, unknown>> & {
    readonly name: string;
    readonly owner: { readonly login: string };
    readonly url: string;
    readonly visibility: string;
    readonly autoMergeAllowed: boolean;
    readonly mergeCommitAllowed: boolean;
    readonly squashMergeAllowed: boolean;
    readonly rebaseMergeAllowed: boolean;
    readonly deleteBranchOnMerge: boolean;
    readonly defaultBranchRef: { readonly name: string; readonly target: CommitNode } | null;
    readonly ledger: { readonly target: { readonly history: { readonly nodes: readonly CommitNode[] } } } | null;
  };
}

/** In one query: facts, heads, files of the default branch and of the ledger. */
export async function readSnapshot(client: Client, query: SnapshotQuery): Promise<Snapshot> {
  const answer = await client.query<SnapshotAnswer>(
    `read ${client.owner}/${client.name}`,
    snapshotText(query),
    snapshotVariables(query),
  );
  const repository = answer.repository;
  const branch = repository.defaultBranchRef;
  if (branch === null) {
    throw new WaybillError('forge-protocol', {
      what: `${client.owner}/${client.name} has no commit on its default branch`,
      remedy: 'Push a first commit, then run again.',
    });
  }
  return {
    repository: toFacts(repository, branch.name),
    viewer: answer.viewer.login,
    head: toCommit(branch.target),
    files: filesAt(repository, 'file', query.files),
    ledger:
      repository.ledger === null
        ? undefined
        : {
            commits: repository.ledger.target.history.nodes.map(toCommit),
            files: filesAt(repository, 'ledgerFile', query.ledgerFiles),
          },
  };
}

function snapshotText(query: SnapshotQuery): string {
  const blobs = (alias: string, count: number) =>
    Array.from(
      { length: count },
      (_, index) => `${alias}${index}: object(expression: $${alias}${index}) { ... on Blob { text isTruncated } }`,
    ).join('\n    ');
  const names = Object.keys(snapshotVariables(query)).map((name) => `$${name}: String!`);
  return `query Snapshot($owner: String!, $name: String!, ${names.join(', ')}) {
  viewer { login }
  repository(owner: $owner, name: $name) {
    name owner { login } url visibility autoMergeAllowed mergeCommitAllowed squashMergeAllowed rebaseMergeAllowed deleteBranchOnMerge
    defaultBranchRef { name target { ... on Commit { ${COMMIT_FIELDS} } } }
    ${blobs('file', query.files.length)}
    ledger: ref(qualifiedName: $ledgerRef) { target { ... on Commit { history(first: ${query.ledgerCommits}) { nodes { ${COMMIT_FIELDS} } } } } }
    ${blobs('ledgerFile', query.ledgerFiles.length)}
  }
}`;
}

function snapshotVariables(query: SnapshotQuery): Record<string, string> {
  const variables: Record<string, string> = { ledgerRef: `refs/heads/${query.ledgerBranch}` };
  for (const [index, path] of query.files.entries()) variables[`file${index}`] = `HEAD:${path}`;
  for (const [index, path] of query.ledgerFiles.entries()) {
    variables[`ledgerFile${index}`] = `refs/heads/${query.ledgerBranch}:${path}`;
  }
  return variables;
}

function filesAt(
  repository: Readonly<Record<string, unknown>>,
  alias: string,
  paths: readonly string[],
): ReadonlyMap<string, string> {
  const files = new Map<string, string>();
  for (const [index, path] of paths.entries()) {
    const blob = repository[`${alias}${index}`] as BlobNode | null;
    if (blob === null || blob.text === undefined) continue;
    if (blob.isTruncated === true || blob.text === null) {
      throw new WaybillError('tree-truncated', {
        what: `GitHub did not give ${path} whole`,
        where: { file: path },
        remedy: 'The file is binary or larger than GitHub answers in one query: make it smaller.',
      });
    }
    files.set(path, blob.text);
  }
  return files;
}

function toFacts(repository: SnapshotAnswer['repository'], defaultBranch: string): RepositoryFacts {
  const mergeMethods: MergeMethod[] = [];
  if (repository.mergeCommitAllowed) mergeMethods.push('merge');
  if (repository.squashMergeAllowed) mergeMethods.push('squash');
  if (repository.rebaseMergeAllowed) mergeMethods.push('rebase');
  return {
    owner: repository.owner.login,
    name: repository.name,
    url: repository.url,
    visibility: repository.visibility.toLowerCase() as RepositoryFacts['visibility'],
    defaultBranch,
    autoMergeAllowed: repository.autoMergeAllowed,
    mergeMethods,
    deletesBranchOnMerge: repository.deleteBranchOnMerge,
  };
}

export function toCommit(node: CommitNode): Commit {
  return {
    oid: node.oid,
    parents: node.parents.nodes.map((parent) => parent.oid),
    tree: node.tree.oid,
    message: node.message,
    author: authorOf(node.author, node.url),
    committedDate: node.committedDate,
    verified: (node.signature?.isValid && node.signature.wasSignedByGitHub) ?? false,
    url: node.url,
  };
}

/**
 * A login as REST and `viewer` have it: with `[bot]` for an App's, which a person's can't hold. GitHub alone gives out
 * no-reply addresses, so one names a login where GitHub links none. Anybody may call themselves anything in `name`: that is
 * the last resort and marked as unlinked.
 * https://docs.github.com/en/account-and-profile/reference/email-addresses-reference#your-noreply-email-address
 */
function authorOf(actor: GitActorNode | null, commitUrl: string): string {
  if (actor === null) return 'unknown';
  const named = loginInNoReply(actor.email ?? '', new URL(commitUrl).hostname);
  const isBot = named?.endsWith('[bot]') === true;
  if (actor.user !== null) return isBot ? `${actor.user.login.replace(/\[bot\]$/, '')}[bot]` : actor.user.login;
  return named ?? `${actor.name ?? 'unknown'} (unlinked)`;
}

/** Of `<id>+<login>@users.noreply.<host>`; GitHub Enterprise Server has its own host there. */
function loginInNoReply(email: string, host: string): string | undefined {
  const [, login, domain] = /^\d+\+([A-Za-z0-9-]+(?:\[bot\])?)@users\.noreply\.([a-z0-9.-]+)$/.exec(email) ?? [];
  return domain === 'github.com' || domain === host ? login : undefined;
}
