import { describe, expect, it } from '@jest/globals';
import { backoff, isRetryableStatus, retryAfter } from './retry.js';

describe('retryAfter', () => {
  const now = new Date('2026-01-01T00:00:00Z');
  it.each([
    [null, undefined],
    ['3', 3_000],
    [' 0 ', 0],
    ['86400', 60_000],
    ['Thu, 01 Jan 2026 00:00:20 GMT', 20_000],
    ['Thu, 01 Jan 2026 09:00:00 GMT', 60_000],
    ['Wed, 31 Dec 2025 00:00:00 GMT', 0],
    ['soon', undefined],
    ['-5', undefined],
    ['1.5', undefined],
    ['', undefined],
  ])('%p is %p ms', (header, expected) => {
    expect(retryAfter(header, now)).toBe(expected);
  });
});

describe('backoff', () => {
  it('doubles, is capped, and the jitter takes all of it', () => {
    expect([1, 2, 3, 4, 5, 6, 7].map((attempt) => backoff(attempt, 1))).toEqual([
      500, 1000, 2000, 4000, 8000, 8000, 8000,
    ]);
    expect(backoff(3, 0)).toBe(0);
    expect(backoff(3, 0.25)).toBe(500);
  });
});

describe('isRetryableStatus', () => {
  it('is for what may pass', () => {
    const all = Array.from({ length: 500 }, (_, index) => index + 100);
    expect(all.filter(isRetryableStatus)).toEqual([408, 429, 500, 502, 503, 504]);
  });
});
