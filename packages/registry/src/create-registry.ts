import {
  type Clock,
  type ImageReference,
  isDigest,
  type Log,
  normalizeRepository,
  parseReference,
  type Registry,
  WaybillError,
} from '@waybill/core';
import { createAddresses, systemLookup } from './address.js';
import type { Credentials } from './credentials.js';
import type { Fetch } from './fetch.js';
import { createLimiter } from './limiter.js';
import { MANIFEST_ACCEPT, MANIFEST_MAXIMUM_BYTES } from './manifest.js';
import type { RealmTable } from './realm.js';
import { imageName, targetOf } from './repository.js';
import { resolveAll } from './resolve.js';
import { createSession } from './session.js';
import { listTags } from './tags.js';
import { createTokens } from './token.js';
import { createTransport } from './transport.js';

export interface RegistryOptions {
  readonly fetch: Fetch;
  readonly credentials: Credentials;
  readonly clock: Clock;
  readonly log: Log;
  /** `host[:port]` that may be spoken to without TLS, besides loopback. */
  readonly insecureHosts?: readonly string[];
  /** `host[:port]` that may be at a private address. */
  readonly privateHosts?: readonly string[];
  /** Token services at another host than their registry's: registry host → host[:port]s. */
  readonly realms?: RealmTable;
  /** Whether `fetch` sends requests for this address through a proxy; no, when left out. */
  readonly proxied?: (url: URL) => boolean;
  /** All addresses of a name; the system's resolver when left out. */
  readonly lookup?: (hostname: string) => Promise<readonly string[]>;
  /** Requests in flight at most; 32 when left out. */
  readonly concurrency?: number;
  /** In [0, 1), for the jitter between attempts; Math.random when left out. */
  readonly random?: () => number;
  /** For one HTTP exchange; 30,000 when left out. */
  readonly timeoutMs?: number;
}

/** The `Registry` port over HTTP, and the cheap question that only this side of it can answer. */
export interface RegistryClient extends Registry {
  /**
   * Whether a tag still points at a digest that was verified before. True only when the registry says so itself, for
   * a HEAD; false means "resolve it", be it that the tag moved, the registry does not tell, or the request failed.
   */
  unchanged(reference: ImageReference, verifiedDigest: string): Promise<boolean>;
}

const CONCURRENCY = 32;
const TIMEOUT_MS = 30_000;

/** A client with its own connections' worth of limits, tokens and knowledge of hosts; nothing outlives it. */
export function createRegistry(options: RegistryOptions): RegistryClient {
  const { fetch, clock, log, credentials } = options;
  const concurrency = options.concurrency ?? CONCURRENCY;
  const addresses = createAddresses({
    insecureHosts: options.insecureHosts ?? [],
    privateHosts: options.privateHosts ?? [],
    proxied: options.proxied ?? (() => false),
    lookup: options.lookup ?? systemLookup,
  });
  const transport = createTransport({
    fetch,
    clock,
    log,
    addresses,
    limiter: createLimiter(concurrency),
    random: options.random ?? Math.random,
    timeoutMs: options.timeoutMs ?? TIMEOUT_MS,
  });
  const tokens = createTokens(transport, clock);
  const session = createSession({ transport, tokens, credentials, addresses, realms: options.realms ?? {}, clock });
  // Twice as many at work as may be in flight: one that hashes or waits for a token leaves no slot empty.
  const workers = concurrency * 2;

  return {
    resolve: (references, resolveOptions = {}) => resolveAll({ session, log, workers }, references, resolveOptions),
    async tags(repository) {
      const { domain, path } = parseReference(normalizeRepository(repository));
      return listTags(session, log, { domain, path, text: repository });
    },
    async unchanged(reference, verifiedDigest) {
      if (!isDigest(verifiedDigest)) return false;
      try {
        const response = await session.send(imageName(reference), {
          resource: `manifests/${targetOf(reference)}`,
          method: 'HEAD',
          accept: MANIFEST_ACCEPT,
          maximumBytes: MANIFEST_MAXIMUM_BYTES,
        });
        return response.status === 200 && response.headers.get('docker-content-digest') === verifiedDigest;
      } catch (error) {
        if (error instanceof WaybillError) return false;
        throw error;
      }
    },
  };
}
