import { runAction } from '@waybill/runtime';
import { bump } from './bump/src/definition.js';
import { discover } from './discover/src/definition.js';
import { imagePolicy } from './image-policy/src/definition.js';
import { inventory } from './inventory/src/definition.js';
import { promote } from './promote/src/definition.js';
import { reconcile } from './reconcile/src/definition.js';
import { resolveDigest } from './resolve-digest/src/definition.js';

/** What every action takes and gives; held against action.yml and README by test/contract/actions. */
export const definitions = [bump, discover, imagePolicy, inventory, promote, reconcile, resolveDigest] as const;

/**
 * Every action's entry by the name of its folder: what the stubs in dist/ call. Inputs are read first, and only then
 * is loaded what the action works with: a wrong input is told at once, and no action pays for another.
 */
export const entries: Readonly<Record<(typeof definitions)[number]['name'], () => Promise<void>>> = {
  bump: () => runAction(bump, async (run) => (await import('./bump/src/index.js')).perform(run)),
  discover: () => runAction(discover, async (run) => (await import('./discover/src/index.js')).perform(run)),
  'image-policy': () =>
    runAction(imagePolicy, async (run) => (await import('./image-policy/src/index.js')).perform(run)),
  inventory: () => runAction(inventory, async (run) => (await import('./inventory/src/index.js')).perform(run)),
  promote: () => runAction(promote, async (run) => (await import('./promote/src/index.js')).perform(run)),
  reconcile: () => runAction(reconcile, async (run) => (await import('./reconcile/src/index.js')).perform(run)),
  'resolve-digest': () =>
    runAction(resolveDigest, async (run) => (await import('./resolve-digest/src/index.js')).perform(run)),
};
