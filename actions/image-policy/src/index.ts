import { runAction } from '@waybill/runtime';
import { imagePolicy } from './definition.js';
import { perform } from './perform.js';

export { imagePolicy };

/** Reads Git's objects alone: no registry, no ledger, no file of the working tree. */
export function runImagePolicy(): Promise<void> {
  return runAction(imagePolicy, perform);
}
