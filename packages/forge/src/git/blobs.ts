import type { Readable } from 'node:stream';
import { WaybillError } from '@waybill/core';
import { type GitSetting, startGit, unreadable } from './process.js';

/** What was asked for under `key`, in the order of the requests. */
export type GitBlob<K> =
  | { readonly key: K; readonly kind: 'bytes'; readonly bytes: Buffer }
  /** Larger than the limit, and not kept. */
  | { readonly key: K; readonly kind: 'too-large'; readonly size: number };

/**
 * The contents of blobs, from one `git cat-file --batch`, one after the other: what was handed out need not be kept, so
 * that memory does not grow with the tree. A blob above `limit` bytes is read past.
 * @throws WaybillError tree-truncated: an object is missing (a partial clone), or Git stopped before the end
 */
export async function* readGitBlobs<K>(
  setting: GitSetting,
  requests: readonly { readonly key: K; readonly oid: string }[],
  limit: number,
): AsyncGenerator<GitBlob<K>, void> {
  if (requests.length === 0) return;
  const { child, ended } = startGit(setting, ['cat-file', '--batch', '--buffer']);
  child.stdin.end(requests.map(({ oid }) => `${oid}\n`).join(''));
  try {
    const source = reader(child.stdout);
    for (const { key, oid } of requests) {
      const header = await source.line();
      if (header === undefined) throw unreadable('cat-file', (await ended).stderr);
      const size = sizeOf(header, oid);
      if (size > limit) {
        await source.skip(size + 1);
        yield { key, kind: 'too-large', size };
        continue;
      }
      const bytes = await source.take(size + 1);
      if (bytes === undefined) throw unreadable('cat-file', (await ended).stderr);
      yield { key, kind: 'bytes', bytes: bytes.subarray(0, size) };
    }
    const beyond = await source.line();
    const { exitCode, stderr } = await ended;
    if (exitCode !== 0 || beyond !== undefined) throw unreadable('cat-file', stderr);
  } finally {
    // Also when the reader of this generator has had enough.
    child.stdout.destroy();
    child.kill();
    await ended.catch(() => undefined);
  }
}

/** `oid blob size`. */
function sizeOf(header: string, oid: string): number {
  const [, found, size] = /^([0-9a-f]+) blob (\d+)$/.exec(header) ?? [];
  if (found === oid && size !== undefined) return Number(size);
  throw new WaybillError('tree-truncated', {
    what: `Git does not have the file content ${oid}`,
    remedy: 'Check the repository out without a filter, so that all of the commit’s files are there.',
  });
}

/** Lines and byte counts out of a stream of chunks. */
function reader(stream: Readable) {
  const chunks = stream[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  let rest: Buffer = Buffer.alloc(0);
  const more = async (): Promise<Buffer | undefined> => {
    const next = await chunks.next();
    return next.done === true ? undefined : next.value;
  };
  const line = async (): Promise<string | undefined> => {
    for (;;) {
      const end = rest.indexOf(0x0a);
      if (end !== -1) {
        const text = rest.toString('latin1', 0, end);
        rest = rest.subarray(end + 1);
        return text;
      }
      const chunk = await more();
      if (chunk === undefined) return undefined;
      rest = Buffer.concat([rest, chunk]);
    }
  };
  /** The bytes are the stream's own when they came in one chunk: cheaper, and let go as soon as the chunk is. */
  const take = async (count: number): Promise<Buffer | undefined> => {
    const parts = [rest];
    let have = rest.length;
    while (have < count) {
      const chunk = await more();
      if (chunk === undefined) return undefined;
      parts.push(chunk);
      have += chunk.length;
    }
    const whole = parts.length === 1 ? rest : Buffer.concat(parts, have);
    rest = whole.subarray(count);
    return whole.subarray(0, count);
  };
  const skip = async (count: number): Promise<void> => {
    let left = count;
    while (left > rest.length) {
      left -= rest.length;
      const chunk = await more();
      rest = chunk ?? Buffer.alloc(0);
      if (chunk === undefined) return;
    }
    rest = rest.subarray(left);
  };
  return { line, take, skip };
}
