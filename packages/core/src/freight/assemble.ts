import type { Warehouse } from '../config/types.js';
import { freightAlias } from './alias.js';
import type { Discovery } from './discovery.js';
import { freightId } from './id.js';
import type { Freight, FreightContent, FreightFound, FreightImage } from './types.js';

/** A subscription that gave no artifact. */
export interface MissingArtifact {
  readonly repoURL: string;
  readonly subscriptionName?: string;
  /** One clause: what was looked for, or why it could not be. */
  readonly reason: string;
}

export type Assembly =
  | { readonly kind: 'assembled'; readonly id: string; readonly content: FreightContent }
  | { readonly kind: 'incomplete'; readonly missing: readonly [MissingArtifact, ...MissingArtifact[]] };

/**
 * Freight from the best of each subscription of a Warehouse, or none of it at all: one subscription without a result,
 * and there is no Freight. (kargo, pkg/controller/warehouses/warehouses.go.)
 * @param discoveries One for each of the Warehouse's subscriptions; one that is not there counts as missing
 */
export function assembleFreight(warehouse: Warehouse, discoveries: readonly Discovery[]): Assembly {
  const images: FreightImage[] = [];
  const missing: MissingArtifact[] = [];
  for (const subscription of warehouse.subscriptions) {
    const discovery = discoveries.find((each) => each.subscription === subscription);
    const image = discovery?.failure === undefined ? discovery?.images[0] : undefined;
    if (image !== undefined) {
      images.push(image);
      continue;
    }
    missing.push({
      repoURL: subscription.repoURL,
      ...(subscription.name === undefined ? {} : { subscriptionName: subscription.name }),
      reason: reasonOf(discovery),
    });
  }
  const [first, ...rest] = missing;
  if (first !== undefined) return { kind: 'incomplete', missing: [first, ...rest] };
  const content: FreightContent = { origin: { kind: 'Warehouse', name: warehouse.name }, images };
  return { kind: 'assembled', id: freightId(content), content };
}

/** Freight under its ID and an alias that is none of `taken`. */
export function createFreight(
  content: FreightContent,
  facts: {
    readonly discoveredAt: Date;
    readonly taken: { has(alias: string): boolean };
    readonly found?: FreightFound;
  },
): Freight {
  const id = freightId(content);
  return {
    id,
    alias: freightAlias(id, facts.taken),
    discoveredAt: facts.discoveredAt.toISOString(),
    ...content,
    ...(facts.found === undefined ? {} : { found: facts.found }),
  };
}

function reasonOf(discovery: Discovery | undefined): string {
  if (discovery === undefined) return 'it was not looked for';
  if (discovery.failure !== undefined) return discovery.failure.what;
  const { imageSelectionStrategy: strategy, constraint } = discovery.subscription;
  const searched =
    strategy === 'Digest' ? `tag ${constraint}` : `a version${constraint === undefined ? '' : ` in ${constraint}`}`;
  const last = discovery.skipped.map(({ tag, reason }) => `${tag}: ${reason}`).slice(0, 3);
  return `there is no image for ${searched}${last.length === 0 ? '' : ` (${last.join('; ')})`}`;
}
