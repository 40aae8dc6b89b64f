import type { Credentials } from './access.js';
import { ACCEPT_ALL_MANIFESTS } from './media-types.js';

/** A registry to push to: where it is, and as whom. */
export interface PushTarget {
  /** `http://host:port`, without a path. */
  readonly url: string;
  readonly credentials?: Credentials;
}

export interface RawRequest {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
}

/** An answer with its body read. */
export interface RawResponse {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Uint8Array;
}

/** Sends one request to a path of the target (or a whole URL that the target gave). */
export type RawClient = (path: string, request?: RawRequest) => Promise<RawResponse>;

/**
 * The plainest client that can push: answers one challenge, keeps the token for the same scope, follows nothing, checks
 * nothing. The tests' independent view of a registry, so it shares no code with the product's client.
 */
export function connectRaw(target: PushTarget): RawClient {
  const tokens = new Map<string, string>();
  const send = async (url: string, request: RawRequest, authorization: string | undefined): Promise<RawResponse> => {
    const response = await fetch(url, {
      method: request.method ?? 'GET',
      headers: {
        Accept: ACCEPT_ALL_MANIFESTS,
        ...request.headers,
        ...(authorization === undefined ? {} : { Authorization: authorization }),
      },
      redirect: 'manual',
      ...(request.body === undefined ? {} : { body: Buffer.from(request.body) }),
    });
    return { status: response.status, headers: response.headers, body: new Uint8Array(await response.arrayBuffer()) };
  };
  return async (path, request = {}) => {
    const url = new URL(path, target.url).href;
    const key = `${repositoryOf(path)} ${(request.method ?? 'GET').replace(/^(GET|HEAD)$/, 'read')}`;
    const first = await send(url, request, tokens.get(key));
    if (first.status !== 401) return first;
    const authorization = await answerChallenge(first.headers.get('www-authenticate') ?? '', target.credentials);
    if (authorization === undefined) return first;
    tokens.set(key, authorization);
    return send(url, request, authorization);
  };
}

/** The Authorization that answers a challenge, or undefined when there is nothing to answer it with. */
async function answerChallenge(challenge: string, credentials: Credentials | undefined): Promise<string | undefined> {
  const basic =
    credentials === undefined
      ? undefined
      : `Basic ${Buffer.from(`${credentials.username}:${credentials.password}`).toString('base64')}`;
  if (/^basic/i.test(challenge)) return basic;
  const parameter = (name: string) => new RegExp(`${name}="([^"]*)"`).exec(challenge)?.[1];
  const realm = parameter('realm');
  if (!/^bearer/i.test(challenge) || realm === undefined) return undefined;
  const url = new URL(realm);
  const service = parameter('service');
  if (service !== undefined) url.searchParams.set('service', service);
  for (const scope of parameter('scope')?.split(' ') ?? []) url.searchParams.append('scope', scope);
  const response = await fetch(url, basic === undefined ? {} : { headers: { Authorization: basic } });
  if (!response.ok) return undefined;
  const body = (await response.json()) as { readonly token?: string };
  return body.token === undefined ? undefined : `Bearer ${body.token}`;
}

function repositoryOf(path: string): string {
  return /\/v2\/(.+?)\/(?:manifests|blobs|tags|referrers)\//.exec(path)?.[1] ?? '';
}
