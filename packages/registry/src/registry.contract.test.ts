import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parseReference } from '@waybill/core';
import {
  type PushedImage,
  pushImage,
  type RegistryTarget,
  type RunningRegistry,
  registryTargets,
  skopeoDigest,
} from '../../testbed/src/registry/index.js';
import { findTool } from '../../testbed/src/registry/tools.js';
import { createRegistry, type RegistryClient } from './create-registry.js';
import { anonymousCredentials, createCredentials } from './credentials.js';
import type { Fetch } from './fetch.js';
import { collectLog, fakeClock, TRANSPORTS } from './test-support.js';

function clientFor(fetch: Fetch, server: RunningRegistry, who: RunningRegistry['writer']): RegistryClient {
  const credentials =
    who === undefined
      ? anonymousCredentials
      : createCredentials({ explicit: [{ host: server.host, username: who.username, password: who.password }] });
  return createRegistry({ fetch, credentials, clock: fakeClock(), log: collectLog() });
}

for (const target of registryTargets()) {
  const suite = target.absent === undefined ? describe : describe.skip;
  suite(`${target.name}${target.absent === undefined ? '' : ` (${target.absent})`}`, () => contract(target));
}

function contract(target: RegistryTarget): void {
  let server: RunningRegistry;
  let index: PushedImage;
  let single: PushedImage;
  let docker: PushedImage;

  beforeAll(async () => {
    server = await target.start();
    const into = { url: server.url, ...(server.writer === undefined ? {} : { credentials: server.writer }) };
    const facts = { revision: 'a'.repeat(40), created: '2026-01-02T03:04:05Z' };
    index = await pushImage(into, {
      repository: 'o/api',
      tags: ['main', 'v1'],
      attestations: true,
      metadata: 'labels',
      labels: { 'org.opencontainers.image.source': 'https://github.com/o/api' },
      ...facts,
    });
    single = await pushImage(into, {
      repository: 'o/web',
      tags: ['main', `sha256-${'0'.repeat(64)}.sig`],
      shape: 'manifest',
      platforms: ['linux/arm64/v8'],
      omitMediaType: true,
      metadata: 'annotations',
      ...facts,
    });
    docker = await pushImage(into, { repository: 'o/old', tags: ['main'], format: 'docker' });
  });
  afterAll(() => server.close());

  describe.each(TRANSPORTS)('over %s', (_name, createConnections) => {
    const connections = createConnections();
    let client: RegistryClient;
    beforeAll(() => {
      client = clientFor(connections.fetch, server, server.reader ?? server.writer);
    });
    afterAll(() => connections.close());

    it('gives the digest of what the tag points at, in the order asked, and says what is absent', async () => {
      const names = ['o/web:main', 'o/api:main', 'o/old:main', 'o/api:none', 'o/web:main', `o/api@${index.digest}`];
      const found = await client.resolve(names.map((name) => parseReference(`${server.host}/${name}`)));
      const said = found.map((one) => (one.kind === 'resolved' ? one.image.digest : one.kind));
      expect(said).toEqual([single.digest, index.digest, docker.digest, 'absent', single.digest, index.digest]);
      expect(found.map((one) => (one.kind === 'resolved' ? one.image.reference : one.reference).text)).toEqual(
        names.map((name) => `${server.host}/${name}`),
      );
    });

    it('reads platforms, revision, source and date', async () => {
      const [many, one] = await client.resolve(
        [parseReference(`${server.host}/o/api:v1`), parseReference(`${server.host}/o/web:main`)],
        {
          platforms: ['linux/arm64'],
          labels: true,
        },
      );
      expect(many).toMatchObject({
        kind: 'resolved',
        image: {
          mediaType: 'application/vnd.oci.image.index.v1+json',
          platforms: ['linux/amd64', 'linux/arm64'],
          revision: 'a'.repeat(40),
          source: 'https://github.com/o/api',
          created: '2026-01-02T03:04:05Z',
        },
      });
      expect(one).toMatchObject({
        kind: 'resolved',
        image: { platforms: ['linux/arm64/v8'], revision: 'a'.repeat(40), created: '2026-01-02T03:04:05Z' },
      });
    });

    it('fails with platform-missing where a platform is', async () => {
      const [one] = await client.resolve([parseReference(`${server.host}/o/web:main`)], { platforms: ['linux/amd64'] });
      expect(one).toMatchObject({ kind: 'failed', error: { code: 'platform-missing' } });
    });

    it('lists tags without signatures', async () => {
      expect([...(await client.tags(`${server.host}/o/api`))].sort()).toEqual(['main', 'v1']);
      expect(await client.tags(`${server.host}/o/web`)).toEqual(['main']);
    });

    it('tells an unknown repository from an empty one', async () => {
      await expect(client.tags(`${server.host}/o/nothing`)).rejects.toMatchObject({ code: 'registry-not-found' });
    });

    it('says by HEAD whether a tag still is where it was', async () => {
      const main = parseReference(`${server.host}/o/api:main`);
      expect(await client.unchanged(main, index.digest)).toBe(true);
      expect(await client.unchanged(main, single.digest)).toBe(false);
      expect(await client.unchanged(parseReference(`${server.host}/o/api:none`), index.digest)).toBe(false);
    });

    if (target.auth !== 'none') {
      it('is denied without a credential and with a wrong one', async () => {
        const wrong = clientFor(connections.fetch, server, { username: 'ci', password: 'not it' });
        for (const stranger of [clientFor(connections.fetch, server, undefined), wrong]) {
          const [one] = await stranger.resolve([parseReference(`${server.host}/o/api:main`)]);
          expect(one).toMatchObject({ kind: 'failed', error: { code: 'registry-denied' } });
          await expect(stranger.tags(`${server.host}/o/api`)).rejects.toMatchObject({ code: 'registry-denied' });
          expect(await stranger.unchanged(parseReference(`${server.host}/o/api:main`), index.digest)).toBe(false);
        }
      });
    }
  });

  const oracle = findTool('skopeo') === undefined ? it.skip : it;
  oracle('agrees with skopeo (optional server absent when skipped: skopeo)', async () => {
    for (const name of ['o/api:main', 'o/web:main', 'o/old:main']) {
      const client = clientFor(fetch, server, server.reader ?? server.writer);
      const [one] = await client.resolve([parseReference(`${server.host}/${name}`)]);
      const expected = await skopeoDigest(`${server.host}/${name}`, server.reader ?? server.writer);
      expect(one).toMatchObject({ kind: 'resolved', image: { digest: expected } });
    }
  });
}
