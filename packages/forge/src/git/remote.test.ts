import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { openGit } from './repository.js';
import { createTestRepository, type TestRepository } from './test-repository.js';

const OID = '4'.repeat(40);

describe('the token', () => {
  let repository: TestRepository;
  let server: Server;
  let url: string;
  let seen: IncomingHttpHeaders[];
  let raw: string[][];
  let answer: (path: string) => { readonly status: number; readonly location?: string };
  beforeEach(async () => {
    repository = createTestRepository();
    repository.commit();
    seen = [];
    raw = [];
    answer = () => ({ status: 403 });
    server = createServer((request, response) => {
      seen.push(request.headers);
      raw.push(request.rawHeaders.filter((_, index) => index % 2 === 0).map((name) => name.toLowerCase()));
      const { status, location } = answer(request.url ?? '');
      response.writeHead(status, location === undefined ? {} : { location }).end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    url = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
  });
  afterEach(async () => {
    repository.remove();
    await new Promise((resolve) => server.close(resolve));
  });

  const fetchWith = async (name: string, serverUrl: string) => {
    const git = await openGit(repository.folder, process.env);
    return git.ensure(OID, { name, credentials: { serverUrl, token: 'secret' } });
  };

  it('goes to its server, once, whatever a checkout left in the configuration', async () => {
    repository.git('config', `http.${url}/.extraheader`, 'AUTHORIZATION: basic left-behind');
    await expect(fetchWith(`${url}/o/r`, url)).rejects.toMatchObject({ code: 'forge-unavailable' });
    const expected = `basic ${Buffer.from('x-access-token:secret').toString('base64')}`;
    expect(seen[0]?.authorization).toBe(expected);
    expect(raw[0]?.filter((name) => name === 'authorization')).toHaveLength(1);
  });

  it('goes to no other, and follows no redirect', async () => {
    await expect(fetchWith(`${url}/o/r`, 'https://github.example.com')).rejects.toMatchObject({
      code: 'forge-unavailable',
    });
    expect(seen.map(({ authorization }) => authorization)).toEqual(seen.map(() => undefined));
    answer = (path) => (path.startsWith('/moved') ? { status: 403 } : { status: 301, location: `${url}/moved` });
    seen = [];
    await expect(fetchWith(`${url}/o/r`, url)).rejects.toMatchObject({ code: 'forge-unavailable' });
    expect(seen).toHaveLength(1);
  });

  it('is in no message', async () => {
    const failure = fetchWith(`${url}/o/r`, url).then(
      () => '',
      (error: Error) => `${error.message} ${error.stack}`,
    );
    expect(await failure).toContain(OID);
    expect(await failure).not.toMatch(new RegExp(`secret|${Buffer.from('x-access-token:secret').toString('base64')}`));
  });
});
