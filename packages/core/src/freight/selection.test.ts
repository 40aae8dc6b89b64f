import { describe, expect, it } from '@jest/globals';
import type { ImageSubscription, Warehouse } from '../config/types.js';
import { type ErrorCode, WaybillError } from '../errors.js';
import { parseReference } from '../image/reference.js';
import type { ResolvedImage } from '../ports/registry.js';
import { assembleFreight, createFreight } from './assemble.js';
import type { Discovery, TagResolution } from './discovery.js';
import { freightId } from './id.js';
import { imageSelection } from './selection.js';

const at = { file: 'waybill.yaml', line: 1, column: 1 };

function subscription(fields: Partial<ImageSubscription> = {}): ImageSubscription {
  return {
    kind: 'image',
    repoURL: 'ghcr.io/o/api',
    repository: 'ghcr.io/o/api',
    imageSelectionStrategy: 'SemVer',
    strictSemvers: true,
    allowTagsRegexes: [],
    ignoreTagsRegexes: [],
    discoveryLimit: 20,
    trackOnly: false,
    at,
    ...fields,
  };
}

function digestOf(tag: string): string {
  return `sha256:${Buffer.from(tag).toString('hex').padEnd(64, '0').slice(0, 64)}`;
}

function resolved(tag: string, facts: Partial<ResolvedImage> = {}): TagResolution {
  const reference = parseReference(`ghcr.io/o/api:${tag}`);
  const image: ResolvedImage = {
    reference,
    digest: digestOf(tag),
    mediaType: 'application/vnd.oci.image.index.v1+json',
    platforms: ['linux/amd64', 'linux/arm64/v8'],
    annotations: {},
    ...facts,
  };
  return { tag, resolution: { kind: 'resolved', image } };
}

function absent(tag: string): TagResolution {
  return { tag, resolution: { kind: 'absent', reference: parseReference(`ghcr.io/o/api:${tag}`) } };
}

function failed(tag: string, code: ErrorCode): TagResolution {
  const error = new WaybillError(code, { what: `${code} it is`, remedy: 'Mend it' });
  return { tag, resolution: { kind: 'failed', reference: parseReference(`ghcr.io/o/api:${tag}`), error } };
}

describe('imageSelection', () => {
  it.each([
    ['Lexical', 'not-supported'],
    ['NewestBuild', 'not-supported'],
    ['toString', 'input-invalid'],
  ])('refuses %s: %s', (strategy, code) => {
    expect(() => imageSelection(strategy)).toThrow(expect.objectContaining({ code }) as unknown as WaybillError);
  });
});

describe('Digest', () => {
  const selection = imageSelection('Digest');
  const main = subscription({ imageSelectionStrategy: 'Digest', constraint: 'main' });

  it('looks at its one tag, whatever tags there are', () => {
    expect(selection.needsTags).toBe(false);
    const ranked = selection.rank(main, ['1.0.0', 'main']);
    expect(ranked).toEqual(['main']);
    expect(selection.next(main, ranked, [])).toEqual(['main']);
    expect(selection.next(main, ranked, [resolved('main')])).toEqual([]);
    expect(selection.discover(main, [resolved('main')]).images).toEqual([
      { repoURL: 'ghcr.io/o/api', tag: 'main', digest: digestOf('main') },
    ]);
  });

  it('finds nothing when the tag is absent', () => {
    expect(selection.discover(main, [absent('main')])).toMatchObject({ images: [], skipped: [{ tag: 'main' }] });
  });

  it('needs a constraint', () => {
    expect(() => selection.rank(subscription(), [])).toThrow(/constraint/);
  });
});

