import { entryType, readTree, type TreeEntry } from '../git/tree.js';
import { notFound } from '../refusal.js';
import { simpleUser } from '../represent/account.js';
import { repositoryPage, repositoryUrl } from '../represent/repository.js';
import { findAccount } from '../state/accounts.js';
import { roleOf } from '../state/repositories.js';
import { expectCommit } from './commits.js';
import { ok, onRepository, type RepositoryRequest, type Route } from './route.js';

function links(request: RepositoryRequest, ref: string, path: string, entry: TreeEntry): Record<string, unknown> {
  const { world, repository } = request;
  const encoded = path.split('/').map(encodeURIComponent).join('/');
  const type = entryType(entry.mode);
  const self = `${repositoryUrl(world, repository)}/contents/${encoded}?ref=${encodeURIComponent(ref)}`;
  const git = `${repositoryUrl(world, repository)}/git/${type}s/${entry.oid}`;
  const html = `${repositoryPage(world, repository)}/${type === 'tree' ? 'tree' : 'blob'}/${ref}/${encoded}`;
  return {
    url: self,
    git_url: git,
    html_url: html,
    download_url: type === 'blob' ? `${repositoryPage(world, repository)}/raw/${ref}/${encoded}` : null,
    _links: { self, git, html },
  };
}

const TYPES = { blob: 'file', tree: 'dir', commit: 'submodule', tag: 'file' } as const;

export const contentRoutes: readonly Route[] = [
  onRepository('GET /contents/{path}', 'contents:read', async (request) => {
    const { repository, parameters, query } = request;
    const { store } = repository;
    const ref = query.get('ref') ?? repository.defaultBranch;
    const commit = await expectCommit(repository, ref);
    const path = (parameters.path ?? '').replace(/\/+$/, '');
    const object = await store.info(`${commit.tree}:${path}`);
    if (object === undefined) throw notFound();
    if (object.type === 'tree') {
      const entries = await readTree(store, object.oid);
      return ok(
        await Promise.all(
          entries.map(async (entry) => {
            const full = path === '' ? entry.name : `${path}/${entry.name}`;
            const type = entry.mode === '120000' ? 'symlink' : TYPES[entryType(entry.mode)];
            const size = type === 'file' ? ((await store.info(entry.oid))?.size ?? 0) : 0;
            return { type, size, name: entry.name, path: full, sha: entry.oid, ...links(request, ref, full, entry) };
          }),
        ),
      );
    }
    const blob = await store.read(object.oid);
    const name = path.split('/').at(-1) ?? path;
    // docs: rest/repos/contents: between 1 and 100 MB the content is left empty and the encoding is `none`.
    const large = (blob?.size ?? 0) > 1024 * 1024;
    return ok({
      type: 'file',
      encoding: large ? 'none' : 'base64',
      size: object.size,
      name,
      path,
      content: large ? '' : (blob?.content.toString('base64').replace(/.{60}/g, '$&\n') ?? ''),
      sha: object.oid,
      ...links(request, ref, path, { name, mode: '100644', oid: object.oid }),
    });
  }),
  onRepository('GET /collaborators/{username}/permission', 'metadata:read', ({ world, repository, parameters }) => {
    const account = findAccount(world, parameters.username ?? '');
    if (account === undefined) throw notFound();
    const role = roleOf(repository, account);
    const legacy =
      role === 'admin'
        ? 'admin'
        : role === 'maintain' || role === 'write'
          ? 'write'
          : role === undefined
            ? 'none'
            : 'read';
    return ok({
      permission: legacy,
      role_name: role ?? 'none',
      user: { ...simpleUser(world, account), role_name: role ?? 'none' },
    });
  }),
];
