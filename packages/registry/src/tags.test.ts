import { describe, expect, it } from '@jest/globals';
import { createRegistry } from './create-registry.js';
import { anonymousCredentials } from './credentials.js';
import { nextLink } from './tags.js';
import { collectLog, type FakeAnswer, fakeClock, fakeFetch, type SentRequest } from './test-support.js';

function setUp(answer: (request: SentRequest, count: number) => FakeAnswer) {
  let count = 0;
  const network = fakeFetch((request) => {
    count += 1;
    return answer(request, count);
  });
  const log = collectLog();
  const registry = createRegistry({
    fetch: network.fetch,
    clock: fakeClock(),
    log,
    credentials: anonymousCredentials,
    lookup: async () => ['203.0.114.10'],
  });
  return { ...network, log, tags: () => registry.tags('quay.io/o/api'), registry };
}

const page = (tags: unknown, link?: string): FakeAnswer => ({
  body: JSON.stringify({ name: 'o/api', tags }),
  ...(link === undefined ? {} : { headers: { link } }),
});

describe('tags', () => {
  it('follows links as they are, relative and absolute', async () => {
    const links = [
      '</v2/o/api/tags/list?next_page=gAAA%3D%3D&n=2>; rel="next"',
      '<https://quay.io/v2/o/api/tags/list?x>; rel=next',
    ];
    const world = setUp((_request, count) => page([`a${count}`, `b${count}`], links[count - 1]));
    expect(await world.tags()).toEqual(['a1', 'b1', 'a2', 'b2', 'a3', 'b3']);
    expect(world.sent.map((one) => one.url.pathname + one.url.search)).toEqual([
      '/v2/o/api/tags/list?n=1000',
      '/v2/o/api/tags/list?next_page=gAAA%3D%3D&n=2',
      '/v2/o/api/tags/list?x',
    ]);
  });

  it('leaves out signatures, repetitions and what cannot be a tag', async () => {
    const hex = 'a'.repeat(64);
    const world = setUp(() =>
      page([
        'v1',
        `sha256-${hex}`,
        `sha256-${hex}.sig`,
        `sha256-${hex}.att`,
        `sha256-${hex}.sbom`,
        'v1',
        'sha256-short',
        '-x',
        'a b',
        'x'.repeat(129),
      ]),
    );
    expect(await world.tags()).toEqual(['v1', 'sha256-short']);
    expect(world.log.lines).toEqual(['warning quay.io/o/api lists 3 names that cannot be tags; they were left out.']);
  });

  it.each([null, [], undefined])('takes %p for no tags', async (tags) => {
    expect(await setUp(() => page(tags)).tags()).toEqual([]);
  });

  it('asks once more when a page is full and says nothing of a next one', async () => {
    const all = Array.from({ length: 1500 }, (_, index) => `t${index}`);
    const world = setUp((request) => {
      const last = request.url.searchParams.get('last');
      const start = last === null ? 0 : all.indexOf(last) + 1;
      return page(all.slice(start, start + 1000));
    });
    expect(await world.tags()).toEqual(all);
    expect(world.sent.map((one) => one.url.search)).toEqual(['?n=1000', '?n=1000&last=t999']);
  });

  it('is content when that brings the same page again', async () => {
    const all = Array.from({ length: 1000 }, (_, index) => `t${index}`);
    const world = setUp(() => page(all));
    expect(await world.tags()).toHaveLength(1000);
    expect(world.sent).toHaveLength(2);
  });

  it.each([
    ['the same page', (count: number) => page(['a', 'b'], count > 0 ? '</v2/o/api/tags/list?n=1000>; rel="next"' : '')],
    ['pages without news', (count: number) => page(['a'], `</v2/o/api/tags/list?p=${count}>; rel="next"`)],
  ])('stops at %s', async (_name, answer) => {
    const world = setUp((_request, count) => answer(count));
    await expect(world.tags()).rejects.toMatchObject({ code: 'registry-protocol', message: /round in circles/ });
    expect(world.sent.length).toBeLessThan(4);
  });

  it.each([
    'https://evil.example/v2/o/api/tags/list',
    'http://quay.io/v2/o/api/tags/list',
    '//evil.example/',
    'https://quay.io:8443/',
  ])('does not go to %s', async (target) => {
    const world = setUp(() => page(['a'], `<${target}>; rel="next"`));
    await expect(world.tags()).rejects.toMatchObject({ code: 'registry-protocol' });
    expect(world.sent).toHaveLength(1);
  });

  it('gives up loudly on endless pages', async () => {
    const world = setUp((_request, count) => page([`t${count}`], `</v2/o/api/tags/list?p=${count}>; rel="next"`));
    await expect(world.tags()).rejects.toMatchObject({ code: 'registry-protocol', message: /more than 1000 pages/ });
    expect(world.sent).toHaveLength(1000);
  });

  it.each([
    [405, ''],
    [400, '{"errors":[{"code":"PAGINATION_NUMBER_INVALID"}]}'],
  ])('asks without a page size where that is refused with %p', async (status, body) => {
    const world = setUp((request) => (request.url.search === '' ? page(['a']) : { status, body }));
    expect(await world.tags()).toEqual(['a']);
  });

  it.each([[{}], ['a'], [[1]], [[null]]])('refuses %j for a list', async (tags) => {
    await expect(setUp(() => page(tags)).tags()).rejects.toMatchObject({ code: 'registry-protocol' });
  });

  it.each([
    [404, '{"errors":[{"code":"NAME_UNKNOWN"}]}', 'registry-not-found'],
    [403, '', 'registry-denied'],
    [503, '', 'registry-unavailable'],
    [418, '', 'registry-protocol'],
  ])('fails on %p %s with %s', async (status, body, code) => {
    await expect(setUp(() => ({ status, body })).tags()).rejects.toMatchObject({ code });
  });

  it.each([
    '',
    '/api',
    'quay.io/o/api:main',
    'quay.io/',
    'quay.io/../x',
    'quay.io/o/../../x',
    'quay.io/O/Api',
    'u@quay.io/api',
    'quay.io/a b',
    'quay.io/a?x',
  ])('"%s" is no repository', async (repository) => {
    const world = setUp(() => page(['a']));
    await expect(world.registry.tags(repository)).rejects.toMatchObject({ code: 'reference-invalid' });
    expect(world.sent).toEqual([]);
  });
});

describe('nextLink', () => {
  it.each([
    [null, undefined],
    ['', undefined],
    ['</a>; rel="next"', '/a'],
    ['</a>;rel=next', '/a'],
    ['</a>; title="x"; REL="NEXT"', '/a'],
    ['</a>; rel="prev next"', '/a'],
    ['</p>; rel="prev", </n>; rel="next"', '/n'],
    ['</a,b>; rel="next"', '/a,b'],
    ['</a>; rel="prev"', undefined],
    ['</a>; rel="nextish"', undefined],
    ['</a>; rel=nextish', undefined],
    ['</a>', undefined],
    ['nonsense', undefined],
  ])('%j: %j', (header, expected) => {
    expect(nextLink(header)).toBe(expected);
  });
});
