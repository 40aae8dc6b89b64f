import type { Stage, Warehouse } from '../config/types.js';
import { freightAlias, freightId } from '../freight/index.js';
import type { Freight, FreightContent } from '../freight/types.js';
import type { FreightRecord, LedgerState } from '../ledger/state.js';
import { describePlaceOf, type RunningImage, running } from '../stage/runs.js';
import type { Draft } from './draft.js';

/**
 * What a Stage already runs of a Warehouse becomes Freight marked `found`: a rollback target for that Stage, never
 * auto-promoted, no source for another. References that aren't pinned are reported, not adopted. Once per Stage and
 * Warehouse: while the ledger knows nothing of the two.
 */
export function adopt(draft: Draft): void {
  for (const stage of draft.world.config.stages) {
    for (const request of stage.requestedFreight) {
      const warehouse = draft.world.config.warehouses.get(request.warehouse);
      const isKnown = draft.state().stages[stage.name]?.[request.warehouse] !== undefined;
      if (warehouse !== undefined && !isKnown) adoptStage(draft, stage, warehouse);
    }
  }
}

function adoptStage(draft: Draft, stage: Stage, warehouse: Warehouse): void {
  const tree = draft.world.trees.get(stage.name);
  if (tree === undefined) return;
  const runs = running(tree, warehouse);
  const about = { stage: stage.name, warehouse: warehouse.name };
  if (runs.kind === 'unclear') {
    draft.note({
      kind: 'not-adopted',
      ...about,
      text: `${runs.why}: ${runs.places.map(describePlaceOf).join(', ')}`,
    });
    draft.updateStage(stage.name, warehouse.name, {});
    return;
  }
  if (runs.kind === 'empty') {
    draft.updateStage(stage.name, warehouse.name, {});
    return;
  }
  const record = foundFreight(draft, stage, warehouse, runs.images);
  draft.update(
    { ...draft.state(), freight: { ...draft.state().freight, [record.freight.id]: record } },
    { kind: 'freight-found', freight: record.freight, stages: [stage.name] },
  );
  draft.updateStage(stage.name, warehouse.name, {
    current: { freight: record.freight.id, since: draft.world.now.toISOString() },
  });
  draft.note({
    kind: 'found',
    ...about,
    freight: record.freight,
    text: `runs ${record.freight.images.length} pinned images: kept as ${record.freight.alias}, a rollback target here`,
  });
}

/** The same images found in two Stages are one Freight, approved for both. */
function foundFreight(
  draft: Draft,
  stage: Stage,
  warehouse: Warehouse,
  images: readonly RunningImage[],
): FreightRecord {
  const at = draft.world.now.toISOString();
  const content: FreightContent = { origin: { kind: 'Warehouse', name: warehouse.name }, images };
  const id = freightId(content);
  const approval = { [stage.name]: { at, by: 'first run' } };
  const known = draft.state().freight[id];
  if (known !== undefined) {
    const { found } = known.freight;
    const freight: Freight =
      found === undefined ? known.freight : { ...known.freight, found: { stages: [...found.stages, stage.name] } };
    return { ...known, freight, approvedFor: { ...known.approvedFor, ...approval } };
  }
  return {
    freight: {
      ...content,
      id,
      alias: freightAlias(id, takenAliases(draft.state())),
      discoveredAt: at,
      found: { stages: [stage.name] },
    },
    verifiedIn: {},
    approvedFor: approval,
  };
}

export function takenAliases(state: LedgerState): ReadonlySet<string> {
  return new Set(Object.values(state.freight).map((record) => record.freight.alias));
}
