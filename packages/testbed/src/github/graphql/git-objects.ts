import { demand } from '../domain/access.js';
import { accountOfEmail } from '../domain/identities.js';
import { type Commit, readCommit } from '../git/commit.js';
import { diffTrees, isAncestor, listCommits } from '../git/history.js';
import { EMPTY_TREE, entryType, readTree, type TreeEntry } from '../git/tree.js';
import { repositoryPage } from '../represent/repository.js';
import { resolveCommit } from '../rest/commits.js';
import { gitNodeId } from '../state/ids.js';
import type { Repository } from '../state/repositories.js';
import { userNode } from './actors.js';
import { rollupOf } from './checks.js';
import { pullNode } from './pull-node.js';
import { type Context, connection, defineType, repositoryNode, textArg } from './types.js';

export interface CommitNode {
  readonly __typename: 'Commit';
  readonly repository: Repository;
  readonly commit: Commit;
}

interface ObjectNode {
  readonly __typename: 'Tree' | 'Blob' | 'Tag';
  readonly repository: Repository;
  readonly oid: string;
  /** The folder's path from the root, when it is known. */
  readonly path: string;
}

interface EntryNode {
  readonly repository: Repository;
  readonly entry: TreeEntry;
  readonly path: string;
}

export const commitNode = (repository: Repository, commit: Commit): CommitNode => ({
  __typename: 'Commit',
  repository,
  commit,
});

export async function commitByOid(repository: Repository, oid: string): Promise<CommitNode | null> {
  const commit = await readCommit(repository.store, oid);
  return commit === undefined ? null : commitNode(repository, commit);
}

/** `Repository.object`: by oid, or by an expression like `main`, `main:path` or `<oid>:path`. */
export async function objectBy(repository: Repository, oid: string | undefined, expression: string | undefined) {
  if (oid !== undefined) return objectNode(repository, oid, '');
  const text = expression ?? '';
  const colon = text.indexOf(':');
  const revision = colon < 0 ? text : text.slice(0, colon);
  const path = colon < 0 ? undefined : text.slice(colon + 1).replace(/\/+$/, '');
  const commit = await resolveCommit(repository, revision);
  if (commit === undefined)
    return /^[0-9a-f]{40}$/.test(revision)
      ? objectNode(repository, path === undefined ? revision : `${revision}:${path}`, path ?? '')
      : null;
  return path === undefined ? commitNode(repository, commit) : objectNode(repository, `${commit.tree}:${path}`, path);
}

async function objectNode(
  repository: Repository,
  expression: string,
  path: string,
): Promise<CommitNode | ObjectNode | null> {
  const object = await repository.store.info(expression);
  if (object === undefined) return null;
  if (object.type === 'commit') return commitByOid(repository, object.oid);
  const type = object.type === 'tree' ? 'Tree' : object.type === 'blob' ? 'Blob' : 'Tag';
  return { __typename: type, repository, oid: object.oid, path };
}

function gitActor(signature: Commit['author']) {
  return { __typename: 'GitActor', signature };
}

function headline(commit: Commit): string {
  return commit.message.split('\n')[0] ?? '';
}

async function content(node: ObjectNode): Promise<Buffer> {
  return (await node.repository.store.read(node.oid))?.content ?? Buffer.alloc(0);
}

/** Git's own rule: a NUL among the first 8,000 bytes. */
function isBinary(bytes: Buffer): boolean {
  return bytes.subarray(0, 8000).includes(0);
}

async function changes({ repository, commit }: CommitNode) {
  return diffTrees(repository.store, commit.parents[0] ?? EMPTY_TREE, commit.oid);
}

const url =
  (kind: string) =>
  ({ repository, oid }: ObjectNode, _args: unknown, { world }: Context) =>
    `${repositoryPage(world, repository)}/${kind}/${oid}`;

const objectFields = (letter: 'T' | 'B' | 'TAG') => ({
  id: ({ repository, oid }: ObjectNode) => gitNodeId(letter, repository.id, oid),
  oid: ({ oid }: ObjectNode) => oid,
  abbreviatedOid: ({ oid }: ObjectNode) => oid.slice(0, 7),
  repository: ({ repository }: ObjectNode) => repositoryNode(repository),
});

