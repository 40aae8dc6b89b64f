import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { installCurl } from './curl.js';

let folder: string;
let program: string;
const seen: string[] = [];
const server = createServer((request, response) => {
  let body = '';
  request.on('data', (chunk) => {
    body += chunk;
  });
  request.on('end', () => {
    seen.push(`${request.method} ${request.url} ${request.headers.authorization ?? '-'} ${body}`);
    response.writeHead(request.url === '/no' ? 404 : 200).end('answer');
  });
});

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'curl-'));
  program = join(await installCurl(folder, process.execPath), 'curl');
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterAll(async () => {
  server.close();
  await rm(folder, { recursive: true, force: true });
});

function curl(
  args: readonly string[],
  input: string,
): Promise<{ readonly code: number | null; readonly said: string }> {
  return new Promise((resolve) => {
    const child = spawn(program, args, { stdio: 'pipe' });
    let said = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (said += chunk));
    child.on('close', (code) => resolve({ code, said }));
    child.stdin.end(input);
  });
}

const url = (path: string) => `http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`;

describe('the stand-in for curl', () => {
  it('posts data with the headers of its standard input', async () => {
    const header = 'header = "Authorization: Bearer secret"\n';
    const args = ['--config', '-', '--silent', '--show-error', '--output', '/dev/null', '--data', '{}', url('/yes')];
    expect(await curl(args, header)).toEqual({ code: 0, said: '' });
    expect(seen.at(-1)).toBe('POST /yes Bearer secret {}');
  });

  it('fails as curl does', async () => {
    const { code, said } = await curl(['--fail-with-body', url('/no')], '');
    expect(code).toBe(22);
    expect(said).toContain('404');
  });

  it('refuses what it does not know, by name', async () => {
    const { code, said } = await curl(['--insecure', url('/yes')], '');
    expect(code).toBe(2);
    expect(said).toContain('--insecure');
  });
});
