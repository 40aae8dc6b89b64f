import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { sha256 } from './digest.js';
import { createFaultQueue } from './faults.js';
import { type PushedImage, pushImage } from './push.js';
import { connectRaw } from './raw-client.js';
import { startRegistry, type TestRegistry } from './server.js';

describe('fault queue', () => {
  const unavailable = { kind: 'status', status: 503 } as const;

  it('befalls as many matching requests as it says, and no others', () => {
    const faults = createFaultQueue();
    faults.add(unavailable, { method: 'GET', path: '/manifests/', times: 2 });
    const taken = [
      faults.take('HEAD', '/v2/a/manifests/x'),
      faults.take('GET', '/v2/a/tags/list'),
      faults.take('GET', '/v2/a/manifests/x'),
      faults.take('GET', '/v2/b/manifests/y?z'),
      faults.take('GET', '/v2/a/manifests/x'),
    ];
    expect(taken.map(({ length }) => length)).toEqual([0, 0, 1, 1, 0]);
  });

  it('keeps a second failure for the next request, and lets a delay come with the first', () => {
    const faults = createFaultQueue();
    faults.add({ kind: 'delay', ms: 1 });
    faults.add({ kind: 'disconnect' });
    faults.add(unavailable);
    expect(faults.take('GET', '/').map(({ kind }) => kind)).toEqual(['delay', 'disconnect']);
    expect(faults.take('GET', '/')).toEqual([unavailable]);
    expect(faults.take('GET', '/')).toEqual([]);
  });

  it('matches by pattern, lasts when told, and can be taken back', () => {
    const faults = createFaultQueue();
    const remove = faults.add(unavailable, { path: /\/tags\/list$/, times: Number.POSITIVE_INFINITY });
    for (let time = 0; time < 5; time += 1) expect(faults.take('GET', '/v2/a/tags/list')).toHaveLength(1);
    remove();
    expect(faults.take('GET', '/v2/a/tags/list')).toEqual([]);
  });
});

describe('faults of a running registry', () => {
  let registry: TestRegistry;
  let image: PushedImage;
  const path = '/v2/o/api/manifests/main';
  const get = () => connectRaw(registry)(path);

  beforeAll(async () => {
    registry = await startRegistry();
    image = await pushImage(registry, { repository: 'o/api', tags: ['main'] });
  });
  beforeEach(() => registry.reset());
  afterAll(() => registry.close());

  it.each([
    { fault: { kind: 'status', status: 500 }, code: 'UNKNOWN', retryAfter: null },
    { fault: { kind: 'status', status: 429, retryAfter: { seconds: 2 } }, code: 'TOOMANYREQUESTS', retryAfter: '2' },
    {
      fault: { kind: 'status', status: 503, retryAfter: { date: new Date('2026-11-20T10:00:00Z') } },
      code: 'UNKNOWN',
      retryAfter: 'Fri, 20 Nov 2026 10:00:00 GMT',
    },
  ] as const)('$fault.status once, then well again', async ({ fault, code, retryAfter }) => {
    registry.inject(fault);
    const { status, headers, body } = await get();
    expect([status, headers.get('retry-after')]).toEqual([fault.status, retryAfter]);
    expect(JSON.parse(Buffer.from(body).toString())).toMatchObject({ errors: [{ code }] });
    expect((await get()).status).toBe(200);
  });

  it.each(['disconnect', 'disconnect-mid-body'] as const)('%s: the client gets an error, once', async (kind) => {
    registry.inject({ kind });
    await expect(get()).rejects.toThrow();
    expect((await get()).status).toBe(200);
    expect(registry.log.count({ status: kind === 'disconnect' ? 0 : 200 })).toBe(kind === 'disconnect' ? 1 : 2);
  });

  it('truncated-body: a whole answer with half of the bytes', async () => {
    registry.inject({ kind: 'truncated-body' });
    const { status, headers, body } = await get();
    expect([status, headers.get('content-length'), body.length]).toEqual([
      200,
      String(body.length),
      Math.floor(image.size / 2),
    ]);
  });

  it('corrupt-body: as long as it should be, and something else', async () => {
    registry.inject({ kind: 'corrupt-body' });
    const { headers, body } = await get();
    expect([body.length, headers.get('docker-content-digest')]).toEqual([image.size, image.digest]);
    expect(sha256(body)).not.toBe(image.digest);
  });

  it('content-type: another one', async () => {
    registry.inject({ kind: 'content-type', contentType: 'text/html' });
    expect((await get()).headers.get('content-type')).toBe('text/html');
  });

  it('a fault before the effect leaves nothing behind', async () => {
    registry.inject({ kind: 'status', status: 502 }, { method: 'PUT', path: '/manifests/' });
    await expect(pushImage(registry, { repository: 'o/new', tags: ['main'] })).rejects.toThrow('502');
    expect((await connectRaw(registry)('/v2/o/new/manifests/main')).status).toBe(404);
  });

  it('delays every answer by the dialect, and the log knows how many waited at once', async () => {
    registry.configure({ delayMs: 40 });
    const started = performance.now();
    await Promise.all(Array.from({ length: 8 }, get));
    expect(performance.now() - started).toBeGreaterThanOrEqual(39);
    expect(registry.log.peak()).toBe(8);
    expect(registry.log.entries()).toHaveLength(8);
  });
});
