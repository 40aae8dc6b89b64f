import { describe, expect, it } from '@jest/globals';
import { parseReference } from '@waybill/core';
import { createRegistry } from './create-registry.js';
import { type Credential, createCredentials } from './credentials.js';
import { collectLog, type FakeAnswer, fakeClock, fakeFetch, type SentRequest } from './test-support.js';

const MANIFEST = JSON.stringify({
  schemaVersion: 2,
  config: { mediaType: 'application/vnd.oci.image.config.v1+json', digest: `sha256:${'a'.repeat(64)}`, size: 2 },
  layers: [],
});
const FOUND: FakeAnswer = { headers: { 'content-type': 'application/vnd.oci.image.manifest.v1+json' }, body: MANIFEST };
const DENIED: FakeAnswer = {
  status: 403,
  body: '{"errors":[{"code":"DENIED","message":"permission_denied: read_package"}]}',
};

const challenge = (more = ''): FakeAnswer => ({
  status: 401,
  headers: { 'www-authenticate': `Bearer realm="https://ghcr.io/token",service="ghcr.io"${more}` },
});
const isToken = (request: SentRequest): boolean => request.url.pathname === '/token';
const scopesOf = (request: SentRequest): readonly string[] => request.url.searchParams.getAll('scope');
const authorizations = (sent: readonly SentRequest[]) => sent.map((one) => one.headers.authorization);

function setUp(answer: (request: SentRequest) => FakeAnswer | Error, credential?: Credential) {
  const network = fakeFetch(answer);
  const clock = fakeClock();
  const credentials =
    credential === undefined
      ? createCredentials({ explicit: [{ host: 'ghcr.io', username: 'u', password: 'p' }] })
      : { forHost: async () => credential };
  const lookup = async () => ['203.0.114.10'];
  const registry = createRegistry({
    fetch: network.fetch,
    clock,
    credentials,
    lookup,
    log: collectLog(),
    random: () => 0,
  });
  const resolve = async (...names: string[]) =>
    registry.resolve(names.map((name) => parseReference(`ghcr.io/${name}`)));
  return { ...network, clock, registry, resolve };
}

/** A registry that wants a token: `tokens` says what it thinks of the one shown. */
function withTokens(accepts: (authorization: string) => boolean, expiresIn?: number) {
  let issued = 0;
  return (request: SentRequest): FakeAnswer => {
    if (isToken(request)) {
      issued += 1;
      const expiry = expiresIn === undefined ? {} : { expires_in: expiresIn };
      return { body: JSON.stringify({ token: `t${issued}`, ...expiry }) };
    }
    const { authorization } = request.headers;
    return authorization !== undefined && accepts(authorization) ? FOUND : challenge();
  };
}

