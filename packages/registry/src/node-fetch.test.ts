import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, createServer as createTcpServer, type Server } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, describe, expect, it } from '@jest/globals';
import { createAuthority, issueServerCertificate } from '../../testbed/src/registry/certificates.js';
import { unavailable } from './errors.js';
import type { Fetch, FetchInit } from './fetch.js';
import { createNodeFetch } from './node-fetch.js';

const direct = createNodeFetch();
const servers: Server[] = [];
afterEach(async () => {
  direct.close();
  for (const server of servers.splice(0)) await new Promise((resolve) => server.close(resolve));
});

async function listen(server: Server): Promise<string> {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const serve = async (answer: RequestListener): Promise<string> => `http://${await listen(createServer(answer))}`;

/** A server that answers each connection with these bytes, whatever it is asked, and hangs up. */
const serveRaw = async (answer: string): Promise<string> =>
  `http://${await listen(
    createTcpServer((socket) => {
      socket.on('error', () => undefined);
      socket.once('data', () => socket.end(answer, 'latin1'));
    }),
  )}`;

function init(change: Partial<FetchInit> = {}): FetchInit {
  return { method: 'GET', headers: {}, redirect: 'manual', signal: new AbortController().signal, ...change };
}

const both: readonly (readonly [string, Fetch])[] = [
  ['fetch', fetch],
  ['node:http', direct],
];

describe.each(both)('%s', (_name, transport) => {
  const errorCode = async (url: string): Promise<string> => {
    try {
      await (await transport(url, init())).arrayBuffer();
      return 'nothing failed';
    } catch (error) {
      const { code, message } = unavailable('registry.example', new URL(url), error);
      return message.includes('insecure registries') ? `${code}, TLS` : code;
    }
  };

  it('gives status, headers and bytes', async () => {
    const body = Buffer.from([0, 255, 10, 13, 128]);
    const url = await serve((_request, response) => {
      response.writeHead(404, { 'Docker-Content-Digest': 'sha256:x', Empty: '' }).end(body);
    });
    const response = await transport(`${url}/v2/?n=1&last=a%20b`, init());
    expect(response.status).toBe(404);
    expect(response.headers.get('docker-content-digest')).toBe('sha256:x');
    expect(response.headers.get('DOCKER-CONTENT-DIGEST')).toBe('sha256:x');
    expect(response.headers.get('empty')).toBe('');
    expect(response.headers.get('none')).toBeNull();
    expect(Buffer.from(await response.arrayBuffer())).toEqual(body);
  });

  it('joins what comes twice', async () => {
    const twice = ['www-authenticate: Basic realm="a"', 'WWW-Authenticate: Bearer realm="b"', 'link: <c>', 'Link: <d>'];
    const url = await serveRaw(`HTTP/1.1 401 No\r\n${twice.join('\r\n')}\r\nlocation: e\r\nlocation: f\r\n\r\n`);
    const { headers } = await transport(url, init());
    expect(headers.get('www-authenticate')).toBe('Basic realm="a", Bearer realm="b"');
    expect(headers.get('link')).toBe('<c>, <d>');
    expect(headers.get('location')).toBe('e, f');
  });

  it('gives a body in pieces', async () => {
    const url = await serve((_request, response) => {
      response.write('one,');
      setImmediate(() => response.end('two'));
    });
    const { body } = await transport(url, init());
    let found = '';
    for await (const chunk of body ?? []) found += Buffer.from(chunk).toString();
    expect(found).toBe('one,two');
  });

  it.each([
    ['HEAD', 200],
    ['GET', 204],
    ['GET', 304],
  ] as const)('has no body after %s and %p', async (method, status) => {
    const url = await serve((_request, response) => response.writeHead(status, { etag: 'x' }).end());
    const response = await transport(url, init({ method }));
    expect([response.status, response.headers.get('etag'), response.body]).toEqual([status, 'x', null]);
  });

  it('sends path, headers and a form', async () => {
    const seen: (readonly [string, string | undefined, IncomingMessage['headers'], string])[] = [];
    const url = await serve(async (request, response) => {
      seen.push([`${request.method} ${request.url}`, request.headers.host, request.headers, await text(request)]);
      response.end();
    });
    const headers = { 'content-type': 'application/x-www-form-urlencoded', 'accept-encoding': 'identity' };
    await (await transport(`${url}/token?a=%2F#part`, init({ method: 'POST', headers, body: 'é=1' }))).arrayBuffer();
    expect(seen).toMatchObject([
      ['POST /token?a=%2F', new URL(url).host, { ...headers, 'content-length': '4' }, 'é=1'],
    ]);
    expect(seen[0]?.[2]['transfer-encoding']).toBeUndefined();
  });

  it('follows no redirect', async () => {
    let asked = 0;
    const url = await serve((_request, response) => {
      asked += 1;
      response.writeHead(307, { location: '/elsewhere' }).end();
    });
    const response = await transport(url, init());
    expect([response.status, response.headers.get('location'), asked]).toEqual([307, '/elsewhere', 1]);
  });

  it('ends with the reason of the signal: before, while waiting, within the body', async () => {
    const reason = new DOMException('no answer in time', 'TimeoutError');
    const aborted = (controller: AbortController) => init({ signal: controller.signal });
    const url = await serve((request, response) => {
      if (request.url === '/body') response.writeHead(200, { 'content-length': '9' }).write('part');
      else waiting.abort(reason);
    });
    await expect(transport(url, init({ signal: AbortSignal.abort(reason) }))).rejects.toBe(reason);
    const waiting = new AbortController();
    await expect(transport(url, aborted(waiting))).rejects.toBe(reason);
    const reading = new AbortController();
    const response = await transport(`${url}/body`, aborted(reading));
    const body = response.arrayBuffer();
    reading.abort(reason);
    await expect(body).rejects.toBe(reason);
    const streaming = new AbortController();
    const { body: chunks } = await transport(`${url}/body`, aborted(streaming));
    const read = async () => {
      for await (const _chunk of chunks ?? []) streaming.abort(reason);
    };
    await expect(read()).rejects.toBe(reason);
  });

  it.each([
    ['hangs up', '', 'registry-unavailable'],
    ['talks something else', 'SSH-2.0-OpenSSH_9.9\r\n', 'registry-unavailable'],
    ['hangs up within the head', 'HTTP/1.1 200 OK\r\ncontent-le', 'registry-unavailable'],
    ['hangs up within the body', 'HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nabc', 'registry-unavailable'],
    [
      'hangs up within a chunk',
      'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n9\r\nabc',
      'registry-unavailable',
    ],
    ['breaks off the chunks', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\nabc', 'registry-unavailable'],
    ['switches protocols', 'HTTP/1.1 101 X\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n', 'registry-unavailable'],
    ['ends the body by hanging up', 'HTTP/1.1 200 OK\r\n\r\nabc', 'nothing failed'],
  ])('against a server that %s', async (_name, answer, expected) => {
    expect(await errorCode(await serveRaw(answer))).toBe(expected);
  });

  it('finds nobody there, nobody of that name, or no TLS', async () => {
    const url = await serve((_request, response) => response.end());
    expect(await errorCode(url.replace('http', 'https'))).toBe('registry-unavailable, TLS');
    const gone = servers.pop();
    await new Promise((resolve) => gone?.close(resolve));
    expect(await errorCode(url)).toBe('registry-unavailable');
    expect(await errorCode('http://nowhere.invalid/')).toBe('registry-unavailable');
  });

  it('takes no certificate of a stranger', async () => {
    const { certificate, privateKey } = await issueServerCertificate(await createAuthority('A stranger'), [
      'localhost',
    ]);
    let asked = 0;
    const host = await listen(
      createTlsServer({ cert: certificate, key: privateKey }, (_request, response) => {
        asked += 1;
        response.end();
      }),
    );
    expect(await errorCode(`https://${host.replace('127.0.0.1', 'localhost')}/`)).toBe('registry-untrusted');
    expect(asked).toBe(0);
  });
});

describe('createNodeFetch', () => {
  it('keeps its connections, whatever the answer was', async () => {
    const ports = new Set<number | undefined>();
    const url = await serve((request, response) => {
      ports.add(request.socket.remotePort);
      const body = request.url === '/204' ? '' : 'body';
      response.writeHead(Number(request.url?.slice(1)), { 'content-length': body.length }).end(body);
    });
    for (const [method, status] of [
      ['GET', 200],
      ['HEAD', 200],
      ['GET', 204],
      ['GET', 404],
      ['POST', 307],
      ['GET', 200],
    ] as const) {
      const response = await direct(`${url}/${status}`, init({ method }));
      if (response.body !== null) await response.arrayBuffer();
    }
    expect(ports.size).toBe(1);
    direct.close();
    await (await direct(`${url}/200`, init())).arrayBuffer();
    expect(ports.size).toBe(2);
  });

  it('gives up the connection of a body that is not read on', async () => {
    let closed: Promise<unknown> = Promise.resolve();
    const url = await serve((request, response) => {
      closed = new Promise((resolve) => request.socket.on('close', resolve));
      response.write('x'.repeat(1000));
    });
    const { body } = await direct(url, init());
    for await (const chunk of body ?? []) {
      expect(chunk.byteLength).toBeGreaterThan(0);
      break;
    }
    await closed;
  });

  it('leaves no listener on the signal', async () => {
    const url = await serve((_request, response) => response.end('x'));
    const listeners = new Set<unknown>();
    const { signal } = new AbortController();
    const watched = Object.assign(Object.create(signal) as AbortSignal, {
      addEventListener: (_type: string, listener: unknown) => listeners.add(listener),
      removeEventListener: (_type: string, listener: unknown) => listeners.delete(listener),
      throwIfAborted: () => undefined,
    });
    const response = await direct(url, init({ signal: watched }));
    expect(listeners.size).toBe(1);
    await response.arrayBuffer();
    await (await direct(url, init())).arrayBuffer();
    expect(listeners.size).toBe(0);
  });

  it.each(['gzip', 'br', 'zstd, gzip'])('refuses a body coded as %s, which was not asked for', async (coding) => {
    const url = await serve((_request, response) => response.writeHead(200, { 'content-encoding': coding }).end('x'));
    await expect(direct(url, init())).rejects.toMatchObject({ code: 'registry-protocol', message: /coded as/ });
    expect((await direct(url, init({ method: 'HEAD' }))).status).toBe(200);
  });

  it.each(['identity', ''])('takes a body coded as "%s"', async (coding) => {
    const url = await serve((_request, response) => response.writeHead(200, { 'content-encoding': coding }).end('x'));
    expect((await (await direct(url, init())).arrayBuffer()).byteLength).toBe(1);
  });

  it('refuses to follow redirects, and what is no HTTP', async () => {
    const follow = { ...init(), redirect: 'follow' } as unknown as FetchInit;
    await expect(direct('http://127.0.0.1:1/', follow)).rejects.toThrow(/Redirects/);
    await expect(direct('file:///etc/passwd', init())).rejects.toThrow(/protocol/);
    await expect(direct('http://127.0.0.1:1/', init({ headers: { a: 'b\r\nc: d' } }))).rejects.toThrow(/header/);
  });
});
