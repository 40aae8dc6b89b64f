import { bump, runBump } from './bump/src/index.js';
import { discover, runDiscover } from './discover/src/index.js';
import { inventory, runInventory } from './inventory/src/index.js';
import { promote, runPromote } from './promote/src/index.js';
import { reconcile, runReconcile } from './reconcile/src/index.js';
import { resolveDigest, runResolveDigest } from './resolve-digest/src/index.js';

/** What every action takes and gives; held against action.yml and README by test/contract/actions. */
export const definitions = [bump, discover, inventory, promote, reconcile, resolveDigest] as const;

/** Every action's entry by the name of its folder: what the stubs in dist/ call. */
export const entries: Readonly<Record<(typeof definitions)[number]['name'], () => Promise<void>>> = {
  bump: runBump,
  discover: runDiscover,
  inventory: runInventory,
  promote: runPromote,
  reconcile: runReconcile,
  'resolve-digest': runResolveDigest,
};
