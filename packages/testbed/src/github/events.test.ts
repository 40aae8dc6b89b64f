import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { GitHubServer, RepositoryEvent } from './index.js';
import { AT, clientOf, finish, REPO, settle, type TestClient } from './test-client.js';

let server: GitHubServer;
let alice: TestClient;
let seen: RepositoryEvent[];

beforeEach(async () => {
  ({ server, alice } = await settle());
  seen = [];
  server.onEvent((event) => seen.push(event));
});

afterEach(async () => {
  expect(await finish(server)).toEqual([]);
});

const summary = () =>
  seen
    .splice(0)
    .map(({ name, action, ref, actor, runs }) =>
      [action === undefined ? name : `${name}.${action}`, ref, actor, runs].join(' '),
    );

function actions(permissions: Record<string, 'read' | 'write'>): TestClient {
  return clientOf(server, server.createJobToken({ repository: REPO, permissions }));
}

describe('events', () => {
  it('tell of pushes and pull requests when their effect is there', async () => {
    const oid = await server.commitAs('alice', REPO, 'topic', { t: 't' }, 'topic');
    expect(seen.find(({ name }) => name === 'push')).toMatchObject({
      sha: oid,
      payload: {
        ref: 'refs/heads/topic',
        created: true,
        after: oid,
        sender: { login: 'alice' },
        repository: { full_name: REPO },
        head_commit: { id: oid },
      },
    });
    expect(summary()).toEqual(['create refs/heads/topic alice start', 'push refs/heads/topic alice start']);
    await server.openPullRequest('alice', REPO, { head: 'topic' });
    const opened = seen[0];
    expect(summary()).toEqual([
      'pull_request.opened refs/pull/1/merge alice start',
      'pull_request_target.opened refs/heads/main alice start',
    ]);
    const main = (await server.branches(REPO)).main ?? '';
    expect(await server.resolveRef(REPO, opened?.sha ?? '')).toBe(opened?.sha);
    expect((await server.commits(REPO, opened?.sha ?? ''))[0]?.parents).toEqual([main, oid]);
    await server.commitAs('bob', REPO, 'topic', { u: 'u' }, 'more');
    expect(summary()).toEqual([
      'push refs/heads/topic bob start',
      'pull_request.synchronize refs/pull/1/merge bob start',
      'pull_request_target.synchronize refs/heads/main bob start',
    ]);
    await server.approve(REPO, 1, 'bob');
    await server.mergePullRequest(REPO, 1, 'bob');
    expect(summary()).toEqual([
      'pull_request_review.submitted refs/pull/1/merge bob start',
      'push refs/heads/main bob start',
      'pull_request.closed refs/pull/1/merge bob start',
      'pull_request_target.closed refs/heads/main bob start',
    ]);
  });

  // docs.github.com/actions/…/events-that-trigger-workflows#pull_request: none on a merge conflict.
  it('raise no pull_request while it conflicts', async () => {
    await server.commitAs('alice', REPO, 'topic', { 'README.md': 'a' }, 'a');
    await server.commitAs('bob', REPO, 'main', { 'README.md': 'b' }, 'b');
    summary();
    await server.openPullRequest('alice', REPO, { head: 'topic' });
    expect(summary()).toEqual(['pull_request_target.opened refs/heads/main alice start']);
  });

  // docs.github.com/actions/concepts/security/github_token; changelog of 2026-06-11 (runs wait for approval).
  it('of a GITHUB_TOKEN start nothing, wait for approval on its pull requests, and dispatch all the same', async () => {
    server.setSettings(REPO, { actionsCanCreatePullRequests: true });
    const workflow =
      'on:\n  workflow_dispatch:\n    inputs:\n      stage: {required: true}\n      dry-run: {type: boolean}\njobs: {}\n';
    await server.commitAs('alice', REPO, 'main', { '.github/workflows/promote.yml': workflow }, 'workflow');
    const client = actions({ contents: 'write', 'pull-requests': 'write', actions: 'write' });
    const main = (await server.branches(REPO)).main;
    summary();
    await client.rest('POST', `${AT}/git/refs`, { ref: 'refs/heads/bump', sha: main });
    await client.graphql(
      `mutation($head: GitObjectID!) { createCommitOnBranch(input: {branch: {repositoryNameWithOwner: "${REPO}", branchName: "bump"}, expectedHeadOid: $head, message: {headline: "m"}, fileChanges: {additions: [{path: "p", contents: "cA=="}]}}) { commit { oid } } }`,
      { head: main },
    );
    await client.rest('POST', `${AT}/pulls`, { title: 'bump', head: 'bump', base: 'main' });
    await client.rest('POST', `${AT}/dispatches`, { event_type: 'waybill', client_payload: { waybill: { v: 1 } } });
    await client.rest('POST', `${AT}/actions/workflows/promote.yml/dispatches`, {
      ref: 'main',
      inputs: { stage: 'dev' },
    });
    const bot = 'github-actions[bot]';
    expect(seen.at(-1)?.payload).toMatchObject({
      inputs: { stage: 'dev', 'dry-run': 'false' },
      workflow: '.github/workflows/promote.yml',
    });
    expect(summary()).toEqual([
      `create refs/heads/bump ${bot} none`,
      `push refs/heads/bump ${bot} none`,
      `push refs/heads/bump ${bot} none`,
      `pull_request.opened refs/pull/1/merge ${bot} approval`,
      `pull_request_target.opened refs/heads/main ${bot} none`,
      `repository_dispatch.waybill refs/heads/main ${bot} start`,
      `workflow_dispatch refs/heads/main ${bot} start`,
    ]);
    expect(await client.rest('POST', `${AT}/actions/workflows/promote.yml/dispatches`, { ref: 'main' })).toMatchObject({
      status: 422,
      body: { message: "Required input 'stage' not provided" },
    });
    expect(
      (
        await client.rest('POST', `${AT}/actions/workflows/promote.yml/dispatches`, {
          ref: 'main',
          inputs: { stage: 'dev', x: 1 },
        })
      ).body.message,
    ).toBe('Unexpected inputs provided: ["x"]');
    expect((await client.rest('POST', `${AT}/actions/workflows/none.yml/dispatches`, { ref: 'main' })).status).toBe(
      404,
    );
  });

  // prowler-cloud #12370, base/base-std #209: "No more than 10 properties are allowed; 13 were supplied".
  it('refuse a dispatch with more than ten properties', async () => {
    const client_payload = Object.fromEntries(Array.from({ length: 11 }, (_, index) => [`k${index}`, 1]));
    const reply = await alice.rest('POST', `${AT}/dispatches`, { event_type: 'x', client_payload });
    expect(reply).toMatchObject({ status: 422, body: { message: expect.stringContaining('more than 10 properties') } });
    expect(server.violations.splice(0)).toHaveLength(1);
  });

  // github/docs #22091: once per manifest; ponylang/ponyc #4744: never for a GITHUB_TOKEN's push.
  it('tell of packages, on the package’s ref', async () => {
    const push = { repository: REPO, name: 'api', digest: `sha256:${'a'.repeat(64)}`, login: 'bob' };
    await server.registryPackage({ ...push, tag: 'main' });
    await server.registryPackage({ ...push, tag: '', byActionsToken: true });
    expect(seen.map(({ payload }) => payload.registry_package)).toMatchObject([
      { name: 'api', package_version: { container_metadata: { tag: { name: 'main' } } } },
      { name: 'api', package_version: { container_metadata: { tag: { name: '' } } } },
    ]);
    expect(summary()).toEqual([
      'registry_package.published refs/heads/main bob start',
      'registry_package.published refs/heads/main bob none',
    ]);
  });
});

