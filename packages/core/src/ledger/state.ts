import type { Freight } from '../freight/types.js';

/** The branch that remembers. */
export const LEDGER_BRANCH = 'waybill/ledger';
/** What the next plan needs of the past. Its size grows with Stages and Warehouses, not with history. */
export const STATE_FILE = 'state.json';
/** The board: what people read. */
export const BOARD_FILE = 'README.md';

/** Kargo keeps as many Freight per Warehouse beyond those in use. */
export const FREIGHT_KEPT_PER_WAREHOUSE = 20;
/** Requests by ID that a re-run must recognise; a run can be re-run for 30 days. */
export const REQUESTS_KEPT = 200;

/** Who asked. */
export type Requester = { readonly kind: 'automation' } | { readonly kind: 'person'; readonly login: string };

export interface FreightRecord {
  readonly freight: Freight;
  /** By Stage. Set once: that it was verified stays true. `longestSoak` counts completed stays, in milliseconds. */
  readonly verifiedIn: Readonly<Record<string, { readonly at: string; readonly longestSoak: number }>>;
  /** By Stage. */
  readonly approvedFor: Readonly<Record<string, { readonly at: string; readonly by: string }>>;
  /** By Stage: when its pull request was closed unmerged, and it has not landed since. Automation does not try it again. */
  readonly closedIn?: Readonly<Record<string, string>>;
}

/** What a Promotion changes: one file, from one blob to another. */
export interface RecordedEdit {
  readonly path: string;
  readonly mode: string;
  readonly before: string;
  readonly after: string;
}

/** A Promotion that was asked for and has not ended. It stands in the ledger before it has any effect. */
export interface OpenPromotion {
  /** `<stage>.<ulid>.<freight, 7>`. */
  readonly name: string;
  readonly stage: string;
  readonly warehouse: string;
  readonly freight: string;
  readonly requestedBy: Requester;
  readonly requestedAt: string;
  readonly reason?: string;
  /** The commit of the default branch whose files the edits apply to. */
  readonly base: string;
  readonly edits: readonly RecordedEdit[];
  readonly autoMerge: boolean;
  /** The newest available when it was asked for: landing lifts a hold. A person's that is not sets one. */
  readonly newest: boolean;
  /** Once it was seen open. */
  readonly pullRequest?: number;
  /** The branch's commit, once it was found to be the recorded edits: while it is, they need not be compared again. */
  readonly head?: string;
}

/** A Promotion that gave way to another: its pull request is to be closed and its branch deleted, whenever a run gets to it. */
export interface ClosingPromotion extends OpenPromotion {
  /** Why, for those who read the pull request. */
  readonly why: string;
  /** Its end stands in the history already, and only its branch is left to delete. */
  readonly ended?: true;
}

/** What a Stage has of a Warehouse. */
export interface CurrentFreight {
  readonly freight: string;
  /** RFC 3339: when it landed, as the forge dates it; when it was found, for found Freight. */
  readonly since: string;
  /** Absent for found Freight. */
  readonly promotion?: string;
  readonly commit?: string;
  readonly pullRequest?: number;
}

/** Auto-promotion of a Warehouse into a Stage pauses until a person promotes its newest Freight. */
export type Hold =
  | {
      /** A commit that is not ours changed what the Stage runs. */
      readonly kind: 'hand-made';
      readonly since: string;
      readonly commit: string;
      readonly author: string;
    }
  /** A person promoted something other than the newest available: a rollback or a hotfix. */
  | { readonly kind: 'promotion'; readonly since: string; readonly promotion: string; readonly author: string };

/** How the newest ended Promotion of a Warehouse into a Stage ended. */
export interface EndedPromotion {
  readonly name: string;
  readonly freight: string;
  readonly outcome: PromotionOutcome;
  readonly at: string;
}

export type PromotionOutcome = 'landed' | 'closed' | 'superseded' | 'replanned';

/** A Stage's share of one Warehouse. */
export interface StageRecord {
  readonly current?: CurrentFreight;
  readonly open?: OpenPromotion;
  /** Until their pull requests are seen closed and their branches gone; absent rather than empty. */
  readonly closing?: readonly ClosingPromotion[];
  readonly hold?: Hold;
  readonly last?: EndedPromotion;
}

export interface LedgerState {
  readonly version: 1;
  /** The ledger commit this state was planned on: the parent of the commit that holds it; null in the first. */
  readonly base: string | null;
  /** Live Freight by ID: in use, or among the newest of its Warehouse. The rest is in its own files. */
  readonly freight: Readonly<Record<string, FreightRecord>>;
  /** By Stage, then Warehouse. */
  readonly stages: Readonly<Record<string, Readonly<Record<string, StageRecord>>>>;
  /** Request ID → Promotion name: a request is taken once. */
  readonly requests: Readonly<Record<string, string>>;
}

export const EMPTY_LEDGER: LedgerState = { version: 1, base: null, freight: {}, stages: {}, requests: {} };

export function stageRecord(state: LedgerState, stage: string, warehouse: string): StageRecord {
  return state.stages[stage]?.[warehouse] ?? {};
}

/** The state with one Stage's share of one Warehouse replaced. */
export function withStageRecord(
  state: LedgerState,
  stage: string,
  warehouse: string,
  record: StageRecord,
): LedgerState {
  return {
    ...state,
    stages: { ...state.stages, [stage]: { ...state.stages[stage], [warehouse]: record } },
  };
}

/** Every Promotion whose branch or pull request may be there: those under way, after those that are giving way. */
export function openPromotions(state: LedgerState): readonly OpenPromotion[] {
  return Object.values(state.stages).flatMap((warehouses) =>
    Object.values(warehouses).flatMap((record) => [
      ...(record.closing ?? []),
      ...(record.open === undefined ? [] : [record.open]),
    ]),
  );
}

/** The record without one of its closing Promotions. */
export function withoutClosing(record: StageRecord, promotion: string): StageRecord {
  const { closing = [], ...rest } = record;
  const left = closing.filter(({ name }) => name !== promotion);
  return left.length === 0 ? rest : { ...rest, closing: left };
}
