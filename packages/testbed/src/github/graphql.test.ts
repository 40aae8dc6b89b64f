import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { GitHubServer } from './index.js';
import { clientOf, finish, REPO, settle, type TestClient } from './test-client.js';

let server: GitHubServer;
let alice: TestClient;

const COMMIT = `mutation($branch: String!, $head: GitObjectID!, $message: String!, $changes: FileChanges!) {
  createCommitOnBranch(input: {
    branch: {repositoryNameWithOwner: "${REPO}", branchName: $branch}, expectedHeadOid: $head,
    message: {headline: $message}, fileChanges: $changes
  }) { commit { oid signature { isValid wasSignedByGitHub state signer { login } } author { name email user { login } } committer { name email } } ref { name } }
}`;

const b64 = (text: string) => Buffer.from(text).toString('base64');

beforeAll(async () => {
  ({ server, alice } = await settle());
});

afterAll(async () => {
  expect(await finish(server)).toEqual([]);
});

async function tip(branch: string): Promise<string> {
  return (await server.branches(REPO))[branch] ?? '';
}

describe('createCommitOnBranch', () => {
  it('commits, signed by GitHub, in the name of the App', async () => {
    const app = server.createApp({ slug: 'waybill', permissions: { contents: 'write', metadata: 'read' } });
    const client = clientOf(server, app.installationToken(REPO));
    await server.commitAs('alice', REPO, 'main', { 'bin/run': { content: 'x', mode: '100755' } }, 'executable');
    const changes = {
      additions: [
        { path: 'env/dev/api.yaml', contents: b64('image: b\n') },
        { path: 'bin/run', contents: b64('y') },
      ],
    };
    const reply = await client.graphql(COMMIT, { branch: 'main', head: await tip('main'), message: 'bump', changes });
    expect(reply.body.errors).toBeUndefined();
    const commit = reply.body.data?.createCommitOnBranch?.commit;
    expect(commit).toMatchObject({
      signature: { isValid: true, wasSignedByGitHub: true, state: 'VALID', signer: { login: 'web-flow' } },
      author: { name: 'waybill[bot]', user: { login: 'waybill[bot]' } },
      committer: { name: 'GitHub', email: 'noreply@github.com' },
    });
    expect(commit?.author?.email).toMatch(/^\d+\+waybill\[bot\]@users\.noreply\.github\.com$/);
    expect(await server.readText(REPO, 'main', 'env/dev/api.yaml')).toBe('image: b\n');
    // babarot/gh-infra #167: every file is written as mode 100644, executable bits are lost.
    const entry = await alice.graphql(
      `{ repository(owner: "acme", name: "gitops") { object(expression: "main:bin") { ... on Tree { entries { name mode } } } } }`,
    );
    expect(entry.body.data?.repository?.object?.entries).toEqual([{ name: 'run', mode: 0o100644 }]);
    const [latest, before] = await server.commits(REPO, 'main');
    expect([latest?.verified, before?.verified]).toEqual([true, false]);
  });

  // ministryofjustice/modernisation-platform #11985, planetscale/ghcommit #153; HTTP 200: PostHog/posthog #78999.
  it('refuses a moved head as STALE_DATA, with HTTP 200', async () => {
    const head = await tip('main');
    await server.commitAs('bob', REPO, 'main', { other: '1' }, 'human');
    const changes = { additions: [{ path: 'x', contents: b64('x') }], deletions: [] };
    const reply = await alice.graphql(COMMIT, { branch: 'main', head, message: 'late', changes });
    expect(reply.status).toBe(200);
    expect(reply.body.errors).toMatchObject([
      {
        type: 'STALE_DATA',
        path: ['createCommitOnBranch'],
        message: `Expected branch to point to "${head}" but it did not. Pull and try again.`,
      },
    ]);
  });

  it('lets exactly one of two concurrent commits on one head through', async () => {
    const head = await tip('main');
    const one = (path: string) =>
      alice.graphql(COMMIT, {
        branch: 'main',
        head,
        message: path,
        changes: { additions: [{ path, contents: b64(path) }] },
      });
    const replies = await Promise.all([one('left'), one('right')]);
    expect(replies.filter((reply) => reply.body.errors === undefined)).toHaveLength(1);
  });

  it('deletes files, and refuses to delete what is not there', async () => {
    const done = await alice.graphql(COMMIT, {
      branch: 'main',
      head: await tip('main'),
      message: 'rm',
      changes: { deletions: [{ path: 'other' }] },
    });
    expect(done.body.errors).toBeUndefined();
    expect(await server.readText(REPO, 'main', 'other')).toBeUndefined();
    const again = await alice.graphql(COMMIT, {
      branch: 'main',
      head: await tip('main'),
      message: 'rm',
      changes: { deletions: [{ path: 'other' }] },
    });
    expect(again.body.errors).toHaveLength(1);
  });
});

