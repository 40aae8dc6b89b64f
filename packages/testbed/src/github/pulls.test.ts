import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { GitHubServer } from './index.js';
import { AT, clientOf, finish, REPO, settle, type TestClient } from './test-client.js';

let server: GitHubServer;
let alice: TestClient;

beforeEach(async () => {
  ({ server, alice } = await settle());
});

afterEach(async () => {
  expect(await finish(server)).toEqual([]);
});

async function open(branch = 'topic', files: Record<string, string> = { [`${branch}.yaml`]: 'x\n' }) {
  await server.commitAs('alice', REPO, branch, files, `change ${branch}`);
  return alice.rest('POST', `${AT}/pulls`, { title: `Change ${branch}`, head: branch, base: 'main', body: 'why' });
}

const state = async (number = 1) => (await alice.rest('GET', `${AT}/pulls/${number}`)).body.mergeable_state as unknown;

describe('a pull request', () => {
  it('is opened once for a head and base, listed, edited, commented, labelled, closed and reopened', async () => {
    const first = await open();
    expect(first.status).toBe(201);
    expect(first.body).toMatchObject({
      number: 1,
      state: 'open',
      merged: false,
      commits: 1,
      changed_files: 1,
      user: { login: 'alice' },
    });
    const twin = await alice.rest('POST', `${AT}/pulls`, { title: 'again', head: 'topic', base: 'main' });
    expect(twin).toMatchObject({
      status: 422,
      body: { errors: [{ message: 'A pull request already exists for acme:topic.' }] },
    });
    // docs.github.com/rest/pulls "Get a pull request": before merging, merge_commit_sha is a trial merge.
    expect(first.body.merge_commit_sha).toBe(await server.resolveRef(REPO, 'refs/pull/1/merge'));
    expect((await alice.rest('GET', `${AT}/pulls?head=acme:topic&base=main&state=open`)).body).toHaveLength(1);
    expect((await alice.rest('GET', `${AT}/pulls?head=acme:other`)).body).toHaveLength(0);
    await alice.rest('PATCH', `${AT}/pulls/1`, { title: 'Better', body: 'because' });
    await alice.rest('POST', `${AT}/issues/1/labels`, { labels: ['waybill'] });
    await alice.rest('POST', `${AT}/issues/1/comments`, { body: 'hello' });
    expect((await alice.rest('GET', `${AT}/issues/1/comments`)).body).toMatchObject([
      { body: 'hello', user: { login: 'alice' } },
    ]);
    expect((await alice.rest('PATCH', `${AT}/pulls/1`, { state: 'closed' })).body.state).toBe('closed');
    expect((await alice.rest('PATCH', `${AT}/pulls/1`, { state: 'open' })).body.state).toBe('open');
    const query =
      await alice.graphql(`{ repository(owner: "acme", name: "gitops") { pullRequests(first: 5, states: [OPEN], labels: ["waybill"], headRefName: "topic") { totalCount nodes {
      id number state title body url merged headRefName headRefOid baseRefName isCrossRepository headRepository { nameWithOwner } author { __typename login }
      reviewDecision isDraft createdAt updatedAt closedAt autoMergeRequest { enabledAt } labels(first: 5) { nodes { name } }
      commits(last: 1) { nodes { commit { oid statusCheckRollup { state } } } } comments(first: 1) { nodes { body } } } } } }`);
    expect(query.body.data?.repository?.pullRequests).toMatchObject({
      totalCount: 1,
      nodes: [
        {
          number: 1,
          title: 'Better',
          body: 'because',
          state: 'OPEN',
          isCrossRepository: false,
          author: { __typename: 'User', login: 'alice' },
          headRepository: { nameWithOwner: REPO },
        },
      ],
    });
  });

  it('needs commits between base and head', async () => {
    await server.createBranch('alice', REPO, 'same');
    const reply = await alice.rest('POST', `${AT}/pulls`, { title: 't', head: 'same', base: 'main' });
    expect(reply.body.errors?.[0]?.message).toBe('No commits between main and same');
  });

  // docs.github.com/rest/guides/using-the-rest-api-to-interact-with-your-git-database, "Checking mergeability of pull
  // requests": mergeable is null until a background job has run.
  it('tells its mergeability late, and again after each change to head or base', async () => {
    expect((await open()).body).toMatchObject({ mergeable: null, mergeable_state: 'unknown' });
    expect(await state()).toBe('clean');
    await server.commitAs('bob', REPO, 'main', { other: 'o' }, 'other');
    expect(await state()).toBe('unknown');
    expect(await state()).toBe('clean');
    await server.commitAs('bob', REPO, 'main', { 'topic.yaml': 'conflict\n' }, 'conflict');
    const query = `{ repository(owner: "acme", name: "gitops") { pullRequest(number: 1) { mergeable mergeStateStatus } } }`;
    expect((await alice.graphql(query)).body.data?.repository?.pullRequest).toEqual({
      mergeable: 'UNKNOWN',
      mergeStateStatus: 'UNKNOWN',
    });
    expect((await alice.graphql(query)).body.data?.repository?.pullRequest).toEqual({
      mergeable: 'CONFLICTING',
      mergeStateStatus: 'DIRTY',
    });
    expect(await alice.rest('PUT', `${AT}/pulls/1/merge`, {})).toMatchObject({
      status: 405,
      body: { message: 'Pull Request is not mergeable' },
    });
  });

  // docs.github.com/rest/pulls/pulls "Merge a pull request": 409 when the given sha is not the head.
  it('is not merged with a head that has moved on', async () => {
    const { body } = await open();
    await server.commitAs('bob', REPO, 'topic', { more: 'm' }, 'more');
    const reply = await alice.rest('PUT', `${AT}/pulls/1/merge`, { sha: body.head?.sha });
    expect(reply).toMatchObject({
      status: 409,
      body: { message: 'Head branch was modified. Review and try the merge again.' },
    });
  });

  // docs.github.com/repositories/…/about-merge-methods-on-github
  it.each([
    ['merge', 2, true, 'alice'],
    ['squash', 1, true, 'alice'],
    ['rebase', 1, false, 'alice'],
  ] as const)('is merged by %s', async (method, parents, verified, author) => {
    await open();
    await server.commitAs('bob', REPO, 'main', { other: 'o' }, 'other');
    const reply = await alice.rest('PUT', `${AT}/pulls/1/merge`, { merge_method: method });
    expect(reply).toMatchObject({ status: 200, body: { merged: true } });
    const [latest] = await server.commits(REPO, 'main');
    expect(latest).toMatchObject({ oid: reply.body.sha, verified, author: { name: author } });
    expect(latest?.parents).toHaveLength(parents);
    expect(await server.readText(REPO, 'main', 'topic.yaml')).toBe('x\n');
    expect((await alice.rest('GET', `${AT}/pulls/1`)).body).toMatchObject({
      merged: true,
      state: 'closed',
      merged_by: { login: 'alice' },
      merge_commit_sha: reply.body.sha,
    });
  });

  it('follows the settings: a method that is off, and the head branch deleted on merge', async () => {
    server.setSettings(REPO, { allowMergeCommit: false, deleteBranchOnMerge: true });
    await open();
    const topic = (await server.branches(REPO)).topic ?? '';
    await alice.rest('POST', `${AT}/git/refs`, { ref: 'refs/heads/stacked', sha: topic });
    await server.commitAs('bob', REPO, 'stacked', { 'stacked.yaml': 's' }, 'stacked');
    await server.openPullRequest('bob', REPO, { head: 'stacked', base: 'topic' });
    expect(await alice.rest('PUT', `${AT}/pulls/1/merge`, {})).toMatchObject({
      status: 405,
      body: { message: 'Merge commits are not allowed on this repository.' },
    });
    expect((await alice.rest('PUT', `${AT}/pulls/1/merge`, { merge_method: 'squash' })).status).toBe(200);
    expect(Object.keys(await server.branches(REPO))).toEqual(['main', 'stacked']);
    expect(server.pullRequest(REPO, 1).merged).toBe(true);
    // docs.github.com/…/managing-the-automatic-deletion-of-branches: what was based on it moves on.
    expect(server.pullRequest(REPO, 2)).toMatchObject({ state: 'open', baseRef: 'main' });
  });

  // changesets/ghcommit core.ts: "GitHub will auto-close as it sees there's no changes with the base".
  it('is closed when its head is reset to its base, or deleted', async () => {
    await open();
    await open('second');
    const main = (await server.branches(REPO)).main ?? '';
    await alice.rest('PATCH', `${AT}/git/refs/heads/topic`, { sha: main, force: true });
    await alice.rest('DELETE', `${AT}/git/refs/heads/second`);
    expect(server.pullRequests(REPO).map(({ state, merged }) => [state, merged])).toEqual([
      ['closed', false],
      ['closed', false],
    ]);
    expect((await alice.rest('PATCH', `${AT}/pulls/2`, { state: 'open' })).status).toBe(422);
  });

  it('is merged when its base is pushed to hold its head', async () => {
    await open();
    const head = (await server.branches(REPO)).topic ?? '';
    await alice.rest('PATCH', `${AT}/git/refs/heads/main`, { sha: head });
    expect(server.pullRequest(REPO, 1)).toMatchObject({ merged: true, mergeCommit: head });
  });

  it('takes the base in by update-branch', async () => {
    await open();
    await server.commitAs('bob', REPO, 'main', { other: 'o' }, 'other');
    expect((await alice.rest('PUT', `${AT}/pulls/1/update-branch`, { expected_head_sha: 'f'.repeat(40) })).status).toBe(
      422,
    );
    expect((await alice.rest('PUT', `${AT}/pulls/1/update-branch`, {})).status).toBe(202);
    expect(await server.readText(REPO, 'topic', 'other')).toBe('o');
    const files = await alice.rest('GET', `${AT}/pulls/1/files`);
    expect((files.body as unknown as { filename: string }[]).map(({ filename }) => filename)).toEqual(['topic.yaml']);
    expect((await alice.rest('GET', `${AT}/pulls/1/commits`)).body).toHaveLength(2);
  });

  // docs.github.com/…/approving-a-pull-request-with-required-reviews: "Pull request authors cannot approve their own".
  it('is approved by others only', async () => {
    await open();
    const own = await alice.rest('POST', `${AT}/pulls/1/reviews`, { event: 'APPROVE' });
    expect(own).toMatchObject({ status: 422, body: { errors: ['Review Can not approve your own pull request'] } });
    await server.approve(REPO, 1, 'bob');
    expect((await alice.rest('GET', `${AT}/pulls/1/reviews`)).body).toMatchObject([
      { state: 'APPROVED', user: { login: 'bob' } },
    ]);
  });
});

