import { FREIGHT_KEPT_PER_WAREHOUSE, type LedgerState, REQUESTS_KEPT, type StageRecord } from '../ledger/state.js';
import { freightOf } from '../stage/availability.js';

/** The state without what no plan needs, for a configuration with these Stages: its size grows with Stages and Warehouses, not with history. */
export function prune(whole: LedgerState, stages: readonly string[]): LedgerState {
  const state = withoutGoneStages(whole, stages);
  const kept = new Set(idsInUse(state));
  const warehouses = new Set(Object.values(state.freight).map((record) => record.freight.origin.name));
  for (const warehouse of warehouses) {
    for (const record of freightOf(state, warehouse).slice(0, FREIGHT_KEPT_PER_WAREHOUSE)) kept.add(record.freight.id);
  }
  const requests = Object.entries(state.requests);
  const ids = Object.keys(state.freight);
  if (ids.length === kept.size && requests.length <= REQUESTS_KEPT) return state;
  return {
    ...state,
    freight: Object.fromEntries(Object.entries(state.freight).filter(([id]) => kept.has(id))),
    requests: Object.fromEntries(requests.slice(-REQUESTS_KEPT)),
  };
}

/** Stages that the configuration no longer has, once nothing of them is under way. */
function withoutGoneStages(state: LedgerState, stages: readonly string[]): LedgerState {
  const names = new Set(stages);
  const isGone = ([stage, warehouses]: [string, Readonly<Record<string, StageRecord>>]) =>
    !names.has(stage) &&
    Object.values(warehouses).every(({ open, closing }) => open === undefined && closing === undefined);
  const gone = Object.entries(state.stages).filter(isGone);
  if (gone.length === 0) return state;
  return { ...state, stages: Object.fromEntries(Object.entries(state.stages).filter((entry) => !isGone(entry))) };
}

function idsInUse(state: LedgerState): readonly string[] {
  return Object.values(state.stages).flatMap((warehouses) =>
    Object.values(warehouses).flatMap(({ current, open, closing = [], last }) =>
      [current?.freight, open?.freight, last?.freight, ...closing.map(({ freight }) => freight)].flatMap((id) =>
        id === undefined || state.freight[id] === undefined ? [] : [id],
      ),
    ),
  );
}
