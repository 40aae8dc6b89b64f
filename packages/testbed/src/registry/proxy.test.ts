import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type RegistryProxy, startRegistryProxy } from './proxy.js';
import { pushImage } from './push.js';
import { startRegistry, type TestRegistry } from './server.js';

const run = promisify(execFile);

/** Fetches in a Node of its own, as an action's process would, and prints what came of it as JSON. */
const FETCH = `
const [url, authorization] = process.argv.slice(1);
const headers = authorization ? { authorization } : {};
try {
  const response = await fetch(url, { headers, redirect: 'manual' });
  const text = await response.text();
  console.log(JSON.stringify({ status: response.status, headers: Object.fromEntries(response.headers), text }));
} catch (error) {
  console.log(JSON.stringify({ failed: String(error.cause ?? error) }));
}`;

interface Fetched {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly text?: string;
  readonly failed?: string;
}

describe('registry proxy', () => {
  let registry: TestRegistry;
  let proxy: RegistryProxy;
  const cdn = 'pkg-containers.githubusercontent.com';

  beforeAll(async () => {
    registry = await startRegistry({
      auth: { kind: 'token', accounts: [{ username: '*', password: 'job-token' }], anonymousPull: ['o/public'] },
      elsewhereHost: cdn,
      dialect: { blobs: 'redirect' },
    });
    proxy = await startRegistryProxy({ hosts: { 'ghcr.io': registry.url, [cdn]: registry.elsewhere } });
  });
  afterAll(async () => {
    await proxy.close();
    await registry.close();
  });

  const fetchThere = async (url: string, authorization = ''): Promise<Fetched> => {
    const env = { PATH: process.env.PATH ?? '', NODE_USE_ENV_PROXY: '1', ...proxy.env };
    const { stdout } = await run(process.execPath, ['--input-type=module', '-e', FETCH, url, authorization], { env });
    return JSON.parse(stdout) as Fetched;
  };

  it('answers https://ghcr.io/v2/ with a realm at ghcr.io', async () => {
    const { status, headers } = await fetchThere('https://ghcr.io/v2/');
    expect(status).toBe(401);
    expect(headers?.['www-authenticate']).toBe('Bearer realm="https://ghcr.io/token",service="ghcr.io"');
    expect(registry.log.entries().at(-1)).toMatchObject({ host: 'ghcr.io', path: '/v2/', status: 401 });
  });

  it('lets a token of ghcr.io read, and leads blobs to the second host by https', async () => {
    const credentials = { username: 'ci', password: 'job-token' };
    const { children } = await pushImage({ url: registry.url, credentials }, { repository: 'o/api', tags: ['main'] });
    const basic = `Basic ${Buffer.from('ci:job-token').toString('base64')}`;
    const scope = 'scope=repository:o/api:pull&service=ghcr.io';
    const { text } = await fetchThere(`https://ghcr.io/token?${scope}`, basic);
    const { token } = JSON.parse(text ?? '') as { readonly token: string };
    const config = `https://ghcr.io/v2/o/api/blobs/${children[0]?.configDigest}`;
    const redirected = await fetchThere(config, `Bearer ${token}`);
    expect(redirected.status).toBe(307);
    const location = redirected.headers?.location ?? '';
    expect(new URL(location).origin).toBe(`https://${cdn}`);
    expect((await fetchThere(location)).status).toBe(200);
    expect((await fetchThere(location, `Bearer ${token}`)).status).toBe(400);
  });

  it('refuses every other host and says which', async () => {
    const { failed } = await fetchThere('https://example.com/');
    expect(failed).toBeDefined();
    expect(proxy.connections()).toContainEqual({ target: 'example.com:443', allowed: false });
  });

  it('passes a broken connection on as one', async () => {
    registry.inject({ kind: 'disconnect' });
    expect((await fetchThere('https://ghcr.io/v2/')).failed).toMatch(/socket|closed|reset/i);
  });

  it('passes a body that breaks half-way on as broken', async () => {
    registry.inject({ kind: 'disconnect-mid-body' });
    expect((await fetchThere('https://ghcr.io/v2/')).failed).toBeDefined();
  });

  it('is not believed by a process without the authority', async () => {
    const env = { PATH: process.env.PATH ?? '', NODE_USE_ENV_PROXY: '1', HTTPS_PROXY: proxy.url };
    const { stdout } = await run(process.execPath, ['--input-type=module', '-e', FETCH, 'https://ghcr.io/v2/'], {
      env,
    });
    expect((JSON.parse(stdout) as Fetched).failed).toMatch(/certificate/i);
  });
});
