import { createHash } from 'node:crypto';

/** The object id Git gives a blob of these bytes (SHA-1 repositories). */
export function gitBlobOid(bytes: Uint8Array): string {
  return createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex');
}