describe('the token flow', () => {
  it('learns how to ask from one bare request, and gets one token a repository', async () => {
    const world = setUp(withTokens(() => true));
    const tags = Array.from({ length: 10 }, (_, index) => `t${index}`);
    const found = await world.resolve(...tags.flatMap((tag) => [`o/api:${tag}`, `o/web:${tag}`]));
    expect(found.every((one) => one.kind === 'resolved')).toBe(true);
    expect(world.sent.filter((one) => !isToken(one) && one.headers.authorization === undefined)).toHaveLength(1);
    expect(world.sent.filter(isToken).flatMap(scopesOf).sort()).toEqual([
      'repository:o/api:pull',
      'repository:o/web:pull',
    ]);
    expect(world.sent).toHaveLength(1 + 2 + 20);
    await world.resolve('o/api:later');
    expect(world.sent).toHaveLength(1 + 2 + 20 + 1);
  });

  it('shows the credential to the token service and the token to the registry', async () => {
    const world = setUp(withTokens(() => true));
    await world.resolve('o/api:main');
    expect(authorizations(world.sent)).toEqual([
      undefined,
      `Basic ${Buffer.from('u:p').toString('base64')}`,
      'Bearer t1',
    ]);
    expect(world.sent[1]?.url.searchParams.get('service')).toBe('ghcr.io');
  });

  it.each([
    ['what it says', 300, 280_000, 20_000],
    ['a minute when it does not say', undefined, 50_000, 10_000],
  ])('keeps a token for %s', async (_name, expiresIn, before, rest) => {
    const world = setUp(withTokens(() => true, expiresIn));
    const tokens = () => world.sent.filter(isToken).length;
    await world.resolve('o/api:main');
    world.clock.advance(before - 11_000);
    await world.resolve('o/api:main');
    expect(tokens()).toBe(1);
    world.clock.advance(rest + 11_000);
    await world.resolve('o/api:main');
    expect(tokens()).toBe(2);
  });

  it('gets another token, once for all, when the registry no longer takes the one it has', async () => {
    let good = 'Bearer t1';
    const world = setUp(withTokens((authorization) => authorization === good));
    await world.resolve('o/api:main');
    good = 'Bearer t2';
    const found = await world.resolve('o/api:a', 'o/api:b', 'o/api:c');
    expect(found.map((one) => one.kind)).toEqual(['resolved', 'resolved', 'resolved']);
    expect(world.sent.filter(isToken)).toHaveLength(2);
  });

  it('stops when a new token does not help', async () => {
    const world = setUp(withTokens(() => false));
    const [one] = await world.resolve('o/api:main');
    expect(one).toMatchObject({ kind: 'failed', error: { code: 'registry-denied' } });
    expect(world.sent.length).toBeLessThanOrEqual(4);
  });

  it('adds a scope the registry asks for, for reading and for this repository only', async () => {
    const wanted = 'repository:o/api:pull * repository:o/secret:pull repository:o/api:pull,push registry:catalog:*';
    const world = setUp((request) => {
      if (isToken(request))
        return { body: JSON.stringify({ token: scopesOf(request).includes('*') ? 'wide' : 'narrow' }) };
      if (request.headers.authorization === 'Bearer wide') return FOUND;
      return challenge(`,scope="${wanted}",error="insufficient_scope"`);
    });
    const [one] = await world.resolve('o/api:main');
    expect(one?.kind).toBe('resolved');
    expect(world.sent.filter(isToken).map(scopesOf)).toEqual([
      ['repository:o/api:pull'],
      ['repository:o/api:pull', '*'],
    ]);
  });

  it.each([
    ['no token', '{}'],
    ['a token with a line break', JSON.stringify({ token: 'a\r\nx-evil: 1' })],
    ['no JSON', 'hello'],
  ])('refuses %s for a token', async (_name, body) => {
    const world = setUp((request) => (isToken(request) ? { body } : challenge()));
    expect(await world.resolve('o/api:main')).toMatchObject([{ error: { code: 'registry-protocol' } }]);
  });

  it('takes access_token as well', async () => {
    const world = setUp((request) => {
      if (isToken(request)) return { body: JSON.stringify({ access_token: 'x' }) };
      return request.headers.authorization === 'Bearer x' ? FOUND : challenge();
    });
    expect(await world.resolve('o/api:main')).toMatchObject([{ kind: 'resolved' }]);
  });

  it('does not take a challenge from where a redirect led', async () => {
    const world = setUp((request) => {
      if (request.url.host === 'ghcr.io') return { status: 307, headers: { location: 'https://cdn.example/x' } };
      return { status: 401, headers: { 'www-authenticate': 'Bearer realm="https://cdn.example/token"' } };
    });
    const [one] = await world.resolve('o/api:main');
    expect(one).toMatchObject({ kind: 'failed', error: { code: 'registry-protocol' } });
    expect(world.sent.map((request) => request.url.host)).toEqual(['ghcr.io', 'cdn.example']);
  });
});

describe('an identity token', () => {
  const credential: Credential = { kind: 'identity-token', origin: 'docker-config', token: 'refresh me' };

  it('goes in a form', async () => {
    const world = setUp((request) => {
      if (isToken(request)) return { body: '{"access_token":"x"}' };
      return request.headers.authorization === 'Bearer x' ? FOUND : challenge();
    }, credential);
    expect(await world.resolve('o/api:main')).toMatchObject([{ kind: 'resolved' }]);
    const form = new URLSearchParams(world.sent[1]?.body);
    expect(Object.fromEntries(form)).toEqual({
      grant_type: 'refresh_token',
      refresh_token: 'refresh me',
      client_id: 'waybill',
      service: 'ghcr.io',
      scope: 'repository:o/api:pull',
    });
    expect(world.sent[1]?.url.search).toBe('');
  });

  it.each([404, 405])('goes by GET to a service that answers %p to the form', async (status) => {
    const world = setUp((request) => {
      if (isToken(request)) return request.method === 'POST' ? { status } : { body: '{"token":"x"}' };
      return request.headers.authorization === 'Bearer x' ? FOUND : challenge();
    }, credential);
    expect(await world.resolve('o/api:main')).toMatchObject([{ kind: 'resolved' }]);
    expect(world.sent[2]?.headers.authorization).toBe(`Basic ${Buffer.from('<token>:refresh me').toString('base64')}`);
  });
});

