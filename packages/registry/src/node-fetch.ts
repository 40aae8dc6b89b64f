import type { Agent, ClientRequest, IncomingMessage, RequestOptions } from 'node:http';
import { WaybillError } from '@waybill/core';
import { plainText } from './errors.js';
import type { Fetch, FetchInit, FetchResponse } from './fetch.js';

export type NodeFetch = Fetch & {
  /** Closes the connections that are kept; the next request opens new ones. */
  close(): void;
};

interface Connector {
  readonly request: (options: RequestOptions) => ClientRequest;
  readonly agent: Agent;
}

/**
 * The part of `fetch` that the client uses, straight over node:http and node:https, for half the processor time.
 * Connections are kept, one pool a protocol; idle ones let the process end. No proxy, no decoding, no redirects.
 * It rejects with the signal's reason, with what node:http failed with (its `code` as fetch has it on the cause), or
 * with WaybillError registry-protocol for a coded body, which nobody asked for.
 */
export function createNodeFetch(): NodeFetch {
  const connectors = new Map<string, Connector>();
  const connectorFor = (protocol: string): Connector => {
    const known = connectors.get(protocol);
    if (known !== undefined) return known;
    const connector = connectorOf(protocol);
    connectors.set(protocol, connector);
    return connector;
  };

  const send: Fetch = async (address, init) => {
    if (init.redirect !== 'manual') throw new TypeError('Redirects are left to the caller');
    init.signal.throwIfAborted();
    const url = new URL(address);
    return exchange(connectorFor(url.protocol), url, init);
  };
  const close = (): void => {
    for (const { agent } of connectors.values()) agent.destroy();
    connectors.clear();
  };
  return Object.assign(send, { close });
}

/**
 * The modules are loaded with the first request that needs them. Not by import(): that reads every export of
 * node:http, WebSocket too, and so loads the whole of undici.
 */
function connectorOf(protocol: string): Connector {
  if (protocol !== 'http:' && protocol !== 'https:') throw new TypeError(`${protocol} is not a protocol of HTTP`);
  const { Agent, request } =
    protocol === 'https:' ? process.getBuiltinModule('node:https') : process.getBuiltinModule('node:http');
  // How many requests are in flight is limited where they are made.
  return { request, agent: new Agent({ keepAlive: true }) };
}

/** Settles with the head of the answer; its body is still on the way, and the signal holds for that too. */
function exchange({ request, agent }: Connector, url: URL, init: FetchInit): Promise<FetchResponse> {
  const { method, headers, signal } = init;
  return new Promise((resolve, reject) => {
    const path = url.pathname + url.search;
    const sent = request({ agent, hostname: bareHostname(url), port: url.port, path, method, headers });
    let answer: IncomingMessage | undefined;
    const abort = (): void => {
      reject(signal.reason);
      (answer ?? sent).destroy(signal.reason);
    };
    signal.addEventListener('abort', abort, { once: true });
    sent.on('error', reject);
    sent.on('close', () => {
      signal.removeEventListener('abort', abort);
      if (answer === undefined) reject(new Error('the connection was closed without an answer'));
    });
    sent.on('response', (message) => {
      answer = message;
      try {
        const response = responseOf(message, method, url);
        if (response.body !== null) return resolve(response);
        // Only a message that was read to its end gives its connection back: the next request shall find it.
        message.on('end', () => resolve(response)).on('error', reject);
        message.resume();
      } catch (error) {
        message.destroy();
        reject(error);
      }
    });
    sent.end(init.body);
  });
}

/** The host as node:net takes it: an IPv6 address without its brackets. */
function bareHostname({ hostname }: URL): string {
  return hostname.startsWith('[') ? hostname.slice(1, -1) : hostname;
}

function responseOf(message: IncomingMessage, method: string, url: URL): FetchResponse {
  const status = message.statusCode ?? 0;
  const get = (name: string): string | null => headerOf(message.rawHeaders, name);
  const arrayBuffer = (): Promise<ArrayBuffer> => wholeBody(message);
  if (method === 'HEAD' || status === 204 || status === 304) {
    return { status, headers: { get }, body: null, arrayBuffer };
  }
  const coding = get('content-encoding') ?? '';
  if (status < 300 && !/^(?:identity)?$/i.test(coding)) {
    throw new WaybillError('registry-protocol', {
      what: `${url.host} answered with a body coded as ${plainText(coding)}, though it was asked for none`,
      remedy: 'Check the registry, and any cache or gateway before it: they must not compress what was not asked for',
    });
  }
  return { status, headers: { get }, body: message, arrayBuffer };
}

/** A header's values in their order, joined as fetch joins them (Fetch standard, "get" of a header list); null without one. */
function headerOf(rawHeaders: readonly string[], name: string): string | null {
  const wanted = name.toLowerCase();
  let found: string | null = null;
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const key = rawHeaders[index] ?? '';
    if (key.length !== wanted.length || key.toLowerCase() !== wanted) continue;
    const value = rawHeaders[index + 1] ?? '';
    found = found === null ? value : `${found}, ${value}`;
  }
  return found;
}

function wholeBody(message: IncomingMessage): Promise<ArrayBuffer> {
  return new Promise((resolve, reject) => {
    const chunks: Uint8Array[] = [];
    let length = 0;
    const closed = (): void => {
      if (!message.readableEnded) reject(message.errored ?? new Error('the connection was closed within a body'));
    };
    if (message.destroyed) return closed();
    message.on('data', (chunk: Uint8Array) => {
      chunks.push(chunk);
      length += chunk.byteLength;
    });
    message.on('end', () => resolve(joined(chunks, length)));
    message.on('error', reject);
    message.on('close', closed);
  });
}

function joined(chunks: readonly Uint8Array[], length: number): ArrayBuffer {
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.byteLength;
  }
  return bytes.buffer;
}
