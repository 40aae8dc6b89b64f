import { describe, expect, it } from '@jest/globals';
import { createAddresses } from './address.js';
import { createLimiter } from './limiter.js';
import { collectLog, type FakeAnswer, fakeClock, fakeFetch, type SentRequest } from './test-support.js';
import { createTransport, type TransportRequest } from './transport.js';

function setUp(answer: (request: SentRequest, count: number) => FakeAnswer | Error) {
  let count = 0;
  const network = fakeFetch((request) => {
    count += 1;
    return answer(request, count);
  });
  const clock = fakeClock();
  const log = collectLog();
  const lookup = async (name: string) => [name === 'inside.example' ? '10.0.0.1' : '203.0.114.10'];
  const addresses = createAddresses({
    insecureHosts: ['plain.example'],
    privateHosts: [],
    proxied: () => false,
    lookup,
  });
  const { fetch } = network;
  const options = { fetch, clock, log, addresses, limiter: createLimiter(32), random: () => 1, timeoutMs: 30_000 };
  const transport = createTransport(options);
  const send = (change: Partial<TransportRequest> = {}) =>
    transport.send({
      registry: 'ghcr.io',
      url: new URL('https://ghcr.io/v2/o/api/manifests/main'),
      method: 'GET',
      authorization: 'Bearer secret',
      maximumBytes: 100,
      redirects: 'any-origin',
      ...change,
    });
  return { ...network, clock, log, send };
}

const to = (location: string, status = 307): FakeAnswer => ({ status, headers: { location } });
const authorizations = (sent: readonly SentRequest[]) => sent.map((one) => one.headers.authorization);

describe('retries', () => {
  it('wait as asked, then go on', async () => {
    const world = setUp((_request, count) =>
      count === 1 ? { status: 429, headers: { 'retry-after': '7' } } : { body: 'done' },
    );
    const response = await world.send();
    expect([response.status, Buffer.from(response.body).toString()]).toEqual([200, 'done']);
    expect(world.clock.sleeps).toEqual([7_125]);
  });

  it('never wait longer than a minute and its jitter', async () => {
    const world = setUp((_request, count) => (count === 1 ? { status: 503, headers: { 'retry-after': '86400' } } : {}));
    await world.send();
    expect(world.clock.sleeps).toEqual([60_125]);
  });

  it('back off, and give the last answer in the end', async () => {
    const world = setUp(() => ({ status: 502 }));
    expect((await world.send()).status).toBe(502);
    expect(world.clock.sleeps).toEqual([500, 1000, 2000]);
  });

  it.each([200, 301, 400, 401, 403, 404, 405, 501])('are not for %p', async (status) => {
    const world = setUp(() => ({ status }));
    expect((await world.send()).status).toBe(status);
    expect(world.sent).toHaveLength(1);
  });

  it('follow broken connections', async () => {
    const broken = new TypeError('fetch failed', { cause: Object.assign(new Error('no'), { code: 'ECONNRESET' }) });
    const world = setUp((_request, count) => (count < 4 ? broken : { body: 'done' }));
    expect((await world.send()).status).toBe(200);
    expect(world.sent).toHaveLength(4);
  });

  it('end in registry-unavailable, naming the cause', async () => {
    const broken = new TypeError('fetch failed', { cause: Object.assign(new Error('no'), { code: 'ENOTFOUND' }) });
    const world = setUp(() => broken);
    await expect(world.send()).rejects.toMatchObject({
      code: 'registry-unavailable',
      message: expect.stringContaining('ENOTFOUND'),
    });
    expect(world.sent).toHaveLength(4);
  });

  it('are no use against a certificate that is not trusted', async () => {
    const cause = Object.assign(new Error('no'), { code: 'SELF_SIGNED_CERT_IN_CHAIN' });
    const world = setUp(() => new TypeError('fetch failed', { cause }));
    await expect(world.send()).rejects.toMatchObject({
      code: 'registry-untrusted',
      message: expect.stringContaining('NODE_EXTRA_CA_CERTS'),
    });
    expect(world.sent).toHaveLength(1);
  });

  it('leave a registry alone for all requests while it wants that', async () => {
    const world = setUp((request, count) => {
      if (count === 1) return { status: 429, headers: { 'retry-after': '10' } };
      expect(world.clock.now().getTime()).toBeGreaterThanOrEqual(Date.UTC(2026, 0, 1) + 10_000);
      return { body: request.url.pathname };
    });
    const first = world.send();
    await Promise.resolve();
    await Promise.all([first, world.send(), world.send()]);
    expect(world.sent.length).toBeGreaterThanOrEqual(3);
  });
});

