import type { IncomingHttpHeaders } from 'node:http';
import { parseBasic } from './access.js';

/** What came in and what was answered, without credentials. */
export interface RequestRecord {
  /** The registry itself or its second origin (redirected blobs, a token realm elsewhere). */
  readonly origin: 'registry' | 'elsewhere';
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  /** The Host header: the name the client knows the registry by. */
  readonly host: string;
  /** 0 when the connection was broken before an answer. */
  readonly status: number;
  readonly authorization: 'none' | 'basic' | 'bearer' | 'other';
}

export interface RequestLog {
  /** In the order the answers ended. */
  readonly entries: () => readonly RequestRecord[];
  /** How many entries match; `path` is a part of the path or a pattern on it. */
  readonly count: (filter?: RequestFilter) => number;
  /**
   * Most requests being answered at one moment since the last `clear`. Without `delayMs` an answer takes so little that
   * this says nothing of how many the client had in flight.
   */
  readonly peak: () => number;
  /** Whether a secret came in with any request: in a header, inside Basic credentials, in the URL, or in a form. */
  readonly saw: (secret: string) => boolean;
  readonly clear: () => void;
}

export interface RequestFilter {
  readonly method?: string;
  readonly path?: string | RegExp;
  readonly status?: number;
  readonly authorization?: RequestRecord['authorization'];
  readonly origin?: RequestRecord['origin'];
}

/** A log and its writing end: `begin` gives the function that ends the request; `note` keeps text for `saw`. */
interface RequestRecorder {
  readonly log: RequestLog;
  readonly begin: (request: Omit<RequestRecord, 'status'>, headers: IncomingHttpHeaders) => (status: number) => void;
  readonly note: (text: string) => void;
}

export function createRequestRecorder(): RequestRecorder {
  let entries: RequestRecord[] = [];
  let received: string[] = [];
  let running = 0;
  let peak = 0;
  return {
    log: {
      entries: () => [...entries],
      count: (filter = {}) => entries.filter((entry) => accepts(filter, entry)).length,
      peak: () => peak,
      saw: (secret) => received.some((text) => text.includes(secret)),
      clear() {
        entries = [];
        received = [];
        peak = running;
      },
    },
    note(text) {
      received.push(text);
    },
    begin(request, headers) {
      received.push(request.path, ...Object.values(headers).flatMap(readable));
      running += 1;
      peak = Math.max(peak, running);
      return (status) => {
        running -= 1;
        entries.push({ ...request, status });
      };
    },
  };
}

/** The kind of an Authorization header, by its scheme. */
export function authorizationKind(header: string | undefined): RequestRecord['authorization'] {
  if (header === undefined) return 'none';
  const scheme = header.split(' ', 1)[0]?.toLowerCase();
  return scheme === 'basic' || scheme === 'bearer' ? scheme : 'other';
}

function readable(header: string | readonly string[] | undefined): readonly string[] {
  const values = typeof header === 'string' ? [header] : (header ?? []);
  const basic = values.map(parseBasic).filter((credentials) => credentials !== undefined);
  return [...values, ...basic.flatMap(({ username, password }) => [username, password])];
}

function accepts(filter: RequestFilter, entry: RequestRecord): boolean {
  if (filter.method !== undefined && filter.method !== entry.method) return false;
  if (filter.status !== undefined && filter.status !== entry.status) return false;
  if (filter.authorization !== undefined && filter.authorization !== entry.authorization) return false;
  if (filter.origin !== undefined && filter.origin !== entry.origin) return false;
  if (filter.path === undefined) return true;
  return typeof filter.path === 'string' ? entry.path.includes(filter.path) : filter.path.test(entry.path);
}
