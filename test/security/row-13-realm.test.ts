import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { parseReference } from '@waybill/core';
import {
  createCredentials,
  createNodeFetch,
  createRegistry,
  type Fetch,
  type RegistryOptions,
} from '@waybill/registry';

/*
 * Threat row 13: a hostile registry names a token service, or redirects, so that the registry's credential goes to a
 * stranger or the runner asks an address inside its network. Each attack first succeeds with the guard off (the realm
 * or address configured as trusted), which shows that the guard is what stops it.
 */

const SECRET = 'the-registry-token';
const BASIC = `Basic ${Buffer.from(`ci:${SECRET}`).toString('base64')}`;

interface Sent {
  readonly url: URL;
  readonly authorization: string | undefined;
  readonly body: string | undefined;
}

/** The attacker's whole internet: a registry that wants a token from `realm`, and takes any. */
function hostile(realm: string, redirect?: string) {
  const sent: Sent[] = [];
  const fetch: Fetch = async (address, init) => {
    const url = new URL(address);
    sent.push({ url, authorization: init.headers.authorization, body: init.body });
    if (url.href.startsWith(realm)) return new Response('{"token":"t"}');
    if (redirect !== undefined && !url.href.startsWith(redirect)) {
      return new Response(null, { status: 307, headers: { location: redirect } });
    }
    if (init.headers.authorization !== undefined) return new Response('{}', { status: 404 });
    const challenge = `Bearer realm="${realm}",service="x",scope="repository:o/api:pull"`;
    return new Response('', { status: 401, headers: { 'www-authenticate': challenge } });
  };
  return { fetch, sent };
}

async function attack(host: string, fetch: Fetch, options: Partial<RegistryOptions> = {}) {
  const registry = createRegistry({
    fetch,
    clock: { now: () => new Date(0), sleep: async () => undefined },
    log: { debug() {}, info() {}, warning() {}, group: (_title, work) => work() },
    credentials: createCredentials({ explicit: [{ host, username: 'ci', password: SECRET }], githubToken: SECRET }),
    lookup: async (name) => [name.endsWith('.internal') ? '10.0.0.7' : '203.0.114.10'],
    random: () => 0,
    ...options,
  });
  const [resolution] = await registry.resolve([parseReference(`${host}/o/api:main`)]);
  return resolution?.kind === 'failed' ? resolution.error.code : resolution?.kind;
}

const leaked = (sent: readonly Sent[], host: string): boolean =>
  sent.some((one) => one.url.host === host && (one.authorization === BASIC || (one.body ?? '').includes(SECRET)));

describe('row 13: the realm', () => {
  const realms = [
    ['a stranger', 'registry.example', 'https://evil.example/token', 'evil.example'],
    [
      'a name that begins like the registry',
      'registry.example',
      'https://registry.example.evil.example/token',
      'registry.example.evil.example',
    ],
    [
      'a name that ends like the registry',
      'registry.example',
      'https://evilregistry.example/token',
      'evilregistry.example',
    ],
    ['the token service of another registry', 'registry.example', 'https://auth.docker.io/token', 'auth.docker.io'],
    [
      'a stranger, for Docker Hub',
      'docker.io',
      'https://auth.docker.io.evil.example/token',
      'auth.docker.io.evil.example',
    ],
  ] as const;

  it.each(realms)('%s gets the credential with the guard off', async (_name, host, realm, stranger) => {
    const world = hostile(realm);
    await attack(host, world.fetch, { realms: { [host]: [stranger] } });
    expect(leaked(world.sent, stranger)).toBe(true);
  });

  it.each(realms)('%s gets nothing, and is not even asked', async (_name, host, realm, stranger) => {
    const world = hostile(realm);
    expect(await attack(host, world.fetch)).toBe('registry-untrusted');
    expect(world.sent.filter((one) => one.url.host === stranger)).toEqual([]);
    expect(world.sent.some((one) => one.authorization !== undefined)).toBe(false);
  });

  it('over plain HTTP gets nothing, even at the same host', async () => {
    const off = hostile('http://registry.example/token');
    await attack('registry.example', off.fetch, { insecureHosts: ['registry.example'] });
    expect(leaked(off.sent, 'registry.example')).toBe(true);
    const world = hostile('http://registry.example/token');
    expect(await attack('registry.example', world.fetch)).toBe('registry-untrusted');
    expect(world.sent.some((one) => one.authorization !== undefined)).toBe(false);
  });

  it.each([
    ['Docker Hub', 'docker.io', 'https://auth.docker.io/token', 'auth.docker.io'],
    ['GitLab', 'registry.gitlab.com', 'https://gitlab.com/jwt/auth', 'gitlab.com'],
    ['the registry itself', 'ghcr.io', 'https://ghcr.io/token', 'ghcr.io'],
  ])('of %s works, which a same-host rule alone would forbid', async (_name, host, realm, service) => {
    const world = hostile(realm);
    expect(await attack(host, world.fetch)).toBe(host === 'ghcr.io' ? 'registry-denied' : 'absent');
    expect(leaked(world.sent, service)).toBe(true);
  });

  it("the GitHub token is ghcr.io's, and no look-alike's", async () => {
    const off = hostile('https://ghcr.io/token');
    await attack('ghcr.io', off.fetch, { credentials: createCredentials({ githubToken: SECRET }) });
    expect(off.sent.some((one) => one.authorization?.startsWith('Basic'))).toBe(true);
    for (const host of ['ghcr.io.evil.example', 'evil-ghcr.io', 'ghcr.io:8443']) {
      const world = hostile(`https://${host}/token`);
      await attack(host, world.fetch, { credentials: createCredentials({ githubToken: SECRET }) });
      expect(world.sent.length).toBeGreaterThan(0);
      expect(world.sent.some((one) => one.authorization?.startsWith('Basic'))).toBe(false);
    }
  });
});

