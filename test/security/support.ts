import { createForge } from '@waybill/forge';
import type { Bed } from '@waybill/testbed';
import { type LedgerView, ledger } from '../e2e/support.js';

export const LEDGER = 'waybill/ledger';

/** GitHub as whoever holds this token: what it writes there by API is signed by GitHub. */
export function forgeOf(bed: Bed, token: string) {
  const clock = { now: () => new Date(), sleep: async () => undefined };
  return createForge({ repository: bed.repository, token, apiUrl: bed.github.apiUrl, fetch, clock });
}

/** The App's own token: whoever has it is the App. */
export function appToken(bed: Bed): string {
  return bed.app?.installationToken(bed.repository) ?? '';
}

export async function headOf(bed: Bed, branch: string): Promise<string> {
  return (await bed.github.branches(bed.repository))[branch] ?? '';
}

/** The ledger's state, planned on its head as a genuine one is, with all Freight approved for these Stages. */
export async function forgedApproval(bed: Bed, stages: readonly string[]): Promise<string> {
  const state = await ledger(bed);
  const approvedFor = Object.fromEntries(stages.map((stage) => [stage, { at: '2026-11-20T00:00:00Z', by: 'alice' }]));
  const freight: LedgerView['freight'] = Object.fromEntries(
    Object.entries(state.freight).map(([id, record]) => [id, { ...record, approvedFor }]),
  );
  return JSON.stringify({ ...state, base: await headOf(bed, LEDGER), freight });
}

/** Puts a state on the ledger as a commit that GitHub signs for the token's holder. Gives the commit. */
export async function signState(bed: Bed, token: string, state: string): Promise<string> {
  const { oid } = await forgeOf(bed, token).commit({
    branch: LEDGER,
    expectedHead: await headOf(bed, LEDGER),
    message: 'approve',
    files: [{ path: 'state.json', mode: '100644', content: new TextEncoder().encode(state) }],
  });
  return oid;
}

/** A person who is called as the App is, but for `[bot]`. */
export function namesake(bed: Bed): string {
  bed.github.createUser('waybill');
  bed.github.setCollaborator(bed.repository, 'waybill', 'write');
  return bed.github.userToken('waybill');
}
