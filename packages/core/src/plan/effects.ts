import { isDeepStrictEqual } from 'node:util';
import { policyFor } from '../config/index.js';
import type { Stage } from '../config/types.js';
import { WaybillError } from '../errors.js';
import type { ClosingPromotion, OpenPromotion, StageRecord } from '../ledger/state.js';
import type { MergeMethod } from '../ports/forge.js';
import { code, linksTo } from '../report/blocks.js';
import { markdown, render } from '../report/markdown.js';
import { pullRequestBody, pullRequestTitle } from '../report/pull-request.js';
import { promotionEdits } from '../stage/edits.js';
import { promotionBranch, sameActor } from './branch.js';
import type { Draft } from './draft.js';
import { editsFor, giveWay, openPromotion } from './open.js';
import type { PromotionView } from './world.js';

const NOTHING_YET: PromotionView = { branch: { kind: 'absent' }, pullRequest: undefined };

/** What is still to do for each Promotion that has not ended, wherever an earlier run stopped. */
export function carryOn(draft: Draft): void {
  for (const promotion of underWay(draft)) {
    const stage = draft.world.config.stages.find((candidate) => candidate.name === promotion.stage);
    const view = viewOf(draft, promotion);
    if (view.branch.kind === 'foreign') {
      disarm(draft, view);
      draft.refuse(notOurs(promotion, view.branch.why));
    } else if (stage === undefined) abandon(draft, promotion, `there is no Stage ${promotion.stage} any more`);
    else if (!takes(stage, promotion.warehouse)) {
      abandon(draft, promotion, `${stage.name} takes no Freight of ${promotion.warehouse} any more`);
    } else if (isOvertaken(draft, promotion, view)) replan(draft, stage, promotion);
  }
  // Before anything is opened, what gave way to it is closed: a Stage and Warehouse has one pull request.
  for (const promotion of givingWay(draft)) cleanUp(draft, promotion);
  for (const promotion of underWay(draft)) {
    const stage = draft.world.config.stages.find((candidate) => candidate.name === promotion.stage);
    const view = viewOf(draft, promotion);
    if (stage !== undefined && view.branch.kind !== 'foreign') advance(draft, stage, promotion, view);
  }
}

function underWay(draft: Draft): readonly OpenPromotion[] {
  return recordsOf(draft).flatMap(({ open }) => (open === undefined ? [] : [open]));
}

function givingWay(draft: Draft): readonly ClosingPromotion[] {
  return recordsOf(draft).flatMap(({ closing }) => closing ?? []);
}

function recordsOf(draft: Draft): readonly StageRecord[] {
  return Object.values(draft.state().stages).flatMap((warehouses) => Object.values(warehouses));
}

function viewOf(draft: Draft, promotion: OpenPromotion): PromotionView {
  return draft.world.branches.get(promotion.name) ?? NOTHING_YET;
}

function takes(stage: Stage, warehouse: string): boolean {
  return stage.requestedFreight.some((request) => request.warehouse === warehouse);
}

function cleanUp(draft: Draft, promotion: ClosingPromotion): void {
  const { branch, pullRequest } = viewOf(draft, promotion);
  if (branch.kind === 'foreign') {
    if (promotion.ended !== true) draft.refuse(notOurs(promotion, branch.why));
    return;
  }
  if (pullRequest?.state === 'open') {
    draft.effect({
      kind: 'close-pull-request',
      number: pullRequest.number,
      comment: closingComment(draft, promotion),
    });
  }
  if (branch.kind !== 'absent') draft.effect({ kind: 'delete-branch', branch: promotionBranch(promotion.name) });
}

/** Why it ends, and a link to what takes its place: its pull request is opened only after this one is closed. */
function closingComment(draft: Draft, { name, stage, warehouse, why }: ClosingPromotion): string {
  const { url } = draft.world.snapshot.repository;
  const { open } = draft.record(stage, warehouse);
  const ends = markdown`This Promotion (${code(name)}) ends here: ${why}. Its branch is deleted.`;
  if (open === undefined) return render(ends);
  const search = `${url}/pulls?q=${encodeURIComponent(`is:pr head:${promotionBranch(open.name)}`)}`;
  return render(markdown`${ends} Its place takes ${linksTo(new URL(url).origin)(code(open.name), search)}.`);
}

function advance(draft: Draft, stage: Stage, promotion: OpenPromotion, view: PromotionView): void {
  const branch = promotionBranch(promotion.name);
  if (view.branch.kind === 'absent' && view.pullRequest?.state === 'open') return;
  if (view.branch.kind === 'ours' && view.pullRequest !== undefined) {
    mergeWhenAllowed(draft, promotion, view);
    return;
  }
  const freight = draft.state().freight[promotion.freight]?.freight;
  if (freight === undefined) return;
  const edits = editsFor(draft, stage, freight);
  if (edits === undefined) return;
  if (view.branch.kind === 'absent') draft.effect({ kind: 'create-branch', branch, oid: promotion.base });
  if (view.branch.kind !== 'ours') {
    draft.effect({
      kind: 'commit',
      branch,
      expectedHead: promotion.base,
      promotion,
      freight,
      files: edits.files,
      stage,
    });
  }
  draft.effect({
    kind: 'open-pull-request',
    branch,
    title: pullRequestTitle(stage, freight, edits),
    body: pullRequestBody({ world: draft.world, state: draft.state(), stage, freight, promotion, edits }),
  });
}

