import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ACTIONS_APP, type GitHubServer } from './index.js';
import { AT, clientOf, finish, REPO, settle, type TestClient } from './test-client.js';

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

const commit = (client: TestClient, branch: string, head: string | undefined) =>
  client.graphql(
    `mutation($head: GitObjectID!) { createCommitOnBranch(input: {branch: {repositoryNameWithOwner: "${REPO}", branchName: "${branch}"}, expectedHeadOid: $head, message: {headline: "m"}, fileChanges: {additions: [{path: "p", contents: "cA=="}]}}) { commit { oid } } }`,
    { head },
  );

describe('branch protection', () => {
  it('blocks a pull request until checks and reviews are there', async () => {
    server.setBranchProtection(REPO, { pattern: 'main', checks: ['ci'], approvals: 1, dismissStale: true });
    await open();
    expect(await server.mergeState(REPO, 1)).toBe('BLOCKED');
    expect(await alice.rest('PUT', `${AT}/pulls/1/merge`, {})).toMatchObject({
      status: 405,
      body: {
        message:
          'At least 1 approving review is required by reviewers with write access. Required status check "ci" is expected.',
      },
    });
    await server.approve(REPO, 1, 'reader');
    await server.setCheck(REPO, { name: 'ci', sha: 'topic', conclusion: 'success' });
    expect(await server.mergeState(REPO, 1)).toBe('BLOCKED');
    await server.approve(REPO, 1, 'bob');
    expect(await server.mergeState(REPO, 1)).toBe('CLEAN');
    // docs: "Dismiss stale pull request approvals when new commits are pushed".
    await server.commitAs('alice', REPO, 'topic', { more: 'm' }, 'more');
    expect(server.pullRequest(REPO, 1).reviews.map((review) => review.state)).toEqual(['DISMISSED', 'DISMISSED']);
    const reply = await alice.graphql(
      '{ repository(owner: "acme", name: "gitops") { pullRequest(number: 1) { reviewDecision } } }',
    );
    expect(reply.body.data?.repository?.pullRequest?.reviewDecision).toBe('REVIEW_REQUIRED');
  });

  it('is BEHIND when strict and the base has moved, UNSTABLE when an optional check fails', async () => {
    server.setBranchProtection(REPO, { pattern: 'main', checks: ['ci'], strict: true });
    await open();
    await server.setCheck(REPO, { name: 'ci', sha: 'topic', conclusion: 'success' });
    await server.commitAs('root', REPO, 'main', { other: 'o' }, 'other');
    expect(await server.mergeState(REPO, 1)).toBe('BEHIND');
    await alice.rest('PUT', `${AT}/pulls/1/update-branch`, {});
    await server.setCheck(REPO, { name: 'ci', sha: 'topic', conclusion: 'success' });
    await server.setStatus(REPO, { context: 'lint', sha: 'topic', state: 'failure', login: 'bob' });
    expect(await server.mergeState(REPO, 1)).toBe('UNSTABLE');
  });

  // docs.github.com/…/about-protected-branches: a required check can be tied to the App that must set it.
  it('counts a required check from its App only', async () => {
    const gate = server.createApp({ slug: 'gate', permissions: { checks: 'write', statuses: 'write' } });
    server.setBranchProtection(REPO, { pattern: 'main', checks: [{ context: 'waybill', appId: gate.appId }] });
    await open();
    await server.setCheck(REPO, { name: 'waybill', sha: 'topic', conclusion: 'success' });
    await server.setStatus(REPO, { context: 'waybill', sha: 'topic', state: 'success', login: 'alice' });
    expect(await server.mergeState(REPO, 1)).toBe('BLOCKED');
    await server.setCheck(REPO, { name: 'waybill', sha: 'topic', conclusion: 'success', app: 'gate' });
    expect(await server.mergeState(REPO, 1)).toBe('CLEAN');
  });

  it('lets an administrator through unless it is enforced for all', async () => {
    server.setBranchProtection(REPO, { pattern: 'main', approvals: 1 });
    await open();
    await expect(server.mergePullRequest(REPO, 1, 'bob')).rejects.toThrow(/approving review/);
    await server.mergePullRequest(REPO, 1, 'root');
    expect(server.pullRequest(REPO, 1).merged).toBe(true);
    server.setBranchProtection(REPO, { pattern: 'main', approvals: 1, enforceAdmins: true });
    await open('next');
    await expect(server.mergePullRequest(REPO, 2, 'root')).rejects.toThrow(/approving review/);
  });

  it('is told by the API as it is', async () => {
    const app = server.createApp({ slug: 'reader-app', permissions: { administration: 'read', contents: 'read' } });
    const client = clientOf(server, app.installationToken(REPO));
    expect(await client.rest('GET', `${AT}/branches/main/protection`)).toMatchObject({
      status: 404,
      body: { message: 'Branch not protected' },
    });
    server.setBranchProtection(REPO, {
      pattern: 'main',
      checks: ['ci'],
      approvals: 2,
      restrictions: { users: ['bob'], apps: ['reader-app'] },
    });
    expect((await client.rest('GET', `${AT}/branches/main/protection`)).body).toMatchObject({
      required_status_checks: { contexts: ['ci'] },
      required_pull_request_reviews: { required_approving_review_count: 2 },
      restrictions: { users: [{ login: 'bob' }], apps: [{ slug: 'reader-app' }] },
    });
    expect((await client.rest('GET', `${AT}/branches/main`)).body.protected).toBe(true);
  });
});

