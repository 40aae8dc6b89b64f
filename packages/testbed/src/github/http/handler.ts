import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { executeGraphql } from '../graphql/execute.js';
import { Refusal } from '../refusal.js';
import { routes } from '../rest/index.js';
import { createRouter } from '../rest/router.js';
import { authenticate, type Caller } from '../state/tokens.js';
import type { World } from '../state/world.js';
import type { Validator } from '../validate/validator.js';
import type { Fault, FaultInjector } from './faults.js';
import { isGitPath, serveGit } from './git.js';
import type { LogEntry, RouteLog } from './log.js';
import { jsonBytes, readBody, sendJson } from './message.js';
import { createRateLimits } from './rate-limit.js';
import { type Complaints, refusalAnswer, serveRest } from './rest.js';

export interface HandlerParts {
  readonly world: World;
  readonly validator: Validator;
  readonly complaints: Complaints;
  readonly faults: FaultInjector;
  readonly log: RouteLog;
}

export const API_PREFIX = '/api/v3';
export const GRAPHQL_PATH = '/api/graphql';

interface Served {
  readonly kind: 'rest' | 'graphql';
  readonly route: string;
  readonly operations: readonly string[];
  readonly mutating: boolean;
  readonly status: number;
  readonly body: unknown;
  readonly headers: Readonly<Record<string, string>>;
}

