import { createForge } from '@waybill/forge';
import { runAction } from '@waybill/runtime';
import { inventory } from './definition.js';
import { perform } from './perform.js';

export { inventory };

/** Reads the repository alone: no registry, no ledger. */
export function runInventory(): Promise<void> {
  return runAction(inventory, (run) => {
    const { context, clock, fetch } = run;
    const { repository, token } = run.inputs;
    return perform(run, createForge({ repository, token, apiUrl: context.apiUrl, fetch, clock }));
  });
}
