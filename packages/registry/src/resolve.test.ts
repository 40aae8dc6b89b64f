import { describe, expect, it } from '@jest/globals';
import { parseReference, type ResolveOptions } from '@waybill/core';
import { createRegistry } from './create-registry.js';
import { anonymousCredentials } from './credentials.js';
import { digestOf } from './manifest.js';
import { collectLog, type FakeAnswer, fakeClock, fakeFetch } from './test-support.js';

const OCI_INDEX = 'application/vnd.oci.image.index.v1+json';
const OCI_MANIFEST = 'application/vnd.oci.image.manifest.v1+json';
const CONFIG = 'application/vnd.oci.image.config.v1+json';
const REVISION = 'org.opencontainers.image.revision';
const SOURCE = 'org.opencontainers.image.source';
const CREATED = 'org.opencontainers.image.created';

/** A registry of what is put into it: contents by digest, tags by name. */
function shelf() {
  const contents = new Map<string, { readonly type: string; readonly bytes: Buffer }>();
  const tags = new Map<string, string>();
  const answers = new Map<string, FakeAnswer>();
  const put = (value: unknown, type: string) => {
    const bytes = Buffer.from(JSON.stringify(value));
    const digest = digestOf(bytes);
    contents.set(digest, { type, bytes });
    return { mediaType: type, digest, size: bytes.length };
  };
  const network = fakeFetch((request) => {
    const name = request.url.pathname.split('/').at(-1) ?? '';
    const answer = answers.get(name);
    if (answer !== undefined) return answer;
    const found = contents.get(tags.get(name) ?? name);
    if (found !== undefined) return { headers: { 'content-type': found.type }, body: found.bytes };
    return { status: 404, body: '{"errors":[{"code":"MANIFEST_UNKNOWN"}]}' };
  });
  const log = collectLog();
  const registry = createRegistry({
    fetch: network.fetch,
    clock: fakeClock(),
    log,
    credentials: anonymousCredentials,
    lookup: async () => ['203.0.114.10'],
    random: () => 0,
  });
  return {
    ...network,
    answers,
    log,
    config: (value: unknown) => put(value, CONFIG),
    image: (config: unknown, annotations = {}, configType = CONFIG) =>
      put({ schemaVersion: 2, config: put(config, configType), layers: [], annotations }, OCI_MANIFEST),
    index: (manifests: readonly unknown[], annotations = {}) =>
      put({ schemaVersion: 2, mediaType: OCI_INDEX, manifests, annotations }, OCI_INDEX),
    tag(name: string, descriptor: { readonly digest: string }) {
      tags.set(name, descriptor.digest);
      return descriptor.digest;
    },
    async resolve(target: string, options?: ResolveOptions) {
      const [one] = await registry.resolve([parseReference(`x.example/o/api${target}`)], options);
      return one;
    },
    registry,
  };
}

const on = (descriptor: object, os: string, architecture: string, more = {}) => ({
  ...descriptor,
  platform: { os, architecture },
  ...more,
});