describe('row 13: addresses', () => {
  const none = 'https://nowhere.example/token';
  const redirects = [
    ['the metadata service', 'https://169.254.169.254/latest/meta-data/', '169.254.169.254'],
    ['a private address', 'https://192.168.1.1/', '192.168.1.1'],
    ['a name for a private address', 'https://vault.internal/', 'vault.internal'],
    ['an address as one number', 'https://3232235777/', '192.168.1.1'],
    ['an IPv4 address in IPv6', 'https://[::ffff:10.0.0.7]/', '[::ffff:a00:7]'],
  ] as const;

  it.each(redirects)('%s is reached by a redirect with the guard off', async (_name, target, host) => {
    const world = hostile(none, target);
    await attack('registry.example', world.fetch, { privateHosts: [host] });
    expect(world.sent.some((one) => one.url.host === host)).toBe(true);
    expect(world.sent.filter((one) => one.url.host === host).every((one) => one.authorization === undefined)).toBe(
      true,
    );
  });

  it.each(redirects)('%s is not reached by a redirect', async (_name, target, host) => {
    const world = hostile(none, target);
    expect(await attack('registry.example', world.fetch)).toBe('registry-untrusted');
    expect(world.sent.some((one) => one.url.host === host)).toBe(false);
  });

  it('a registry whose name leads inside is not asked', async () => {
    const off = hostile(none);
    await attack('registry.internal', off.fetch, { privateHosts: ['registry.internal'] });
    expect(off.sent.length).toBeGreaterThan(0);
    const world = hostile(none);
    expect(await attack('registry.internal', world.fetch)).toBe('registry-untrusted');
    expect(world.sent).toEqual([]);
  });

  it('a realm whose trusted name leads inside is not asked', async () => {
    const realms = { 'registry.example': ['auth.internal'] };
    const off = hostile('https://auth.internal/token');
    await attack('registry.example', off.fetch, { realms, privateHosts: ['auth.internal'] });
    expect(leaked(off.sent, 'auth.internal')).toBe(true);
    const world = hostile('https://auth.internal/token');
    expect(await attack('registry.example', world.fetch, { realms })).toBe('registry-untrusted');
    expect(world.sent.some((one) => one.url.host === 'auth.internal')).toBe(false);
  });
});

describe.each<readonly [string, Fetch]>([
  ['fetch', fetch],
  ['node:http', createNodeFetch()],
])('row 13: on the wire, over %s', (_name, transport) => {
  let registry: Server;
  let stranger: Server;
  let strangerSaw: (string | undefined)[] = [];
  const port = (server: Server): number => (server.address() as AddressInfo).port;

  beforeAll(async () => {
    stranger = createServer((request, response) => {
      strangerSaw.push(request.headers.authorization);
      response.end('{"token":"t"}');
    });
    registry = createServer((_request, response) => {
      // By another name for loopback: a plain HTTP service that was not told to be trusted.
      const realm = `http://stranger.example:${port(stranger)}/token`;
      response.writeHead(401, { 'WWW-Authenticate': `Bearer realm="${realm}",service="x"` }).end();
    });
    for (const server of [registry, stranger]) {
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    }
  });
  afterAll(async () => {
    for (const server of [registry, stranger]) await new Promise((resolve) => server.close(resolve));
  });
  beforeEach(() => {
    strangerSaw = [];
  });

  /** The transport, with the one made-up name resolved. */
  const wire: Fetch = (url, init) => transport(url.replace('stranger.example', '127.0.0.1'), init);

  it('a loopback registry cannot send its credential off to another host', async () => {
    const host = `127.0.0.1:${port(registry)}`;
    await attack(host, wire, { insecureHosts: ['stranger.example'] });
    expect(strangerSaw).toContain(BASIC);
    strangerSaw = [];
    expect(await attack(host, wire)).toBe('registry-untrusted');
    expect(strangerSaw).toEqual([]);
  });
});