function mergeWhenAllowed(draft: Draft, promotion: OpenPromotion, view: PromotionView): void {
  const { pullRequest } = view;
  if (pullRequest?.state !== 'open') return;
  const waiting = {
    kind: 'waiting',
    stage: promotion.stage,
    warehouse: promotion.warehouse,
    promotion: promotion.name,
  } as const;
  const mayMerge = promotion.autoMerge && policyFor(draft.world.policies, promotion.stage).autoMerge;
  if (!mayMerge) {
    disarm(draft, view);
    draft.note({ ...waiting, pullRequest: pullRequest.number, text: 'waits for a person to review and merge it' });
    return;
  }
  if (pullRequest.autoMerge) {
    draft.note({ ...waiting, pullRequest: pullRequest.number, text: 'merges by itself once its checks have passed' });
    return;
  }
  if (view.branch.kind !== 'ours' || pullRequest.headOid !== view.branch.oid) {
    draft.note({ ...waiting, pullRequest: pullRequest.number, text: 'GitHub does not show its newest commit yet' });
    return;
  }
  const { autoMergeAllowed, mergeMethods } = draft.world.snapshot.repository;
  if (!autoMergeAllowed && pullRequest.mergeState === 'blocked') {
    const text = 'waits for its checks or reviews; auto-merge is off here, so the next run merges it';
    draft.note({ ...waiting, pullRequest: pullRequest.number, text });
    return;
  }
  draft.effect({ kind: 'merge', pullRequest, method: preferred(mergeMethods), autoMerge: autoMergeAllowed });
}

/** GitHub would merge by itself what was ours to merge when auto-merge was armed. What a person armed is theirs. */
function disarm(draft: Draft, { pullRequest }: PromotionView): void {
  if (pullRequest?.state !== 'open' || !pullRequest.autoMerge) return;
  if (!sameActor(pullRequest.autoMergeBy ?? '', draft.world.snapshot.viewer)) return;
  draft.effect({ kind: 'disable-auto-merge', pullRequest });
}

/** A merge commit keeps the promotion's own commit, with its trailers; where that is off, one squashed commit. */
function preferred(methods: readonly MergeMethod[]): MergeMethod {
  return methods.includes('merge') ? 'merge' : (methods[0] ?? 'merge');
}

/**
 * The files it edits are no longer what it was planned on: its edits must not be replayed on another base. References
 * that came since count as well: all of them change together, or none. What a person may have reviewed already gives
 * way only to what it cannot be merged with, and to files that it leaves out.
 */
function isOvertaken(draft: Draft, promotion: OpenPromotion, view: PromotionView): boolean {
  const tree = draft.world.trees.get(promotion.stage);
  const freight = draft.state().freight[promotion.freight]?.freight;
  const warehouse = draft.world.config.warehouses.get(promotion.warehouse);
  if (tree === undefined || freight === undefined || warehouse === undefined) return false;
  const now = promotionEdits(tree, freight, warehouse);
  const isReviewed = view.pullRequest?.state === 'open' && !promotion.autoMerge;
  if (!isReviewed || view.pullRequest?.mergeState === 'dirty') {
    return now.kind === 'refused' || !isDeepStrictEqual(now.edits, promotion.edits);
  }
  const covered = new Set(promotion.edits.map(({ path }) => path));
  return now.kind === 'edits' && now.edits.some(({ path }) => !covered.has(path));
}

/** The same Freight, planned anew on what the files are now. */
function replan(draft: Draft, stage: Stage, promotion: OpenPromotion): void {
  abandon(draft, promotion, `the files of ${stage.name} have changed since it was planned`);
  const freight = draft.state().freight[promotion.freight]?.freight;
  if (freight === undefined) return;
  openPromotion(draft, stage, freight, {
    requestedBy: promotion.requestedBy,
    autoMerge: promotion.autoMerge,
    ...(promotion.reason === undefined ? {} : { reason: promotion.reason }),
  });
}

function abandon(draft: Draft, { stage, warehouse }: OpenPromotion, why: string): void {
  giveWay(draft, stage, warehouse, 'replanned', why);
}

function notOurs(promotion: OpenPromotion, why: string): WaybillError {
  const branch = promotionBranch(promotion.name);
  return new WaybillError('branch-not-ours', {
    what: `${branch} is not Waybill's: ${why}`,
    where: { stage: promotion.stage },
    remedy:
      'Find out who made it, delete it (and close its pull request), then run again. Waybill neither adopts nor overwrites it.',
  });
}
