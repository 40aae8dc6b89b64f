/** One thing that goes wrong with a request. */
export type RegistryFault =
  /** An answer with this status and an OCI error body, instead of doing what was asked. */
  | { readonly kind: 'status'; readonly status: number; readonly retryAfter?: RetryAfter }
  /** The connection breaks before anything is answered, and before anything is done. */
  | { readonly kind: 'disconnect' }
  /** Done and answered with the full Content-Length, but the connection breaks half-way through the body. */
  | { readonly kind: 'disconnect-mid-body' }
  /** Done; the body ends early and Content-Length agrees with what is left. */
  | { readonly kind: 'truncated-body' }
  /** Done; one byte of the body is another. */
  | { readonly kind: 'corrupt-body' }
  | { readonly kind: 'delay'; readonly ms: number }
  /** Done, with another Content-Type. */
  | { readonly kind: 'content-type'; readonly contentType: string };

/** RFC 9110 §10.2.3 allows both: seconds to wait, or the date to wait for. */
export type RetryAfter = { readonly seconds: number } | { readonly date: Date };

/** Which requests a fault befalls; what is left out matches every request. */
export interface FaultTarget {
  readonly method?: string;
  /** A part of the path with its query, or a pattern on it. */
  readonly path?: string | RegExp;
  /** How many matching requests; 1 when left out, Infinity for all. */
  readonly times?: number;
}

interface FaultQueue {
  /** Adds a fault; the answer removes it again. Faults that match the same request apply in the order they came. */
  readonly add: (fault: RegistryFault, target?: FaultTarget) => () => void;
  /** The faults of this request, counted as used. */
  readonly take: (method: string, path: string) => readonly RegistryFault[];
  readonly clear: () => void;
}

interface Queued {
  readonly fault: RegistryFault;
  readonly target: FaultTarget;
  left: number;
}

export function createFaultQueue(): FaultQueue {
  const queue = new Set<Queued>();
  return {
    add(fault, target = {}) {
      const queued: Queued = { fault, target, left: target.times ?? 1 };
      queue.add(queued);
      return () => {
        queue.delete(queued);
      };
    },
    take(method, path) {
      const taken: RegistryFault[] = [];
      for (const queued of queue) {
        if (!matches(queued.target, method, path)) continue;
        // A second answer instead of the answer waits for the next request: two 503s are two requests.
        if (isAnswer(queued.fault) && taken.some(isAnswer)) continue;
        taken.push(queued.fault);
        queued.left -= 1;
        if (queued.left <= 0) queue.delete(queued);
      }
      return taken;
    },
    clear() {
      queue.clear();
    },
  };
}

/** The value of the Retry-After header. */
export function retryAfterHeader(retryAfter: RetryAfter): string {
  return 'seconds' in retryAfter ? String(retryAfter.seconds) : retryAfter.date.toUTCString();
}

function isAnswer(fault: RegistryFault): boolean {
  return fault.kind !== 'delay';
}

function matches(target: FaultTarget, method: string, path: string): boolean {
  if (target.method !== undefined && target.method !== method) return false;
  if (target.path === undefined) return true;
  return typeof target.path === 'string' ? path.includes(target.path) : target.path.test(path);
}