describe('SemVer', () => {
  const selection = imageSelection('SemVer');
  const tags = ['1.0.0', 'v1.0.0', '1.2.0', '1.10.0', '2.0.0-rc.1', '1.3', 'main', '1234567', 'sha-abc'];

  it.each<readonly [string, Partial<ImageSubscription>, readonly string[]]>([
    ['strictly, newest first', {}, ['2.0.0-rc.1', '1.10.0', '1.2.0', 'v1.0.0', '1.0.0']],
    ['leniently', { strictSemvers: false }, ['1234567', '2.0.0-rc.1', '1.10.0', '1.3', '1.2.0', 'v1.0.0', '1.0.0']],
    ['within a constraint', { constraint: '^1.2' }, ['1.10.0', '1.2.0']],
    ['those allowed', { allowTagsRegexes: ['^v', 'rc'] }, ['2.0.0-rc.1', 'v1.0.0']],
    [
      'without the ignored, which goes first',
      { allowTagsRegexes: ['^v', 'rc'], ignoreTagsRegexes: ['rc'] },
      ['v1.0.0'],
    ],
  ])('ranks %s', (_, fields, expected) => {
    expect(selection.rank(subscription(fields), tags)).toEqual(expected);
  });

  it('resolves no more than it needs: skipped tags do not count', () => {
    const two = subscription({ discoveryLimit: 2 });
    const ranked = selection.rank(two, ['1.0.0', '2.0.0', '3.0.0', '4.0.0']);
    expect(selection.next(two, ranked, [])).toEqual(['4.0.0', '3.0.0']);
    const looked = [absent('4.0.0'), resolved('3.0.0')];
    expect(selection.next(two, ranked, looked)).toEqual(['2.0.0']);
    expect(selection.next(two, ranked, [...looked, resolved('2.0.0')])).toEqual([]);
    expect(selection.next(two, ranked, [resolved('4.0.0')], 1)).toEqual([]);
    expect(selection.discover(two, [...looked, resolved('2.0.0')]).images.map(({ tag }) => tag)).toEqual([
      '3.0.0',
      '2.0.0',
    ]);
  });

  it('skips one bad tag and says so (kargo#4859)', () => {
    const { images, skipped, failure } = selection.discover(subscription(), [
      failed('3.0.0', 'registry-protocol'),
      absent('2.0.0'),
      resolved('1.0.0'),
    ]);
    expect(images.map(({ tag }) => tag)).toEqual(['1.0.0']);
    expect(skipped).toEqual([
      { tag: '3.0.0', reason: 'registry-protocol it is' },
      { tag: '2.0.0', reason: 'the registry has no such tag' },
    ]);
    expect(failure).toBeUndefined();
  });

  it.each<ErrorCode>(['registry-unavailable', 'registry-denied', 'registry-not-found'])(
    'passes no older image for the newest when the newest could not be asked for: %s',
    (code) => {
      const looked = [failed('3.0.0', code)];
      expect(selection.discover(subscription(), [...looked, resolved('1.0.0')])).toMatchObject({
        images: [],
        failure: { code },
      });
      expect(selection.next(subscription(), ['3.0.0', '1.0.0'], looked)).toEqual([]);
    },
  );

  it('takes only what runs on the platform, exactly, single images too', () => {
    const arm = subscription({ platform: 'linux/arm64' });
    const { images, skipped } = selection.discover(arm, [
      resolved('4.0.0'),
      resolved('3.0.0', { platforms: [] }),
      resolved('2.0.0', { platforms: ['linux/arm64'] }),
    ]);
    expect(images.map(({ tag }) => tag)).toEqual(['2.0.0']);
    expect(skipped.map(({ reason }) => reason)).toEqual([
      'it runs on linux/amd64, linux/arm64/v8, not on linux/arm64',
      'its platform could not be told, and linux/arm64 is asked for',
    ]);
  });

  it('carries what the image tells about itself', () => {
    const facts = { revision: 'abc', source: 'https://github.com/o/api', created: '2026-01-01T00:00:00Z' };
    const annotations = { 'org.opencontainers.image.revision': 'abc' };
    const { images } = selection.discover(subscription({ name: 'api' }), [
      resolved('1.0.0', { ...facts, annotations }),
    ]);
    expect(images).toEqual([
      {
        repoURL: 'ghcr.io/o/api',
        tag: '1.0.0',
        digest: digestOf('1.0.0'),
        subscriptionName: 'api',
        ...facts,
        annotations,
      },
    ]);
  });
});

describe('assembleFreight', () => {
  const api = subscription();
  const web = subscription({
    repoURL: 'ghcr.io/o/web',
    repository: 'ghcr.io/o/web',
    imageSelectionStrategy: 'Digest',
    constraint: 'main',
  });
  const warehouse: Warehouse = { name: 'platform', subscriptions: [api, web], at };
  const found = (each: ImageSubscription, ...tags: readonly string[]): Discovery => ({
    subscription: each,
    images: tags.map((tag) => ({ repoURL: each.repoURL, tag, digest: digestOf(tag) })),
    skipped: [],
  });

  it('takes the best of each subscription', () => {
    const assembly = assembleFreight(warehouse, [found(web, 'main'), found(api, '2.0.0', '1.0.0')]);
    const content = {
      origin: { kind: 'Warehouse', name: 'platform' },
      images: [
        { repoURL: 'ghcr.io/o/api', tag: '2.0.0', digest: digestOf('2.0.0') },
        { repoURL: 'ghcr.io/o/web', tag: 'main', digest: digestOf('main') },
      ],
    } as const;
    expect(assembly).toEqual({ kind: 'assembled', id: freightId(content), content });
  });

  it('makes nothing when one is missing, and says which and why', () => {
    const failure = new WaybillError('registry-denied', { what: 'The registry denied', remedy: 'Mend it' });
    expect(assembleFreight(warehouse, [found(api, '1.0.0')])).toEqual({
      kind: 'incomplete',
      missing: [{ repoURL: 'ghcr.io/o/web', reason: 'it was not looked for' }],
    });
    expect(
      assembleFreight(warehouse, [
        { ...found(api), skipped: [{ tag: '1.0.0', reason: 'the registry has no such tag' }] },
        { ...found(web, 'main'), failure },
      ]),
    ).toEqual({
      kind: 'incomplete',
      missing: [
        { repoURL: 'ghcr.io/o/api', reason: 'there is no image for a version (1.0.0: the registry has no such tag)' },
        { repoURL: 'ghcr.io/o/web', reason: 'The registry denied' },
      ],
    });
  });

  it('becomes Freight with an ID, an alias of its own and the time', () => {
    const content = { origin: { kind: 'Warehouse', name: 'platform' }, images: [] } as const;
    const facts = { discoveredAt: new Date('2026-01-02T03:04:05Z'), taken: new Set<string>() };
    const freight = createFreight(content, facts);
    expect(freight).toMatchObject({ id: freightId(content), discoveredAt: '2026-01-02T03:04:05.000Z' });
    expect(createFreight(content, { ...facts, taken: new Set([freight.alias]) }).alias).not.toBe(freight.alias);
    expect(createFreight(content, { ...facts, found: { stages: ['dev'] } }).found).toEqual({ stages: ['dev'] });
  });
});
