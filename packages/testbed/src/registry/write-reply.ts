import type { ServerResponse } from 'node:http';
import type { RegistryFault } from './faults.js';
import type { Reply } from './reply.js';

/** Sends a reply, spoilt by the faults that are due. Resolves when it is written or the connection is broken. */
export async function writeReply(
  response: ServerResponse,
  method: string,
  reply: Reply,
  due: readonly RegistryFault[],
): Promise<void> {
  const headers: Record<string, string> = { 'Docker-Distribution-Api-Version': 'registry/2.0', ...reply.headers };
  let body = reply.body;
  for (const fault of due) {
    if (fault.kind === 'content-type') headers['Content-Type'] = fault.contentType;
    if (fault.kind === 'truncated-body') body = body.subarray(0, Math.floor(body.length / 2));
    if (fault.kind === 'corrupt-body') body = withOtherByte(body);
  }
  if (reply.status !== 204 && reply.status !== 304) headers['Content-Length'] = String(body.length);
  response.writeHead(reply.status, headers);
  if (method === 'HEAD' || reply.status === 204 || reply.status === 304) {
    response.end();
    return;
  }
  if (due.some((fault) => fault.kind === 'disconnect-mid-body')) {
    await new Promise<void>((resolve) => {
      response.write(body.subarray(0, Math.floor(body.length / 2)), () => resolve());
    });
    response.destroy();
    return;
  }
  response.end(body);
}

/** The same length, so that only hashing tells. The last letter changes, which leaves most JSON readable. */
function withOtherByte(body: Uint8Array): Uint8Array {
  const copy = Uint8Array.from(body);
  const at = copy.findLastIndex((byte) => byte >= 0x61 && byte <= 0x7a);
  if (at >= 0) copy[at] = copy[at] === 0x61 ? 0x62 : 0x61;
  return copy;
}
