import type { HistoryEntry } from '../ledger/history.js';
import {
  type Hold,
  type LedgerState,
  type OpenPromotion,
  openPromotions,
  type PromotionOutcome,
  type StageRecord,
  stageRecord,
  withoutClosing,
} from '../ledger/state.js';
import type { PullRequest } from '../ports/forge.js';
import { readableInstant } from '../report/instant.js';
import type { Draft } from './draft.js';
import type { PromotionView } from './world.js';

/** Takes note of what became of the Promotions that were open: landed, closed, or seen open for the first time. */
export function settle(draft: Draft): void {
  for (const promotion of openPromotions(draft.state())) {
    const view = draft.world.branches.get(promotion.name);
    // What became of someone else's branch says nothing of the Promotion.
    if (view === undefined || view.branch.kind === 'foreign') continue;
    const { pullRequest } = view;
    const isClosing = draft.record(promotion.stage, promotion.warehouse).open?.name !== promotion.name;
    if (isClosing) settleClosing(draft, promotion, view);
    if (pullRequest === undefined || isClosing) continue;
    if (pullRequest.state === 'merged') land(draft, promotion, pullRequest);
    else if (pullRequest.state === 'closed') close(draft, promotion, pullRequest);
    else if (promotion.pullRequest !== pullRequest.number) {
      const record = draft.record(promotion.stage, promotion.warehouse);
      draft.updateStage(promotion.stage, promotion.warehouse, {
        ...record,
        open: {
          ...promotion,
          pullRequest: pullRequest.number,
          ...(view.branch.kind === 'ours' ? { head: view.branch.oid } : {}),
        },
      });
    }
    if (pullRequest.state !== 'open' && view.branch.kind === 'ours') leaveBranch(draft, promotion);
  }
}

/** What ended is remembered until its branch is seen gone: a run that dies before it deletes the branch leaves it to the next. */
function leaveBranch(draft: Draft, promotion: OpenPromotion): void {
  const { stage, warehouse } = promotion;
  const record = draft.record(stage, warehouse);
  const left = { ...promotion, why: 'it has ended', ended: true } as const;
  draft.updateStage(stage, warehouse, { ...record, closing: [...(record.closing ?? []), left] });
}

/** Forgets what ended once its branch is gone, or someone else's; with a ledger commit that is made anyway. */
export function forgetEnded(draft: Draft): void {
  for (const promotion of openPromotions(draft.state())) {
    const { stage, warehouse, name } = promotion;
    const record = draft.record(stage, warehouse);
    const branch = draft.world.branches.get(name)?.branch.kind;
    if (!hasEnded(record, name) || (branch !== 'absent' && branch !== 'foreign')) continue;
    draft.updateStage(stage, warehouse, withoutClosing(record, name));
  }
}

function hasEnded(record: StageRecord, name: string): boolean {
  return record.closing?.some((one) => one.name === name && one.ended === true) ?? false;
}

/** What landed in this very plan is judged in the next: the files of this World may have been read before it landed. */
export function hasJustLanded(draft: Draft, stage: string, warehouse: string): boolean {
  const { current } = draft.record(stage, warehouse);
  const before = stageRecord(draft.world.ledger.state, stage, warehouse).current;
  return current?.promotion !== undefined && current.promotion !== before?.promotion;
}

/** One that gave way is forgotten once nothing of it is left. It may have been merged before a run got to closing it. */
function settleClosing(draft: Draft, promotion: OpenPromotion, { branch, pullRequest }: PromotionView): void {
  const { stage, warehouse, name } = promotion;
  if (hasEnded(draft.record(stage, warehouse), name)) return;
  const isMerged = pullRequest?.state === 'merged';
  if (!isMerged && (pullRequest?.state === 'open' || branch.kind !== 'absent')) return;
  if (isMerged) land(draft, promotion, pullRequest);
  draft.updateStage(stage, warehouse, withoutClosing(draft.record(stage, warehouse), name));
  if (branch.kind !== 'absent') leaveBranch(draft, promotion);
}

function land(draft: Draft, promotion: OpenPromotion, pullRequest: PullRequest): void {
  const { stage, warehouse } = promotion;
  const record = draft.record(stage, warehouse);
  const since = pullRequest.mergedAt ?? draft.world.now.toISOString();
  const hold = holdAfterLanding(promotion, record, since);
  const { hold: _, open, ...rest } = record;
  const landed: StageRecord = {
    ...rest,
    ...(open === undefined || open.name === promotion.name ? {} : { open }),
    current: {
      freight: promotion.freight,
      since,
      promotion: promotion.name,
      pullRequest: pullRequest.number,
      ...(pullRequest.mergeCommit === undefined ? {} : { commit: pullRequest.mergeCommit }),
    },
    last: { name: promotion.name, freight: promotion.freight, outcome: 'landed', at: since },
    ...(hold === undefined ? {} : { hold }),
  };
  draft.update(
    withoutClosed(withLongestSoak(draft.state(), stage, record, since), promotion.freight, stage),
    endedEntry(promotion, 'landed', pullRequest),
  );
  draft.updateStage(stage, warehouse, landed, ...holdEntries(promotion, record.hold, hold));
  draft.note({
    kind: 'landed',
    stage,
    warehouse,
    promotion: promotion.name,
    pullRequest: pullRequest.number,
    ...freightOf(draft, promotion.freight),
    text: `landed at ${readableInstant(since)}${pullRequest.mergedBy === undefined ? '' : `, merged by ${pullRequest.mergedBy}`}`,
  });
}