/** Serves every request of the server: REST, GraphQL and Git, with faults, limits and the route log around them. */
export function createHandler(
  parts: HandlerParts,
): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  const { world, faults, log, complaints, validator } = parts;
  const router = createRouter(routes);
  const limits = createRateLimits(world);
  let requestId = 0;

  async function git(request: IncomingMessage, response: ServerResponse, path: string): Promise<void> {
    const seen = { method: request.method ?? 'GET', path, graphql: undefined };
    const fault = faults.take(seen);
    const entry = (status: number, route = path, sizes = { requestBytes: 0, responseBytes: 0 }, caller?: Caller) =>
      log.push({
        kind: 'git',
        method: seen.method,
        route,
        path,
        operations: [],
        status,
        ...sizes,
        mutating: seen.method === 'POST' && route === 'git-receive-pack',
        login: loginOf(caller),
      });
    if (fault?.kind === 'disconnect') {
      request.socket.destroy();
      entry(0);
      return;
    }
    if (fault?.kind === 'error') {
      sendJson(response, fault.status ?? 502, undefined, fault.headers ?? {});
      entry(fault.status ?? 502);
      return;
    }
    if (fault?.kind === 'delay') await delay(fault.milliseconds ?? 100);
    const exchange = await serveGit(world, request, response, fault?.kind === 'lost-answer');
    entry(fault?.kind === 'lost-answer' ? 0 : exchange.status, exchange.service, exchange, exchange.caller);
  }

  async function rest(request: IncomingMessage, url: URL, caller: Caller, body: Buffer): Promise<Served> {
    const method = request.method ?? 'GET';
    const ifNoneMatch = request.headers['if-none-match'];
    const answer = await serveRest(world, router, validator, complaints, {
      method,
      path: url.pathname.slice(API_PREFIX.length),
      query: url.searchParams,
      authorization: request.headers.authorization,
      ifNoneMatch,
      body,
      caller,
    });
    const { route, status, headers = {} } = answer;
    return { kind: 'rest', route, operations: [], mutating: method !== 'GET', status, headers, body: answer.body };
  }

  async function graphql(caller: Caller, call: GraphqlBody): Promise<Served> {
    const result = await executeGraphql(world, complaints.unhandled, { ...call, caller });
    const { operations, mutating } = result;
    return { kind: 'graphql', route: '/graphql', operations, mutating, status: 200, headers: {}, body: result.body };
  }

  async function serve(
    request: IncomingMessage,
    url: URL,
    body: Buffer,
    call: GraphqlBody | undefined,
  ): Promise<Served & { caller?: Caller }> {
    const kind = call === undefined ? 'rest' : 'graphql';
    try {
      const caller = authenticate(world, request.headers.authorization);
      if (call === undefined) return { ...(await rest(request, url, caller, body)), caller };
      if (caller.kind === 'anonymous') {
        throw new Refusal({ status: 401, message: 'This endpoint requires you to be authenticated.' });
      }
      return { ...(await graphql(caller, call)), caller };
    } catch (error) {
      const refusal = error instanceof Refusal ? error : undefined;
      if (refusal === undefined) complaints.unhandled.push(`${request.method} ${url.pathname}: ${String(error)}`);
      const answer =
        refusal === undefined
          ? { status: 500, body: { message: `the test bed failed: ${String(error)}` } }
          : refusalAnswer(refusal);
      const method = request.method ?? 'GET';
      const route = router(method, url.pathname.slice(API_PREFIX.length))?.route.template ?? url.pathname;
      return { kind, route, operations: [], mutating: method !== 'GET', headers: {}, body: undefined, ...answer };
    }
  }

  return async (request, response) => {
    const url = new URL(request.url ?? '/', world.urls.server);
    if (isGitPath(url.pathname)) return git(request, response, url.pathname);
    const body = await readBody(request);
    const method = request.method ?? 'GET';
    const call = url.pathname === GRAPHQL_PATH ? graphqlBody(body) : undefined;
    const path = url.pathname.startsWith(API_PREFIX) ? url.pathname.slice(API_PREFIX.length) : url.pathname;
    const fault = faults.take({ method, path, graphql: call?.query });
    const note = (entry: Omit<LogEntry, 'method' | 'path' | 'requestBytes'>) =>
      log.push({ method, path, requestBytes: body.length, ...entry });
    if (fault?.kind === 'disconnect' || fault?.kind === 'error') {
      const kind = call === undefined ? 'rest' : 'graphql';
      const route = call === undefined ? (router(method, path)?.route.template ?? path) : '/graphql';
      const base = { kind, route, operations: [], mutating: false, login: undefined } as const;
      if (fault.kind === 'disconnect') {
        request.socket.destroy();
        note({ ...base, status: 0, responseBytes: 0 });
        return;
      }
      const responseBytes = sendFault(response, fault);
      note({ ...base, status: fault.status ?? 502, responseBytes });
      return;
    }
    if (fault?.kind === 'delay') await delay(fault.milliseconds ?? 100);
    const served = await serve(request, url, body, call);
    const { kind, route, operations, mutating } = served;
    const facts = { kind, route, operations, mutating, login: loginOf(served.caller) };
    if (fault?.kind === 'lost-answer') {
      request.socket.destroy();
      note({ ...facts, status: 0, responseBytes: 0 });
      return;
    }
    requestId += 1;
    const headers = {
      ...limits.headers(request.headers.authorization, kind === 'graphql' ? 'graphql' : 'core', served.status !== 304),
      'x-github-request-id': requestId.toString(16).toUpperCase().padStart(8, '0'),
      // Clients take the server's time from here.
      date: world.clock().toUTCString(),
      'x-github-media-type': 'github.v3; format=json',
      ...served.headers,
    };
    const bytes = served.body === undefined ? undefined : jsonBytes(served.body);
    const responseBytes = sendJson(response, served.status, bytes, headers);
    note({ ...facts, status: served.status, responseBytes });
  };
}

function sendFault(response: ServerResponse, fault: Fault): number {
  const body = fault.body === undefined ? { message: 'Server Error' } : fault.body;
  return sendJson(response, fault.status ?? 502, jsonBytes(body), fault.headers ?? {});
}

function loginOf(caller: Caller | undefined): string | undefined {
  if (caller === undefined || caller.kind === 'anonymous') return undefined;
  return caller.kind === 'app' ? caller.app.slug : caller.account.login;
}

interface GraphqlBody {
  readonly query: string;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly operationName: string | undefined;
}

function graphqlBody(bytes: Buffer): GraphqlBody {
  let parsed: unknown;
  try {
    parsed = JSON.parse(bytes.toString('utf8'));
  } catch {
    parsed = {};
  }
  const { query, variables, operationName } = (parsed ?? {}) as Readonly<Record<string, unknown>>;
  return {
    query: typeof query === 'string' ? query : '',
    variables: typeof variables === 'object' && variables !== null ? (variables as Record<string, unknown>) : {},
    operationName: typeof operationName === 'string' ? operationName : undefined,
  };
}