describe('GraphQL mutations on pull requests', () => {
  it('open, comment, close, reopen and merge', async () => {
    await server.commitAs('alice', REPO, 'topic', { t: 't' }, 'topic');
    const repository = await alice.graphql('{ repository(owner: "acme", name: "gitops") { id } }');
    const made = await alice.graphql(
      'mutation($id: ID!) { createPullRequest(input: {repositoryId: $id, headRefName: "topic", baseRefName: "main", title: "T", body: "B"}) { pullRequest { id number headRefOid } } }',
      { id: repository.body.data?.repository?.id },
    );
    const pull = made.body.data?.createPullRequest?.pullRequest;
    const id = { id: pull?.id };
    await alice.graphql(
      'mutation($id: ID!) { addComment(input: {subjectId: $id, body: "hi"}) { commentEdge { node { id body } } } }',
      id,
    );
    await alice.graphql(
      'mutation($id: ID!) { closePullRequest(input: {pullRequestId: $id}) { pullRequest { state } } }',
      id,
    );
    const reopened = await alice.graphql(
      'mutation($id: ID!) { reopenPullRequest(input: {pullRequestId: $id}) { pullRequest { state } } }',
      id,
    );
    expect(reopened.body.data?.reopenPullRequest?.pullRequest?.state).toBe('OPEN');
    const stale = await alice.graphql(
      `mutation($id: ID!) { mergePullRequest(input: {pullRequestId: $id, expectedHeadOid: "${'0'.repeat(40)}"}) { pullRequest { state } } }`,
      id,
    );
    expect(stale.body.errors?.[0]?.message).toMatch(/Head branch was modified/);
    const merged = await alice.graphql(
      'mutation($id: ID!) { mergePullRequest(input: {pullRequestId: $id, mergeMethod: SQUASH}) { pullRequest { state merged mergedAt mergedBy { login } mergeCommit { oid associatedPullRequests(first: 1) { nodes { number } } } } } }',
      id,
    );
    expect(merged.body.data?.mergePullRequest?.pullRequest).toMatchObject({
      state: 'MERGED',
      mergedBy: { login: 'alice' },
      mergeCommit: { associatedPullRequests: { nodes: [{ number: 1 }] } },
    });
  });
});

