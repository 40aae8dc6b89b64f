import { type Clock, WaybillError } from '@waybill/core';
import type { Credential, CredentialOrigin, Credentials } from './credentials.js';
import { codeOf, deniedError, type ImageName } from './errors.js';
import { learnScheme, type RealmRules, type Scheme, sameScheme, scopesToAdd } from './scheme.js';
import { basicAuthorization, type TokenRequest, type Tokens } from './token.js';
import type { Transport, TransportResponse } from './transport.js';

interface SessionRequest {
  /** Below `/v2/<path>/`: `manifests/main`. Or a page's absolute address at the same registry. */
  readonly resource: string | URL;
  readonly method: 'GET' | 'HEAD';
  readonly accept?: string;
  readonly maximumBytes: number;
}

export interface SessionResponse extends TransportResponse {
  /** What was shown to the registry. */
  readonly asked: CredentialOrigin | 'anonymous';
}

export interface Session {
  /**
   * Asks a registry, authorised as it wants it.
   * @throws WaybillError registry-denied, registry-untrusted, registry-unavailable, registry-protocol
   */
  send(repository: ImageName, request: SessionRequest): Promise<SessionResponse>;
  /** Where a resource of the repository is. */
  address(repository: ImageName, resource: string): URL;
}

export interface SessionOptions extends RealmRules {
  readonly transport: Transport;
  readonly tokens: Tokens;
  readonly credentials: Credentials;
  readonly clock: Clock;
}

interface Host {
  readonly base: URL;
  credential: Promise<Credential> | undefined;
  scheme: Scheme | undefined;
  /** The request whose answer tells the scheme; everyone else waits for it. */
  probe: Promise<void> | undefined;
  down: { readonly until: number; readonly error: unknown } | undefined;
  /** Repositories that did not take our ambient credential, but may be public. */
  readonly anonymous: Set<string>;
}

/** What one request went out with. */
interface Presented {
  readonly authorization?: string;
  readonly asked: CredentialOrigin | 'anonymous';
  readonly token?: { readonly request: TokenRequest; readonly fresh: boolean };
}

const TRIES = 4;
/** A registry that could not be reached is not tried again, reference by reference, for so long. */
const DOWN_MS = 30_000;

/**
 * Authorised requests. The first request to a registry goes out bare, and its answer tells how the registry wants to
 * be asked; all later ones carry what it wants from the start, so that a reference costs one round trip.
 */
