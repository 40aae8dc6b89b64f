import { policyFor } from '../config/index.js';
import type { Stage } from '../config/types.js';
import { WaybillError } from '../errors.js';
import { type OpenPromotion, openPromotions } from '../ledger/state.js';
import type { MergeMethod } from '../ports/forge.js';
import { pullRequestBody, pullRequestTitle } from '../report/pull-request.js';
import { promotionBranch } from './branch.js';
import type { Draft } from './draft.js';
import { editsFor, openPromotion } from './open.js';
import { endedEntry } from './settle.js';
import type { PromotionView } from './world.js';

const NOTHING_YET: PromotionView = { branch: { kind: 'absent' }, pullRequest: undefined };

/** What is still to do for each Promotion that has not ended, wherever an earlier run stopped. */
export function carryOn(draft: Draft): void {
  for (const promotion of openPromotions(draft.state())) {
    const stage = draft.world.config.stages.find((candidate) => candidate.name === promotion.stage);
    const view = draft.world.branches.get(promotion.name) ?? NOTHING_YET;
    if (view.branch.kind === 'foreign') draft.refuse(notOurs(promotion, view.branch.why));
    else if (stage === undefined) abandon(draft, promotion, view, `there is no Stage ${promotion.stage} any more`);
    else if (isOvertaken(draft, promotion, view)) replan(draft, stage, promotion, view);
    else advance(draft, stage, promotion, view);
  }
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
  const waiting = { kind: 'waiting', stage: promotion.stage, warehouse: promotion.warehouse, promotion: promotion.name } as const;
  const mayMerge = promotion.autoMerge && policyFor(draft.world.policies, promotion.stage).autoMerge;
  if (!mayMerge) {
    draft.note({ ...waiting, pullRequest: pullRequest.number, text: 'waits for a person to review and merge it' });
    return;
  }
  if (pullRequest.autoMerge) {
    draft.note({ ...waiting, pullRequest: pullRequest.number, text: 'merges by itself once its checks have passed' });
    return;
  }
  const { autoMergeAllowed, mergeMethods } = draft.world.snapshot.repository;
  draft.effect({ kind: 'merge', pullRequest, method: preferred(mergeMethods), autoMerge: autoMergeAllowed });
}

/** A merge commit keeps the promotion's own commit, with its trailers; where that is off, one squashed commit. */
function preferred(methods: readonly MergeMethod[]): MergeMethod {
  return methods.includes('merge') ? 'merge' : (methods[0] ?? 'merge');
}

/** The files it edits are no longer what it was planned on: its edits must not be replayed on another base. */
function isOvertaken(draft: Draft, promotion: OpenPromotion, view: PromotionView): boolean {
  if (view.pullRequest?.state === 'open' && !promotion.autoMerge && view.pullRequest.mergeState !== 'dirty') return false;
  const tree = draft.world.trees.get(promotion.stage);
  if (tree === undefined) return false;
  const oids = new Map(tree.files.map((file) => [file.path, file.oid]));
  return promotion.edits.some((edit) => oids.get(edit.path) !== edit.before);
}

/** The same Freight, planned anew on what the files are now. */
function replan(draft: Draft, stage: Stage, promotion: OpenPromotion, view: PromotionView): void {
  abandon(draft, promotion, view, 'the files it edits have changed since');
  const freight = draft.state().freight[promotion.freight]?.freight;
  if (freight === undefined) return;
  const again = openPromotion(draft, stage, freight, {
    requestedBy: promotion.requestedBy,
    autoMerge: promotion.autoMerge,
    ...(promotion.reason === undefined ? {} : { reason: promotion.reason }),
  });
  if (again !== undefined) advance(draft, stage, again, NOTHING_YET);
}

function abandon(draft: Draft, promotion: OpenPromotion, view: PromotionView, why: string): void {
  const { stage, warehouse } = promotion;
  const { open: _, ...record } = draft.record(stage, warehouse);
  draft.updateStage(
    stage,
    warehouse,
    {
      ...record,
      last: { name: promotion.name, freight: promotion.freight, outcome: 'replanned', at: draft.world.now.toISOString() },
    },
    endedEntry(promotion, 'replanned', view.pullRequest, why),
  );
  if (view.pullRequest?.state === 'open') {
    draft.effect({
      kind: 'close-pull-request',
      number: view.pullRequest.number,
      comment: `Planned again: ${why}. This Promotion (${promotion.name}) ends here; its branch is deleted.`,
    });
  }
  if (view.branch.kind === 'ours' || view.branch.kind === 'bare') {
    draft.effect({ kind: 'delete-branch', branch: promotionBranch(promotion.name) });
  }
  draft.note({ kind: 'closed', stage, warehouse, promotion: promotion.name, text: `planned again: ${why}` });
}

function notOurs(promotion: OpenPromotion, why: string): WaybillError {
  const branch = promotionBranch(promotion.name);
  return new WaybillError('branch-not-ours', {
    what: `${branch} is not Waybill's: ${why}`,
    where: { stage: promotion.stage },
    remedy: 'Find out who made it, delete it (and close its pull request), then run again. Waybill neither adopts nor overwrites it.',
  });
}