describe('resolve', () => {
  it('asks once for equal references, and answers each as it was written', async () => {
    const world = shelf();
    const digest = world.tag('latest', world.image({}));
    const found = await world.registry.resolve(
      ['x.example/o/api:latest', 'x.example/o/api', `x.example/o/api:other@${digest}`, `x.example/o/api@${digest}`].map(
        parseReference,
      ),
    );
    expect(found.map((one) => one.kind === 'resolved' && one.image.digest)).toEqual([digest, digest, digest, digest]);
    expect(found.map((one) => one.kind === 'resolved' && one.image.reference.text)).toEqual([
      'x.example/o/api:latest',
      'x.example/o/api',
      `x.example/o/api:other@${digest}`,
      `x.example/o/api@${digest}`,
    ]);
    expect(world.sent.map((one) => one.url.pathname)).toEqual([
      '/v2/o/api/manifests/latest',
      `/v2/o/api/manifests/${digest}`,
    ]);
  });

  it('keeps just so many requests in flight as it may, as long as there is work', async () => {
    const waiting: (() => void)[] = [];
    let started = 0;
    const registry = createRegistry({
      fetch: (): Promise<Response> => {
        started += 1;
        const answer = () => new Response('{"errors":[{"code":"MANIFEST_UNKNOWN"}]}', { status: 404 });
        return new Promise((resolve) => waiting.push(() => resolve(answer())));
      },
      clock: fakeClock(),
      log: collectLog(),
      credentials: anonymousCredentials,
      lookup: async () => ['203.0.114.10'],
      concurrency: 8,
    });
    const settle = () => new Promise((resolve) => setImmediate(resolve));
    const names = Array.from({ length: 100 }, (_, index) => parseReference(`x.example/o/api:t${index}`));
    const resolving = registry.resolve(names);
    await settle();
    // The first answer tells how the registry wants to be asked; nothing else goes out before it.
    expect(waiting).toHaveLength(1);
    waiting.shift()?.();
    for (let answered = 1; answered < 100; answered += 1) {
      await settle();
      await settle();
      expect(waiting).toHaveLength(Math.min(8, 100 - answered));
      waiting.shift()?.();
    }
    expect((await resolving).every((one) => one.kind === 'absent')).toBe(true);
    expect(started).toBe(100);
  });

  it('answers nothing for nothing', async () => {
    expect(await shelf().registry.resolve([])).toEqual([]);
  });

  it('costs one request without options, whatever the image is', async () => {
    const world = shelf();
    world.tag('one', world.image({ os: 'linux', architecture: 'amd64' }));
    world.tag('many', world.index([on(world.image({}), 'linux', 'amd64')]));
    expect(await world.resolve(':one')).toMatchObject({ kind: 'resolved', image: { platforms: [] } });
    expect(await world.resolve(':many')).toMatchObject({ kind: 'resolved', image: { platforms: ['linux/amd64'] } });
    expect(world.sent).toHaveLength(2);
  });

  it.each([
    ['no such manifest', { status: 404, body: '{"errors":[{"code":"MANIFEST_UNKNOWN"}]}' }, 'absent'],
    ['nothing said', { status: 404 }, 'absent'],
    ['no such repository', { status: 404, body: '{"errors":[{"code":"NAME_UNKNOWN"}]}' }, 'registry-not-found'],
    ['what cannot be told', { status: 404, body: '{"errors":[{"code":"NOT_FOUND"}]}' }, 'registry-not-found'],
    ['a web page', { status: 404, headers: { 'content-type': 'text/html' }, body: '<html>' }, 'registry-protocol'],
    [
      'a type it would not give',
      {
        status: 404,
        body: '{"errors":[{"code":"MANIFEST_UNKNOWN","message":"OCI index found, but accept header does not support OCI indexes"}]}',
      },
      'registry-protocol',
    ],
    ['denied', { status: 401 }, 'registry-denied'],
    ['too often', { status: 429 }, 'registry-unavailable'],
    ['a redirect to nowhere', { status: 302 }, 'registry-protocol'],
    ['a manifest that is none', { body: '{}' }, 'registry-protocol'],
  ])('tells %s', async (_name, answer, expected) => {
    const world = shelf();
    world.answers.set('main', answer);
    const one = await world.resolve(':main');
    expect(one?.kind === 'failed' ? one.error.code : one?.kind).toBe(expected);
  });

  it('fails for one reference alone', async () => {
    const world = shelf();
    world.tag('good', world.image({}));
    world.answers.set('bad', { status: 403 });
    const found = await world.registry.resolve([
      parseReference('x.example/o/api:bad'),
      parseReference('x.example/o/api:good'),
      { ...parseReference('x.example/o/api:good'), domain: 'not a host' },
    ]);
    expect(found.map((one) => one.kind)).toEqual(['failed', 'resolved', 'failed']);
  });
});

