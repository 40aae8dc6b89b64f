import { createSign } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { GitHubServer, TestApp } from './index.js';
import { AT, clientOf, finish, REPO, settle } from './test-client.js';

let server: GitHubServer;
let now: Date;

beforeEach(async () => {
  now = new Date('2026-03-01T10:00:00Z');
  ({ server } = await settle({ clock: () => now }));
});

afterEach(async () => {
  expect(await finish(server)).toEqual([]);
});

function jwt(app: TestApp, claims: Record<string, unknown> = {}): string {
  const seconds = Math.floor(now.getTime() / 1000);
  const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const signed = `${encode({ alg: 'RS256', typ: 'JWT' })}.${encode({ iat: seconds - 60, exp: seconds + 540, iss: app.clientId, ...claims })}`;
  return `${signed}.${createSign('RSA-SHA256').update(signed).sign(app.privateKey, 'base64url')}`;
}

describe('a token', () => {
  it('may do what its permissions say and no more', async () => {
    const client = clientOf(server, server.createJobToken({ repository: REPO, permissions: { contents: 'read' } }));
    expect((await client.rest('GET', `${AT}/git/ref/heads/main`)).status).toBe(200);
    const refused = await client.rest('POST', `${AT}/git/blobs`, { content: 'x' });
    expect(refused).toMatchObject({ status: 403, body: { message: 'Resource not accessible by integration' } });
    expect(refused.headers.get('x-accepted-github-permissions')).toBe('contents=write');
    expect((await client.rest('GET', `${AT}/pulls`)).status).toBe(403);
    const graphql = await client.graphql(
      '{ repository(owner: "acme", name: "gitops") { id pullRequests(first: 1) { totalCount } } }',
    );
    expect(graphql.body.errors).toMatchObject([
      { type: 'FORBIDDEN', message: 'Resource not accessible by integration', path: ['repository', 'pullRequests'] },
    ]);
    const mutation = await client.graphql(
      `mutation { createCommitOnBranch(input: {branch: {repositoryNameWithOwner: "${REPO}", branchName: "main"}, expectedHeadOid: "${'0'.repeat(40)}", message: {headline: "m"}}) { commit { oid } } }`,
    );
    expect(mutation.body.errors).toMatchObject([{ type: 'FORBIDDEN' }]);
  });

  it('sees its own repository only', async () => {
    await server.createRepository({ owner: 'acme', name: 'other', files: { a: 'a' } });
    const client = clientOf(server, server.createJobToken({ repository: REPO, permissions: { contents: 'write' } }));
    expect((await client.rest('GET', '/repos/acme/other')).status).toBe(404);
    const repositories = await client.rest('GET', '/installation/repositories');
    expect(repositories.body).toMatchObject({ total_count: 1, repositories: [{ full_name: REPO }] });
  });

  it('is refused when unknown, expired or revoked', async () => {
    expect(await clientOf(server, 'ghp_nothing').rest('GET', AT)).toMatchObject({
      status: 401,
      body: { message: 'Bad credentials' },
    });
    const app = server.createApp({ slug: 'waybill', permissions: { contents: 'write' } });
    const client = clientOf(server, app.installationToken(REPO));
    expect((await client.rest('GET', AT)).status).toBe(200);
    now = new Date(now.getTime() + 3_600_000);
    expect((await client.rest('GET', AT)).status).toBe(401);
    const fresh = clientOf(server, app.installationToken(REPO));
    expect((await fresh.rest('DELETE', '/installation/token')).status).toBe(204);
    expect((await fresh.rest('GET', AT)).status).toBe(401);
  });

  it('is needed for what is private', async () => {
    const nobody = clientOf(server, undefined);
    expect((await nobody.rest('GET', AT)).status).toBe(404);
    await server.createRepository({ owner: 'acme', name: 'open', files: { a: 'a' }, visibility: 'public' });
    expect((await nobody.rest('GET', '/repos/acme/open')).status).toBe(200);
    expect((await nobody.graphql('{ viewer { login } }')).status).toBe(401);
  });

  // docs.github.com/apps/…/permissions-required-for-github-apps, "Repository permissions for Workflows".
  it('of an App changes no workflow file without the permission for it', async () => {
    const app = server.createApp({ slug: 'waybill', permissions: { contents: 'write' } });
    const client = clientOf(server, app.installationToken(REPO));
    const head = (await server.branches(REPO)).main;
    const reply = await client.graphql(
      `mutation($head: GitObjectID!) { createCommitOnBranch(input: {branch: {repositoryNameWithOwner: "${REPO}", branchName: "main"}, expectedHeadOid: $head, message: {headline: "m"}, fileChanges: {additions: [{path: ".github/workflows/x.yml", contents: "eA=="}]}}) { commit { oid } } }`,
      { head },
    );
    expect(reply.body.errors?.[0]?.message).toMatch(/without `workflows` permission/);
  });
});

