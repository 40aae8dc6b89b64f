import type { ImageSelectionStrategy, ImageSubscription } from '../config/types.js';
import { WaybillError } from '../errors.js';
import type { Discovery, TagResolution } from './discovery.js';
import { selectByDigest } from './select-digest.js';
import { selectBySemVer } from './select-semver.js';

/**
 * How the images of a subscription are found and ordered. A strategy does no I/O. Whoever calls lists the tags if
 * `needsTags`, ranks them once, resolves what `next` gives until it gives nothing, then asks `discover`.
 */
export interface ImageSelection {
  readonly strategy: ImageSelectionStrategy;
  /** Whether `rank` wants the repository's tags; it gets an empty list otherwise. */
  readonly needsTags: boolean;
  /**
   * The tags worth resolving, best first.
   * @throws WaybillError input-invalid, not-supported when constraint or patterns cannot be read (the configuration's
   * loader has refused them already)
   */
  rank(subscription: ImageSubscription, tags: readonly string[]): readonly string[];
  /** The ranked tags to resolve next, given the answers so far in ranked order. `wanted` defaults to discoveryLimit. */
  next(
    subscription: ImageSubscription,
    ranked: readonly string[],
    looked: readonly TagResolution[],
    wanted?: number,
  ): readonly string[];
  /** What the answers, in ranked order, add up to. */
  discover(subscription: ImageSubscription, looked: readonly TagResolution[], wanted?: number): Discovery;
}

const SELECTIONS: ReadonlyMap<string, ImageSelection> = new Map(
  [selectByDigest, selectBySemVer].map((selection) => [selection.strategy, selection]),
);

/** Strategies of Kargo's that are known by name and not built yet. */
const PLANNED: readonly string[] = ['Lexical', 'NewestBuild'];

/**
 * The selection by Kargo's name of its strategy.
 * @throws WaybillError not-supported for Lexical and NewestBuild, input-invalid for what Kargo does not know
 */
export function imageSelection(strategy: string): ImageSelection {
  const selection = SELECTIONS.get(strategy);
  if (selection !== undefined) return selection;
  const planned = PLANNED.includes(strategy);
  throw new WaybillError(planned ? 'not-supported' : 'input-invalid', {
    what: planned
      ? `imageSelectionStrategy ${strategy} is not yet supported`
      : `${JSON.stringify(strategy)} is no imageSelectionStrategy`,
    remedy: 'Write Digest, with a channel tag such as main as constraint, or SemVer',
  });
}