describe('reading', () => {
  it('reads many trees and blobs in one query by aliases', async () => {
    const head = await tip('main');
    const reply = await alice.graphql(
      `query($oid: GitObjectID!) { viewer { login databaseId } repository(owner: "acme", name: "gitops") {
        id databaseId nameWithOwner visibility isPrivate autoMergeAllowed mergeCommitAllowed squashMergeAllowed rebaseMergeAllowed deleteBranchOnMerge viewerPermission url
        defaultBranchRef { name prefix target { oid } }
        gone: ref(qualifiedName: "refs/heads/none") { name }
        dev: object(expression: "${head}:env") { ... on Tree { oid entries { name type oid path object { ... on Tree { entries { name object { ... on Blob { text byteSize isBinary isTruncated } } } } } } } }
        none: object(expression: "${head}:nowhere") { oid }
        commit: object(oid: $oid) { ... on Commit { messageHeadline tree { oid } parents(first: 1) { nodes { oid } } history(first: 2, path: "env/dev/api.yaml") { totalCount nodes { oid message signature { isValid } } pageInfo { hasNextPage endCursor } } } }
      } }`,
      { oid: head },
    );
    expect(reply.body.errors).toBeUndefined();
    const repository = reply.body.data?.repository;
    expect(repository).toMatchObject({
      viewerPermission: 'WRITE',
      visibility: 'PRIVATE',
      autoMergeAllowed: true,
      defaultBranchRef: { name: 'main', prefix: 'refs/heads/', target: { oid: head } },
      gone: null,
      none: null,
      commit: { messageHeadline: 'rm', history: { totalCount: 2 } },
    });
    expect(repository?.dev?.entries?.[0]).toMatchObject({
      name: 'dev',
      path: 'env/dev',
      object: {
        entries: [
          { name: 'api.yaml', object: { text: 'image: b\n', byteSize: 9, isBinary: false, isTruncated: false } },
        ],
      },
    });
  });

  it('demands a page size, as GitHub does', async () => {
    const reply = await alice.graphql('{ repository(owner: "acme", name: "gitops") { pullRequests { totalCount } } }');
    expect(reply.body.errors?.[0]?.message).toMatch(/You must provide a `first` or `last` value/);
  });

  it('says NOT_FOUND for a repository the token cannot see', async () => {
    server.createUser('stranger');
    const reply = await clientOf(server, server.userToken('stranger')).graphql(
      '{ repository(owner: "acme", name: "gitops") { id } }',
    );
    expect(reply.body).toMatchObject({
      data: { repository: null },
      errors: [{ type: 'NOT_FOUND', message: "Could not resolve to a Repository with the name 'acme/gitops'." }],
    });
  });
});

describe('what is not there', () => {
  it('is an error by name, and recorded', async () => {
    const reply = await alice.graphql('{ repository(owner: "acme", name: "gitops") { stargazerCount } }');
    expect(reply.body.errors?.[0]?.message).toBe('not in the test bed: Repository.stargazerCount');
    expect(server.unhandled.splice(0)).toEqual(['not in the test bed: Repository.stargazerCount']);
  });

  it('so is a query that GitHub would not accept', async () => {
    const reply = await alice.graphql('{ repository(owner: "acme", name: "gitops") { colour } }');
    expect(reply.body.errors?.[0]?.message).toMatch(/Cannot query field "colour"/);
    expect(server.unhandled.splice(0)).toHaveLength(1);
  });

  it('so is a REST route', async () => {
    const reply = await alice.rest('GET', '/repos/acme/gitops/stargazers');
    expect(reply.status).toBe(501);
    expect(server.unhandled.splice(0)).toEqual(['GET /repos/acme/gitops/stargazers']);
  });
});
