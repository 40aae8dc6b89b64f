import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { GitHubServer } from './index.js';
import { AT, clientOf, finish, REPO, settle, type TestClient } from './test-client.js';

let server: GitHubServer;
let alice: TestClient;
let app: TestClient;
let sha: string;

beforeAll(async () => {
  ({ server, alice } = await settle());
  const waybill = server.createApp({
    slug: 'waybill',
    permissions: {
      checks: 'write',
      statuses: 'write',
      deployments: 'write',
      contents: 'read',
      pull_requests: 'read',
      actions: 'read',
    },
  });
  app = clientOf(server, waybill.installationToken(REPO));
  sha = await server.commitAs('alice', REPO, 'topic', { t: 't' }, 'topic');
  await server.openPullRequest('alice', REPO, { head: 'topic' });
});

afterAll(async () => {
  expect(await finish(server)).toEqual([]);
});

describe('check runs', () => {
  it('are written by an App, updated by it alone, and read as the latest of each name', async () => {
    const made = await app.rest('POST', `${AT}/check-runs`, {
      name: 'waybill',
      head_sha: sha,
      status: 'in_progress',
      output: { title: 'Looking', summary: 's' },
    });
    expect(made).toMatchObject({
      status: 201,
      body: { status: 'in_progress', conclusion: null, pull_requests: [{ number: 1 }] },
    });
    const done = await app.rest('PATCH', `${AT}/check-runs/${String(made.body.id)}`, {
      conclusion: 'failure',
      output: { title: 'No', summary: 'unpinned' },
    });
    expect(done.body).toMatchObject({ status: 'completed', conclusion: 'failure', output: { title: 'No' } });
    await app.rest('POST', `${AT}/check-runs`, { name: 'waybill', head_sha: sha, conclusion: 'success' });
    const latest = await app.rest('GET', `${AT}/commits/topic/check-runs`);
    expect(latest.body).toMatchObject({ total_count: 1, check_runs: [{ conclusion: 'success' }] });
    expect((await app.rest('GET', `${AT}/commits/topic/check-runs?filter=all`)).body.total_count).toBe(2);
    expect(await alice.rest('POST', `${AT}/check-runs`, { name: 'x', head_sha: sha })).toMatchObject({
      status: 403,
      body: { message: 'You must authenticate via a GitHub App.' },
    });
    const other = server.createApp({ slug: 'other', permissions: { checks: 'write' } });
    const foreign = await clientOf(server, other.installationToken(REPO)).rest(
      'PATCH',
      `${AT}/check-runs/${String(made.body.id)}`,
      { conclusion: 'success' },
    );
    expect(foreign.status).toBe(403);
  });

  it('and statuses make the rollup', async () => {
    await alice.rest('POST', `${AT}/statuses/${sha}`, {
      state: 'pending',
      context: 'argocd',
      description: 'Progressing',
    });
    const pending = await app.rest('GET', `${AT}/commits/${sha}/status`);
    expect(pending.body).toMatchObject({ state: 'pending', total_count: 1, statuses: [{ context: 'argocd' }] });
    await alice.rest('POST', `${AT}/statuses/${sha}`, { state: 'success', context: 'argocd' });
    expect((await app.rest('GET', `${AT}/commits/topic/statuses`)).body).toHaveLength(2);
    const reply =
      await app.graphql(`{ repository(owner: "acme", name: "gitops") { pullRequest(number: 1) { commits(last: 1) { nodes { commit { statusCheckRollup { state contexts(first: 9) { nodes {
      __typename ... on CheckRun { name status conclusion databaseId checkSuite { app { slug databaseId } } isRequired(pullRequestNumber: 1) } ... on StatusContext { context state creator { login } } } } } } } } } } }`);
    expect(reply.body.data?.repository?.pullRequest?.commits?.nodes?.[0]?.commit?.statusCheckRollup).toMatchObject({
      state: 'SUCCESS',
      contexts: {
        nodes: [
          { __typename: 'CheckRun', name: 'waybill', checkSuite: { app: { slug: 'waybill' } }, isRequired: false },
          { __typename: 'StatusContext', context: 'argocd', creator: { login: 'alice' } },
        ],
      },
    });
  });
});

describe('deployments', () => {
  // docs.github.com/rest/deployments/deployments: required_contexts defaults to all; auto_inactive of statuses.
  it('are refused on red commits, and end their predecessors', async () => {
    await alice.rest('POST', `${AT}/statuses/${sha}`, { state: 'failure', context: 'lint' });
    expect((await app.rest('POST', `${AT}/deployments`, { ref: 'topic', environment: 'dev' })).status).toBe(409);
    const deploy = () =>
      app.rest('POST', `${AT}/deployments`, {
        ref: 'topic',
        environment: 'dev',
        auto_merge: false,
        required_contexts: [],
        payload: { promotion: 'dev.01.abc' },
      });
    const first = await deploy();
    expect(first).toMatchObject({
      status: 201,
      body: { sha, payload: { promotion: 'dev.01.abc' }, creator: { login: 'waybill[bot]' } },
    });
    const succeed = (id: unknown) =>
      app.rest('POST', `${AT}/deployments/${String(id)}/statuses`, {
        state: 'success',
        environment_url: 'https://dev.example.com',
      });
    expect((await succeed(first.body.id)).status).toBe(201);
    const second = await deploy();
    await succeed(second.body.id);
    const states = await app.rest('GET', `${AT}/deployments/${String(first.body.id)}/statuses`);
    expect((states.body as unknown as { state: string }[]).map(({ state }) => state)).toEqual(['inactive', 'success']);
    expect((await app.rest('GET', `${AT}/deployments?environment=dev`)).body).toHaveLength(2);
    const graphql = await app.graphql(
      '{ repository(owner: "acme", name: "gitops") { deployments(first: 5, environments: ["dev"], orderBy: {field: CREATED_AT, direction: DESC}) { nodes { databaseId state payload commitOid latestStatus { state } } } } }',
    );
    expect(graphql.body.data?.repository?.deployments?.nodes).toMatchObject([
      { state: 'ACTIVE', commitOid: sha },
      { state: 'INACTIVE' },
    ]);
  });

  it('stand beside environments and their branch policies', async () => {
    server.setEnvironment(REPO, { name: 'waybill', branches: ['main'] });
    expect((await app.rest('GET', `${AT}/environments`)).body).toMatchObject({
      total_count: 1,
      environments: [{ name: 'waybill', deployment_branch_policy: { custom_branch_policies: true } }],
    });
    expect((await app.rest('GET', `${AT}/environments/waybill/deployment-branch-policies`)).body).toMatchObject({
      branch_policies: [{ name: 'main' }],
    });
    expect((await app.rest('GET', `${AT}/environments/none`)).status).toBe(404);
    const root = clientOf(server, server.userToken('root'));
    expect((await root.rest('GET', `${AT}/actions/permissions/workflow`)).body).toEqual({
      default_workflow_permissions: 'read',
      can_approve_pull_request_reviews: false,
    });
    expect((await root.rest('GET', '/users/waybill%5Bbot%5D')).body.type).toBe('Bot');
    expect((await root.rest('GET', '/rate_limit')).body.rate?.limit).toBe(5000);
  });
});
