import {
  assembleFreight,
  type Config,
  type Discovery,
  type ImageSubscription,
  imageSelection,
  type LedgerState,
  parseReference,
  type Registry,
  type TagResolution,
  type Warehouse,
  type WarehouseDiscovery,
  WaybillError,
} from '@waybill/core';
import type { Ports } from './ports.js';

/** What every Warehouse's subscriptions give now; all or none of a Warehouse. Labels are read only of what is new. */
export async function discoverAll(
  ports: Ports,
  config: Config,
  state: LedgerState,
): Promise<ReadonlyMap<string, WarehouseDiscovery>> {
  const found = await Promise.all(
    [...config.warehouses.values()].map(
      async (warehouse) => [warehouse.name, await discoverWarehouse(ports, warehouse, state)] as const,
    ),
  );
  return new Map(found);
}

async function discoverWarehouse(ports: Ports, warehouse: Warehouse, state: LedgerState): Promise<WarehouseDiscovery> {
  const first = await look(ports.registry, warehouse, false);
  if (first.kind === 'incomplete') return first;
  const known = state.freight[first.id];
  if (known !== undefined && known.freight.found === undefined) return first;
  // A tag that moves between the two looks does no harm: the second answer is whole in itself.
  return look(ports.registry, warehouse, true);
}

async function look(registry: Registry, warehouse: Warehouse, labels: boolean): Promise<WarehouseDiscovery> {
  const discoveries = await Promise.all(
    warehouse.subscriptions.map((subscription) => discoverSubscription(registry, subscription, labels)),
  );
  const assembly = assembleFreight(warehouse, discoveries);
  if (assembly.kind === 'assembled') return { kind: 'freight', id: assembly.id, content: assembly.content };
  const failures = discoveries.flatMap(({ failure }) => (failure === undefined ? [] : [failure]));
  return { kind: 'incomplete', missing: assembly.missing, failures };
}

async function discoverSubscription(
  registry: Registry,
  subscription: ImageSubscription,
  labels: boolean,
): Promise<Discovery> {
  const selection = imageSelection(subscription.imageSelectionStrategy);
  // A single image tells its platform only in its config.
  const readsConfig = labels || subscription.platform !== undefined;
  let ranked: ReturnType<typeof selection.rank>;
  try {
    ranked = selection.rank(subscription, selection.needsTags ? await registry.tags(subscription.repository) : []);
  } catch (error) {
    if (!(error instanceof WaybillError)) throw error;
    return { subscription, images: [], skipped: [], failure: error };
  }
  const looked: TagResolution[] = [];
  for (;;) {
    const next = selection.next(subscription, ranked, looked, 1);
    if (next.length === 0) return selection.discover(subscription, looked, 1);
    const references = next.map((tag) => parseReference(`${subscription.repository}:${tag}`));
    const resolutions = await registry.resolve(references, { labels: readsConfig });
    for (const [index, tag] of next.entries()) {
      const resolution = resolutions[index];
      if (resolution !== undefined) looked.push({ tag, resolution });
    }
  }
}
