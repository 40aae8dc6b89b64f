import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { REGISTRY_DIALECTS } from './dialect.js';
import { sha256 } from './digest.js';
import { DOCKER_SCHEMA1_SIGNED } from './media-types.js';
import { type PushedImage, pushImage } from './push.js';
import { connectRaw } from './raw-client.js';
import { startRegistry, type TestRegistry } from './server.js';

describe('dialects', () => {
  let registry: TestRegistry;
  let image: PushedImage;
  const tags = ['c', 'a', 'e', 'b', 'd'];
  const get = (path: string, method = 'GET') => connectRaw(registry)(path, { method });
  const manifest = '/v2/o/api/manifests/a';

  beforeAll(async () => {
    registry = await startRegistry();
    image = await pushImage(registry, { repository: 'o/api', tags });
    await pushImage(registry, { repository: 'o/untagged' });
  });
  beforeEach(() => registry.reset());
  afterAll(() => registry.close());

  it.each([
    { digestHeader: 'right', check: (header: string | null) => header === image.digest },
    { digestHeader: 'missing', check: (header: string | null) => header === null },
    {
      digestHeader: 'lying',
      check: (header: string | null) => /^sha256:[0-9a-f]{64}$/.test(header ?? '') && header !== image.digest,
    },
    {
      digestHeader: 'malformed',
      check: (header: string | null) => header !== null && !/^sha256:[0-9a-f]{64}$/.test(header),
    },
  ] as const)('digestHeader $digestHeader, on GET and HEAD, with the right bytes', async ({ digestHeader, check }) => {
    registry.configure({ digestHeader });
    for (const method of ['GET', 'HEAD']) {
      const { headers, body } = await get(manifest, method);
      expect(check(headers.get('docker-content-digest'))).toBe(true);
      if (method === 'GET') expect(sha256(body)).toBe(image.digest);
    }
  });

  it('another Content-Type, a HEAD that is refused, schema1, an Accept that is ignored', async () => {
    registry.configure({ manifestContentType: 'application/json' });
    expect((await get(manifest)).headers.get('content-type')).toBe('application/json');
    registry.reset();
    registry.configure({ head: 'refused' });
    expect([(await get(manifest, 'HEAD')).status, (await get(manifest)).status]).toEqual([405, 200]);
    registry.reset();
    registry.configure({ schema1: true });
    expect((await get(manifest)).headers.get('content-type')).toBe(DOCKER_SCHEMA1_SIGNED);
    registry.reset();
    const text = { headers: { Accept: 'text/plain' } };
    expect((await connectRaw(registry)(manifest, text)).status).toBe(404);
    registry.configure({ accept: 'ignored' });
    expect((await connectRaw(registry)(manifest, text)).status).toBe(200);
  });

  describe('tags', () => {
    const page = async (path: string) => {
      const { headers, body } = await get(path);
      const link = /^<([^>]+)>; rel="next"$/.exec(headers.get('link') ?? '')?.[1];
      return {
        tags: (JSON.parse(Buffer.from(body).toString()) as { readonly tags: readonly string[] | null }).tags,
        link,
      };
    };
    const pages = async (path: string, most: number) => {
      const seen: (readonly string[] | null)[] = [];
      let next: string | undefined = path;
      while (next !== undefined && seen.length < most) {
        const current: Awaited<ReturnType<typeof page>> = await page(next);
        seen.push(current.tags);
        next = current.link;
      }
      return seen;
    };
    const list = '/v2/o/api/tags/list?n=2';

    it.each(['last', 'next-page'] as const)('%s: every tag once, in pages of what was asked', async (links) => {
      registry.configure({ links });
      expect(await pages(list, 9)).toEqual([['a', 'b'], ['c', 'd'], ['e']]);
      const { link } = await page(list);
      expect(new URL(link ?? '', registry.url).searchParams.has(links === 'last' ? 'last' : 'next_page')).toBe(true);
    });

    it('last: goes on after a tag that is gone', async () => {
      expect(await page('/v2/o/api/tags/list?n=2&last=bb')).toMatchObject({ tags: ['c', 'd'] });
    });

    it('next-page: does not know last', async () => {
      registry.configure({ links: 'next-page' });
      expect((await page(`${list}&last=b`)).tags).toEqual(['a', 'b']);
    });

    it('oldest first, at most a page of the registry’s own size', async () => {
      registry.configure({ tagOrder: 'oldest-first', pageSize: 3 });
      expect(await pages('/v2/o/api/tags/list?n=1000', 9)).toEqual([tags.slice(0, 3), tags.slice(3)]);
    });

    it('repeating: the first page for ever', async () => {
      registry.configure({ links: 'repeating' });
      expect(await pages(list, 3)).toEqual([
        ['a', 'b'],
        ['a', 'b'],
        ['a', 'b'],
      ]);
    });

    it('cross-origin: the next page is said to be on the second origin', async () => {
      registry.configure({ links: 'cross-origin' });
      expect(new URL((await page(list)).link ?? '').origin).toBe(registry.elsewhere);
    });

    it('absent: pages without a Link; unpaged: n is ignored', async () => {
      registry.configure({ links: 'absent' });
      expect(await page(list)).toEqual({ tags: ['a', 'b'], link: undefined });
      registry.configure({ links: 'unpaged' });
      expect(await page(list)).toEqual({ tags: ['a', 'b', 'c', 'd', 'e'], link: undefined });
    });

    it('a repository without tags: an empty list, or null', async () => {
      expect((await page('/v2/o/untagged/tags/list')).tags).toEqual([]);
      registry.configure({ emptyTags: 'null' });
      expect((await page('/v2/o/untagged/tags/list')).tags).toBeNull();
    });
  });

  it('blobs: redirected to an origin that refuses Authorization', async () => {
    registry.configure({ blobs: 'redirect' });
    const digest = image.children[0]?.configDigest ?? '';
    const { status, headers } = await get(`/v2/o/api/blobs/${digest}`);
    const location = headers.get('location') ?? '';
    expect([status, new URL(location).origin]).toEqual([307, registry.elsewhere]);
    expect(sha256(await (await fetch(location)).bytes())).toBe(digest);
    expect((await fetch(location, { headers: { Authorization: 'Bearer leaked' } })).status).toBe(400);
    expect(registry.log.count({ origin: 'elsewhere', authorization: 'bearer' })).toBe(1);
    expect([registry.log.saw('leaked'), registry.log.saw('never sent')]).toEqual([true, false]);
  });

  it.each([401, 403, 404] as const)('denied with %d, for that repository only', async (status) => {
    registry.configure({ denied: { 'o/api': status } });
    const { status: got, headers } = await get(manifest);
    expect([got, headers.has('www-authenticate')]).toEqual([status, status === 401]);
    expect((await get('/v2/o/untagged/tags/list')).status).toBe(200);
  });

  it.each([
    { dialect: 'spec', status: 404 },
    { dialect: 'ghcr', status: 403 },
    { dialect: 'dockerHub', status: 401 },
  ] as const)('$dialect: an unknown repository answers $status, and can be pushed to', async ({ dialect, status }) => {
    registry.configure(REGISTRY_DIALECTS[dialect]);
    const repository = `${dialect.toLowerCase()}/new`;
    expect((await get(`/v2/${repository}/manifests/main`)).status).toBe(status);
    expect((await get(`/v2/${repository}/tags/list`)).status).toBe(status);
    await pushImage(registry, { repository, tags: ['main'] });
    expect((await get(`/v2/${repository}/manifests/main`)).status).toBe(200);
  });

  it('pullLimit counts GET of manifests and nothing else', async () => {
    registry.configure({ pullLimit: 2 });
    const statuses: number[] = [];
    for (const method of ['GET', 'HEAD', 'GET', 'HEAD', 'GET', 'HEAD'])
      statuses.push((await get(manifest, method)).status);
    expect(statuses).toEqual([200, 200, 200, 200, 429, 200]);
  });

  it('referrers: 404, or a way off to a web page', async () => {
    const path = `/v2/o/api/referrers/${image.digest}`;
    expect((await get(path)).status).toBe(404);
    registry.configure({ referrers: 'redirect' });
    expect((await get(path)).status).toBe(303);
  });
});
