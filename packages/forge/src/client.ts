import { Octokit } from '@octokit/core';
import { GraphqlResponseError } from '@octokit/graphql';
import type { RequestError } from '@octokit/request-error';
import type { Clock } from '@waybill/core';
import { isOutage, isRateLimit, toWaybillError } from './errors.js';

/** What the modules of this package send requests with. Reads are tried again; writes are not, so that none is doubled. */
export interface Client {
  readonly owner: string;
  readonly name: string;
  /** A GraphQL query. @throws WaybillError */
  query<T>(doing: string, text: string, variables?: Readonly<Record<string, unknown>>): Promise<T>;
  /** A GraphQL mutation. Throws what Octokit throws: callers know which refusals are answers. */
  mutate<T>(text: string, variables: Readonly<Record<string, unknown>>): Promise<T>;
  /** A REST read under /repos/{owner}/{name}. Throws what Octokit throws. */
  get<T>(route: string, parameters?: Readonly<Record<string, unknown>>): Promise<T>;
  /** A REST write under /repos/{owner}/{name}. Throws what Octokit throws. */
  send<T>(
    method: 'POST' | 'PATCH' | 'PUT' | 'DELETE',
    route: string,
    body?: Readonly<Record<string, unknown>>,
  ): Promise<T>;
}

export interface ClientOptions {
  /** `owner/name`. */
  readonly repository: string;
  readonly token: string;
  /** GITHUB_API_URL. */
  readonly apiUrl: string;
  readonly fetch: typeof fetch;
  readonly clock: Clock;
}

const RETRIES = 3;
const TIMEOUT_MS = 60_000;
/** GitHub asks for at least a minute after a secondary limit that names no time; longer waits are the next run's. */
const LONGEST_WAIT_MS = 90_000;

export function createClient(options: ClientOptions): Client {
  const [owner = '', name = ''] = options.repository.split('/');
  const silent = () => undefined;
  const octokit = new Octokit({
    auth: options.token,
    baseUrl: options.apiUrl.replace(/\/$/, ''),
    userAgent: 'waybill',
    request: { fetch: withTimeout(options.fetch) },
    log: { debug: silent, info: silent, warn: silent, error: silent },
  });

  const attempt = async <T>(work: () => Promise<T>, isRead: boolean): Promise<T> => {
    for (let tries = 0; ; tries++) {
      try {
        return await work();
      } catch (error) {
        const wait = tries < RETRIES ? waitBefore(error, isRead, tries, options.clock) : undefined;
        if (wait === undefined) throw error;
        await options.clock.sleep(wait);
      }
    }
  };

  return {
    owner,
    name,
    async query<T>(doing: string, text: string, variables = {}) {
      try {
        return await attempt(() => octokit.graphql<T>(text, { owner, name, ...variables }), true);
      } catch (error) {
        throw toWaybillError(error, doing);
      }
    },
    mutate: <T>(text: string, variables: Readonly<Record<string, unknown>>) =>
      attempt(() => octokit.graphql<T>(text, { ...variables }), false),
    get: <T>(route: string, parameters = {}) =>
      attempt(async () => {
        const answer = await octokit.request(`GET /repos/{owner}/{repo}${route}`, { owner, repo: name, ...parameters });
        return answer.data as T;
      }, true),
    send: <T>(method: string, route: string, body = {}) =>
      attempt(async () => {
        const answer = await octokit.request(`${method} /repos/{owner}/{repo}${route}`, { owner, repo: name, ...body });
        return answer.data as T;
      }, false),
  };
}

/** A request that hangs is a request that failed. */
function withTimeout(send: typeof fetch): typeof fetch {
  return (input, init) => send(input, { ...init, signal: AbortSignal.timeout(TIMEOUT_MS) });
}

/**
 * How long to wait before trying again, or undefined. A rate limit refused the request before it had an effect, so a
 * write may be repeated too; after any other failure only a read may, for the answer may be lost and the effect not.
 * https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api
 */
function waitBefore(error: unknown, isRead: boolean, tries: number, clock: Clock): number | undefined {
  if (isRateLimit(error)) return within(limitWait(error, tries, clock));
  return isRead && isOutage(error) ? within(500 * 2 ** tries) : undefined;
}

function limitWait(error: unknown, tries: number, clock: Clock): number {
  const { headers = {} } = error instanceof GraphqlResponseError ? error : ((error as RequestError).response ?? {});
  const retryAfter = Number(headers['retry-after']);
  if (Number.isFinite(retryAfter) && retryAfter >= 0) return retryAfter * 1000;
  if (String(headers['x-ratelimit-remaining']) === '0') {
    return Math.max(0, Number(headers['x-ratelimit-reset']) * 1000 - clock.now().getTime());
  }
  return 60_000 * 2 ** tries;
}

function within(wait: number): number | undefined {
  return wait <= LONGEST_WAIT_MS ? wait : undefined;
}
