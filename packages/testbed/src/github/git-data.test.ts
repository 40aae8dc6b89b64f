import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { GitHubServer } from './index.js';
import { AT, finish, REPO, settle, type TestClient } from './test-client.js';

let server: GitHubServer;
let alice: TestClient;

beforeAll(async () => {
  ({ server, alice } = await settle({ clock: () => new Date('2026-01-02T03:04:05Z'), treeEntries: 6 }));
});

afterAll(async () => {
  expect(await finish(server)).toEqual([]);
});

async function tip(branch: string): Promise<string> {
  return String((await alice.rest('GET', `${AT}/git/ref/heads/${branch}`)).body.object?.sha);
}

describe('the Git Data API', () => {
  it('reads the repository, its refs, trees and blobs as Git has them', async () => {
    const repository = await alice.rest('GET', AT);
    expect(repository.status).toBe(200);
    expect(repository.body.default_branch).toBe('main');
    const commit = await alice.rest('GET', `${AT}/git/commits/${await tip('main')}`);
    expect(commit.body.message).toBe('Initial commit');
    const tree = await alice.rest('GET', `${AT}/git/trees/main?recursive=1`);
    const paths = (tree.body.tree as unknown as { path: string; mode: string }[]).map(
      ({ path, mode }) => `${mode} ${path}`,
    );
    expect(paths).toEqual([
      '100644 README.md',
      '040000 env',
      '040000 env/dev',
      '100644 env/dev/api.yaml',
      '040000 env/prod',
      '100644 env/prod/api.yaml',
    ]);
    expect(tree.body.truncated).toBe(false);
    expect((await alice.rest('GET', `${AT}/git/trees/main:env%2Fdev`)).body.tree).toMatchObject([
      { path: 'api.yaml', size: 9 },
    ]);
    const blob = await alice.rest('GET', `${AT}/git/blobs/${(tree.body.tree as unknown as { sha: string }[])[0]?.sha}`);
    expect(Buffer.from(String(blob.body.content), 'base64').toString()).toBe('# gitops\n');
  });

  it('writes blobs, trees, commits and refs that Git itself finds sound', async () => {
    const head = await tip('main');
    const blob = await alice.rest('POST', `${AT}/git/blobs`, {
      content: Buffer.from('run\n').toString('base64'),
      encoding: 'base64',
    });
    const tree = await alice.rest('POST', `${AT}/git/trees`, {
      base_tree: head,
      tree: [
        { path: 'bin/run', mode: '100755', type: 'blob', sha: blob.body.sha },
        { path: 'env/dev/web.yaml', mode: '100644', type: 'blob', content: 'image: ü\n' },
        { path: 'env/prod/api.yaml', mode: '100644', type: 'blob', sha: null },
      ],
    });
    expect(tree.status).toBe(201);
    const commit = await alice.rest('POST', `${AT}/git/commits`, {
      message: 'by hand',
      tree: tree.body.sha,
      parents: [head],
    });
    expect(commit.body.verification?.verified).toBe(false);
    const ref = await alice.rest('POST', `${AT}/git/refs`, { ref: 'refs/heads/topic', sha: commit.body.sha });
    expect(ref.status).toBe(201);
    const { stdout } = await promisify(execFile)('git', [
      '--git-dir',
      server.gitDirectory(REPO),
      'ls-tree',
      '-r',
      'topic',
    ]);
    expect(stdout.replace(/ blob [0-9a-f]{40}/g, '').split('\n')).toEqual([
      '100644\tREADME.md',
      '100755\tbin/run',
      '100644\tenv/dev/api.yaml',
      '100644\tenv/dev/web.yaml',
      '',
    ]);
    const fsck = await promisify(execFile)('git', [
      '--git-dir',
      server.gitDirectory(REPO),
      'fsck',
      '--strict',
      '--full',
    ]);
    expect(fsck.stdout).not.toMatch(/error/);
  });

  // docs.github.com/rest/git/trees "Get a tree": `truncated` says that the limit was exceeded.
  it('cuts a recursive tree at the limit and says so', async () => {
    await server.commitAs('alice', REPO, 'big', { 'a/b/c': 'x', 'a/b/d': 'y' }, 'more');
    const tree = await alice.rest('GET', `${AT}/git/trees/big?recursive=1`);
    expect(tree.body.truncated).toBe(true);
    expect(tree.body.tree).toHaveLength(6);
  });

  it('moves a ref forward, and backward only by force', async () => {
    const before = await tip('main');
    const after = await server.commitAs('alice', REPO, 'moving', { x: '1' }, 'x');
    expect((await alice.rest('PATCH', `${AT}/git/refs/heads/moving`, { sha: before })).body.message).toBe(
      'Update is not a fast forward',
    );
    expect((await alice.rest('PATCH', `${AT}/git/refs/heads/moving`, { sha: before, force: true })).status).toBe(200);
    expect((await alice.rest('PATCH', `${AT}/git/refs/heads/moving`, { sha: after })).status).toBe(200);
    expect((await alice.rest('DELETE', `${AT}/git/refs/heads/moving`)).status).toBe(204);
    expect((await alice.rest('GET', `${AT}/git/ref/heads/moving`)).status).toBe(404);
    expect((await alice.rest('POST', `${AT}/git/refs`, { ref: 'refs/heads/main', sha: before })).body.message).toBe(
      'Reference already exists',
    );
  });

  it('lists matching refs, commits of a path, one commit and a comparison', async () => {
    await server.commitAs('alice', REPO, 'waybill/one', { 'env/dev/api.yaml': 'image: b\n' }, 'bump');
    await server.commitAs('alice', REPO, 'waybill/two', { z: 'z' }, 'other');
    const refs = await alice.rest('GET', `${AT}/git/matching-refs/heads/waybill/`);
    expect((refs.body as unknown as { ref: string }[]).map(({ ref }) => ref)).toEqual([
      'refs/heads/waybill/one',
      'refs/heads/waybill/two',
    ]);
    const commits = await alice.rest('GET', `${AT}/commits?sha=waybill/one&path=env/dev`);
    expect((commits.body as unknown as { commit: { message: string } }[]).map(({ commit }) => commit.message)).toEqual([
      'bump',
      'Initial commit',
    ]);
    const one = await alice.rest('GET', `${AT}/commits/waybill/one`);
    expect(one.body.files?.[0]?.patch).toBe('@@ -1 +1 @@\n-image: a\n+image: b');
    const compared = await alice.rest('GET', `${AT}/compare/waybill/two...waybill/one`);
    expect(compared.body).toMatchObject({ status: 'diverged', ahead_by: 1, behind_by: 1 });
    const contents = await alice.rest('GET', `${AT}/contents/env/dev/api.yaml?ref=waybill/one`);
    expect(Buffer.from(String(contents.body.content), 'base64').toString()).toBe('image: b\n');
    expect((await alice.rest('GET', `${AT}/contents/env`)).body).toHaveLength(2);
    expect((await alice.rest('GET', `${AT}/branches/waybill%2Fone`)).body.name).toBe('waybill/one');
  });

  // docs.github.com/rest/using-the-rest-api/best-practices: 304 for a conditional request that finds nothing new.
  it('answers 304 to an ETag that still holds', async () => {
    const first = await alice.rest('GET', `${AT}/git/ref/heads/main`);
    const etag = String(first.headers.get('etag'));
    expect((await alice.rest('GET', `${AT}/git/ref/heads/main`, undefined, { 'if-none-match': etag })).status).toBe(
      304,
    );
    await server.commitAs('alice', REPO, 'main', { n: 'n' }, 'n');
    expect((await alice.rest('GET', `${AT}/git/ref/heads/main`, undefined, { 'if-none-match': etag })).status).toBe(
      200,
    );
  });

  it('pages lists with Link headers', async () => {
    const first = await alice.rest('GET', `${AT}/branches?per_page=2`);
    expect(first.body).toHaveLength(2);
    expect(first.headers.get('link')).toMatch(/[?&]page=2>; rel="next"/);
  });

  it('logs every request with its route and sizes', async () => {
    server.log.clear();
    await alice.rest('GET', `${AT}/git/ref/heads/main`);
    expect(server.log).toMatchObject([
      { method: 'GET', route: '/repos/{owner}/{repo}/git/ref/{ref}', status: 200, mutating: false, login: 'alice' },
    ]);
  });
});
