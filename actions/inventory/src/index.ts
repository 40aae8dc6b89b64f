import { createForge } from '@waybill/forge';
import type { Outcome } from '@waybill/runtime';
import { type InventoryRun, takeStock } from './perform.js';

/** Reads the repository alone: no registry, no ledger. */
export async function perform(run: InventoryRun): Promise<Outcome> {
  const { context, clock, fetch } = run;
  const { repository, token } = run.inputs;
  return takeStock(run, createForge({ repository, token, apiUrl: context.apiUrl, fetch, clock }));
}
