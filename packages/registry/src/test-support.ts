import type { Clock, Log } from '@waybill/core';
import type { Fetch, FetchInit } from './fetch.js';
import { createNodeFetch } from './node-fetch.js';

/** What the client runs over: Node's own `fetch` and the product's; `close` gives up the connections that are kept. */
export const TRANSPORTS: readonly (readonly [string, () => { readonly fetch: Fetch; close(): void }])[] = [
  ['fetch', () => ({ fetch, close: () => undefined })],
  [
    'node:http',
    () => {
      const direct = createNodeFetch();
      return { fetch: direct, close: direct.close };
    },
  ],
];

export interface FakeClock extends Clock {
  /** Milliseconds that were slept, one entry a sleep. */
  readonly sleeps: number[];
  advance(milliseconds: number): void;
}

/** A clock whose sleeps are over at once, and move it on. */
export function fakeClock(start = Date.UTC(2026, 0, 1)): FakeClock {
  let now = start;
  const sleeps: number[] = [];
  return {
    sleeps,
    now: () => new Date(now),
    async sleep(milliseconds) {
      sleeps.push(milliseconds);
      now += milliseconds;
    },
    advance(milliseconds) {
      now += milliseconds;
    },
  };
}

export interface CollectedLog extends Log {
  readonly lines: string[];
}

export function collectLog(): CollectedLog {
  const lines: string[] = [];
  return {
    lines,
    debug: (message) => void lines.push(`debug ${message}`),
    info: (message) => void lines.push(`info ${message}`),
    warning: (message) => void lines.push(`warning ${message}`),
    group: (_title, work) => work(),
  };
}

export interface SentRequest extends FetchInit {
  readonly url: URL;
}

export interface FakeFetch {
  readonly fetch: Fetch;
  readonly sent: SentRequest[];
}

export interface FakeAnswer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

/** A network that is one function. An Error as the answer is a broken connection. */
export function fakeFetch(answer: (request: SentRequest) => FakeAnswer | Error): FakeFetch {
  const sent: SentRequest[] = [];
  return {
    sent,
    async fetch(url, init) {
      const request = { ...init, url: new URL(url) };
      sent.push(request);
      const given = answer(request);
      if (given instanceof Error) throw given;
      const body = given.body === undefined ? null : Buffer.from(given.body);
      return new Response(init.method === 'HEAD' ? null : body, {
        status: given.status ?? 200,
        ...(given.headers === undefined ? {} : { headers: given.headers }),
      });
    },
  };
}