describe('the GitHub token', () => {
  const credential: Credential = { kind: 'basic', origin: 'github-token', username: 'x', password: 'ghs' };
  const anonymousOnly = (request: SentRequest): FakeAnswer => {
    if (isToken(request)) return { body: JSON.stringify({ token: request.headers.authorization ? 'mine' : 'public' }) };
    if (request.headers.authorization === undefined) return challenge();
    return request.headers.authorization === 'Bearer public' ? FOUND : DENIED;
  };

  it('is left out where it is refused, for a public package', async () => {
    const world = setUp(anonymousOnly, credential);
    const found = await world.resolve('o/api:a', 'o/api:b', 'o/api:c', 'o/web:a');
    expect(found.map((one) => one.kind)).toEqual(['resolved', 'resolved', 'resolved', 'resolved']);
  });

  it('is left out where the token service refuses it', async () => {
    const world = setUp((request) => {
      if (isToken(request)) return request.headers.authorization ? DENIED : { body: '{"token":"public"}' };
      return request.headers.authorization === 'Bearer public' ? FOUND : challenge();
    }, credential);
    expect(await world.resolve('o/api:a', 'o/api:b')).toMatchObject([{ kind: 'resolved' }, { kind: 'resolved' }]);
  });

  it('is what the error names when nothing helps', async () => {
    const world = setUp((request) => (isToken(request) ? DENIED : challenge()), credential);
    const [one] = await world.resolve('o/api:main');
    if (one?.kind !== 'failed') throw new Error('not failed');
    expect(one.error).toMatchObject({ code: 'registry-denied', where: { image: 'ghcr.io/o/api:main' } });
    expect(one.error.message).toContain('GITHUB_TOKEN');
    expect(one.error.message).toContain('packages: read');
    expect(one.error.message).toContain('https://github.com/orgs/o/packages/container/api/settings');
  });

  it('alone is left out: a credential that was given is not', async () => {
    const given: Credential = { kind: 'basic', origin: 'input', username: 'x', password: 'pat' };
    const world = setUp(anonymousOnly, given);
    expect(await world.resolve('o/api:main')).toMatchObject([{ kind: 'failed', error: { code: 'registry-denied' } }]);
  });
});

describe('Basic', () => {
  const answer = (request: SentRequest): FakeAnswer =>
    request.headers.authorization === undefined
      ? { status: 401, headers: { 'www-authenticate': 'Basic realm="x"' } }
      : FOUND;

  it('is learned once, too', async () => {
    const world = setUp(answer);
    await world.resolve('o/a:1', 'o/b:1', 'o/c:1');
    expect(authorizations(world.sent).filter((one) => one === undefined)).toHaveLength(1);
    expect(world.sent).toHaveLength(4);
  });

  it('without a credential is denied, at once', async () => {
    const world = setUp(answer, { kind: 'anonymous' });
    expect(await world.resolve('o/a:1')).toMatchObject([{ error: { code: 'registry-denied' } }]);
  });
});

describe('a registry that cannot be reached', () => {
  it('is tried once for all references, and again later', async () => {
    const world = setUp(() => new TypeError('fetch failed'));
    const names = Array.from({ length: 100 }, (_, index) => `o/api:t${index}`);
    const found = await world.resolve(...names);
    expect(found.every((one) => one.kind === 'failed' && one.error.code === 'registry-unavailable')).toBe(true);
    expect(world.sent).toHaveLength(4);
    world.clock.advance(31_000);
    await world.resolve('o/api:main');
    expect(world.sent).toHaveLength(8);
  });

  it('leaves the others alone', async () => {
    const network = fakeFetch((request) => (request.url.host === 'down.example' ? new Error('no') : FOUND));
    const registry = createRegistry({
      fetch: network.fetch,
      clock: fakeClock(),
      log: collectLog(),
      credentials: createCredentials({}),
      lookup: async () => ['203.0.114.10'],
    });
    const found = await registry.resolve(['down.example/o/api:main', 'up.example/o/api:main'].map(parseReference));
    expect(found.map((one) => one.kind)).toEqual(['failed', 'resolved']);
  });
});
