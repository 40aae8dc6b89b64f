import type { WaybillError } from '../errors.js';
import type { HistoryEntry } from '../ledger/history.js';
import { type LedgerState, type StageRecord, stageRecord, withStageRecord } from '../ledger/state.js';
import { derivedBytes } from './entropy.js';
import type { Effect, Note, Plan, World } from './world.js';

/** A plan in the making: each room of the planner reads the state so far and adds to it. */
export interface Draft {
  readonly world: World;
  state(): LedgerState;
  record(stage: string, warehouse: string): StageRecord;
  update(state: LedgerState, ...entries: readonly HistoryEntry[]): void;
  updateStage(stage: string, warehouse: string, record: StageRecord, ...entries: readonly HistoryEntry[]): void;
  effect(...effects: readonly Effect[]): void;
  note(note: Note): void;
  refuse(error: WaybillError): void;
  /** Fresh bytes, the same for the same seed and order of asking. */
  bytes(count: number): Uint8Array;
  finish(): Plan;
}

export function draftOf(world: World): Draft {
  let state = world.ledger.state;
  let drawn = 0;
  const entries: HistoryEntry[] = [];
  const effects: Effect[] = [];
  const notes: Note[] = [];
  const refusals: WaybillError[] = [];
  const draft: Draft = {
    world,
    state: () => state,
    record: (stage, warehouse) => stageRecord(state, stage, warehouse),
    update(next, ...added) {
      state = next;
      entries.push(...added);
    },
    updateStage(stage, warehouse, record, ...added) {
      draft.update(withStageRecord(state, stage, warehouse, record), ...added);
    },
    effect: (...added) => void effects.push(...added),
    note: (note) => void notes.push(note),
    refuse: (error) => void refusals.push(error),
    bytes: (count) => derivedBytes(world.seed, drawn++, count),
    finish: () => ({
      ledger: state === world.ledger.state ? undefined : { state, entries },
      effects,
      notes,
      refusals,
    }),
  };
  return draft;
}