describe('redirects', () => {
  it('keep the credential within the origin', async () => {
    const world = setUp((_request, count) => (count === 1 ? to('/v2/elsewhere') : { body: 'x' }));
    const response = await world.send();
    expect([response.url.href, response.leftOrigin]).toEqual(['https://ghcr.io/v2/elsewhere', false]);
    expect(authorizations(world.sent)).toEqual(['Bearer secret', 'Bearer secret']);
  });

  it.each([
    'https://cdn.example/blob?sig=1',
    'https://ghcr.io:8443/blob',
    'https://ghcr.io.evil.example/',
    '//cdn.example/x',
  ])('drop it on the way to %s, and do not pick it up on the way back', async (location) => {
    const world = setUp((_request, count) => {
      if (count === 1) return to(location);
      return count === 2 ? to('https://ghcr.io/v2/back', 302) : { body: 'x' };
    });
    const response = await world.send();
    expect(response.leftOrigin).toBe(true);
    expect(authorizations(world.sent)).toEqual(['Bearer secret', undefined, undefined]);
  });

  it.each([
    ['from HTTPS to HTTP', 'http://cdn.example/'],
    ['from HTTPS to HTTP, even where plain HTTP is allowed', 'http://plain.example/'],
    ['from HTTPS to HTTP on loopback', 'http://127.0.0.1/'],
    ['to loopback', 'https://localhost/'],
    ['to the metadata service', 'https://169.254.169.254/latest/meta-data'],
    ['to a name for a private address', 'https://inside.example/'],
    ['to a user', 'https://user:pass@cdn.example/'],
    ['to a file', 'file:///etc/passwd'],
  ])('are refused %s', async (_name, location) => {
    const world = setUp(() => to(location));
    await expect(world.send()).rejects.toMatchObject({ code: 'registry-untrusted' });
    expect(world.sent).toHaveLength(1);
  });

  it('end', async () => {
    const world = setUp((_request, count) => to(`/v2/${count}`));
    await expect(world.send()).rejects.toMatchObject({ code: 'registry-protocol', message: /more than 5 redirects/ });
    expect(world.sent).toHaveLength(6);
  });

  it('to nowhere are an error, and without a location an answer', async () => {
    const nowhere = setUp(() => to('https://'));
    await expect(nowhere.send()).rejects.toMatchObject({ code: 'registry-protocol' });
    const silent = setUp(() => ({ status: 307 }));
    expect((await silent.send()).status).toBe(307);
  });

  it('are refused off the origin, or not followed, where a credential is in the request itself', async () => {
    const cross = setUp(() => to('https://cdn.example/'));
    await expect(cross.send({ redirects: 'same-origin' })).rejects.toMatchObject({ code: 'registry-untrusted' });
    const never = setUp(() => to('/elsewhere'));
    expect((await never.send({ redirects: 'never', method: 'POST', form: 'refresh_token=x' })).status).toBe(307);
    expect(never.sent).toHaveLength(1);
  });
});

describe('bodies', () => {
  it('are read up to the limit', async () => {
    const world = setUp(() => ({ body: 'x'.repeat(100) }));
    expect((await world.send()).body).toHaveLength(100);
    const longer = setUp(() => ({ body: 'x'.repeat(101) }));
    await expect(longer.send()).rejects.toMatchObject({ code: 'registry-protocol', message: /more than 100 bytes/ });
    expect(longer.sent).toHaveLength(1);
  });

  it.each([
    ['a stated length', { 'content-length': '3' }, 'abc', 200],
    ['no stated length', {}, 'abc', 200],
    ['a length beyond the limit', { 'content-length': '101' }, 'x'.repeat(101), 'registry-protocol'],
    [
      'a length that is not that of the decoded body',
      { 'content-length': '3', 'content-encoding': 'gzip' },
      'x'.repeat(101),
      'registry-protocol',
    ],
  ])('are measured with %s', async (_name, headers, body, expected) => {
    const world = setUp(() => ({ headers, body }));
    const outcome = await world.send().then(
      (response) => response.status,
      (error) => error.code,
    );
    expect(outcome).toBe(expected);
  });

  it('are asked for as they are stored', async () => {
    const world = setUp(() => ({}));
    await world.send({ accept: 'a/b' });
    expect(world.sent[0]?.headers).toEqual({
      'user-agent': 'waybill',
      'accept-encoding': 'identity',
      accept: 'a/b',
      authorization: 'Bearer secret',
    });
    expect(world.sent[0]?.redirect).toBe('manual');
  });
});

it('gives up on a server that does not answer', async () => {
  const silent = (_url: string, init: { readonly signal: AbortSignal }): Promise<never> =>
    new Promise((_resolve, reject) => {
      init.signal.addEventListener('abort', () => reject(init.signal.reason));
    });
  const addresses = createAddresses({
    insecureHosts: [],
    privateHosts: [],
    proxied: () => true,
    lookup: async () => [],
  });
  const options = { clock: fakeClock(), log: collectLog(), addresses, limiter: createLimiter(1), random: () => 0 };
  const transport = createTransport({ ...options, fetch: silent, timeoutMs: 5 });
  const url = new URL('https://ghcr.io/');
  const sending = transport.send({ registry: 'ghcr.io', url, method: 'GET', maximumBytes: 1, redirects: 'never' });
  await expect(sending).rejects.toMatchObject({ code: 'registry-unavailable', message: /did not answer in time/ });
});
