import type { Warehouse } from '../config/types.js';
import type { Freight } from '../freight/types.js';
import { parseReference } from '../image/reference.js';
import type { ReferenceSite } from '../yaml/index.js';
import type { StageFile, StageTree } from './tree.js';

/** A place in a Stage's files that carries an image. */
export interface Place {
  readonly file: StageFile;
  readonly site: ReferenceSite;
}

/** Where a Stage refers to each repository, by its normalised name. */
export function placesByRepository(tree: StageTree): ReadonlyMap<string, readonly Place[]> {
  const places = new Map<string, Place[]>();
  for (const file of tree.files) {
    for (const site of file.scan.references) {
      if (site.repository === undefined) continue;
      const list = places.get(site.repository);
      if (list === undefined) places.set(site.repository, [{ file, site }]);
      else list.push({ file, site });
    }
  }
  return places;
}

/** How a Stage's files compare with a Freight. */
export interface Comparison {
  /** Every reference to an image of the Freight has the Freight's digest, and there is at least one. */
  readonly holds: boolean;
  readonly differing: readonly Place[];
  /** `repoURL` of the Freight's images that the Stage does not refer to. */
  readonly unreferenced: readonly string[];
}

/** @param warehouse where it comes from: what it only tracks is not compared, for no Stage writes it */
export function compareWithFreight(tree: StageTree, freight: Freight, warehouse?: Warehouse): Comparison {
  const places = placesByRepository(tree);
  const differing: Place[] = [];
  const unreferenced: string[] = [];
  let matching = 0;
  const tracked = (warehouse?.subscriptions ?? []).filter(({ trackOnly }) => trackOnly).map(({ repoURL }) => repoURL);
  for (const image of freight.images) {
    if (tracked.includes(image.repoURL)) continue;
    const found = places.get(parseReference(image.repoURL).repository) ?? [];
    if (found.length === 0) unreferenced.push(image.repoURL);
    for (const place of found) {
      if (place.site.digest === image.digest) matching += 1;
      else differing.push(place);
    }
  }
  return { holds: differing.length === 0 && matching > 0, differing, unreferenced };
}

export type Running =
  | { readonly kind: 'pinned'; readonly images: readonly RunningImage[]; readonly unreferenced: readonly string[] }
  /** Nothing of the Warehouse is referred to. */
  | { readonly kind: 'empty' }
  | { readonly kind: 'unclear'; readonly places: readonly Place[]; readonly why: string };

export interface RunningImage {
  readonly repoURL: string;
  readonly subscriptionName?: string;
  readonly tag: string;
  readonly digest: string;
}

/** What a Stage runs of a Warehouse, if every reference is pinned and no repository stands at two digests. */
export function running(tree: StageTree, warehouse: Warehouse): Running {
  const places = placesByRepository(tree);
  const images: RunningImage[] = [];
  const unreferenced: string[] = [];
  const unpinned: Place[] = [];
  const mixed: Place[] = [];
  for (const subscription of warehouse.subscriptions.filter(({ trackOnly }) => !trackOnly)) {
    const found = places.get(subscription.repository) ?? [];
    const [first] = found;
    if (first === undefined) {
      unreferenced.push(subscription.repoURL);
      continue;
    }
    unpinned.push(...found.filter((place) => place.site.digest === undefined));
    const digest = first.site.digest;
    if (found.some((place) => place.site.digest !== digest)) mixed.push(...found);
    if (digest === undefined) continue;
    const tags = new Set(found.map((place) => place.site.tag ?? ''));
    images.push({
      repoURL: subscription.repoURL,
      ...(subscription.name === undefined ? {} : { subscriptionName: subscription.name }),
      tag: tags.size === 1 ? ([...tags][0] ?? '') : '',
      digest,
    });
  }
  if (unpinned.length > 0) return { kind: 'unclear', places: unpinned, why: 'not pinned to a digest' };
  if (mixed.length > 0) return { kind: 'unclear', places: mixed, why: 'two digests for one image' };
  return images.length === 0 ? { kind: 'empty' } : { kind: 'pinned', images, unreferenced };
}

/** `sources/values/env/dev/api.yaml:3` */
export function describePlaceOf(place: Place): string {
  return `${place.file.path}:${place.site.line}`;
}
