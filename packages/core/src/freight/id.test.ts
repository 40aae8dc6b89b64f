import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { freightId, shortId } from './id.js';
import { compareBytes } from './order.js';
import type { FreightContent, FreightImage } from './types.js';

const D = `sha256:${'a'.repeat(64)}`;
const E = `sha256:${'b'.repeat(64)}`;
const COMMIT = '0123456789abcdef0123456789abcdef01234567';
const origin = { kind: 'Warehouse', name: 'my-warehouse' } as const;
const api: FreightImage = { repoURL: 'ghcr.io/example/api', tag: '1.2.3', digest: D };
const web: FreightImage = { repoURL: 'ghcr.io/example/web', tag: '1.2.3', digest: E };

describe('freightId', () => {
  it.each<readonly [string, string, FreightContent]>([
    ['one image', '7ed076055864eaf97be8c4d12c37fe573c2189b4', { origin, images: [{ ...api, tag: 'main' }] }],
    ['two images in another order', 'b838ccc8602e6676494253ed85834782a7ab815e', { origin, images: [web, api] }],
    [
      'an image and an untagged commit',
      '84c9221eed60c2be1d80001d3e07967ea58477c8',
      {
        origin,
        images: [{ ...api, tag: 'git-0123456' }],
        commits: [{ repoURL: 'https://github.com/Example/App.git', id: COMMIT }],
      },
    ],
    [
      'named subscriptions and a tagged commit',
      '26090a3695034ad9153bd2a8c646a9c508966b05',
      {
        origin,
        images: [{ ...api, tag: 'v1.0.0', subscriptionName: 'api' }],
        commits: [{ repoURL: 'https://github.com/example/app', tag: 'v1.0.0', id: COMMIT, subscriptionName: 'src' }],
      },
    ],
    [
      'a chart of an OCI registry',
      '72de772949b70bd35f748189364bc4d9a6d4fe99',
      { origin, images: [], charts: [{ repoURL: 'oci://ghcr.io/example/charts/app', version: '1.2.3' }] },
    ],
  ])("follows Kargo's algorithm: %s", (_, id, content) => {
    expect(freightId(content)).toBe(id);
  });

  it('follows it on the content of the fixture of its own test (pkg/api/freight_test.go)', () => {
    const kind: string = 'fake-kind';
    const content = {
      origin: { kind, name: 'fake-name' },
      images: [{ repoURL: 'fake-image-repo', tag: 'fake-image-tag', digest: '' }],
      commits: [{ repoURL: 'fake-git-repo', id: 'fake-commit-id' }],
      charts: [{ repoURL: 'fake-chart-repo', name: 'fake-chart', version: 'fake-chart-version' }],
    };
    expect(freightId(content as unknown as FreightContent)).toBe('2ef94c8c7020aa65825be992e9525f7703d15990');
  });

  it('does not depend on the order of the artifacts, nor on what is told about them', () => {
    const image = fc.record({
      repoURL: fc.string({ unit: 'grapheme', maxLength: 8 }),
      tag: fc.string({ maxLength: 4 }),
      digest: fc.constantFrom(D, E),
    });
    fc.assert(
      fc.property(fc.array(image, { maxLength: 5 }), fc.string(), (images, revision) => {
        const id = freightId({ origin, images });
        expect(id).toMatch(/^[0-9a-f]{40}$/);
        expect(freightId({ origin, images: [...images].reverse() })).toBe(id);
        expect(freightId({ origin, images: images.map((each) => ({ ...each, revision, created: revision })) })).toBe(
          id,
        );
      }),
    );
  });

  it.each<readonly [string, FreightContent]>([
    ['a digest', { origin, images: [{ ...api, digest: E }] }],
    ['a tag', { origin, images: [{ ...api, tag: '1.2.4' }] }],
    ['the spelling of a repository', { origin, images: [{ ...api, repoURL: 'GHCR.io/example/api' }] }],
    ['a subscription name', { origin, images: [{ ...api, subscriptionName: 'api' }] }],
    ['the Warehouse', { origin: { ...origin, name: 'other' }, images: [api] }],
    ['an artifact more', { origin, images: [api, web] }],
  ])('depends on %s', (_, content) => {
    expect(freightId(content)).not.toBe(freightId({ origin, images: [api] }));
  });

  it('shortens to seven digits', () => {
    expect(shortId('b838ccc8602e6676494253ed85834782a7ab815e')).toBe('b838ccc');
  });
});

describe('compareBytes', () => {
  it('orders as the UTF-8 bytes do', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', 'é', '\uffee', '😀', '\ue000'), maxLength: 4 });
    fc.assert(
      fc.property(text, text, (left, right) => {
        expect(compareBytes(left, right)).toBe(Buffer.compare(Buffer.from(left), Buffer.from(right)));
      }),
    );
  });
});
