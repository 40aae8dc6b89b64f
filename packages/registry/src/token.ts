import { type Clock, WaybillError } from '@waybill/core';
import type { Credential } from './credentials.js';
import { registryMessage } from './errors.js';
import { parseJsonObject } from './json.js';
import { isRetryableStatus } from './retry.js';
import type { Transport, TransportRequest, TransportResponse } from './transport.js';

export interface TokenRequest {
  /** The registry that a reference names. */
  readonly registry: string;
  /** Of a realm that was found trustworthy (realm.ts). */
  readonly realm: URL;
  readonly service?: string;
  /** `repository:o/api:pull`, each. */
  readonly scopes: readonly string[];
  readonly credential: Credential;
}

interface Token {
  /** The whole `Authorization` value. */
  readonly authorization: string;
  /** It was got for this very request, not taken from the cache. */
  readonly fresh: boolean;
}

export interface Tokens {
  /**
   * A token for the scopes; many callers at once share one request, and later ones its answer until it expires.
   * @throws WaybillError registry-denied, registry-unavailable, registry-protocol
   */
  get(request: TokenRequest): Promise<Token>;
  /** Forgets a token that the registry did not take, unless it was replaced meanwhile. */
  drop(request: TokenRequest, authorization: string): void;
}

interface Held {
  readonly authorization: string;
  /** In ms of the clock. */
  readonly expires: number;
}

const MAXIMUM_BYTES = 65_536;
/** What the token specification says when the answer does not: distribution docs, "Token Authentication Specification". */
const DEFAULT_LIFETIME_S = 60;
/** A token is no longer used in the last tenth of its life, at most half a minute of it. */
const MARGIN_MS = 30_000;

/** The Bearer flow of distribution registries. Rule: https://distribution.github.io/distribution/spec/auth/token/ and /oauth/. */
export function createTokens(transport: Transport, clock: Clock): Tokens {
  const held = new Map<string, Held>();
  const underWay = new Map<string, Promise<Held>>();

  return {
    async get(request) {
      const key = keyOf(request);
      const known = held.get(key);
      if (known !== undefined && known.expires > clock.now().getTime()) {
        return { authorization: known.authorization, fresh: false };
      }
      let fetching = underWay.get(key);
      if (fetching === undefined) {
        fetching = fetchToken(transport, clock, request)
          .then((token) => {
            held.set(key, token);
            return token;
          })
          .finally(() => underWay.delete(key));
        underWay.set(key, fetching);
      }
      return { authorization: (await fetching).authorization, fresh: true };
    },
    drop(request, authorization) {
      const key = keyOf(request);
      if (held.get(key)?.authorization === authorization) held.delete(key);
    },
  };
}

function keyOf(request: TokenRequest): string {
  const scopes = [...request.scopes].sort();
  return JSON.stringify([request.registry, request.realm.href, request.service, scopes, request.credential.kind]);
}

async function fetchToken(transport: Transport, clock: Clock, request: TokenRequest): Promise<Held> {
  const asked = clock.now().getTime();
  const response = await askRealm(transport, request);
  if (response.status !== 200) throw refusal(request, response);
  const answer = parseJsonObject(response.body);
  const token = answer?.token || answer?.access_token;
  // Only what a header may hold: a line break in it would be a second header.
  if (typeof token !== 'string' || !/^[\x21-\x7e]+$/.test(token)) {
    throw new WaybillError('registry-protocol', {
      what: `The token service ${request.realm.host} of ${request.registry} answered without a token`,
      remedy: 'Report this to whoever runs the registry',
    });
  }
  const stated = answer?.expires_in;
  const lifetime = 1000 * (typeof stated === 'number' && stated > 0 ? stated : DEFAULT_LIFETIME_S);
  return { authorization: `Bearer ${token}`, expires: asked + lifetime - Math.min(lifetime / 10, MARGIN_MS) };
}

async function askRealm(transport: Transport, request: TokenRequest): Promise<TransportResponse> {
  const { credential } = request;
  if (credential.kind === 'anonymous') return transport.send(tokenGet(request));
  if (credential.kind === 'basic') {
    return transport.send(tokenGet(request, basicAuthorization(credential.username, credential.password)));
  }
  const form = new URLSearchParams({
    grant_type: 'refresh_token',
    refresh_token: credential.token,
    client_id: 'waybill',
    scope: request.scopes.join(' '),
    ...(request.service === undefined ? {} : { service: request.service }),
  });
  const { registry, realm } = request;
  const response = await transport.send({
    registry,
    url: realm,
    method: 'POST',
    form: form.toString(),
    maximumBytes: MAXIMUM_BYTES,
    redirects: 'never',
  });
  // A service that knows no POST takes the same token by GET, under the name docker keeps it by.
  if (response.status !== 404 && response.status !== 405) return response;
  return transport.send(tokenGet(request, basicAuthorization('<token>', credential.token)));
}

function tokenGet(request: TokenRequest, authorization?: string): TransportRequest {
  const url = new URL(request.realm);
  if (request.service !== undefined) url.searchParams.set('service', request.service);
  for (const scope of request.scopes) url.searchParams.append('scope', scope);
  const { registry } = request;
  const base = { registry, url, method: 'GET', maximumBytes: MAXIMUM_BYTES, redirects: 'same-origin' } as const;
  return authorization === undefined ? base : { ...base, authorization };
}

/** An `Authorization` value by RFC 7617. */
export function basicAuthorization(username: string, password: string): string {
  return `Basic ${Buffer.from(`${username}:${password}`, 'utf8').toString('base64')}`;
}

function refusal(request: TokenRequest, response: TransportResponse): WaybillError {
  const { status } = response;
  const said = registryMessage(response.body);
  const quote = said === '' ? '' : `, "${said}"`;
  const what = `The token service of ${request.registry} (${request.realm.host}) answered ${status}${quote}`;
  // That a repository does not exist, or not for us, is said in several ways.
  if (status === 400 || status === 401 || status === 403 || status === 404) {
    return new WaybillError('registry-denied', {
      what,
      remedy: 'Check that the package exists and that the credential for this registry may read it',
    });
  }
  if (isRetryableStatus(status)) {
    return new WaybillError('registry-unavailable', { what, remedy: 'Run again when the registry is back' });
  }
  return new WaybillError('registry-protocol', { what, remedy: 'Report this to whoever runs the registry' });
}