describe('jobs', () => {
  const job = {
    repository: REPO,
    runId: 7,
    runAttempt: 1,
    workflowPath: '.github/workflows/ci.yml',
    workflowName: 'CI',
    event: 'pull_request',
    jobName: 'build',
  } as const;

  it('show as check runs of github-actions, which required checks see', async () => {
    server.setBranchProtection(REPO, { pattern: 'main', checks: ['build'] });
    const headSha = await server.commitAs('alice', REPO, 'topic', { t: 't' }, 'topic');
    await server.openPullRequest('alice', REPO, { head: 'topic' });
    server.reportJob({ ...job, headSha, status: 'action_required' });
    await server.settled();
    expect(server.checks(REPO, headSha)).toEqual([]);
    const waiting = await alice.rest('GET', `${AT}/actions/runs?head_sha=${headSha}`);
    expect(waiting.body.workflow_runs?.[0]).toMatchObject({
      id: 7,
      conclusion: 'action_required',
      head_branch: 'topic',
    });
    server.reportJob({ ...job, headSha, status: 'in_progress' });
    await server.settled();
    expect(await server.mergeState(REPO, 1)).toBe('BLOCKED');
    server.reportJob({ ...job, headSha, status: 'completed', conclusion: 'success' });
    await server.settled();
    expect(await server.mergeState(REPO, 1)).toBe('CLEAN');
    const runs = await alice.rest('GET', `${AT}/commits/${headSha}/check-runs`);
    expect(runs.body).toMatchObject({
      total_count: 1,
      check_runs: [{ name: 'build', conclusion: 'success', app: { slug: 'github-actions', id: 15368 } }],
    });
    expect((await alice.rest('GET', `${AT}/actions/runs/7`)).body).toMatchObject({
      status: 'completed',
      conclusion: 'success',
    });
  });
});