export const gitObjectTypes = [
  defineType<CommitNode>('Commit', {
    id: ({ repository, commit }) => gitNodeId('C', repository.id, commit.oid),
    oid: ({ commit }) => commit.oid,
    abbreviatedOid: ({ commit }) => commit.oid.slice(0, 7),
    repository: ({ repository }) => repositoryNode(repository),
    message: ({ commit }) => commit.message.replace(/\n$/, ''),
    messageHeadline: ({ commit }) => headline(commit),
    messageBody: ({ commit }) => commit.message.split('\n').slice(1).join('\n').trim(),
    committedDate: ({ commit }) => commit.committer.date,
    authoredDate: ({ commit }) => commit.author.date,
    author: ({ commit }) => gitActor(commit.author),
    committer: ({ commit }) => gitActor(commit.committer),
    authoredByCommitter: ({ commit }) => commit.author.email === commit.committer.email,
    committedViaWeb: ({ repository, commit }) => repository.verified.has(commit.oid),
    url: ({ repository, commit }, _args, { world }) => `${repositoryPage(world, repository)}/commit/${commit.oid}`,
    additions: async (node) => (await changes(node)).reduce((sum, file) => sum + file.additions, 0),
    deletions: async (node) => (await changes(node)).reduce((sum, file) => sum + file.deletions, 0),
    changedFilesIfAvailable: async (node) => (await changes(node)).length,
    tree: ({ repository, commit }) => ({ __typename: 'Tree', repository, oid: commit.tree, path: '' }),
    signature: ({ repository, commit }, _args, { world }) => {
      const verifiedAt = repository.verified.get(commit.oid);
      if (verifiedAt === undefined) return null;
      const signer = accountOfEmail(world, 'noreply@github.com');
      return {
        __typename: 'GpgSignature',
        email: 'noreply@github.com',
        isValid: true,
        state: 'VALID',
        wasSignedByGitHub: true,
        verifiedAt,
        payload: `tree ${commit.tree}\n`,
        signature: 'held by the server',
        keyId: 'B5690EEEBB952194',
        signer: signer === undefined ? null : userNode(signer),
      };
    },
    parents: ({ repository, commit }, args) =>
      connection('parents', args, commit.parents, (oid) => commitByOid(repository, oid)),
    history: async ({ repository, commit }, args) => {
      const [path, since, until] = [textArg(args, 'path'), textArg(args, 'since'), textArg(args, 'until')];
      const oids = await listCommits(repository.store, [commit.oid], [], {
        ...(path === undefined ? {} : { path }),
        ...(since === undefined ? {} : { since }),
        ...(until === undefined ? {} : { until }),
      });
      return connection('history', args, oids, (oid) => commitByOid(repository, oid));
    },
    file: async ({ repository, commit }, args) => {
      const path = textArg(args, 'path') ?? '';
      const parent = path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : '';
      const name = path.slice(parent === '' ? 0 : parent.length + 1);
      const entries = await readTree(repository.store, `${commit.tree}${parent === '' ? '' : `:${parent}`}`);
      const entry = entries.find((one) => one.name === name);
      return entry === undefined ? null : { repository, entry, path };
    },
    associatedPullRequests: async ({ repository, commit }, args, { caller }) => {
      demand(caller, repository, ['pull_requests:read']);
      const found = [];
      for (const pull of repository.pulls.values()) {
        const own =
          (await isAncestor(repository.store, commit.oid, pull.headOid)) &&
          !(await isAncestor(repository.store, commit.oid, pull.baseOid));
        if (own || pull.mergeCommit === commit.oid) found.push(pull);
      }
      return connection('associatedPullRequests', args, found, (pull) => pullNode(repository, pull));
    },
    statusCheckRollup: ({ repository, commit }, _args, context) => rollupOf(repository, commit.oid, context),
  }),
  defineType<ObjectNode>('Tree', {
    ...objectFields('T'),
    commitUrl: url('tree'),
    entries: async ({ repository, oid, path }) => {
      const entries = await readTree(repository.store, oid);
      return entries.map(
        (entry): EntryNode => ({ repository, entry, path: path === '' ? entry.name : `${path}/${entry.name}` }),
      );
    },
  }),
  defineType<EntryNode>('TreeEntry', {
    name: ({ entry }) => entry.name,
    path: ({ path }) => path,
    type: ({ entry }) => entryType(entry.mode),
    mode: ({ entry }) => Number.parseInt(entry.mode, 8),
    oid: ({ entry }) => entry.oid,
    repository: ({ repository }) => repositoryNode(repository),
    extension: ({ entry }) => /\.[^./]+$/.exec(entry.name)?.[0] ?? '',
    size: async ({ repository, entry }) =>
      entryType(entry.mode) === 'blob' ? ((await repository.store.info(entry.oid))?.size ?? 0) : 0,
    object: ({ repository, entry, path }) =>
      entryType(entry.mode) === 'commit' ? null : objectNode(repository, entry.oid, path),
  }),
  defineType<ObjectNode>('Blob', {
    ...objectFields('B'),
    commitUrl: url('blob'),
    byteSize: async ({ repository, oid }) => (await repository.store.info(oid))?.size ?? 0,
    isBinary: async (node) => isBinary(await content(node)),
    isTruncated: async (node, _args, { world }) => {
      const bytes = await content(node);
      return !isBinary(bytes) && bytes.length > world.limits.blobText;
    },
    text: async (node, _args, { world }) => {
      const bytes = await content(node);
      return isBinary(bytes) ? null : bytes.subarray(0, world.limits.blobText).toString('utf8');
    },
  }),
  defineType<ObjectNode>('Tag', { ...objectFields('TAG') }),
];
