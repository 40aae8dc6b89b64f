import type { Inventory } from './types.js';

/** Rows for outputs: one for each place, by image, Stage and place. */
export interface InventoryRow {
  readonly image: string;
  /** Null in shared files. */
  readonly stage: string | null;
  readonly file: string;
  readonly line: number;
  readonly key: string;
  readonly tag: string | null;
  readonly digest: string | null;
  readonly warehouses: readonly string[];
}

/** The inventory as flat rows: images by repository, their places Stage by Stage, shared files last. */
export function inventoryRows(inventory: Inventory): readonly InventoryRow[] {
  const order = [...inventory.stages.map(({ name }) => name), undefined];
  return inventory.images.flatMap(({ repository, warehouses, places }) =>
    order.flatMap((stage) =>
      places
        .filter((place) => place.stage === stage)
        .map((place) => ({
          image: repository,
          stage: stage ?? null,
          file: place.path,
          line: place.line,
          key: place.keyPath,
          tag: place.tag ?? null,
          digest: place.digest ?? null,
          warehouses,
        })),
    ),
  );
}
