import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { createFetch } from './http.js';

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  await Promise.all(closing.splice(0).map((close) => close()));
});

async function listen(server: Server): Promise<number> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => sockets.add(socket));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(
    () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) {
          socket.destroy();
        }
      }),
  );
  return (server.address() as AddressInfo).port;
}

/** A target that echoes the request, and a proxy that notes what was asked of it and always connects to the target. */
async function setUp() {
  const target = await listen(
    createServer(async (request, response) => {
      let body = '';
      for await (const chunk of request) {
        body += chunk;
      }
      response.end(`${request.method} ${request.headers.host} ${body}`);
    }),
  );
  const asked: string[] = [];
  const server = createServer();
  server.on('connect', (request, socket: Socket) => {
    asked.push(request.url ?? '');
    const upstream = connect(target, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      upstream.pipe(socket);
      socket.pipe(upstream);
    });
    upstream.on('error', () => socket.destroy());
    socket.on('error', () => upstream.destroy());
  });
  return { target, proxy: `http://127.0.0.1:${await listen(server)}`, asked };
}

describe('createFetch', () => {
  it("is Node's own without a proxy", () => {
    expect(createFetch({})).toBe(fetch);
    expect(createFetch({ HTTPS_PROXY: '', NO_PROXY: '*' })).toBe(fetch);
  });

  it.each(['http_proxy', 'HTTP_PROXY'])('goes through %s', async (name) => {
    const { proxy, asked } = await setUp();
    const response = await createFetch({ [name]: proxy })('http://registry.example/v2/', { method: 'POST', body: 'x' });
    expect(await response.text()).toBe('POST registry.example x');
    expect(asked).toEqual(['registry.example:80']);
  });

  it('takes a proxy without a scheme, and a Request', async () => {
    const { proxy, asked } = await setUp();
    const through = createFetch({ http_proxy: proxy.replace('http://', '') });
    const response = await through(new Request('http://registry.example/', { method: 'PUT', body: 'y' }));
    expect(await response.text()).toBe('PUT registry.example y');
    expect(asked).toEqual(['registry.example:80']);
  });

  it.each([
    ['NO_PROXY', '127.0.0.1'],
    ['no_proxy', 'other.example,127.0.0.1'],
    ['NO_PROXY', '*'],
  ])('goes directly where %s=%s says so', async (name, value) => {
    const { target, proxy, asked } = await setUp();
    const response = await createFetch({ HTTP_PROXY: proxy, [name]: value })(`http://127.0.0.1:${target}/`);
    expect(await response.text()).toBe(`GET 127.0.0.1:${target} `);
    expect(asked).toEqual([]);
  });

  it('uses the proxy of one scheme for that scheme only', async () => {
    const { target, proxy, asked } = await setUp();
    const response = await createFetch({ HTTPS_PROXY: proxy })(`http://127.0.0.1:${target}/`);
    expect(response.status).toBe(200);
    await expect(createFetch({ HTTPS_PROXY: proxy })('https://registry.example/')).rejects.toThrow();
    expect(asked).toEqual(['registry.example:443']);
  });

  it.each(['socks5://proxy.example', 'http://[x', 'a b'])('refuses %j without showing it', (value) => {
    expect(() => createFetch({ HTTPS_PROXY: value })).toThrow(
      expect.objectContaining({ code: 'input-invalid', message: expect.not.stringContaining(value) }),
    );
  });
});