describe('platforms', () => {
  it('leave attestations and children without a platform out', async () => {
    const world = shelf();
    const child = world.image({});
    world.tag(
      'main',
      world.index([
        on(child, 'linux', 'amd64'),
        on(child, 'linux', 'amd64'),
        on(child, 'unknown', 'unknown', { annotations: { 'vnd.docker.reference.type': 'attestation-manifest' } }),
        on(child, 'linux', 'riscv64', { annotations: { 'vnd.docker.reference.type': 'attestation-manifest' } }),
        child,
      ]),
    );
    expect(await world.resolve(':main')).toMatchObject({ image: { platforms: ['linux/amd64'] } });
    expect(await world.resolve(':main', { platforms: ['linux/riscv64'] })).toMatchObject({
      kind: 'failed',
      error: {
        code: 'platform-missing',
        message: expect.stringContaining('is for linux/amd64; linux/riscv64 is missing'),
      },
    });
  });

  it('of a single manifest are read from its config', async () => {
    const world = shelf();
    world.tag('main', world.image({ os: 'linux', architecture: 'arm64', variant: 'v8' }));
    expect(await world.resolve(':main', { platforms: ['linux/arm64'] })).toMatchObject({
      image: { platforms: ['linux/arm64/v8'] },
    });
  });

  it('that an artifact does not have are missing', async () => {
    const world = shelf();
    world.tag('main', world.image({ name: 'chart' }, {}, 'application/vnd.cncf.helm.config.v1+json'));
    expect(await world.resolve(':main', { platforms: ['linux/amd64'] })).toMatchObject({
      error: { code: 'platform-missing', message: expect.stringContaining('names no platform') },
    });
    expect(world.sent).toHaveLength(1);
  });

  it('are not guessed when the config cannot be read', async () => {
    const world = shelf();
    const config = { os: 'linux', architecture: 'amd64' };
    world.tag('main', world.image(config));
    world.answers.set(world.config(config).digest, { status: 503 });
    expect(await world.resolve(':main', { platforms: ['linux/amd64'] })).toMatchObject({
      error: { code: 'registry-unavailable' },
    });
  });

  it('are found in indexes in the index, which may go round but not on', async () => {
    const world = shelf();
    const image = world.image({});
    const inner = world.index([on(image, 'linux', 'arm64')]);
    world.tag('nested', world.index([on(image, 'linux', 'amd64'), inner, inner]));
    expect(await world.resolve(':nested')).toMatchObject({ image: { platforms: ['linux/amd64', 'linux/arm64'] } });
    let deep = inner;
    for (let depth = 0; depth < 4; depth += 1) deep = world.index([deep]);
    world.tag('deep', deep);
    expect(await world.resolve(':deep')).toMatchObject({ error: { code: 'registry-protocol' } });
    const many = Array.from({ length: 20 }, (_, index) => world.index([on(image, 'linux', `a${index}`)]));
    world.tag('many', world.index(many));
    expect(await world.resolve(':many')).toMatchObject({ error: { code: 'registry-protocol' } });
  });
});

