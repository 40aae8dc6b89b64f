import type { IncomingMessage, ServerResponse } from 'node:http';

export async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** Sends a JSON answer; gives its length in bytes. */
export function sendJson(
  response: ServerResponse,
  status: number,
  body: Buffer | undefined,
  headers: Readonly<Record<string, string>>,
): number {
  response.writeHead(status, {
    ...(body === undefined ? {} : { 'content-type': 'application/json; charset=utf-8' }),
    ...headers,
    'content-length': String(body?.length ?? 0),
  });
  response.end(body);
  return body?.length ?? 0;
}

export const jsonBytes = (body: unknown): Buffer => Buffer.from(JSON.stringify(body));