describe('direct pushes', () => {
  // AlexanderMattTurner/agent-glovebox #1206: "GH013 … N of N required status checks are expected".
  it('to a branch with required checks are refused, through Git and through the API', async () => {
    server.setRuleset(REPO, {
      name: 'main',
      include: ['~DEFAULT_BRANCH'],
      rules: [
        { type: 'required_status_checks', strict: false, checks: [{ context: 'a' }, { context: 'b' }] },
        { type: 'pull_request', approvals: 0, dismissStale: false, lastPushApproval: false },
      ],
    });
    await expect(server.commitAs('alice', REPO, 'main', { x: 'x' }, 'x')).rejects.toThrow(
      /GH013: Repository rule violations found for refs\/heads\/main[\s\S]*2 of 2 required status checks are expected\.[\s\S]*Changes must be made through a pull request\./,
    );
    const reply = await commit(alice, 'main', (await server.branches(REPO)).main);
    expect(reply.body.errors?.[0]?.message).toMatch(
      /^Repository rule violations found\n\n2 of 2 required status checks are expected\./,
    );
    const loose = await server.commitAs('alice', REPO, 'loose', { x: 'x' }, 'x');
    const moved = await alice.rest('PATCH', `${AT}/git/refs/heads/main`, { sha: loose });
    expect(moved).toMatchObject({
      status: 422,
      body: { message: expect.stringContaining('2 of 2 required status checks are expected.') },
    });
  });
});

describe('rulesets', () => {
  // Ledger rule of the design: create, update, delete and force-push under waybill/**/* by one App alone.
  it('keep everyone but the bypassing App from a namespace', async () => {
    const waybill = server.createApp({ slug: 'waybill', permissions: { contents: 'write', metadata: 'read' } });
    const other = server.createApp({ slug: 'other', permissions: { contents: 'write', metadata: 'read' } });
    const id = server.setRuleset(REPO, {
      name: 'waybill',
      include: ['refs/heads/waybill/**/*'],
      rules: ['creation', 'update', 'deletion', 'non_fast_forward'],
      bypass: [{ app: waybill.appId, mode: 'always' }],
    });
    const main = (await server.branches(REPO)).main;
    const create = (client: TestClient) =>
      client.rest('POST', `${AT}/git/refs`, { ref: 'refs/heads/waybill/ledger', sha: main });
    const ours = clientOf(server, waybill.installationToken(REPO));
    const theirs = clientOf(server, other.installationToken(REPO));
    const actions = clientOf(server, server.createJobToken({ repository: REPO, permissions: { contents: 'write' } }));
    for (const client of [alice, theirs, actions]) {
      expect(await create(client)).toMatchObject({
        status: 422,
        body: { message: expect.stringContaining('Cannot create ref due to creations being restricted.') },
      });
    }
    expect((await create(ours)).status).toBe(201);
    expect((await commit(ours, 'waybill/ledger', main)).body.errors).toBeUndefined();
    const head = (await server.branches(REPO))['waybill/ledger'];
    expect((await commit(alice, 'waybill/ledger', head)).body.errors?.[0]?.message).toContain(
      'Cannot update this protected ref.',
    );
    expect((await alice.rest('DELETE', `${AT}/git/refs/heads/waybill/ledger`)).body.message).toContain(
      'Cannot delete this branch',
    );
    const seen = async (client: TestClient) =>
      (await client.rest('GET', `${AT}/rulesets/${id}`)).body.current_user_can_bypass as unknown;
    expect([await seen(ours), await seen(alice), await seen(actions)]).toEqual(['always', 'never', 'never']);
    const rules = await actions.rest('GET', `${AT}/rules/branches/waybill/ledger`);
    expect((rules.body as unknown as { type: string }[]).map(({ type }) => type)).toEqual([
      'creation',
      'update',
      'deletion',
      'non_fast_forward',
    ]);
    expect((await actions.rest('GET', `${AT}/rulesets`)).body).toMatchObject([
      { name: 'waybill', enforcement: 'active' },
    ]);
    const graphql = await actions.graphql(
      '{ repository(owner: "acme", name: "gitops") { rulesets(first: 5) { nodes { name enforcement target conditions { refName { include } } rules(first: 9) { nodes { type } } } } } }',
    );
    expect(graphql.body.data?.repository?.rulesets?.nodes).toMatchObject([
      {
        name: 'waybill',
        rules: {
          nodes: [{ type: 'CREATION' }, { type: 'UPDATE' }, { type: 'DELETION' }, { type: 'NON_FAST_FORWARD' }],
        },
      },
    ]);
  });

  // FriendlyInternet/nuxt-crouton #1942, projectbluefin/lab #435.
  it('cannot be bypassed by GITHUB_TOKEN', () => {
    expect(() =>
      server.setRuleset(REPO, {
        name: 'x',
        include: ['~ALL'],
        rules: ['update'],
        bypass: [{ app: ACTIONS_APP.id, mode: 'always' }],
      }),
    ).toThrow('Validation Failed');
  });

  it('with pull_request bypass let an App merge, not push', async () => {
    const waybill = server.createApp({ slug: 'waybill', permissions: { contents: 'write', pull_requests: 'write' } });
    server.setRuleset(REPO, {
      name: 'main',
      include: ['~DEFAULT_BRANCH'],
      rules: [{ type: 'pull_request', approvals: 1, dismissStale: true, lastPushApproval: false }],
      bypass: [{ app: waybill.appId, mode: 'pull_request' }],
    });
    await open();
    const client = clientOf(server, waybill.installationToken(REPO));
    expect((await commit(client, 'main', (await server.branches(REPO)).main)).body.errors).toHaveLength(1);
    expect((await client.rest('PUT', `${AT}/pulls/1/merge`, {})).status).toBe(200);
  });
});
