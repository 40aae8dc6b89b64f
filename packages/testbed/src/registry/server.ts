import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import type { RegistryAuth } from './access.js';
import { blobReply, createUploads } from './blobs.js';
import { REGISTRY_DIALECTS, type RegistryDialect } from './dialect.js';
import { createFaultQueue, type FaultTarget, type RegistryFault, retryAfterHeader } from './faults.js';
import { createGate } from './gate.js';
import { closeServer, listenOnLoopback } from './loopback.js';
import { emptyReply, errorReply, type Reply } from './reply.js';
import { parseRoute, type RegistryRequest, type Route } from './request.js';
import { authorizationKind, createRequestRecorder, type RequestLog } from './request-log.js';
import { answerRoute, type ManifestPushed } from './routes.js';
import { createStore } from './store.js';
import { createTokenDesk } from './token-desk.js';
import { writeReply } from './write-reply.js';

export interface RegistryOptions {
  /** Open when left out. */
  readonly auth?: RegistryAuth;
  /** On top of `REGISTRY_DIALECTS.spec`. */
  readonly dialect?: Partial<RegistryDialect>;
  /** Milliseconds since 1970, by which tokens expire; the system's clock when left out. */
  readonly now?: () => number;
  /** The name that the second origin has for a client that came by https, as `pkg-containers.githubusercontent.com`. */
  readonly elsewhereHost?: string;
}

/** A running registry on loopback. It is a `PushTarget` as it is, if it is open. */
export interface TestRegistry {
  /** `http://127.0.0.1:PORT`. */
  readonly url: string;
  /** `127.0.0.1:PORT`, what an image reference begins with. */
  readonly host: string;
  /** URL of the second origin, on a port of its own: redirected blobs, a token realm elsewhere, foreign Links. */
  readonly elsewhere: string;
  readonly log: RequestLog;
  /** Changes the dialect from the next request on; what isn't named stays. */
  readonly configure: (change: Partial<RegistryDialect>) => void;
  /** Makes coming requests fail; the answer takes the fault back. */
  readonly inject: (fault: RegistryFault, target?: FaultTarget) => () => void;
  /** The dialect it was started with, no faults, an empty log. Content stays. */
  readonly reset: () => void;
  /** As if the time of every token given out were over. */
  readonly expireTokens: () => void;
  /** Calls after every manifest that came in, before it is answered. The answer ends it. */
  readonly onPush: (listener: (pushed: ManifestPushed) => void) => () => void;
  readonly close: () => Promise<void>;
}

/**
 * Starts an OCI registry (distribution spec 1.1) with a memory store on free loopback ports.
 * Faults and dialects are switched while it runs.
 */
