/** What a server may ask us to wait at most, in milliseconds. */
const RETRY_AFTER_CAP_MS = 60_000;
const BACKOFF_BASE_MS = 500;
const BACKOFF_CAP_MS = 8_000;

/** Answers that say "not now" rather than "no". */
export function isRetryableStatus(status: number): boolean {
  return status === 408 || status === 429 || status === 500 || status === 502 || status === 503 || status === 504;
}

/**
 * Milliseconds that a `Retry-After` header asks for, from 0 to 60,000; undefined when it is absent or unreadable.
 * Rule: RFC 9110 §10.2.3 (seconds, or an HTTP date).
 */
export function retryAfter(header: string | null, now: Date): number | undefined {
  if (header === null) return undefined;
  const text = header.trim();
  const seconds = /^\d{1,10}$/.test(text) ? Number(text) * 1000 : undefined;
  const date = seconds === undefined && /[A-Za-z]/.test(text) ? Date.parse(text) - now.getTime() : Number.NaN;
  const wait = seconds ?? date;
  return Number.isNaN(wait) ? undefined : Math.min(Math.max(wait, 0), RETRY_AFTER_CAP_MS);
}

/** Milliseconds before the attempt after number `attempt` (from 1): exponential, with full jitter. `random` in [0, 1). */
export function backoff(attempt: number, random: number): number {
  return random * Math.min(BACKOFF_CAP_MS, BACKOFF_BASE_MS * 2 ** (attempt - 1));
}
