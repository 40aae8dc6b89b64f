import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type GitHubServer, secondaryRateLimit } from './index.js';
import { AT, finish, REPO, settle, type TestClient } from './test-client.js';

let server: GitHubServer;
let alice: TestClient;

beforeEach(async () => {
  ({ server, alice } = await settle());
});

afterEach(async () => {
  expect(await finish(server)).toEqual([]);
});

describe('faults', () => {
  it('error before the effect, with any answer', async () => {
    server.faults.push(secondaryRateLimit({ method: 'POST', path: /\/pulls$/ }, 30, 429));
    await server.commitAs('alice', REPO, 'topic', { t: 't' }, 't');
    const body = { title: 't', head: 'topic', base: 'main' };
    const refused = await alice.rest('POST', `${AT}/pulls`, body);
    expect(refused).toMatchObject({ status: 429, body: { message: expect.stringMatching(/secondary rate limit/) } });
    expect(refused.headers.get('retry-after')).toBe('30');
    expect(server.pullRequests(REPO)).toHaveLength(0);
    expect((await alice.rest('POST', `${AT}/pulls`, body)).status).toBe(201);
    expect(server.faults.pending).toEqual([]);
  });

  it('lose the answer after the effect', async () => {
    await server.commitAs('alice', REPO, 'topic', { t: 't' }, 't');
    server.faults.push({ match: { method: 'POST', path: /\/pulls$/ }, kind: 'lost-answer' });
    await expect(alice.rest('POST', `${AT}/pulls`, { title: 't', head: 'topic', base: 'main' })).rejects.toThrow();
    await server.settled();
    expect(server.pullRequests(REPO)).toHaveLength(1);
    expect(server.log.at(-1)).toMatchObject({ status: 0, route: '/repos/{owner}/{repo}/pulls', mutating: true });
  });

  it('disconnect before the effect, delay, and count', async () => {
    server.faults.push(
      { match: { graphql: /viewer/ }, kind: 'disconnect', times: 2 },
      { match: { graphql: /viewer/ }, kind: 'delay', milliseconds: 1 },
    );
    await expect(alice.graphql('{ viewer { login } }')).rejects.toThrow();
    await expect(alice.graphql('{ viewer { login } }')).rejects.toThrow();
    expect((await alice.graphql('{ viewer { login } }')).body.data?.viewer?.login).toBe('alice');
    expect(server.log.map(({ operations, status }) => [operations, status])).toEqual([
      [[], 0],
      [[], 0],
      [['query viewer'], 200],
    ]);
  });
});

describe('Git over HTTP', () => {
  const run = promisify(execFile);
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'clone-'));
  });

  afterEach(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  const git = (...args: string[]) =>
    run('git', ['-C', folder, '-c', 'user.name=Alice', '-c', 'user.email=alice@example.com', ...args], {
      env: { ...process.env, GIT_TERMINAL_PROMPT: '0', GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1' },
    });

  it('clones and pushes; a push is an event, unverified, and logged', async () => {
    await git('clone', '-q', server.cloneUrl(REPO, server.userToken('alice')), '.');
    await writeFile(join(folder, 'pushed.txt'), 'by hand\n');
    await git('add', '.');
    await git('commit', '-qm', 'by hand');
    const seen: string[] = [];
    server.onEvent((event) => seen.push(`${event.name} ${event.ref} ${event.actor}`));
    await git('push', '-q', 'origin', 'HEAD:main', 'HEAD:refs/heads/copy');
    expect(await server.readText(REPO, 'main', 'pushed.txt')).toBe('by hand\n');
    expect((await server.commits(REPO, 'main'))[0]).toMatchObject({ verified: false, author: { name: 'Alice' } });
    expect(seen).toEqual(['push refs/heads/main alice', 'create refs/heads/copy alice', 'push refs/heads/copy alice']);
    expect(
      server.log.filter(({ kind }) => kind === 'git').map(({ route, mutating }) => [route, mutating]),
    ).toContainEqual(['git-receive-pack', true]);
  });

  it('refuses a push against the rules, as GH013 and GH006', async () => {
    server.setBranchProtection(REPO, { pattern: 'main', approvals: 1 });
    server.setRuleset(REPO, { name: 'kept', include: ['refs/heads/kept'], rules: ['non_fast_forward'] });
    await git('clone', '-q', server.cloneUrl(REPO, server.userToken('alice')), '.');
    await git('push', '-q', 'origin', 'HEAD:kept');
    await writeFile(join(folder, 'a'), 'a');
    await git('add', '.');
    await git('commit', '-qm', 'a');
    await expect(git('push', 'origin', 'HEAD:main')).rejects.toThrow(
      /GH006: Protected branch update failed[\s\S]*Changes must be made through a pull request\./,
    );
    await git('push', '-q', 'origin', 'HEAD:kept');
    await expect(git('push', '-f', 'origin', 'HEAD~1:kept')).rejects.toThrow(
      /GH013[\s\S]*Cannot force-push to this branch/,
    );
    expect(await server.readText(REPO, 'kept', 'a')).toBe('a');
  });

  it('is closed to strangers, and to writing for readers', async () => {
    server.createUser('stranger');
    await expect(git('clone', '-q', server.cloneUrl(REPO), 'x')).rejects.toThrow(
      /Authentication failed|could not read Username/,
    );
    await expect(git('clone', '-q', server.cloneUrl(REPO, server.userToken('stranger')), 'x')).rejects.toThrow(
      /not found/,
    );
    await git('clone', '-q', server.cloneUrl(REPO, server.userToken('reader')), '.');
    await expect(git('push', 'origin', 'HEAD:refs/heads/x')).rejects.toThrow(/403/);
  });
});
