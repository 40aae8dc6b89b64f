import { randomBytes } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import type { Clock } from '@waybill/core';

/** Where randomness comes from: seeds for IDs, delimiters, jitter. */
export interface Entropy {
  /** `length` unpredictable bytes. */
  bytes(length: number): Uint8Array;
}

export const systemClock: Clock = {
  now: () => new Date(),
  sleep: (milliseconds) => setTimeout(milliseconds),
};

export const systemEntropy: Entropy = {
  bytes: (length) => randomBytes(length),
};