export async function startRegistry(options: RegistryOptions = {}): Promise<TestRegistry> {
  const auth = options.auth ?? { kind: 'none' };
  const initial: RegistryDialect = { ...REGISTRY_DIALECTS.spec, ...options.dialect };
  let dialect = initial;
  let pulls = 0;
  const store = createStore();
  const uploads = createUploads(store);
  const desk = createTokenDesk(auth.kind === 'token' ? auth : undefined, options.now ?? Date.now);
  const gate = createGate(auth, desk, (name) => store.repository(name) !== undefined);
  const faults = createFaultQueue();
  const { log, begin, note } = createRequestRecorder();
  const listeners = new Set<(pushed: ManifestPushed) => void>();
  let elsewhere = '';

  const context = {
    store,
    uploads,
    onPush(pushed: ManifestPushed) {
      for (const listener of listeners) listener(pushed);
    },
    mayRead: (request: RegistryRequest, repository: string) =>
      gate({ ...request, method: 'GET' }, { kind: 'tags', repository }, dialect) === undefined,
  };

  const overLimit = (request: RegistryRequest, route: Route): boolean => {
    if (dialect.pullLimit === undefined || route.kind !== 'manifest' || request.method !== 'GET') return false;
    pulls += 1;
    return pulls > dialect.pullLimit;
  };

  const answer = (request: RegistryRequest): Reply => {
    const route = parseRoute(request.path);
    if (route.kind === 'token') return dialect.tokenRealm === 'here' ? desk.answer(request, dialect) : emptyReply(404);
    const refusal = gate(request, route, dialect);
    if (refusal !== undefined) return refusal;
    if (overLimit(request, route)) return errorReply('TOOMANYREQUESTS', 'You have reached your pull rate limit');
    return answerRoute(context, request, route, dialect);
  };

  const answerElsewhere = (request: RegistryRequest): Reply => {
    if (request.path === '/token') return desk.answer(request, dialect);
    if (request.headers.authorization !== undefined) return emptyReply(400, { 'Content-Type': 'application/xml' });
    const digest = /^\/blobs\/(.+)$/.exec(request.path)?.[1];
    const bytes = digest === undefined ? undefined : store.anyBlob(digest);
    return digest === undefined || bytes === undefined
      ? emptyReply(404, { 'Content-Type': 'text/html' })
      : blobReply(digest, bytes);
  };

  const serve = async (origin: 'registry' | 'elsewhere', incoming: IncomingMessage, response: ServerResponse) => {
    const method = incoming.method ?? 'GET';
    const path = incoming.url ?? '/';
    const host = incoming.headers.host ?? '';
    const { authorization } = incoming.headers;
    const end = begin(
      { origin, method, path, host, authorization: authorizationKind(authorization) },
      incoming.headers,
    );
    let status = 0;
    try {
      const request = await readRequest(incoming, elsewhere, options.elsewhereHost);
      if (request.path === '/token') note(formValues(request.body));
      const due = faults.take(method, path);
      const wait = due.reduce((sum, fault) => sum + (fault.kind === 'delay' ? fault.ms : 0), dialect.delayMs);
      if (wait > 0) await delay(wait);
      if (due.some((fault) => fault.kind === 'disconnect')) {
        incoming.socket.destroy();
        return;
      }
      const reply = failedReply(due) ?? (origin === 'registry' ? answer(request) : answerElsewhere(request));
      status = reply.status;
      end(status);
      await writeReply(response, method, reply, due);
    } finally {
      if (status === 0) end(0);
    }
  };

  const servers: Server[] = [];
  const listen = async (origin: 'registry' | 'elsewhere'): Promise<string> => {
    const server = createServer((incoming, response) => {
      serve(origin, incoming, response).catch(() => incoming.socket.destroy());
    });
    // A page of a thousand parallel requests must not be cut by the server itself.
    server.keepAliveTimeout = 30_000;
    servers.push(server);
    return listenOnLoopback(server);
  };

  const host = await listen('registry');
  elsewhere = `http://${await listen('elsewhere')}`;

  return {
    url: `http://${host}`,
    host,
    elsewhere,
    log,
    configure(change) {
      dialect = { ...dialect, ...change };
    },
    inject: faults.add,
    reset() {
      dialect = initial;
      pulls = 0;
      faults.clear();
      log.clear();
    },
    expireTokens: desk.expireAll,
    onPush(listener) {
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
      };
    },
    async close() {
      await Promise.all(servers.map(closeServer));
    },
  };
}

async function readRequest(
  incoming: IncomingMessage,
  elsewhere: string,
  elsewhereHost: string | undefined,
): Promise<RegistryRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  const host = incoming.headers.host ?? '';
  const secure = incoming.headers['x-forwarded-proto'] === 'https';
  const base = `${secure ? 'https' : 'http'}://${host}`;
  const url = new URL(incoming.url ?? '/', 'http://registry');
  return {
    method: incoming.method ?? 'GET',
    path: decodeURIComponent(url.pathname),
    query: url.searchParams,
    headers: incoming.headers,
    body: Buffer.concat(chunks),
    host,
    base,
    elsewhere: secure && elsewhereHost !== undefined ? `https://${elsewhereHost}` : elsewhere,
  };
}

function formValues(body: Uint8Array): string {
  return [...new URLSearchParams(Buffer.from(body).toString('utf8')).values()].join('\n');
}

function failedReply(due: readonly RegistryFault[]): Reply | undefined {
  const fault = due.find((candidate) => candidate.kind === 'status');
  if (fault === undefined) return undefined;
  const headers = fault.retryAfter === undefined ? {} : { 'Retry-After': retryAfterHeader(fault.retryAfter) };
  return fault.status === 429
    ? errorReply('TOOMANYREQUESTS', 'too many requests', { headers })
    : errorReply('UNKNOWN', 'unknown error', { status: fault.status, headers });
}
