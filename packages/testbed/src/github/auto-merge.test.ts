import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { GitHubServer } from './index.js';
import { clientOf, finish, REPO, settle, type TestClient } from './test-client.js';

let server: GitHubServer;
let alice: TestClient;

beforeEach(async () => {
  ({ server, alice } = await settle());
});

afterEach(async () => {
  expect(await finish(server)).toEqual([]);
});

async function open(branch = 'topic') {
  await server.commitAs('alice', REPO, branch, { [`${branch}.yaml`]: 'x\n' }, `change ${branch}`);
  return server.openPullRequest('alice', REPO, { head: branch });
}

const AUTO =
  'mutation($id: ID!, $head: GitObjectID) { enablePullRequestAutoMerge(input: {pullRequestId: $id, mergeMethod: SQUASH, expectedHeadOid: $head}) { pullRequest { autoMergeRequest { enabledAt mergeMethod } } } }';

async function arm(client = alice, number = 1) {
  const found = await client.graphql(
    `{ repository(owner: "acme", name: "gitops") { pullRequest(number: ${number}) { id } } }`,
  );
  return client.graphql(AUTO, { id: found.body.data?.repository?.pullRequest?.id });
}

describe('auto-merge', () => {
  // peter-evans/enable-pull-request-automerge #343, #1118.
  it('is refused on a clean pull request and on an unstable one', async () => {
    await open();
    expect((await arm()).body.errors).toMatchObject([
      { type: 'UNPROCESSABLE', message: 'Pull request is in clean status' },
    ]);
    await server.setStatus(REPO, { context: 'lint', sha: 'topic', state: 'pending', login: 'bob' });
    expect((await arm()).body.errors?.[0]?.message).toBe('Pull request is in unstable status');
  });

  it('is refused where the repository does not allow it', async () => {
    server.setSettings(REPO, { allowAutoMerge: false });
    server.setBranchProtection(REPO, { pattern: 'main', checks: ['ci'] });
    await open();
    expect((await arm()).body.errors?.[0]?.message).toBe('Auto merge is not allowed for this repository');
  });

  it('merges when the last requirement is met, in the name of who armed it', async () => {
    server.setBranchProtection(REPO, { pattern: 'main', checks: ['ci'], approvals: 1 });
    await open();
    const armed = await arm();
    expect(armed.body.data?.enablePullRequestAutoMerge?.pullRequest?.autoMergeRequest).toMatchObject({
      mergeMethod: 'SQUASH',
    });
    await server.setCheck(REPO, { name: 'ci', sha: 'topic', conclusion: 'success' });
    expect(server.pullRequest(REPO, 1).merged).toBe(false);
    await server.approve(REPO, 1, 'bob');
    expect(server.pullRequest(REPO, 1)).toMatchObject({ merged: true, mergedBy: { login: 'alice' } });
  });

  // docs.github.com/actions/concepts/security/github_token: the merge is GITHUB_TOKEN's, and so are its events.
  it('armed with a GITHUB_TOKEN merges without starting a workflow', async () => {
    server.setBranchProtection(REPO, { pattern: 'main', checks: ['ci'] });
    await open();
    const token = server.createJobToken({
      repository: REPO,
      permissions: { contents: 'write', 'pull-requests': 'write' },
    });
    expect((await arm(clientOf(server, token))).body.errors).toBeUndefined();
    const pushes: string[] = [];
    server.onEvent(({ name, actor, runs }) => name === 'push' && pushes.push(`${actor} ${runs}`));
    await server.setCheck(REPO, { name: 'ci', sha: 'topic', conclusion: 'success' });
    expect(server.pullRequest(REPO, 1)).toMatchObject({ merged: true, mergedBy: { login: 'github-actions[bot]' } });
    expect(pushes).toEqual(['github-actions[bot] none']);
  });

  it('is disabled by hand', async () => {
    server.setBranchProtection(REPO, { pattern: 'main', checks: ['ci'] });
    await open();
    await arm();
    const found = await alice.graphql(
      '{ repository(owner: "acme", name: "gitops") { pullRequest(number: 1) { id } } }',
    );
    await alice.graphql(
      'mutation($id: ID!) { disablePullRequestAutoMerge(input: {pullRequestId: $id}) { pullRequest { autoMergeRequest { enabledAt } } } }',
      { id: found.body.data?.repository?.pullRequest?.id },
    );
    await server.setCheck(REPO, { name: 'ci', sha: 'topic', conclusion: 'success' });
    expect(server.pullRequest(REPO, 1).merged).toBe(false);
  });
});

// docs.github.com/get-started/learning-about-github/githubs-plans.
describe('plans', () => {
  it('give a private repository on the free plan no protection, rulesets, auto-merge or environments', async () => {
    await server.createRepository({
      owner: 'solo',
      name: 'priv',
      files: { a: 'a' },
      plan: 'free',
      visibility: 'private',
      settings: { allowAutoMerge: true },
    });
    const solo = clientOf(server, server.userToken('solo'));
    const upgrade = 'Upgrade to GitHub Pro or make this repository public to enable this feature.';
    expect(() => server.setBranchProtection('solo/priv', { pattern: 'main', approvals: 1 })).toThrow(upgrade);
    expect(await solo.rest('GET', '/repos/solo/priv/rulesets')).toMatchObject({
      status: 403,
      body: { message: upgrade },
    });
    expect(await solo.rest('GET', '/repos/solo/priv/branches/main/protection')).toMatchObject({
      status: 403,
      body: { message: upgrade },
    });
    expect((await solo.rest('GET', '/repos/solo/priv')).body.allow_auto_merge).toBe(false);
    expect(() => server.setEnvironment('solo/priv', { name: 'production' })).toThrow(upgrade);
  });

  it('give a private repository below enterprise no required reviewers', () => {
    expect(() => server.setEnvironment(REPO, { name: 'production', reviewers: ['bob'] })).toThrow(/billing plan/);
    server.setEnvironment(REPO, { name: 'production', branches: ['main'], secrets: { KEY: 'v' } });
    expect(server.environment(REPO, 'Production')).toEqual({
      secrets: { KEY: 'v' },
      variables: {},
      branches: ['main'],
    });
  });
});
