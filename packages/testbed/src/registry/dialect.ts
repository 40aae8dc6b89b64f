/**
 * How this registry differs from a well-behaved one, lastingly. All of it can be changed while the registry runs.
 * Single failures (a 429, a broken connection) are faults, see faults.ts.
 */
export interface RegistryDialect {
  /** `Docker-Content-Digest` on manifests: as it is, left out, of other bytes, or not a digest at all. */
  readonly digestHeader: 'right' | 'missing' | 'lying' | 'malformed';
  /** Content-Type of every manifest answer instead of the stored one. */
  readonly manifestContentType: string | undefined;
  /**
   * `distribution`: what is not in Accept is 404 MANIFEST_UNKNOWN for OCI types, and a Docker list asked for by tag
   * becomes its linux/amd64 child, as distribution 2.8 does. `ignored`: the stored manifest whatever Accept says.
   */
  readonly accept: 'distribution' | 'ignored';
  /** `refused`: HEAD on manifests answers 405. */
  readonly head: 'supported' | 'refused';
  /** Manifests by tag come as signed schema1, as registries answer a client whose Accept is too old. */
  readonly schema1: boolean;
  /** How tags/list pages. */
  readonly links: LinkStyle;
  /** Tags on a page when the client asks for none or for more. */
  readonly pageSize: number;
  readonly tagOrder: 'oldest-first' | 'lexical';
  /** tags/list of a repository without tags: `tags: null` or `tags: []`. */
  readonly emptyTags: 'null' | 'list';
  /** Blob GETs: from here, or 307 to the second origin, which refuses a request that carries Authorization (as S3 does). */
  readonly blobs: 'direct' | 'redirect';
  /** The token realm of the challenge: this registry's `/token`, the second origin's, or any URL. */
  readonly tokenRealm: 'here' | 'elsewhere' | { readonly url: string };
  /** Token auth: the Bearer challenge alone, or a Basic one after it in the same header, as Gitea writes them. */
  readonly challenges: 'bearer' | 'bearer-and-basic';
  /** What a token endpoint does when none of the wanted access is granted: a token without access, or a refusal. */
  readonly ungranted: 'empty-token' | 'refusal';
  /** Milliseconds before every answer. */
  readonly delayMs: number;
  /** Repositories (exact names) that answer so to everyone, whatever they send. */
  readonly denied: Readonly<Record<string, 401 | 403 | 404>>;
  /**
   * Manifests and tags of a repository that isn't there: 404; 403 DENIED as for one that may not be read (ghcr.io);
   * 401 with a challenge, since its token has no access to it (Docker Hub).
   */
  readonly unknownRepository: 'not-found' | 'denied' | 'unauthorized';
  /** Manifest GETs (HEAD is free) until 429 TOOMANYREQUESTS; undefined is no limit. */
  readonly pullLimit: number | undefined;
  /** `/referrers/`: 404 as distribution, or a 303 to a web page as ghcr.io was seen to do. */
  readonly referrers: 'absent' | 'redirect';
}

/**
 * - `last`: `?n=&last=`, relative, as the distribution spec shows it.
 * - `next-page`: an opaque `next_page=` token; `last` is not understood (Quay).
 * - `cross-origin`: the next page is said to be on the second origin.
 * - `repeating`: every page is the first and names itself as the next.
 * - `absent`: pages, but says nothing of a next one.
 * - `unpaged`: everything in one answer, `n` ignored, as distribution 2.8 and Docker Hub do.
 */
export type LinkStyle = 'last' | 'next-page' | 'cross-origin' | 'repeating' | 'absent' | 'unpaged';

const SPEC: RegistryDialect = {
  digestHeader: 'right',
  manifestContentType: undefined,
  accept: 'distribution',
  head: 'supported',
  schema1: false,
  links: 'last',
  pageSize: 1000,
  tagOrder: 'lexical',
  emptyTags: 'list',
  blobs: 'direct',
  tokenRealm: 'here',
  challenges: 'bearer',
  ungranted: 'empty-token',
  delayMs: 0,
  denied: {},
  unknownRepository: 'not-found',
  pullLimit: undefined,
  referrers: 'absent',
};

/** Starting points; every field can be set on top. */
export const REGISTRY_DIALECTS = {
  /** What the distribution spec asks for. */
  spec: SPEC,
  /** ghcr.io: 100 tags a page, oldest first; blobs from another origin; no access and no package look the same. */
  ghcr: {
    ...SPEC,
    pageSize: 100,
    tagOrder: 'oldest-first',
    blobs: 'redirect',
    ungranted: 'refusal',
    unknownRepository: 'denied',
    referrers: 'redirect',
  },
  /** Docker Hub: tokens from another origin, all tags in one answer, a pull limit that counts GET but not HEAD. */
  dockerHub: {
    ...SPEC,
    links: 'unpaged',
    tokenRealm: 'elsewhere',
    blobs: 'redirect',
    unknownRepository: 'unauthorized',
    pullLimit: 100,
  },
} as const satisfies Record<string, RegistryDialect>;
