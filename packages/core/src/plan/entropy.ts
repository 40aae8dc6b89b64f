import { createHash } from 'node:crypto';

/** The `index`-th run of bytes of a seed; at most 32. Deterministic, so that a plan is a function of its World. */
export function derivedBytes(seed: Uint8Array, index: number, count: number): Uint8Array {
  return new Uint8Array(createHash('sha256').update(seed).update(`:${index}`).digest().subarray(0, count));
}
