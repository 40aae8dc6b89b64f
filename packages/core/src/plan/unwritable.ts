import type { ImageSubscription, Stage, Warehouse } from '../config/types.js';
import { WaybillError } from '../errors.js';
import { placesByRepository } from '../stage/runs.js';
import type { World } from './world.js';

/**
 * An artifact that no Stage at all can write is a mistake of the configuration: it would make new Freight that changes
 * nothing. Marked `trackOnly` it is meant so.
 */
export function unwritableArtifacts(world: World): readonly WaybillError[] {
  return [...world.config.warehouses.values()].flatMap((warehouse) => {
    const stages = world.config.stages.filter((stage) =>
      stage.requestedFreight.some((request) => request.warehouse === warehouse.name),
    );
    if (stages.length === 0) return [];
    return warehouse.subscriptions
      .filter((subscription) => !subscription.trackOnly && !stages.some((stage) => writes(world, stage, subscription)))
      .map((subscription) => unwritable(warehouse, subscription, stages));
  });
}

function writes(world: World, stage: Stage, subscription: ImageSubscription): boolean {
  const tree = world.trees.get(stage.name);
  if (tree !== undefined && placesByRepository(tree).has(subscription.repository)) return true;
  // A file that could not be read may refer to it.
  const isUnclear = tree?.files.some(({ scan }) => scan.unread.length > 0) ?? false;
  return (
    isUnclear || stage.updates.some((update) => update.kind === 'key' && update.repository === subscription.repository)
  );
}

function unwritable(warehouse: Warehouse, subscription: ImageSubscription, stages: readonly Stage[]): WaybillError {
  const { file, line, column } = subscription.at;
  return new WaybillError('config-invalid', {
    what: `Warehouse ${warehouse.name} watches ${subscription.repoURL}, and no Stage (${stages.map(({ name }) => name).join(', ')}) refers to it`,
    where: { file, line, column, image: subscription.repoURL },
    remedy:
      'Refer to the image in a file of a Stage, remove it from the Warehouse, or mark its subscription `trackOnly: true`.',
  });
}
