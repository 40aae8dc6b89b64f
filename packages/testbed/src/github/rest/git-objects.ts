import { writeNewCommit } from '../domain/commits.js';
import { readCommit } from '../git/commit.js';
import { editTree, entryType, readTree, type TreeChange, walkTree } from '../git/tree.js';
import { notFound, unprocessable } from '../refusal.js';
import { gitCommit } from '../represent/commit.js';
import { repositoryUrl } from '../represent/repository.js';
import { gitNodeId } from '../state/ids.js';
import type { Repository } from '../state/repositories.js';
import { actorOf } from '../state/tokens.js';
import type { World } from '../state/world.js';
import { created, ok, onRepository, type Route, text } from './route.js';

interface Listed {
  readonly path: string;
  readonly mode: string;
  readonly oid: string;
}

/** OpenAPI `git-tree`. */
async function treeAnswer(
  world: World,
  repository: Repository,
  oid: string,
  entries: readonly Listed[],
  truncated: boolean,
): Promise<Record<string, unknown>> {
  const url = repositoryUrl(world, repository);
  const sizes = await Promise.all(
    entries.map(async (entry) =>
      entryType(entry.mode) === 'blob' ? (await repository.store.info(entry.oid))?.size : undefined,
    ),
  );
  return {
    sha: oid,
    url: `${url}/git/trees/${oid}`,
    truncated,
    tree: entries.map((entry, index) => {
      const type = entryType(entry.mode);
      const size = sizes[index];
      return {
        path: entry.path,
        mode: entry.mode,
        type,
        sha: entry.oid,
        ...(size === undefined ? {} : { size }),
        ...(type === 'commit' ? {} : { url: `${url}/git/${type}s/${entry.oid}` }),
      };
    }),
  };
}

/** A tree's changes as the request gives them; inline content becomes a blob. */
async function readChanges(repository: Repository, tree: unknown): Promise<Map<string, TreeChange>> {
  const changes = new Map<string, TreeChange>();
  for (const item of Array.isArray(tree) ? (tree as Record<string, unknown>[]) : []) {
    const path = text(item, 'path');
    const mode = text(item, 'mode') ?? '100644';
    if (path === undefined || path === '' || path.split('/').some((part) => ['', '.', '..', '.git'].includes(part))) {
      throw unprocessable(`tree.path contains a malformed path component`);
    }
    const content = text(item, 'content');
    if (content !== undefined) {
      if (item.sha !== undefined) throw unprocessable('Must supply either tree.sha or tree.content, not both');
      changes.set(path, { mode, oid: await repository.store.write('blob', Buffer.from(content)) });
    } else if (item.sha === null) {
      changes.set(path, undefined);
    } else {
      const oid = text(item, 'sha') ?? '';
      if (mode !== '160000' && (await repository.store.info(oid))?.type !== entryType(mode)) {
        throw unprocessable(`tree.sha ${oid} is not a valid ${entryType(mode)}`);
      }
      changes.set(path, { mode, oid });
    }
  }
  return changes;
}

export const gitObjectRoutes: readonly Route[] = [
  onRepository('GET /git/trees/{tree_sha}', 'contents:read', async ({ world, repository, parameters, query }) => {
    const name = parameters.tree_sha ?? '';
    // `main:path` names a tree too, as anywhere in Git.
    const tree = await repository.store.info(name.includes(':') ? name : `${name}^{tree}`);
    if (tree?.type !== 'tree') throw notFound();
    if (!query.has('recursive')) {
      const entries = (await readTree(repository.store, tree.oid)).map(({ name, mode, oid }) => ({
        path: name,
        mode,
        oid,
      }));
      return ok(await treeAnswer(world, repository, tree.oid, entries, false));
    }
    // docs: rest/git/trees "Get a tree": past 100,000 entries the answer is cut and says `truncated`.
    const limit = world.limits.treeEntries;
    const entries = await walkTree(repository.store, tree.oid, limit + 1);
    return ok(await treeAnswer(world, repository, tree.oid, entries.slice(0, limit), entries.length > limit));
  }),
  onRepository('POST /git/trees', 'contents:write', async ({ world, repository, body }) => {
    const changes = await readChanges(repository, body.tree);
    const base = text(body, 'base_tree');
    const baseTree = base === undefined ? undefined : await repository.store.info(`${base}^{tree}`);
    if (base !== undefined && baseTree?.type !== 'tree') throw unprocessable('base_tree is not a valid tree oid');
    for (const [path, change] of changes) {
      if (change === undefined && (await repository.store.info(`${baseTree?.oid}:${path}`)) === undefined) {
        throw unprocessable('GitRPC::BadObjectState');
      }
    }
    const oid = await editTree(repository.store, baseTree?.oid, changes);
    const entries = (await readTree(repository.store, oid)).map((entry) => ({ path: entry.name, ...entry }));
    return created(await treeAnswer(world, repository, oid, entries, false));
  }),
  onRepository('GET /git/blobs/{file_sha}', 'contents:read', async ({ world, repository, parameters }) => {
    const blob = await repository.store.read(parameters.file_sha ?? '');
    if (blob?.type !== 'blob') throw notFound();
    const content = blob.content.toString('base64').replace(/.{60}/g, '$&\n');
    return ok({
      sha: blob.oid,
      node_id: gitNodeId('B', repository.id, blob.oid),
      size: blob.size,
      url: `${repositoryUrl(world, repository)}/git/blobs/${blob.oid}`,
      content: content.endsWith('\n') || content === '' ? content : `${content}\n`,
      encoding: 'base64',
    });
  }),
  onRepository('POST /git/blobs', 'contents:write', async ({ world, repository, body }) => {
    const encoding = text(body, 'encoding') ?? 'utf-8';
    if (encoding !== 'utf-8' && encoding !== 'base64') throw unprocessable('encoding is not one of utf-8, base64');
    const content = Buffer.from(text(body, 'content') ?? '', encoding);
    const oid = await repository.store.write('blob', content);
    return created({ sha: oid, url: `${repositoryUrl(world, repository)}/git/blobs/${oid}` });
  }),
  onRepository('GET /git/commits/{commit_sha}', 'contents:read', async ({ world, repository, parameters }) => {
    const commit = await readCommit(repository.store, parameters.commit_sha ?? '');
    if (commit === undefined) throw notFound();
    return ok(gitCommit(world, repository, commit));
  }),
  onRepository('POST /git/commits', 'contents:write', async ({ world, repository, caller, body }) => {
    const commit = await writeNewCommit(world, repository, actorOf(caller), {
      message: text(body, 'message') ?? '',
      tree: text(body, 'tree') ?? '',
      parents: Array.isArray(body.parents) ? body.parents.map(String) : [],
      author: body.author as Record<string, unknown> | undefined,
      committer: body.committer as Record<string, unknown> | undefined,
    });
    return created(gitCommit(world, repository, commit));
  }),
];