describe('labels', () => {
  const all = { [REVISION]: 'index', [SOURCE]: 'index', [CREATED]: '2026-01-01T00:00:00Z' };
  const config = (labels: object, more = {}) => ({
    os: 'linux',
    architecture: 'amd64',
    config: { Labels: labels },
    ...more,
  });

  it('are not looked for when annotations tell all', async () => {
    const world = shelf();
    world.tag('main', world.index([on(world.image(config({ [REVISION]: 'label' })), 'linux', 'amd64')], all));
    expect(await world.resolve(':main', { labels: true })).toMatchObject({
      image: { revision: 'index', source: 'index', created: '2026-01-01T00:00:00Z', annotations: all },
    });
    expect(world.sent).toHaveLength(1);
  });

  it('come each from the first place that has it: index, its descriptor, manifest, config', async () => {
    const world = shelf();
    const child = world.image(config({ [REVISION]: 'label', [SOURCE]: 'label' }, { created: '2026-02-02T00:00:00Z' }), {
      [SOURCE]: 'manifest',
      'org.opencontainers.image.version': 'manifest',
    });
    const other = world.image(config({ [REVISION]: 'other' }));
    const attestation = on(other, 'unknown', 'unknown', {
      annotations: { 'vnd.docker.reference.type': 'attestation-manifest' },
    });
    const described = on(child, 'linux', 'amd64', {
      annotations: { 'org.opencontainers.image.version': 'descriptor' },
    });
    world.tag('main', world.index([attestation, described, on(other, 'linux', 'arm64')], { other: 'x' }));
    expect(await world.resolve(':main', { labels: true })).toMatchObject({
      image: { revision: 'label', source: 'manifest', version: 'descriptor', created: '2026-02-02T00:00:00Z' },
    });
    expect(world.sent).toHaveLength(3);
  });

  it('stay what the annotations said when they are not asked for', async () => {
    const world = shelf();
    world.tag('main', world.image(config({ [SOURCE]: 'label' }), { [REVISION]: 'annotation' }));
    const one = await world.resolve(':main');
    expect(one).toMatchObject({ image: { revision: 'annotation' } });
    expect(one?.kind === 'resolved' && one.image.source).toBeUndefined();
  });

  it('are left out, with a word in the log, when they cannot be reached', async () => {
    const world = shelf();
    const value = config({ [REVISION]: 'label' });
    world.tag('main', world.image(value, { [SOURCE]: 'annotation' }));
    world.answers.set(world.config(value).digest, { status: 302, headers: { location: 'https://10.0.0.1/blob' } });
    expect(await world.resolve(':main', { labels: true })).toMatchObject({
      kind: 'resolved',
      image: { source: 'annotation' },
    });
    expect(world.log.lines.filter((line) => line.startsWith('warning'))).toHaveLength(1);
  });

  it.each([
    ['other bytes', { body: '{"config":{"Labels":{}}}' }],
    ['no blob', { status: 404 }],
  ])('fail when the config is %s', async (_name, answer) => {
    const world = shelf();
    const value = config({});
    world.tag('main', world.image(value));
    world.answers.set(world.config(value).digest, answer);
    expect(await world.resolve(':main', { labels: true })).toMatchObject({ error: { code: 'registry-protocol' } });
  });
});

describe('unchanged', () => {
  const [one, other] = [`sha256:${'1'.repeat(64)}`, `sha256:${'2'.repeat(64)}`];
  it.each([
    ['the header says so', 200, one, one, true],
    ['the header says another', 200, other, one, false],
    ['the header is not there', 200, undefined, one, false],
    ['the header is no digest, and neither is what it is held against', 200, 'main', 'main', false],
    ['the registry knows no HEAD', 405, one, one, false],
    ['the tag is gone', 404, one, one, false],
    ['the registry is down', 500, one, one, false],
  ])('when %s', async (_name, status, header, known, expected) => {
    const world = shelf();
    world.answers.set('main', {
      status,
      ...(header === undefined ? {} : { headers: { 'docker-content-digest': header } }),
    });
    expect(await world.registry.unchanged(parseReference('x.example/o/api:main'), known)).toBe(expected);
    expect(world.sent.every((request) => request.method === 'HEAD')).toBe(true);
  });

  it('is false when nobody answers', async () => {
    const registry = createRegistry({
      fetch: () => Promise.reject(new Error('no')),
      clock: fakeClock(),
      log: collectLog(),
      credentials: anonymousCredentials,
      lookup: async () => ['203.0.114.10'],
    });
    expect(await registry.unchanged(parseReference('x.example/o/api:main'), one)).toBe(false);
  });
});