function close(draft: Draft, promotion: OpenPromotion, pullRequest: PullRequest): void {
  const { stage, warehouse } = promotion;
  const { open: _, ...record } = draft.record(stage, warehouse);
  const at = pullRequest.closedAt ?? draft.world.now.toISOString();
  draft.update(withClosed(draft.state(), promotion.freight, stage, at));
  draft.updateStage(
    stage,
    warehouse,
    { ...record, last: { name: promotion.name, freight: promotion.freight, outcome: 'closed', at } },
    endedEntry(promotion, 'closed', pullRequest),
  );
  draft.note({
    kind: 'closed',
    stage,
    warehouse,
    promotion: promotion.name,
    pullRequest: pullRequest.number,
    ...freightOf(draft, promotion.freight),
    text: `closed unmerged at ${readableInstant(at)}; automation does not try this Freight again, a person may`,
  });
}

export function endedEntry(
  promotion: OpenPromotion,
  outcome: PromotionOutcome,
  pullRequest: PullRequest | undefined,
  why?: string,
): HistoryEntry {
  return {
    kind: 'promotion-ended',
    promotion: promotion.name,
    stage: promotion.stage,
    freight: promotion.freight,
    outcome,
    ...(pullRequest === undefined ? {} : { pullRequest: pullRequest.number }),
    ...(pullRequest?.mergeCommit === undefined ? {} : { commit: pullRequest.mergeCommit }),
    ...(pullRequest?.mergedBy === undefined ? {} : { by: pullRequest.mergedBy }),
    ...(why === undefined ? {} : { why }),
  };
}

/**
 * A person who promotes something other than the newest available means it: auto-promotion pauses, or it would undo
 * a rollback at once. Promoting the newest lifts whatever hold there is. Automation never changes a hold. What was the
 * newest when it was asked for counts, not what came while the pull request waited.
 * Kargo 1.11, pkg/api/auto_promotion.go.
 */
function holdAfterLanding(promotion: OpenPromotion, record: StageRecord, since: string): Hold | undefined {
  if (promotion.requestedBy.kind === 'automation') return record.hold;
  if (promotion.newest) return undefined;
  return { kind: 'promotion', since, promotion: promotion.name, author: promotion.requestedBy.login };
}

function holdEntries(
  promotion: OpenPromotion,
  before: Hold | undefined,
  after: Hold | undefined,
): readonly HistoryEntry[] {
  const { stage, warehouse } = promotion;
  if (after !== undefined && after !== before) return [{ kind: 'held', stage, warehouse, hold: after }];
  if (before !== undefined && after === undefined) {
    return [{ kind: 'hold-lifted', stage, warehouse, promotion: promotion.name, by: promotion.requestedBy }];
  }
  return [];
}

/** What lands is no longer closed there. */
function withoutClosed(state: LedgerState, id: string, stage: string): LedgerState {
  const record = state.freight[id];
  if (record?.closedIn?.[stage] === undefined) return state;
  const { closedIn, ...rest } = record;
  const left = Object.entries(closedIn).filter(([name]) => name !== stage);
  const landed = left.length === 0 ? rest : { ...rest, closedIn: Object.fromEntries(left) };
  return { ...state, freight: { ...state.freight, [id]: landed } };
}

function withClosed(state: LedgerState, id: string, stage: string, at: string): LedgerState {
  const record = state.freight[id];
  if (record === undefined) return state;
  const closedIn = { ...record.closedIn, [stage]: at };
  return { ...state, freight: { ...state.freight, [id]: { ...record, closedIn } } };
}

/** A Freight that leaves a Stage keeps its longest completed stay there. */
function withLongestSoak(state: LedgerState, stage: string, record: StageRecord, until: string): LedgerState {
  const leaving = record.current === undefined ? undefined : state.freight[record.current.freight];
  const verified = leaving?.verifiedIn[stage];
  if (record.current === undefined || leaving === undefined || verified === undefined) return state;
  const stay = Date.parse(until) - Date.parse(record.current.since);
  if (!(stay > verified.longestSoak)) return state;
  return {
    ...state,
    freight: {
      ...state.freight,
      [leaving.freight.id]: {
        ...leaving,
        verifiedIn: { ...leaving.verifiedIn, [stage]: { ...verified, longestSoak: stay } },
      },
    },
  };
}

export function freightOf(draft: Draft, id: string): { readonly freight?: import('../freight/types.js').Freight } {
  const record = draft.state().freight[id];
  return record === undefined ? {} : { freight: record.freight };
}
