import {
  type Action,
  findAccount,
  formatScope,
  mayDo,
  parseBasic,
  type RegistryAuth,
  type Scope,
  type TokenAuth,
} from './access.js';
import type { RegistryDialect } from './dialect.js';
import { errorReply, type Reply } from './reply.js';
import type { RegistryRequest, Route } from './request.js';
import type { TokenDesk } from './token-desk.js';

/** Lets a request through (undefined) or says why not, as the distribution spec's authentication does. */
type Gate = (request: RegistryRequest, route: Route, dialect: RegistryDialect) => Reply | undefined;

/** @param exists whether a repository is there, for dialects that don't tell */
export function createGate(auth: RegistryAuth, desk: TokenDesk, exists: (repository: string) => boolean): Gate {
  return (request, route, dialect) => {
    if (route.kind === 'token') return undefined;
    const denied = 'repository' in route ? dialect.denied[route.repository] : undefined;
    if (denied === 404) return errorReply('NAME_UNKNOWN', 'repository name not known to registry');
    if (denied === 403) return errorReply('DENIED', 'requested access to the resource is denied');
    const needs = wantedScopes(request, route);
    if (denied === 401) return unauthorized(challenge(auth, request, dialect, needs));
    const refusal = checkAuth(auth, desk, request, dialect, needs);
    if (refusal !== undefined) return refusal;
    const reading = request.method === 'GET' || request.method === 'HEAD';
    if (!reading || (route.kind !== 'manifest' && route.kind !== 'tags') || exists(route.repository)) return undefined;
    if (dialect.unknownRepository === 'unauthorized') {
      return unauthorized(challenge(auth, request, dialect, needs, 'insufficient_scope'));
    }
    return dialect.unknownRepository === 'denied' ? errorReply('DENIED', 'denied') : undefined;
  };
}

function checkAuth(
  auth: RegistryAuth,
  desk: TokenDesk,
  request: RegistryRequest,
  dialect: RegistryDialect,
  needs: readonly Scope[],
): Reply | undefined {
  switch (auth.kind) {
    case 'none':
      return undefined;
    case 'basic':
      return checkBasic(auth, request, dialect, needs);
    case 'token':
      return checkBearer(auth, desk, request, dialect, needs);
  }
}

/** The `WWW-Authenticate` value for these scopes. */
function challenge(
  auth: RegistryAuth,
  request: RegistryRequest,
  dialect: RegistryDialect,
  needs: readonly Scope[],
  error?: string,
): string {
  if (auth.kind !== 'token') return `Basic realm="${(auth.kind === 'basic' ? auth.realm : undefined) ?? 'registry'}"`;
  const parts = [`realm="${realmOf(request, dialect)}"`, `service="${serviceOf(auth, request)}"`];
  if (needs.length > 0) parts.push(`scope="${needs.map(formatScope).join(' ')}"`);
  if (error !== undefined) parts.push(`error="${error}"`);
  const bearer = `Bearer ${parts.join(',')}`;
  return dialect.challenges === 'bearer-and-basic' ? `${bearer},Basic realm="registry"` : bearer;
}

/** What a token must be for: the option, else the host name that the client used. */
function serviceOf(auth: TokenAuth, request: RegistryRequest): string {
  return auth.service ?? request.host.replace(/:\d+$/, '');
}

function realmOf(request: RegistryRequest, dialect: RegistryDialect): string {
  if (dialect.tokenRealm === 'here') return `${request.base}/token`;
  return dialect.tokenRealm === 'elsewhere' ? `${request.elsewhere}/token` : dialect.tokenRealm.url;
}

function wantedScopes(request: RegistryRequest, route: Route): readonly Scope[] {
  if (!('repository' in route)) return [];
  // A mount reads another repository; without access to it the upload just starts from nothing (distribution spec,
  // "Mounting a blob from another repository"), so it is no part of what is demanded here.
  return [{ repository: route.repository, actions: actionsOf(request.method, route) }];
}

function actionsOf(method: string, route: Route): readonly Action[] {
  if (route.kind === 'upload' || route.kind === 'uploads') return ['pull', 'push'];
  if (method === 'DELETE') return ['delete'];
  return method === 'GET' || method === 'HEAD' ? ['pull'] : ['pull', 'push'];
}

function checkBasic(
  auth: Extract<RegistryAuth, { kind: 'basic' }>,
  request: RegistryRequest,
  dialect: RegistryDialect,
  needs: readonly Scope[],
): Reply | undefined {
  const credentials = parseBasic(request.headers.authorization);
  const account = credentials === undefined ? undefined : findAccount(auth.accounts, credentials);
  if (account === undefined) return unauthorized(challenge(auth, request, dialect, needs));
  const missing = needs.some(({ repository, actions }) =>
    actions.some((action) => !mayDo(account, action, repository)),
  );
  return missing ? errorReply('DENIED', 'requested access to the resource is denied') : undefined;
}

function checkBearer(
  auth: TokenAuth,
  desk: TokenDesk,
  request: RegistryRequest,
  dialect: RegistryDialect,
  needs: readonly Scope[],
): Reply | undefined {
  const token = /^bearer +(\S+)$/i.exec(request.headers.authorization ?? '')?.[1];
  if (token === undefined) return unauthorized(challenge(auth, request, dialect, needs));
  const grants = desk.read(token, serviceOf(auth, request));
  if (grants === undefined) return unauthorized(challenge(auth, request, dialect, needs, 'invalid_token'));
  const covered = needs.every(({ repository, actions }) =>
    actions.every((action) =>
      grants.some((grant) => grant.repository === repository && grant.actions.includes(action)),
    ),
  );
  return covered ? undefined : unauthorized(challenge(auth, request, dialect, needs, 'insufficient_scope'));
}

function unauthorized(wwwAuthenticate: string): Reply {
  return errorReply('UNAUTHORIZED', 'authentication required', { headers: { 'WWW-Authenticate': wwwAuthenticate } });
}
