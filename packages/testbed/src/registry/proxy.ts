import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { createAuthority, issueServerCertificate } from './certificates.js';
import { closeServer, listenOnLoopback } from './loopback.js';

export interface RegistryProxyOptions {
  /** Host name → the http URL that answers for it: `{'ghcr.io': registry.url}`. */
  readonly hosts: Readonly<Record<string, string>>;
}

/** A CONNECT that came in. */
export interface ProxyConnection {
  /** `ghcr.io:443`, or the URL of a plain request. */
  readonly target: string;
  readonly allowed: boolean;
}

export interface RegistryProxy {
  /** `http://127.0.0.1:PORT`, for HTTPS_PROXY. */
  readonly url: string;
  /** PEM file of the authority, for NODE_EXTRA_CA_CERTS. */
  readonly caFile: string;
  /** HTTPS_PROXY, NO_PROXY and NODE_EXTRA_CA_CERTS for a subprocess. */
  readonly env: Readonly<Record<'HTTPS_PROXY' | 'NO_PROXY' | 'NODE_EXTRA_CA_CERTS', string>>;
  readonly connections: () => readonly ProxyConnection[];
  readonly close: () => Promise<void>;
}

/**
 * An HTTP CONNECT proxy on loopback that is itself the end of TLS for the given names, with certificates of a
 * throw-away authority, and forwards to plain http servers: Host kept, `X-Forwarded-Proto: https` added, so that what
 * they say of themselves (a token realm, a Location) is right for the client. Any other host gets 403.
 */
export async function startRegistryProxy(options: RegistryProxyOptions): Promise<RegistryProxy> {
  const upstreams = new Map(Object.entries(options.hosts));
  const [first, ...others] = upstreams.keys();
  if (first === undefined) throw new Error('a proxy needs at least one host');
  const authority = await createAuthority('Waybill test bed');
  const server = await issueServerCertificate(authority, [first, ...others]);
  const folder = await mkdtemp(join(tmpdir(), 'waybill-proxy-'));
  const caFile = join(folder, 'ca.pem');
  await writeFile(caFile, authority.certificate);

  const connections: ProxyConnection[] = [];
  const sockets = new Set<Duplex>();
  const inside = createTlsServer({ cert: server.certificate, key: server.privateKey }, (request, response) => {
    const name = (request.headers.host ?? '').replace(/:443$/, '');
    const upstream = upstreams.get(name);
    // The tunnel was opened for one name; a Host that we don't stand in for goes nowhere.
    if (upstream === undefined) response.writeHead(421).end();
    else forward(upstream, request, response);
  });
  inside.keepAliveTimeout = 30_000;
  const outside = createServer((request, response) => {
    connections.push({ target: request.url ?? '', allowed: false });
    response.writeHead(403, { Connection: 'close' }).end();
  });
  outside.on('connect', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const target = request.url ?? '';
    const name = /^(.+):443$/.exec(target)?.[1];
    const allowed = name !== undefined && upstreams.has(name);
    connections.push({ target, allowed });
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    if (!allowed) {
      socket.end('HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n');
      return;
    }
    socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
    if (head.length > 0) socket.unshift(head);
    inside.emit('connection', socket);
  });

  const url = `http://${await listenOnLoopback(outside)}`;
  return {
    url,
    caFile,
    env: { HTTPS_PROXY: url, NO_PROXY: '127.0.0.1,localhost', NODE_EXTRA_CA_CERTS: caFile },
    connections: () => [...connections],
    async close() {
      for (const socket of sockets) socket.destroy();
      await closeServer(outside);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Passes a request on and its answer back, and a broken connection as a broken connection. */
function forward(upstream: string, request: IncomingMessage, response: ServerResponse): void {
  const { connection: _, ...headers } = request.headers;
  const onward = httpRequest(
    new URL(request.url ?? '/', upstream),
    // A connection of its own each time: one that the server closed meanwhile would be a fault nobody injected.
    { agent: false, method: request.method ?? 'GET', headers: { ...headers, 'x-forwarded-proto': 'https' } },
    (answer) => {
      // Hop-by-hop (RFC 9110 §7.6.1): how long the server keeps its connection says nothing about this one.
      const { connection: _c, 'keep-alive': _k, 'transfer-encoding': _t, ...passed } = answer.headers;
      response.writeHead(answer.statusCode ?? 502, passed);
      answer.pipe(response);
      answer.on('close', () => {
        if (!answer.complete) response.destroy();
      });
    },
  );
  onward.on('error', () => response.destroy());
  response.on('close', () => onward.destroy());
  request.pipe(onward);
}
