export interface Fault {
  /** A REST or Git request by method and path (without the API's prefix), or a GraphQL one by its document's text. */
  readonly match: { readonly method?: string; readonly path: RegExp } | { readonly graphql: RegExp };
  /**
   * `error`: answered so, without effect. `lost-answer`: the effect happens, then the connection dies. `delay`: served
   * after `milliseconds`. `disconnect`: the connection dies before any effect.
   */
  readonly kind: 'error' | 'lost-answer' | 'delay' | 'disconnect';
  /** For `error`; 502 when absent. */
  readonly status?: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** For `delay`. */
  readonly milliseconds?: number;
  /** How many matching requests it meets; 1 when absent. */
  readonly times?: number;
  /** How many matching requests pass before it begins; 0 when absent. */
  readonly after?: number;
}

export interface FaultQueue {
  push(...faults: readonly Fault[]): void;
  clear(): void;
  /** Faults that were not used up. */
  readonly pending: readonly Fault[];
}

export interface Seen {
  readonly method: string;
  readonly path: string;
  readonly graphql: string | undefined;
}

interface Armed {
  readonly fault: Fault;
  skip: number;
  left: number;
}

export interface FaultInjector {
  readonly queue: FaultQueue;
  /** Takes the first fault that matches, counting it down. */
  take(seen: Seen): Fault | undefined;
}

export function createFaults(): FaultInjector {
  let armed: Armed[] = [];
  return {
    queue: {
      push: (...faults) => {
        armed.push(...faults.map((fault) => ({ fault, skip: fault.after ?? 0, left: fault.times ?? 1 })));
      },
      clear: () => {
        armed = [];
      },
      get pending() {
        return armed.map((one) => one.fault);
      },
    },
    take(seen) {
      for (const one of armed) {
        if (!matches(one.fault, seen)) continue;
        if (one.skip > 0) {
          one.skip -= 1;
          continue;
        }
        one.left -= 1;
        if (one.left <= 0) armed = armed.filter((other) => other !== one);
        return one.fault;
      }
      return undefined;
    },
  };
}

function matches({ match }: Fault, seen: Seen): boolean {
  if ('graphql' in match) return seen.graphql !== undefined && match.graphql.test(seen.graphql);
  const method = match.method === undefined || match.method.toUpperCase() === seen.method;
  return method && seen.graphql === undefined && match.path.test(seen.path);
}

/** The ready-made fault for a secondary rate limit (docs: rate-limits-for-the-rest-api, "exceeding the rate limit"). */
export function secondaryRateLimit(match: Fault['match'], retryAfterSeconds: number, status: 403 | 429 = 403): Fault {
  return {
    match,
    kind: 'error',
    status,
    headers: { 'retry-after': String(retryAfterSeconds) },
    body: {
      message: 'You have exceeded a secondary rate limit. Please wait a few minutes before you try again.',
      documentation_url:
        'https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api#about-secondary-rate-limits',
    },
  };
}
