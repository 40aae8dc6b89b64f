import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { parseReference } from '@waybill/core';
import {
  type PushedImage,
  pushImage,
  REGISTRY_DIALECTS,
  type RegistryDialect,
  type RegistryFault,
  startRegistry,
  type TestRegistry,
} from '../../testbed/src/registry/index.js';
import { createRegistry, type RegistryClient } from './create-registry.js';
import { createCredentials } from './credentials.js';
import { collectLog, type FakeClock, fakeClock, TRANSPORTS } from './test-support.js';

const ACCOUNT = { username: 'ci', password: 'secret' };

describe.each(TRANSPORTS)('over %s, against a registry that is not as it should be', (_name, createConnections) => {
  const connections = createConnections();
  let server: TestRegistry;
  let image: PushedImage;
  let client: RegistryClient;
  let clock: FakeClock;

  beforeAll(async () => {
    server = await startRegistry({ auth: { kind: 'token', accounts: [ACCOUNT] } });
    const tags = Array.from({ length: 250 }, (_, index) => `t${String(index).padStart(3, '0')}`);
    const target = { url: server.url, credentials: ACCOUNT };
    image = await pushImage(target, {
      repository: 'o/api',
      tags: ['main', ...tags],
      metadata: 'labels',
      revision: 'abc',
    });
  });
  afterAll(async () => {
    connections.close();
    await server.close();
  });
  beforeEach(() => {
    server.reset();
    clock = fakeClock();
    client = createRegistry({
      fetch: connections.fetch,
      clock,
      log: collectLog(),
      credentials: createCredentials({ explicit: [{ host: server.host, ...ACCOUNT }] }),
    });
  });

  const main = () => parseReference(`${server.host}/o/api:main`);
  const resolve = async (labels = false) => (await client.resolve([main()], { labels }))[0];
  const manifests = /\/manifests\//;

  const passing: readonly (readonly [string, Partial<RegistryDialect>])[] = [
    ['says no digest', { digestHeader: 'missing' }],
    ['says half a digest', { digestHeader: 'malformed' }],
    ['knows no HEAD', { head: 'refused' }],
    ['sets no type', { manifestContentType: 'application/octet-stream' }],
    ['has its tokens elsewhere, on loopback too', { tokenRealm: 'elsewhere' }],
    ['has its blobs elsewhere', { blobs: 'redirect' }],
    ['is like ghcr.io', REGISTRY_DIALECTS.ghcr],
    ['is like Docker Hub', REGISTRY_DIALECTS.dockerHub],
  ];
  it.each(passing)('resolves when it %s', async (_name, dialect) => {
    server.configure(dialect);
    expect(await resolve(true)).toMatchObject({ kind: 'resolved', image: { digest: image.digest, revision: 'abc' } });
    expect(server.log.count({ origin: 'elsewhere', authorization: 'bearer' })).toBe(0);
    expect(server.log.count({ status: 400 })).toBe(0);
  });

  const failing: readonly (readonly [string, Partial<RegistryDialect>, string])[] = [
    ['lies about the digest', { digestHeader: 'lying' }, 'registry-protocol'],
    ['answers with schema 1', { schema1: true }, 'registry-protocol'],
    ['answers with a web page', { manifestContentType: 'text/html' }, 'registry-protocol'],
    ['says another type', { manifestContentType: 'application/vnd.oci.image.manifest.v1+json' }, 'registry-protocol'],
    ['denies the repository by 401', { denied: { 'o/api': 401 } }, 'registry-denied'],
    ['denies the repository by 403', { denied: { 'o/api': 403 } }, 'registry-denied'],
    ['hides the repository', { denied: { 'o/api': 404 } }, 'registry-not-found'],
    ['has used up its pulls', { pullLimit: 0 }, 'registry-unavailable'],
    ['sends its tokens to a stranger', { tokenRealm: { url: 'https://evil.example/token' } }, 'registry-untrusted'],
    ['sends its tokens over plain HTTP', { tokenRealm: { url: 'http://evil.example/token' } }, 'registry-untrusted'],
  ];
  it.each(failing)('fails when it %s', async (_name, dialect, code) => {
    server.configure(dialect);
    expect(await resolve()).toMatchObject({ kind: 'failed', error: { code } });
  });

  it('is not told by a lying header that nothing moved', async () => {
    expect(await client.unchanged(main(), image.digest)).toBe(true);
    server.configure({ digestHeader: 'lying' });
    expect(await client.unchanged(main(), image.digest)).toBe(false);
    server.configure({ digestHeader: 'missing' });
    expect(await client.unchanged(main(), image.digest)).toBe(false);
    server.configure({ digestHeader: 'right', head: 'refused' });
    expect(await client.unchanged(main(), image.digest)).toBe(false);
  });

  const passingFaults: readonly (readonly [string, RegistryFault])[] = [
    ['a broken connection', { kind: 'disconnect' }],
    ['half a body', { kind: 'disconnect-mid-body' }],
    ['a bad gateway', { kind: 'status', status: 502 }],
    ['too many requests', { kind: 'status', status: 429, retryAfter: { seconds: 9 } }],
  ];
  it.each(passingFaults)('goes on after %s, wherever it happens', async (_name, fault) => {
    await resolve();
    for (const path of ['/manifests/', '/token', '/blobs/']) {
      server.expireTokens();
      clock.advance(3_600_000);
      server.inject(fault, { path, times: 2 });
      expect(await resolve(true)).toMatchObject({ kind: 'resolved', image: { digest: image.digest, revision: 'abc' } });
    }
    if (fault.kind === 'status' && fault.status === 429) {
      expect(clock.sleeps.filter((slept) => slept >= 9_000)).toHaveLength(6);
    }
  });

  it('waits for the date that it was given', async () => {
    const date = new Date(clock.now().getTime() + 20_000);
    server.inject({ kind: 'status', status: 503, retryAfter: { date } }, { path: manifests });
    expect(await resolve()).toMatchObject({ kind: 'resolved' });
    expect(clock.sleeps[0]).toBeGreaterThanOrEqual(20_000);
    expect(clock.sleeps[0]).toBeLessThan(21_000);
  });

  it.each([
    ['a changed byte', { kind: 'corrupt-body' }],
    ['a shortened body', { kind: 'truncated-body' }],
  ] as const)('refuses %s', async (_name, fault) => {
    await resolve();
    server.inject(fault, { method: 'GET', path: manifests });
    expect(await resolve()).toMatchObject({ kind: 'failed', error: { code: 'registry-protocol' } });
    server.inject(fault, { method: 'GET', path: '/blobs/' });
    expect(await resolve(true)).toMatchObject({ kind: 'failed', error: { code: 'registry-protocol' } });
  });

  it('gives up on lasting trouble', async () => {
    server.inject({ kind: 'status', status: 503 }, { path: manifests, times: Number.POSITIVE_INFINITY });
    expect(await resolve()).toMatchObject({ kind: 'failed', error: { code: 'registry-unavailable' } });
    expect(server.log.count({ path: manifests })).toBe(4);
  });

  const linked: readonly Partial<RegistryDialect>[] = [
    { links: 'last', pageSize: 100 },
    { links: 'next-page', pageSize: 50, tagOrder: 'oldest-first' },
    { links: 'unpaged' },
  ];
  it.each(linked)('lists all tags with %j', async (dialect) => {
    server.configure(dialect);
    expect(new Set(await client.tags(`${server.host}/o/api`)).size).toBe(251);
  });

  it.each(['cross-origin', 'repeating'] as const)('fails where pages are %s', async (links) => {
    server.configure({ links, pageSize: 100 });
    await expect(client.tags(`${server.host}/o/api`)).rejects.toMatchObject({ code: 'registry-protocol' });
    expect(server.log.count({ origin: 'elsewhere', path: 'tags' })).toBe(0);
  });

  it('makes one request a reference, and never more than 32 at once', async () => {
    await resolve();
    server.log.clear();
    server.configure({ delayMs: 5 });
    const references = Array.from({ length: 200 }, (_, index) =>
      parseReference(`${server.host}/o/api:t${String(index).padStart(3, '0')}`),
    );
    const found = await client.resolve(references);
    expect(found.every((one) => one.kind === 'resolved' && one.image.digest === image.digest)).toBe(true);
    expect(server.log.count()).toBe(200);
    expect(server.log.peak()).toBeGreaterThan(4);
    expect(server.log.peak()).toBeLessThanOrEqual(32);
  });

  it('gets one token when many need it at once, also when it has just expired', async () => {
    await resolve();
    server.expireTokens();
    server.log.clear();
    const references = Array.from({ length: 60 }, (_, index) =>
      parseReference(`${server.host}/o/api:t${String(index).padStart(3, '0')}`),
    );
    expect((await client.resolve(references)).every((one) => one.kind === 'resolved')).toBe(true);
    expect(server.log.count({ path: '/token' })).toBe(1);
  });
});
