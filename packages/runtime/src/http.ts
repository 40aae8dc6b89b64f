import { WaybillError } from '@waybill/core';
import type { Environment } from './environment.js';

export type Fetch = typeof fetch;

/**
 * `fetch` for a runner behind a proxy: HTTPS_PROXY, HTTP_PROXY and NO_PROXY are honoured, the lower-case names first,
 * each for its own scheme, as curl has it. Without a proxy it is Node's own, and nothing is loaded.
 * NODE_EXTRA_CA_CERTS needs no code: Node reads it when it starts, for this and for its own fetch.
 * @throws WaybillError input-invalid — a proxy variable is no HTTP(S) URL
 */
export function createFetch(env: Environment): Fetch {
  const httpProxy = proxyUrl(env, 'http_proxy');
  const httpsProxy = proxyUrl(env, 'https_proxy');
  if (httpProxy === '' && httpsProxy === '') {
    return fetch;
  }
  const noProxy = firstOf(env.no_proxy, env.NO_PROXY);
  let proxied: Promise<Through> | undefined;
  return async (input, init) => {
    const url = new URL(input instanceof Request ? input.url : input);
    if ((url.protocol === 'https:' ? httpsProxy : httpProxy) === '') {
      return fetch(input, init);
    }
    proxied ??= loadProxied({ httpProxy, httpsProxy, noProxy });
    const through = await proxied;
    return through(url, input instanceof Request ? { ...partsOf(input), ...init } : (init ?? {}));
  };
}

type Through = (url: URL, init: object) => Promise<Response>;

/** undici's fetch with undici's agent: Node's own fetch and an agent of another undici version don't mix reliably. */
async function loadProxied(options: {
  readonly httpProxy: string;
  readonly httpsProxy: string;
  readonly noProxy: string;
}): Promise<Through> {
  const undici = await import('undici');
  const dispatcher = new undici.EnvHttpProxyAgent(options);
  // Node's declarations describe another undici than ours; the two agree on everything that fetch takes and gives.
  const fetchThrough = undici.fetch as unknown as Through;
  return (url, init) => fetchThrough(url, { ...init, dispatcher });
}

/** A `Request` is of Node's undici, which ours does not know; its parts are plain. */
function partsOf({ method, headers, body, redirect, signal }: Request): object {
  return { method, headers: [...headers], body, redirect, signal, ...(body === null ? {} : { duplex: 'half' }) };
}

/** The proxy's URL, or empty text. `proxy.example:8080` means HTTP, as for curl. It may hold a password and is never shown. */
function proxyUrl(env: Environment, name: string): string {
  const value = firstOf(env[name], env[name.toUpperCase()]);
  if (value === '') {
    return '';
  }
  const url = URL.parse(/^[a-z0-9+.-]+:\/\//i.test(value) ? value : `http://${value}`);
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new WaybillError('input-invalid', {
      what: `The environment variable ${name.toUpperCase()} is not the URL of an HTTP proxy`,
      remedy: 'Write it like http://proxy.example:8080, or unset it.',
    });
  }
  return url.href;
}

function firstOf(...values: readonly (string | undefined)[]): string {
  return values.find((value) => value !== undefined && value !== '') ?? '';
}
