import { beforeAll, expect, it } from '@jest/globals';
import { type PushedImage, pushImage, skopeoDigest } from '@waybill/testbed';
import { describeTargets, errorCodes, itAsksSkopeo } from './each-target.js';

const challengeOf = async (
  url: string,
  path: string,
  headers: Readonly<Record<string, string>> = {},
  method = 'GET',
) => {
  const response = await fetch(new URL(path, url), { headers, method });
  return {
    status: response.status,
    challenge: response.headers.get('www-authenticate') ?? '',
    body: await response.bytes(),
  };
};

describeTargets(
  'token auth',
  ({ registry, writer, sendAs }) => {
    let open: PushedImage;
    let closed: PushedImage;

    beforeAll(async () => {
      open = await pushImage(writer(), { repository: 'public/image', tags: ['main'] });
      closed = await pushImage(writer(), { repository: 'private/image', tags: ['main'] });
    });

    const ask = async (scope: string, login?: { readonly username: string; readonly password: string }) => {
      const { challenge } = await challengeOf(registry().url, '/v2/');
      const realm = new URL(/realm="([^"]+)"/.exec(challenge)?.[1] ?? '');
      realm.searchParams.set('service', /service="([^"]+)"/.exec(challenge)?.[1] ?? '');
      realm.searchParams.append('scope', scope);
      const basic = login === undefined ? '' : Buffer.from(`${login.username}:${login.password}`).toString('base64');
      const response = await fetch(realm, basic === '' ? {} : { headers: { Authorization: `Basic ${basic}` } });
      if (!response.ok) return { status: response.status, token: undefined };
      const { token } = (await response.json()) as { readonly token: string };
      return { status: response.status, token };
    };

    it('challenges without a scope at /v2/', async () => {
      const { status, challenge, body } = await challengeOf(registry().url, '/v2/');
      expect([status, errorCodes(body)]).toEqual([401, ['UNAUTHORIZED']]);
      expect(challenge).toMatch(/^Bearer realm="http:\/\/127\.0\.0\.1:\d+\/token",service="[^"]+"$/);
    });

    it.each([
      { method: 'GET', path: '/v2/private/image/manifests/main', actions: 'pull' },
      { method: 'HEAD', path: '/v2/private/image/manifests/main', actions: 'pull' },
      { method: 'GET', path: '/v2/private/image/tags/list', actions: 'pull' },
      { method: 'PUT', path: '/v2/private/image/manifests/main', actions: 'pull,push' },
      { method: 'POST', path: '/v2/private/image/blobs/uploads/', actions: 'pull,push' },
      { method: 'DELETE', path: '/v2/private/image/manifests/main', actions: 'delete' },
    ])('$method $path is challenged for $actions', async ({ method, path, actions }) => {
      const { status, challenge } = await challengeOf(registry().url, path, {}, method);
      const scope = /scope="repository:private\/image:([^"]+)"/.exec(challenge)?.[1] ?? '';
      expect([status, scope.split(',').sort().join(',')]).toEqual([401, actions]);
    });

    it('gives an anonymous client what is public', async () => {
      const anonymous = sendAs(undefined);
      expect((await anonymous('/v2/public/image/manifests/main')).status).toBe(200);
      expect((await anonymous('/v2/private/image/manifests/main')).status).toBe(401);
      expect((await anonymous('/v2/public/image/blobs/uploads/', { method: 'POST' })).status).toBe(401);
    });

    itAsksSkopeo('gives skopeo the same digests: anonymous, as a reader, and not without a login', async () => {
      const { host, reader } = registry();
      expect(await skopeoDigest(`${host}/public/image:main`)).toBe(open.digest);
      expect(await skopeoDigest(`${host}/private/image:main`, reader)).toBe(closed.digest);
      await expect(skopeoDigest(`${host}/private/image:main`)).rejects.toThrow(/unauthorized|authentication required/i);
    });

    it('gives a reader everything to read and nothing to write', async () => {
      const reader = sendAs(registry().reader);
      expect((await reader('/v2/private/image/manifests/main')).headers.get('docker-content-digest')).toBe(
        closed.digest,
      );
      expect((await reader('/v2/private/image/blobs/uploads/', { method: 'POST' })).status).toBe(401);
    });

    it('refuses a wrong password at the token endpoint', async () => {
      const { status } = await ask('repository:private/image:pull', { username: 'ci', password: 'wrong' });
      expect(status).toBe(401);
    });

    it('says insufficient_scope, and which, to a token for something else', async () => {
      const { token } = await ask('repository:public/image:pull', registry().writer);
      const path = '/v2/private/image/manifests/main';
      const { status, challenge } = await challengeOf(registry().url, path, { Authorization: `Bearer ${token}` });
      expect(status).toBe(401);
      expect(challenge).toContain('scope="repository:private/image:pull"');
      expect(challenge).toContain('error="insufficient_scope"');
    });

    it('says invalid_token to one that it did not give', async () => {
      const path = '/v2/private/image/manifests/main';
      const { status, challenge } = await challengeOf(registry().url, path, { Authorization: 'Bearer nonsense' });
      expect([status, /error="([^"]+)"/.exec(challenge)?.[1]]).toEqual([401, 'invalid_token']);
    });

    it('has no use for Basic at the registry itself', async () => {
      const login = Buffer.from('ci:secret').toString('base64');
      const { status } = await challengeOf(registry().url, '/v2/', { Authorization: `Basic ${login}` });
      expect(status).toBe(401);
    });
  },
  { auth: ['token'] },
);

describeTargets(
  'Basic auth',
  ({ registry, writer, send, sendAs }) => {
    let digest: string;

    beforeAll(async () => {
      digest = (await pushImage(writer(), { repository: 'o/image', tags: ['main'] })).digest;
    });

    it('challenges with Basic, and lets only the right password in', async () => {
      const { status, challenge } = await challengeOf(registry().url, '/v2/o/image/manifests/main');
      expect([status, challenge]).toEqual([401, 'Basic realm="registry"']);
      expect((await send('/v2/o/image/manifests/main')).headers.get('docker-content-digest')).toBe(digest);
      const wrong = sendAs({ username: 'ci', password: 'wrong' });
      expect((await wrong('/v2/o/image/manifests/main')).status).toBe(401);
    });

    itAsksSkopeo('gives skopeo the same digest', async () => {
      expect(await skopeoDigest(`${registry().host}/o/image:main`, registry().writer)).toBe(digest);
    });
  },
  { auth: ['basic'] },
);
