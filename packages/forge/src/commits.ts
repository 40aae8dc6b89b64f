import type { Commit, CommitRequest, Comparison, FileChange } from '@waybill/core';
import { WaybillError } from '@waybill/core';
import type { Client } from './client.js';
import { forgeMessage, graphqlProblems, httpStatus, toWaybillError } from './errors.js';
import { COMMIT_FIELDS, type CommitNode, toCommit } from './snapshot.js';

/**
 * One commit on top of `expectedHead`, or `head-moved`. createCommitOnBranch is one request and always signed by
 * GitHub, but writes every file as 100644; other modes go through the Git database, where GitHub signs for Apps.
 * https://docs.github.com/en/graphql/reference/mutations#createcommitonbranch
 */
export async function commitOnBranch(client: Client, request: CommitRequest): Promise<{ readonly oid: string }> {
  const plain = request.files.every((file) => file.mode === '100644');
  try {
    return plain ? await commitPlain(client, request) : await commitWithModes(client, request);
  } catch (error) {
    throw movedOr(error, request.branch);
  }
}

async function commitPlain(client: Client, request: CommitRequest): Promise<{ readonly oid: string }> {
  const newline = request.message.indexOf('\n');
  const headline = newline === -1 ? request.message : request.message.slice(0, newline);
  const body = newline === -1 ? '' : request.message.slice(newline + 1).trim();
  const answer = await client.mutate<{ createCommitOnBranch: { commit: { oid: string } | null } | null }>(
    `mutation Commit($input: CreateCommitOnBranchInput!) { createCommitOnBranch(input: $input) { commit { oid } } }`,
    {
      input: {
        branch: { repositoryNameWithOwner: `${client.owner}/${client.name}`, branchName: request.branch },
        expectedHeadOid: request.expectedHead,
        message: { headline, body },
        fileChanges: { additions: request.files.map((file) => ({ path: file.path, contents: base64(file.content) })) },
      },
    },
  );
  return oidOf(answer.createCommitOnBranch?.commit?.oid);
}

async function commitWithModes(client: Client, request: CommitRequest): Promise<{ readonly oid: string }> {
  const parent = await client.get<{ tree: { sha: string } }>('/git/commits/{commit_sha}', {
    commit_sha: request.expectedHead,
  });
  const tree = await createTree(client, request.files, parent.tree.sha);
  const commit = await createCommit(client, request.message, tree, [request.expectedHead]);
  // Without `force` the ref moves only to a descendant of what it is: the compare-and-swap.
  await client.send('PATCH', '/git/refs/{ref}', { ref: `heads/${request.branch}`, sha: commit, force: false });
  return { oid: commit };
}

/** A branch whose first commit has no parent. */
export async function createOrphanBranch(
  client: Client,
  request: Omit<CommitRequest, 'expectedHead'>,
): Promise<{ readonly oid: string }> {
  try {
    const tree = await createTree(client, request.files, undefined);
    const commit = await createCommit(client, request.message, tree, []);
    await client.send('POST', '/git/refs', { ref: `refs/heads/${request.branch}`, sha: commit });
    return { oid: commit };
  } catch (error) {
    throw movedOr(error, request.branch);
  }
}

async function createTree(client: Client, files: readonly FileChange[], base: string | undefined): Promise<string> {
  const entries = [];
  for (const file of files) {
    const blob = await client.send<{ sha: string }>('POST', '/git/blobs', {
      content: base64(file.content),
      encoding: 'base64',
    });
    entries.push({ path: file.path, mode: file.mode, type: 'blob', sha: blob.sha });
  }
  const tree = await client.send<{ sha: string }>('POST', '/git/trees', {
    tree: entries,
    ...(base === undefined ? {} : { base_tree: base }),
  });
  return tree.sha;
}

/** Author and committer are left out on purpose: GitHub then signs the commit of an App or a bot. */
async function createCommit(
  client: Client,
  message: string,
  tree: string,
  parents: readonly string[],
): Promise<string> {
  return (await client.send<{ sha: string }>('POST', '/git/commits', { message, tree, parents })).sha;
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64');
}

function oidOf(oid: string | undefined): { readonly oid: string } {
  if (oid !== undefined) return { oid };
  throw new WaybillError('forge-protocol', {
    what: 'GitHub made a commit and did not say which',
    remedy: 'Run again: the next run finds the commit.',
  });
}

function movedOr(error: unknown, branch: string): WaybillError {
  const stale = graphqlProblems(error).some((problem) => problem.type === 'STALE_DATA');
  const notForward =
    httpStatus(error) === 422 &&
    /not a fast forward|already exists|reference cannot be updated/i.test(forgeMessage(error));
  if (!stale && !notForward) return toWaybillError(error, `commit to ${branch}`);
  return new WaybillError('head-moved', {
    what: `Someone else wrote to ${branch} first`,
    remedy: 'Nothing was written; Waybill plans again on the new head.',
    cause: error,
  });
}

/** Newest first, the commits of a commit's history that touched a path. */
export async function readHistory(
  client: Client,
  commit: string,
  path: string,
  limit: number,
): Promise<readonly Commit[]> {
  const answer = await client.query<{
    repository: { object: { history: { nodes: readonly CommitNode[] } } | null };
  }>(
    `read the history of ${path === '' ? 'the repository' : path}`,
    `query History($owner: String!, $name: String!, $commit: GitObjectID!, $path: String, $limit: Int!) {
  repository(owner: $owner, name: $name) {
    object(oid: $commit) { ... on Commit { history(first: $limit, path: $path) { nodes { ${COMMIT_FIELDS} } } } }
  }
}`,
    { commit, path: path === '' ? null : path, limit },
  );
  return (answer.repository.object?.history.nodes ?? []).map(toCommit);
}

interface CompareAnswer {
  readonly status: Comparison['status'];
  readonly files?: readonly { readonly filename: string; readonly status: string; readonly sha: string | null }[];
}

/** GitHub lists at most 300 files of a comparison, without a word when it leaves some out. */
const MOST_COMPARED_FILES = 300;

export async function compareCommits(client: Client, base: string, head: string): Promise<Comparison> {
  try {
    const answer = await client.get<CompareAnswer>('/compare/{basehead}', { basehead: `${base}...${head}` });
    const files = answer.files ?? [];
    if (files.length >= MOST_COMPARED_FILES) {
      throw new WaybillError('tree-truncated', {
        what: `GitHub lists at most ${MOST_COMPARED_FILES} changed files of a comparison`,
        remedy: 'Promote fewer files at once: split the Stage.',
      });
    }
    return {
      status: answer.status,
      files: files.map((file) => ({
        path: file.filename,
        oid: file.status === 'removed' || file.sha === null ? undefined : file.sha,
      })),
    };
  } catch (error) {
    throw toWaybillError(error, `compare ${base} with ${head}`);
  }
}
