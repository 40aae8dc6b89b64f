import { stageRecord } from '../ledger/state.js';
import { compareWithFreight } from '../stage/runs.js';
import type { Draft } from './draft.js';

/**
 * What has landed is verified in its Stage, as long as no verification is configured, once the Stage's files hold all
 * of it: a pull request that merges beside a change by hand puts something else there. What was verified stays so.
 */
export function verifyLanded(draft: Draft): void {
  for (const stage of draft.world.config.stages) {
    for (const { warehouse } of stage.requestedFreight) verify(draft, stage.name, warehouse);
  }
}

function verify(draft: Draft, stage: string, warehouse: string): void {
  const { current } = stageRecord(draft.state(), stage, warehouse);
  const record = current?.promotion === undefined ? undefined : draft.state().freight[current.freight];
  const tree = draft.world.trees.get(stage);
  if (current === undefined || record === undefined || tree === undefined) return;
  if (record.verifiedIn[stage] !== undefined) return;
  if (!compareWithFreight(tree, record.freight, draft.world.config.warehouses.get(warehouse)).holds) return;
  const verifiedIn = { ...record.verifiedIn, [stage]: { at: current.since, longestSoak: 0 } };
  draft.update({
    ...draft.state(),
    freight: { ...draft.state().freight, [record.freight.id]: { ...record, verifiedIn } },
  });
}