describe('a person', () => {
  it('may do what the role allows', async () => {
    const reader = clientOf(server, server.userToken('reader'));
    expect((await reader.rest('GET', `${AT}/git/ref/heads/main`)).status).toBe(200);
    expect((await reader.rest('POST', `${AT}/git/blobs`, { content: 'x' })).status).toBe(404);
    expect((await reader.rest('GET', AT)).body.permissions).toMatchObject({ pull: true, push: false });
    const bob = clientOf(server, server.userToken('bob'));
    expect((await bob.rest('PATCH', AT, { allow_auto_merge: false })).status).toBe(403);
    const root = clientOf(server, server.userToken('root'));
    expect((await root.rest('PATCH', AT, { allow_auto_merge: false })).body.allow_auto_merge).toBe(false);
    expect((await root.rest('GET', '/user')).body.login).toBe('root');
    expect((await bob.rest('GET', `${AT}/collaborators/root/permission`)).body).toMatchObject({
      permission: 'admin',
      role_name: 'admin',
    });
  });
});

// docs.github.com/apps/…/generating-an-installation-access-token-for-a-github-app.
describe('an App', () => {
  it('gets an installation token by its JWT', async () => {
    const app = server.createApp({
      slug: 'waybill',
      permissions: { contents: 'write', pull_requests: 'write' },
      repositories: [REPO],
    });
    const self = clientOf(server, jwt(app));
    expect((await self.rest('GET', '/app')).body.slug).toBe('waybill');
    const installation = await self.rest('GET', `${AT}/installation`);
    expect(installation.body).toMatchObject({
      app_id: app.appId,
      app_slug: 'waybill',
      permissions: { contents: 'write' },
    });
    const path = `/app/installations/${String(installation.body.id)}/access_tokens`;
    const made = await self.rest('POST', path, { repositories: ['gitops'], permissions: { contents: 'read' } });
    expect(made).toMatchObject({
      status: 201,
      body: { expires_at: '2026-03-01T11:00:00Z', permissions: { contents: 'read' } },
    });
    const client = clientOf(server, String(made.body.token));
    expect((await client.rest('GET', `${AT}/git/ref/heads/main`)).status).toBe(200);
    expect((await client.rest('POST', `${AT}/git/blobs`, { content: 'x' })).status).toBe(403);
    expect((await self.rest('POST', path, { permissions: { checks: 'write' } })).body.message).toBe(
      'The permissions requested are not granted to this installation.',
    );
    expect((await self.rest('POST', path, { repositories: ['none'] })).status).toBe(422);
    expect((await self.rest('GET', AT)).status).toBe(404);
  });

  it('is refused with a JWT that another key signed, that is too old or lives too long', async () => {
    const app = server.createApp({ slug: 'waybill', permissions: { contents: 'read' } });
    const other = server.createApp({ slug: 'other', permissions: { contents: 'read' } });
    const seconds = Math.floor(now.getTime() / 1000);
    for (const token of [
      jwt(other, { iss: app.clientId }),
      jwt(app, { exp: seconds - 1 }),
      jwt(app, { exp: seconds + 3600 }),
    ]) {
      expect((await clientOf(server, token).rest('GET', '/app')).status).toBe(401);
    }
  });
});
