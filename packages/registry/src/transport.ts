import { type Clock, type Log, WaybillError } from '@waybill/core';
import type { Addresses } from './address.js';
import { plainText, unavailable } from './errors.js';
import type { Fetch, FetchResponse } from './fetch.js';
import type { Limiter } from './limiter.js';
import { backoff, isRetryableStatus, retryAfter } from './retry.js';

export interface TransportRequest {
  /** The registry that a reference names, on whose behalf this is asked. */
  readonly registry: string;
  readonly url: URL;
  readonly method: 'GET' | 'HEAD' | 'POST';
  readonly accept?: string;
  readonly authorization?: string;
  /** A form, sent as application/x-www-form-urlencoded. */
  readonly form?: string;
  /** A longer body is an error. */
  readonly maximumBytes: number;
  readonly redirects: 'any-origin' | 'same-origin' | 'never';
}

export interface TransportResponse {
  readonly status: number;
  readonly headers: FetchResponse['headers'];
  readonly body: Uint8Array;
  /** Where the answer came from, after redirects. */
  readonly url: URL;
  /** A redirect led to another origin, and the credential was left behind. */
  readonly leftOrigin: boolean;
}

export interface Transport {
  /**
   * One answer, whatever its status; only after the attempts are used up one of 408, 429 or 5xx.
   * @throws WaybillError registry-unavailable (no answer), registry-untrusted (an address or redirect that is
   * refused), registry-protocol (too long, endless redirects)
   */
  send(request: TransportRequest): Promise<TransportResponse>;
}

export interface TransportOptions {
  readonly fetch: Fetch;
  readonly clock: Clock;
  readonly log: Log;
  readonly addresses: Addresses;
  readonly limiter: Limiter;
  /** In [0, 1). */
  readonly random: () => number;
  /** For one HTTP exchange, its body included. */
  readonly timeoutMs: number;
}

const ATTEMPTS = 4;
const REDIRECTS = 5;
const USER_AGENT = 'waybill';

/** HTTP with retries, redirects, limits and the address rule. Knows nothing of registries but their errors. */
export function createTransport(options: TransportOptions): Transport {
  const { clock, log, limiter } = options;
  /** Origin → time in ms until which it asked to be left alone. */
  const pauses = new Map<string, number>();

  const pause = async (origin: string): Promise<void> => {
    const until = pauses.get(origin);
    if (until === undefined) return;
    const left = until - clock.now().getTime();
    if (left > 0) await clock.sleep(left);
    else pauses.delete(origin);
  };

  return {
    async send(request) {
      const { origin } = request.url;
      for (let attempt = 1; ; attempt += 1) {
        await pause(origin);
        const last = attempt === ATTEMPTS;
        let wait = backoff(attempt, options.random());
        try {
          const response = await limiter(() => exchange(options, request));
          if (last || !isRetryableStatus(response.status)) return response;
          const asked = retryAfter(response.headers.get('retry-after'), clock.now());
          if (asked !== undefined) {
            wait = asked + wait / 4;
            if (response.status === 429) pauses.set(origin, clock.now().getTime() + asked);
          }
          log.debug(`${request.url.host} answered ${response.status}; asking again in ${Math.round(wait)} ms.`);
        } catch (error) {
          const failure = error instanceof WaybillError ? error : unavailable(request.registry, request.url, error);
          if (last || failure.code !== 'registry-unavailable') throw failure;
          log.debug(`${failure.what}; asking again in ${Math.round(wait)} ms.`);
        }
        await clock.sleep(wait);
      }
    },
  };
}

/** One request and the redirects it leads through. The credential is dropped at the first other origin, for good. */
async function exchange(options: TransportOptions, request: TransportRequest): Promise<TransportResponse> {
  let { url } = request;
  let leftOrigin = false;
  for (let hop = 0; ; hop += 1) {
    await options.addresses.check(url, request.registry);
    // A compressed body would be hashed and measured after decoding: not what was stored, and a way round the limit.
    const headers: Record<string, string> = { 'user-agent': USER_AGENT, 'accept-encoding': 'identity' };
    if (request.accept !== undefined) headers.accept = request.accept;
    if (request.authorization !== undefined && !leftOrigin) headers.authorization = request.authorization;
    if (request.form !== undefined) headers['content-type'] = 'application/x-www-form-urlencoded';
    const { response, body } = await withTimeout(options.timeoutMs, async (signal) => {
      const init = { method: request.method, headers, redirect: 'manual', signal } as const;
      const response = await options.fetch(
        url.href,
        request.form === undefined ? init : { ...init, body: request.form },
      );
      return { response, body: await readBody(request, url, response) };
    });
    const { status } = response;
    const location = response.headers.get('location');
    const redirected = [301, 302, 303, 307, 308].includes(status) && location !== null;
    if (!redirected || request.redirects === 'never')
      return { status, headers: response.headers, body, url, leftOrigin };
    if (hop === REDIRECTS) throw redirectError(request, `leads through more than ${REDIRECTS} redirects`);
    if (!URL.canParse(location, url.href)) throw redirectError(request, 'redirects to what is no address');
    const next = new URL(location, url);
    if (next.origin !== url.origin) {
      if (request.redirects === 'same-origin') {
        throw untrustedRedirect(request, `redirects from ${url.host} to ${plainText(next.host)}`);
      }
      if (url.protocol === 'https:' && next.protocol !== 'https:') {
        throw untrustedRedirect(
          request,
          `redirects from HTTPS to ${plainText(next.protocol)}//${plainText(next.host)}`,
        );
      }
      leftOrigin = true;
    }
    url = next;
  }
}

/** The timer goes with the request: AbortSignal.timeout would keep every request in memory until its time is over. */
async function withTimeout<T>(milliseconds: number, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(new DOMException('no answer in time', 'TimeoutError')), milliseconds);
  try {
    return await work(controller.signal);
  } finally {
    clearTimeout(timer);
  }
}

async function readBody(request: TransportRequest, url: URL, response: FetchResponse): Promise<Uint8Array> {
  const { body, headers } = response;
  if (body === null) return new Uint8Array();
  // A stated length is what HTTP delivers, unless the body is decoded on the way; reading it whole is twice as fast.
  const stated =
    headers.get('content-encoding') === null ? Number(headers.get('content-length') ?? Number.NaN) : Number.NaN;
  if (stated <= request.maximumBytes) return new Uint8Array(await response.arrayBuffer());
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body) {
    length += chunk.byteLength;
    if (length > request.maximumBytes) {
      throw new WaybillError('registry-protocol', {
        what: `${url.host} answered with more than ${request.maximumBytes} bytes`,
        remedy: 'Check that the address is that of a registry',
      });
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, length);
}

function redirectError(request: TransportRequest, what: string): WaybillError {
  return new WaybillError('registry-protocol', {
    what: `The registry ${request.registry} ${what}`,
    remedy: 'Report this to whoever runs the registry',
  });
}

function untrustedRedirect(request: TransportRequest, what: string): WaybillError {
  return new WaybillError('registry-untrusted', {
    what: `The registry ${request.registry} ${what}, which is refused`,
    remedy: 'Report this to whoever runs the registry',
  });
}
