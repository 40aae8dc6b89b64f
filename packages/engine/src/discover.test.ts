import { describe, expect, it } from '@jest/globals';
import {
  type Config,
  EMPTY_LEDGER,
  type ImageReference,
  type LedgerState,
  loadConfig,
  type Registry,
  type Resolution,
  type ResolveOptions,
  WaybillError,
} from '@waybill/core';
import { discoverAll } from './discover.js';
import type { Ports } from './ports.js';

const digest = (letter: string) => `sha256:${letter.repeat(64)}`;

/** A registry that has these tags, and notes what it was asked. */
function registryWith(tags: Readonly<Record<string, string>>, asked: ResolveOptions[] = []): Registry {
  return {
    async resolve(references: readonly ImageReference[], options: ResolveOptions = {}) {
      asked.push(options);
      return references.map((reference): Resolution => {
        const found = tags[`${reference.repository}:${reference.tag}`];
        if (found === undefined) return { kind: 'absent', reference };
        if (found === 'denied') {
          return {
            kind: 'failed',
            reference,
            error: new WaybillError('registry-denied', { what: 'no', remedy: 'ask' }),
          };
        }
        return {
          kind: 'resolved',
          image: { reference, digest: found, mediaType: 'x', platforms: ['linux/amd64'], annotations: {} },
        };
      });
    },
    async tags(repository) {
      if (tags[repository] === 'denied') throw new WaybillError('registry-denied', { what: 'no', remedy: 'ask' });
      return Object.keys(tags)
        .filter((tag) => tag.startsWith(`${repository}:`))
        .map((tag) => tag.slice(repository.length + 1));
    },
  };
}

function configOf(images: string): Config {
  return loadConfig({
    path: 'waybill.yaml',
    text: `apiVersion: waybill/v1
warehouses:
  app:
    images: ${images}
stages:
  dev: {from: app, promotion: {via: pull-request}, updates: [{images: "dev/**"}]}
`,
  });
}

const CHANNEL = configOf('{strategy: Digest, constraint: main, repos: [ghcr.io/o/api, ghcr.io/o/web]}');

async function discover(config: Config, registry: Registry, state: LedgerState = EMPTY_LEDGER) {
  const ports = { registry } as Ports;
  return (await discoverAll(ports, config, state)).get('app');
}

describe('discoverAll', () => {
  it('gives the Freight of a channel tag, with labels read because it is new', async () => {
    const asked: ResolveOptions[] = [];
    const registry = registryWith({ 'ghcr.io/o/api:main': digest('a'), 'ghcr.io/o/web:main': digest('b') }, asked);
    const found = await discover(CHANNEL, registry);
    expect(found).toMatchObject({
      kind: 'freight',
      content: { images: [{ repoURL: 'ghcr.io/o/api', tag: 'main', digest: digest('a') }, { digest: digest('b') }] },
    });
    expect(asked.map(({ labels }) => labels)).toEqual([false, false, true, true]);
  });

  it('reads no labels of Freight that the ledger knows', async () => {
    const tags = { 'ghcr.io/o/api:main': digest('a'), 'ghcr.io/o/web:main': digest('b') };
    const first = await discover(CHANNEL, registryWith(tags));
    if (first?.kind !== 'freight') throw new Error('no Freight');
    const freight = { ...first.content, id: first.id, alias: 'a-b', discoveredAt: '2026-11-20T00:00:00Z' };
    const state = { ...EMPTY_LEDGER, freight: { [first.id]: { freight, verifiedIn: {}, approvedFor: {} } } };
    const asked: ResolveOptions[] = [];
    expect(await discover(CHANNEL, registryWith(tags, asked), state)).toMatchObject({ kind: 'freight', id: first.id });
    expect(asked).toHaveLength(2);
  });

  it('is all or none, and says what is missing', async () => {
    const found = await discover(CHANNEL, registryWith({ 'ghcr.io/o/api:main': digest('a') }));
    expect(found).toMatchObject({
      kind: 'incomplete',
      missing: [{ repoURL: 'ghcr.io/o/web', reason: expect.stringContaining('main') }],
      failures: [],
    });
  });

  it('tells a registry that refuses from one that has nothing', async () => {
    const tags = { 'ghcr.io/o/api:main': digest('a'), 'ghcr.io/o/web:main': 'denied' };
    const found = await discover(CHANNEL, registryWith(tags));
    expect(found).toMatchObject({ kind: 'incomplete', failures: [{ code: 'registry-denied' }] });
  });

  it('takes the newest version in a range, and passes over a tag that is gone', async () => {
    const config = configOf('{strategy: SemVer, constraint: ^1.0.0, repos: [ghcr.io/o/api]}');
    const registry = registryWith({
      'ghcr.io/o/api:1.2.0': digest('a'),
      'ghcr.io/o/api:1.10.0': digest('b'),
      'ghcr.io/o/api:2.0.0': digest('c'),
      'ghcr.io/o/api:main': digest('d'),
    });
    expect(await discover(config, registry)).toMatchObject({
      content: { images: [{ tag: '1.10.0', digest: digest('b') }] },
    });
  });

  it('keeps one Warehouse whose tags cannot be listed from stopping the others', async () => {
    const config = configOf('{strategy: SemVer, constraint: ^1.0.0, repos: [ghcr.io/o/api]}');
    expect(await discover(config, registryWith({ 'ghcr.io/o/api': 'denied' }))).toMatchObject({
      kind: 'incomplete',
      failures: [{ code: 'registry-denied' }],
    });
  });

  it('reads the config where a platform is asked for, on the first look already', async () => {
    const config = loadConfig({
      path: 'waybill.yaml',
      text: `apiVersion: waybill/v1
warehouses:
  app:
    subscriptions:
      - image: {repoURL: ghcr.io/o/api, imageSelectionStrategy: Digest, constraint: main, platform: linux/amd64}
stages:
  dev: {from: app, promotion: {via: pull-request}, updates: [{images: "dev/**"}]}
`,
    });
    const asked: ResolveOptions[] = [];
    expect(await discover(config, registryWith({ 'ghcr.io/o/api:main': digest('a') }, asked))).toMatchObject({
      kind: 'freight',
    });
    expect(asked[0]).toEqual({ labels: true });
  });
});
