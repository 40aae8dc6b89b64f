import { type Commit, readCommit } from '../git/commit.js';
import { countCommits, diffTrees, isAncestor, listCommits, mergeBase, patchOf, readCommits } from '../git/history.js';
import { EMPTY_TREE } from '../git/tree.js';
import { notFound } from '../refusal.js';
import { diffEntry, fullCommit } from '../represent/commit.js';
import { simplePull } from '../represent/pull.js';
import { repositoryPage, repositoryUrl } from '../represent/repository.js';
import type { Repository } from '../state/repositories.js';
import type { World } from '../state/world.js';
import { ok, onRepository, page, type Route } from './route.js';

/** A branch, tag or commit as GitHub's `ref` parameters take it: short names, full names, oids of 7 digits and more. */
export async function resolveCommit(repository: Repository, ref: string): Promise<Commit | undefined> {
  const { store } = repository;
  if (/^[0-9a-f]{40}$/.test(ref)) return readCommit(store, ref);
  for (const name of [
    `refs/heads/${ref}`,
    `refs/tags/${ref}`,
    ...(ref.startsWith('heads/') || ref.startsWith('tags/') ? [`refs/${ref}`] : []),
    ...(ref.startsWith('refs/') ? [ref] : []),
  ]) {
    const commit = await readCommit(store, name);
    if (commit !== undefined) return commit;
  }
  if (ref === 'HEAD') return readCommit(store, `refs/heads/${repository.defaultBranch}`);
  return /^[0-9a-f]{7,39}$/.test(ref) ? readCommit(store, ref) : undefined;
}

export async function expectCommit(repository: Repository, ref: string): Promise<Commit> {
  const commit = await resolveCommit(repository, ref);
  if (commit === undefined) throw notFound();
  return commit;
}

async function diffEntries(
  world: World,
  repository: Repository,
  from: string,
  to: string,
): Promise<Record<string, unknown>[]> {
  const files = await diffTrees(repository.store, from, to);
  // GitHub lists up to 300 files of a comparison or commit.
  return Promise.all(
    files
      .slice(0, 300)
      .map(async (file) =>
        diffEntry(
          world,
          repository,
          to,
          file,
          files.length > 20 ? undefined : await patchOf(repository.store, from, to, file.path),
        ),
      ),
  );
}

export const commitRoutes: readonly Route[] = [
  onRepository('GET /commits', 'contents:read', async (request) => {
    const { world, repository, query } = request;
    const head = await expectCommit(repository, query.get('sha') ?? repository.defaultBranch);
    const path = query.get('path') ?? undefined;
    const since = query.get('since') ?? undefined;
    const until = query.get('until') ?? undefined;
    const all = await listCommits(repository.store, [head.oid], [], {
      ...(path === undefined ? {} : { path }),
      ...(since === undefined ? {} : { since }),
      ...(until === undefined ? {} : { until }),
    });
    const { items, headers } = page(request, all);
    return ok(
      (await readCommits(repository.store, items)).map((commit) => fullCommit(world, repository, commit)),
      headers,
    );
  }),
  onRepository('GET /commits/{ref}', 'contents:read', async ({ world, repository, parameters }) => {
    const commit = await expectCommit(repository, parameters.ref ?? '');
    const files = await diffEntries(world, repository, commit.parents[0] ?? EMPTY_TREE, commit.oid);
    const sum = (name: 'additions' | 'deletions') => files.reduce((total, file) => total + Number(file[name]), 0);
    const [additions, deletions] = [sum('additions'), sum('deletions')];
    return ok({
      ...fullCommit(world, repository, commit),
      stats: { additions, deletions, total: additions + deletions },
      files,
    });
  }),
  onRepository('GET /commits/{commit_sha}/pulls', ['pull_requests:read', 'contents:read'], async (request) => {
    const { world, repository, parameters } = request;
    const commit = await expectCommit(repository, parameters.commit_sha ?? '');
    const found = [];
    for (const pull of repository.pulls.values()) {
      const onHead = await isAncestor(repository.store, commit.oid, pull.headOid);
      const own = onHead && !(await isAncestor(repository.store, commit.oid, pull.baseOid));
      if (own || pull.mergeCommit === commit.oid) found.push(pull);
    }
    const { items, headers } = page(request, found);
    return ok(
      items.map((pull) => simplePull(world, repository, pull)),
      headers,
    );
  }),
  onRepository('GET /compare/{basehead}', 'contents:read', async (request) => {
    const { world, repository, parameters, query } = request;
    const [, baseName = '', headName = ''] = /^(.+?)\.\.\.(.+)$/.exec(parameters.basehead ?? '') ?? [];
    const local = (name: string) => name.replace(new RegExp(`^${repository.owner.login}:`, 'i'), '');
    const base = await expectCommit(repository, local(baseName));
    const head = await expectCommit(repository, local(headName));
    const { store } = repository;
    const common = await mergeBase(store, base.oid, head.oid);
    const commonCommit = common === undefined ? undefined : await readCommit(store, common);
    if (common === undefined || commonCommit === undefined) throw notFound();
    const ahead = (await listCommits(store, [head.oid], [base.oid])).reverse();
    const behind = await countCommits(store, head.oid, base.oid);
    const { items, headers } = page(request, ahead);
    const status = ahead.length > 0 ? (behind > 0 ? 'diverged' : 'ahead') : behind > 0 ? 'behind' : 'identical';
    const url = `${repositoryUrl(world, repository)}/compare/${baseName}...${headName}`;
    const web = `${repositoryPage(world, repository)}/compare/${baseName}...${headName}`;
    return ok(
      {
        url,
        html_url: web,
        permalink_url: web,
        diff_url: `${web}.diff`,
        patch_url: `${web}.patch`,
        base_commit: fullCommit(world, repository, base),
        merge_base_commit: fullCommit(world, repository, commonCommit),
        status,
        ahead_by: ahead.length,
        behind_by: behind,
        total_commits: ahead.length,
        commits: (await readCommits(store, items)).map((commit) => fullCommit(world, repository, commit)),
        // docs: rest/commits "Compare two commits": files come with the first page only.
        ...(Number(query.get('page') ?? 1) > 1
          ? {}
          : { files: await diffEntries(world, repository, common, head.oid) }),
      },
      headers,
    );
  }),
];