export function createSession(options: SessionOptions): Session {
  const hosts = new Map<string, Host>();
  const hostOf = (domain: string): Host => {
    let host = hosts.get(domain);
    if (host === undefined) {
      const base = options.addresses.apiBase(domain);
      const nothing = { credential: undefined, scheme: undefined, probe: undefined, down: undefined };
      host = { base, ...nothing, anonymous: new Set() };
      hosts.set(domain, host);
    }
    return host;
  };
  const address = (repository: ImageName, resource: string): URL =>
    new URL(`v2/${repository.path}/${resource}`, hostOf(repository.domain).base);

  const transmit = (repository: ImageName, request: SessionRequest, presented: Presented) =>
    options.transport.send({
      registry: repository.domain,
      url: typeof request.resource === 'string' ? address(repository, request.resource) : request.resource,
      method: request.method,
      maximumBytes: request.maximumBytes,
      redirects: 'any-origin',
      ...(request.accept === undefined ? {} : { accept: request.accept }),
      ...(presented.authorization === undefined ? {} : { authorization: presented.authorization }),
    });

  /** The first answer of a host, or undefined when another request was the first. */
  const introduce = async (host: Host, repository: ImageName, request: SessionRequest) => {
    while (host.scheme === undefined) {
      if (host.down !== undefined && host.down.until > options.clock.now().getTime()) throw host.down.error;
      if (host.probe !== undefined) {
        await host.probe;
        continue;
      }
      const answer = transmit(repository, request, { asked: 'anonymous' });
      host.probe = answer.then(
        (response) => {
          host.scheme = learnScheme(options, repository.domain, response) ?? { kind: 'open' };
          host.probe = undefined;
        },
        (error: unknown) => {
          if (codeOf(error) === 'registry-unavailable')
            host.down = { until: options.clock.now().getTime() + DOWN_MS, error };
          host.probe = undefined;
        },
      );
      await host.probe;
      return answer;
    }
    return undefined;
  };

  const authorise = async (
    host: Host,
    repository: ImageName,
    scopes: readonly string[],
    credential: Credential,
  ): Promise<Presented> => {
    const { scheme } = host;
    if (scheme === undefined || scheme.kind === 'open') return { asked: 'anonymous' };
    if (scheme.kind === 'untrusted') throw scheme.error;
    const asked = askedAs(host, repository, credential);
    if (scheme.kind === 'basic') {
      if (credential.kind !== 'basic') return { asked };
      return { asked, authorization: basicAuthorization(credential.username, credential.password) };
    }
    const { realm, service } = scheme;
    const request = {
      registry: repository.domain,
      realm,
      scopes,
      credential,
      ...(service === undefined ? {} : { service }),
    };
    const token = await options.tokens.get(request);
    return { asked, authorization: token.authorization, token: { request, fresh: token.fresh } };
  };

  return {
    address,
    async send(repository, request) {
      const host = hostOf(repository.domain);
      let scopes: readonly string[] = [`repository:${repository.path}:pull`];
      const first = await introduce(host, repository, request);
      if (first !== undefined && (first.status !== 401 || first.leftOrigin || host.scheme?.kind === 'open')) {
        return { ...first, asked: 'anonymous' };
      }
      for (let attempt = 1; ; attempt += 1) {
        const credential = await credentialFor(options, host, repository);
        let presented: Presented;
        try {
          presented = await authorise(host, repository, scopes, credential);
        } catch (error) {
          if (!(error instanceof WaybillError) || error.code !== 'registry-denied') throw error;
          if (!isAmbient(credential)) throw deniedError(repository, askedAs(host, repository, credential), error.what);
          host.anonymous.add(repository.path);
          continue;
        }
        const response = await transmit(repository, request, presented);
        const answer = { ...response, asked: presented.asked };
        if ((response.status !== 401 && response.status !== 403) || response.leftOrigin || attempt === TRIES)
          return answer;
        const next =
          response.status === 401 ? reconsider(options, host, repository, scopes, presented, response) : undefined;
        if (next !== undefined) scopes = next;
        else if (isAmbient(credential) && presented.authorization !== undefined) host.anonymous.add(repository.path);
        else return answer;
      }
    },
  };
}

/** After a 401: the scopes to try again with, or undefined when nothing would be different. */
function reconsider(
  options: SessionOptions,
  host: Host,
  repository: ImageName,
  scopes: readonly string[],
  presented: Presented,
  response: TransportResponse,
): readonly string[] | undefined {
  const { token, authorization } = presented;
  if (token !== undefined && !token.fresh && authorization !== undefined) {
    options.tokens.drop(token.request, authorization);
    return scopes;
  }
  const scheme = learnScheme(options, repository.domain, response);
  if (scheme === undefined) return undefined;
  if (scheme.kind === 'untrusted') throw scheme.error;
  const changed = !sameScheme(scheme, host.scheme);
  if (changed) host.scheme = scheme;
  const missing = scopesToAdd(response, repository.path).filter((scope) => !scopes.includes(scope));
  if (token !== undefined && missing.length > 0) return [...scopes, ...missing];
  return changed ? scopes : undefined;
}

function credentialFor(options: SessionOptions, host: Host, repository: ImageName): Promise<Credential> {
  if (host.anonymous.has(repository.path)) return Promise.resolve({ kind: 'anonymous' });
  host.credential ??= options.credentials.forHost(repository.domain);
  return host.credential;
}

/**
 * The job's own GITHUB_TOKEN is used without having been asked for; where it is refused, the package may still be
 * public. A credential that a person gave is not passed over in silence.
 */
function isAmbient(credential: Credential): boolean {
  return credential.kind !== 'anonymous' && credential.origin === 'github-token';
}

/** What an error should name: a token that was refused stays the one to mend, also when asking without it failed too. */
function askedAs(host: Host, repository: ImageName, credential: Credential): SessionResponse['asked'] {
  if (host.anonymous.has(repository.path)) return 'github-token';
  return credential.kind === 'anonymous' ? 'anonymous' : credential.origin;
}
