import type { IncomingHttpHeaders } from 'node:http';

/** A request as the routes see it. */
export interface RegistryRequest {
  readonly method: string;
  /** Decoded path without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly body: Uint8Array;
  /** Host header, the name the client knows this registry by: `127.0.0.1:PORT`, `ghcr.io`. */
  readonly host: string;
  /** `scheme://host` as the client knows it, so that what is derived from it (realm, Location) leads the client back. */
  readonly base: string;
  /** The second origin, as the client reaches it. */
  readonly elsewhere: string;
}

/** A path under /v2/, by the distribution spec's "API" table. */
export type Route =
  | { readonly kind: 'base' }
  | { readonly kind: 'token' }
  | { readonly kind: 'manifest'; readonly repository: string; readonly reference: string }
  | { readonly kind: 'blob'; readonly repository: string; readonly digest: string }
  | { readonly kind: 'uploads'; readonly repository: string }
  | { readonly kind: 'upload'; readonly repository: string; readonly id: string }
  | { readonly kind: 'tags'; readonly repository: string }
  | { readonly kind: 'referrers'; readonly repository: string; readonly digest: string }
  | { readonly kind: 'invalid-name'; readonly repository: string }
  | { readonly kind: 'unknown' };

/** The distribution spec's pattern for `<name>`. */
const NAME = /^[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*(\/[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*)*$/;

/** Which resource a path names. */
export function parseRoute(path: string): Route {
  if (path === '/v2/' || path === '/v2') return { kind: 'base' };
  if (path === '/token') return { kind: 'token' };
  const match = /^\/v2\/(.+)\/(manifests|blobs\/uploads|blobs|tags|referrers)\/([^/]*)$/.exec(path);
  const repository = match?.[1];
  const rest = match?.[3];
  if (repository === undefined || rest === undefined) return { kind: 'unknown' };
  if (!NAME.test(repository)) return { kind: 'invalid-name', repository };
  switch (match?.[2]) {
    case 'manifests':
      return { kind: 'manifest', repository, reference: rest };
    case 'blobs':
      return { kind: 'blob', repository, digest: rest };
    case 'blobs/uploads':
      return rest === '' ? { kind: 'uploads', repository } : { kind: 'upload', repository, id: rest };
    case 'tags':
      return rest === 'list' ? { kind: 'tags', repository } : { kind: 'unknown' };
    case 'referrers':
      return { kind: 'referrers', repository, digest: rest };
    default:
      return { kind: 'unknown' };
  }
}
