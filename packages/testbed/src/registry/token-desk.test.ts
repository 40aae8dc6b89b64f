import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Account } from './access.js';
import { REGISTRY_DIALECTS } from './dialect.js';
import { pushImage } from './push.js';
import { connectRaw } from './raw-client.js';
import { startRegistry, type TestRegistry } from './server.js';

interface TokenAnswer {
  readonly token?: string;
  readonly expires_in?: number;
  readonly refresh_token?: string;
}

describe('token endpoint', () => {
  let registry: TestRegistry;
  let now = Date.parse('2026-01-01T00:00:00Z');
  let jobs: readonly Account[] = [];
  const credentials = { username: 'ci', password: 'secret' };
  const basic = (login: { readonly username: string; readonly password: string }) =>
    `Basic ${Buffer.from(`${login.username}:${login.password}`).toString('base64')}`;

  beforeAll(async () => {
    registry = await startRegistry({
      auth: {
        kind: 'token',
        accounts: [credentials],
        authenticate: ({ password }) => jobs.find((job) => job.password === password),
        anonymousPull: ['o/public'],
        expiresIn: 60,
        service: 'test',
        refreshTokens: true,
      },
      now: () => now,
    });
    for (const repository of ['o/api', 'o/public']) {
      await pushImage({ url: registry.url, credentials }, { repository, tags: ['main'] });
    }
  });
  beforeEach(() => registry.reset());
  afterAll(() => registry.close());

  const ask = async (query: string, authorization?: string, origin = registry.url) => {
    const headers: Record<string, string> = authorization === undefined ? {} : { Authorization: authorization };
    const response = await fetch(`${origin}/token?service=test&${query}`, { headers });
    return { status: response.status, answer: (await response.json()) as TokenAnswer };
  };
  const read = async (token: string | undefined, repository = 'o/api') => {
    const headers = { Authorization: `Bearer ${token}` };
    return (await connectRaw(registry)(`/v2/${repository}/tags/list`, { headers })).status;
  };
  const post = async (form: Readonly<Record<string, string>>) => {
    const response = await fetch(`${registry.url}/token`, { method: 'POST', body: new URLSearchParams(form) });
    return { status: response.status, answer: (await response.json()) as TokenAnswer };
  };

  it('a token works for its time and no longer', async () => {
    const { answer } = await ask('scope=repository:o/api:pull', basic(credentials));
    expect([answer.expires_in, await read(answer.token)]).toEqual([60, 200]);
    now += 59_999;
    expect(await read(answer.token)).toBe(200);
    now += 1;
    expect(await read(answer.token)).toBe(401);
  });

  it('expireTokens ends tokens at once', async () => {
    const { answer } = await ask('scope=repository:o/api:pull', basic(credentials));
    registry.expireTokens();
    expect(await read(answer.token)).toBe(401);
  });

  it('a token is for its repositories, its actions and its service', async () => {
    const { answer } = await ask('scope=repository:o/api:pull&scope=repository:o/public:pull', basic(credentials));
    expect([
      await read(answer.token),
      await read(answer.token, 'o/public'),
      await read(answer.token, 'o/other'),
    ]).toEqual([200, 200, 401]);
    const other = await fetch(`${registry.url}/token?service=other&scope=repository:o/api:pull`, {
      headers: { Authorization: basic(credentials) },
    });
    expect(await read(((await other.json()) as TokenAnswer).token)).toBe(401);
  });

  it('an anonymous token for what is not public is empty, or refused as ghcr.io does', async () => {
    const { status, answer } = await ask('scope=repository:o/api:pull');
    expect([status, await read(answer.token)]).toEqual([200, 401]);
    registry.configure(REGISTRY_DIALECTS.ghcr);
    expect((await ask('scope=repository:o/api:pull')).status).toBe(401);
    expect((await ask('scope=repository:o/public:pull')).status).toBe(200);
  });

  it('accounts that come and go are asked for at the time', async () => {
    const login = basic({ username: 'x-access-token', password: 'job-token' });
    expect((await ask('scope=repository:o/api:pull', login)).status).toBe(401);
    jobs = [{ username: '*', password: 'job-token', push: [] }];
    expect(await read((await ask('scope=repository:o/api:pull', login)).answer.token)).toBe(200);
    jobs = [];
    expect((await ask('scope=repository:o/api:pull', login)).status).toBe(401);
  });

  it('the realm elsewhere: challenged to it, answered there and only there', async () => {
    registry.configure({ tokenRealm: 'elsewhere' });
    const challenge = (await fetch(`${registry.url}/v2/`)).headers.get('www-authenticate');
    expect(challenge).toBe(`Bearer realm="${registry.elsewhere}/token",service="test"`);
    expect((await fetch(`${registry.url}/token?service=test`)).status).toBe(404);
    const { answer } = await ask('scope=repository:o/api:pull', basic(credentials), registry.elsewhere);
    expect(await read(answer.token)).toBe(200);
    registry.configure({ tokenRealm: { url: 'https://attacker.example/token' } });
    const foreign = (await fetch(`${registry.url}/v2/`)).headers.get('www-authenticate');
    expect(foreign).toContain('realm="https://attacker.example/token"');
  });

  it('two challenges in one header, where the dialect wants them', async () => {
    registry.configure({ challenges: 'bearer-and-basic' });
    const challenge = (await fetch(`${registry.url}/v2/o/api/tags/list`)).headers.get('www-authenticate');
    expect(challenge).toBe(
      `Bearer realm="${registry.url}/token",service="test",scope="repository:o/api:pull",Basic realm="registry"`,
    );
  });

  it('refresh tokens: by password once, then by themselves, and nothing for a wrong one', async () => {
    const scope = 'repository:o/api:pull';
    const first = await post({ grant_type: 'password', service: 'test', scope, ...credentials });
    const refresh = first.answer.refresh_token ?? '';
    const form = { grant_type: 'refresh_token', service: 'test', scope, client_id: 'test' };
    const second = await post({ ...form, refresh_token: refresh });
    expect([first.status, second.status, await read(second.answer.token)]).toEqual([200, 200, 200]);
    expect(registry.log.saw(refresh)).toBe(true);
    expect((await post({ ...form, refresh_token: 'other' })).status).toBe(401);
    const offline = await ask(`scope=${scope}&offline_token=true`, basic(credentials));
    expect((await post({ ...form, refresh_token: offline.answer.refresh_token ?? '' })).status).toBe(200);
  });

  it('without refresh tokens the POST form is 404', async () => {
    const plain = await startRegistry({ auth: { kind: 'token', accounts: [credentials] } });
    const response = await fetch(`${plain.url}/token`, {
      method: 'POST',
      body: new URLSearchParams({ service: 'test' }),
    });
    await plain.close();
    expect(response.status).toBe(404);
  });
});

describe('onPush', () => {
  it('tells of every manifest: children without a tag, then each tag', async () => {
    const registry = await startRegistry();
    const told: string[] = [];
    const stop = registry.onPush(({ repository, tag, digest }) => told.push(`${repository} ${tag ?? digest}`));
    const { children } = await pushImage(registry, { repository: 'o/api', tags: ['main', 'v1'] });
    stop();
    await pushImage(registry, { repository: 'o/api', tags: ['later'] });
    await registry.close();
    expect(told).toEqual([...children.map(({ digest }) => `o/api ${digest}`), 'o/api main', 'o/api v1']);
  });
});