describe('GITHUB_TOKEN', () => {
  // docs.github.com/…/managing-github-actions-settings-for-a-repository, "Preventing GitHub Actions from creating or approving pull requests".
  it('opens pull requests only where the setting allows it', async () => {
    await server.commitAs('alice', REPO, 'topic', { t: 't' }, 'topic');
    const token = server.createJobToken({
      repository: REPO,
      permissions: { contents: 'write', 'pull-requests': 'write' },
    });
    const actions = clientOf(server, token);
    const refused = await actions.rest('POST', `${AT}/pulls`, { title: 't', head: 'topic', base: 'main' });
    expect(refused).toMatchObject({
      status: 403,
      body: { message: 'GitHub Actions is not permitted to create or approve pull requests.' },
    });
    server.setSettings(REPO, { actionsCanCreatePullRequests: true });
    const done = await actions.rest('POST', `${AT}/pulls`, { title: 't', head: 'topic', base: 'main' });
    expect(done.body.user).toMatchObject({ login: 'github-actions[bot]', type: 'Bot', id: 41898282 });
    const author = await actions.graphql(
      '{ viewer { login } repository(owner: "acme", name: "gitops") { pullRequest(number: 1) { author { __typename login } } } }',
    );
    expect(author.body.data).toMatchObject({
      viewer: { login: 'github-actions[bot]' },
      repository: { pullRequest: { author: { __typename: 'Bot', login: 'github-actions' } } },
    });
  });
});
