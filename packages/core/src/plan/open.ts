import { policyFor } from '../config/index.js';
import type { Stage } from '../config/types.js';
import { WaybillError } from '../errors.js';
import { ENTROPY_BYTES, promotionName } from '../freight/index.js';
import type { Freight } from '../freight/types.js';
import type { Hold, OpenPromotion, Requester } from '../ledger/state.js';
import { availableFreight } from '../stage/availability.js';
import { promotionEdits, type StageEdits } from '../stage/edits.js';
import type { Draft } from './draft.js';
import { endedEntry } from './settle.js';
import type { World } from './world.js';

export interface PromotionRequest {
  readonly requestedBy: Requester;
  readonly autoMerge: boolean;
  readonly reason?: string;
  readonly request?: string;
  /** What is open there gives way to it, for this reason, once it is certain that it can be made. */
  readonly supersedes?: string;
}

/**
 * Records a Promotion, with the very edits it will make, or refuses: what can't be edited safely anywhere in the
 * Stage is edited nowhere. A Stage that holds the Freight's digests already has it, without a pull request.
 */
export function openPromotion(
  draft: Draft,
  stage: Stage,
  freight: Freight,
  request: PromotionRequest,
): OpenPromotion | undefined {
  const { world } = draft;
  const warehouse = freight.origin.name;
  const refusal = floorRefusal(world, stage);
  if (refusal !== undefined) {
    draft.refuse(refusal);
    return undefined;
  }
  const edits = editsFor(draft, stage, freight);
  if (edits === undefined) return undefined;
  if (request.supersedes !== undefined) giveWay(draft, stage.name, warehouse, 'superseded', request.supersedes);
  const name = promotionName(stage.name, world.now, draft.bytes(ENTROPY_BYTES), freight.id, latestName(draft, stage));
  if (request.request !== undefined) {
    draft.update({ ...draft.state(), requests: { ...draft.state().requests, [request.request]: name } });
  }
  if (edits.edits.length === 0) {
    holdAlready(draft, stage, freight, request, name);
    return undefined;
  }
  const promotion: OpenPromotion = {
    name,
    stage: stage.name,
    warehouse,
    freight: freight.id,
    requestedBy: request.requestedBy,
    requestedAt: world.now.toISOString(),
    base: world.snapshot.head.oid,
    edits: edits.edits,
    autoMerge: request.autoMerge,
    newest: isNewest(draft, stage, freight),
    ...(request.reason === undefined ? {} : { reason: request.reason }),
  };
  const { edits: recorded, ...facts } = promotion;
  draft.updateStage(
    stage.name,
    warehouse,
    { ...draft.record(stage.name, warehouse), open: promotion },
    {
      kind: 'promotion-requested',
      promotion: facts,
      edits: recorded,
      ...(request.request === undefined ? {} : { request: request.request }),
    },
  );
  draft.note({
    kind: 'promoting',
    stage: stage.name,
    warehouse,
    promotion: name,
    freight,
    text: `${edits.changes.length} of ${freight.images.length} images, in ${edits.files.length} files`,
  });
  return promotion;
}

/** The edits that put a Freight into a Stage on the base this World shows, with notes on what they leave out. */
export function editsFor(draft: Draft, stage: Stage, freight: Freight): StageEdits | undefined {
  const { world } = draft;
  const tree = world.trees.get(stage.name);
  const warehouse = world.config.warehouses.get(freight.origin.name);
  if (tree === undefined || warehouse === undefined) return undefined;
  const result = promotionEdits(tree, freight, warehouse);
  if (result.kind === 'refused') {
    for (const refusal of result.refusals) draft.refuse(refusal);
    return undefined;
  }
  const about = { stage: stage.name, warehouse: warehouse.name };
  for (const file of result.unread) {
    draft.note({ kind: 'unread', ...about, text: `${file.path}: ${file.why}; it names no image of this Freight` });
  }
  if (result.unreferenced.length > 0) {
    draft.note({
      kind: 'unreferenced',
      ...about,
      text: `${stage.name} has no reference to ${result.unreferenced.join(', ')}`,
    });
  }
  return result;
}

/**
 * The open Promotion of a Stage and Warehouse ends. That its pull request is to be closed and its branch deleted stands
 * in the ledger until it is seen done: a run that dies in between leaves no pull request behind.
 */
export function giveWay(
  draft: Draft,
  stage: string,
  warehouse: string,
  outcome: 'superseded' | 'replanned',
  why: string,
): void {
  const { open, ...record } = draft.record(stage, warehouse);
  if (open === undefined) return;
  const view = draft.world.branches.get(open.name);
  draft.updateStage(
    stage,
    warehouse,
    {
      ...record,
      closing: [...(record.closing ?? []), { ...open, why }],
      last: { name: open.name, freight: open.freight, outcome, at: draft.world.now.toISOString() },
    },
    endedEntry(open, outcome, view?.pullRequest, why),
  );
  draft.note({
    kind: 'closed',
    stage,
    warehouse,
    promotion: open.name,
    ...(view?.pullRequest === undefined ? {} : { pullRequest: view.pullRequest.number }),
    text: `${outcome === 'superseded' ? 'superseded' : 'planned again'}: ${why}`,
  });
}

/** Whether nothing newer is available to the Stage. */
function isNewest(draft: Draft, stage: Stage, freight: Freight): boolean {
  const { config, now } = draft.world;
  const newest = availableFreight(config, stage.name, freight.origin.name, draft.state(), now).find(
    (candidate) => candidate.freight.found === undefined,
  );
  return newest === undefined || newest.freight.id === freight.id;
}

/** The Stage's latest Promotion: a later one's name sorts after it. */
function latestName(draft: Draft, stage: Stage): string | undefined {
  return Object.values(draft.state().stages[stage.name] ?? {})
    .flatMap(({ open, last }) => [open?.name, last?.name].filter((name) => name !== undefined))
    .sort()
    .at(-1);
}

/** A floor is only as good as the memory it is judged by: an unprotected ledger can't vouch for anything. */
function floorRefusal(world: World, stage: Stage): WaybillError | undefined {
  const { floor } = policyFor(world.policies, stage.name);
  if (floor === undefined || world.ledger.protection.kind === 'protected') return undefined;
  return new WaybillError('ledger-unprotected', {
    what: `The policies set a floor for ${stage.name}, and the ledger is unprotected: ${world.ledger.protection.why}`,
    where: { stage: stage.name },
    remedy:
      'Run with a GitHub App token and a ruleset on `waybill/**/*` (restrict creations, updates, deletions, force pushes) that only the App bypasses.',
  });
}

/** A person who asks for what is there already may lift a hold by it, or set one, as if it had landed. */
function holdAlready(draft: Draft, stage: Stage, freight: Freight, request: PromotionRequest, name: string): void {
  const warehouse = freight.origin.name;
  const { hold, ...record } = draft.record(stage.name, warehouse);
  const at = draft.world.now.toISOString();
  const { requestedBy } = request;
  const after: Hold | undefined =
    requestedBy.kind === 'automation'
      ? hold
      : isNewest(draft, stage, freight)
        ? undefined
        : { kind: 'promotion', since: at, promotion: name, author: requestedBy.login };
  const about = { stage: stage.name, warehouse } as const;
  const isLifted = hold !== undefined && after === undefined;
  const known = draft.state().freight[freight.id];
  if (known !== undefined && known.verifiedIn[stage.name] === undefined) {
    const verifiedIn = { ...known.verifiedIn, [stage.name]: { at, longestSoak: 0 } };
    draft.update({ ...draft.state(), freight: { ...draft.state().freight, [freight.id]: { ...known, verifiedIn } } });
  }
  draft.updateStage(
    stage.name,
    warehouse,
    {
      ...record,
      current: record.current?.freight === freight.id ? record.current : { freight: freight.id, since: at },
      ...(after === undefined ? {} : { hold: after }),
    },
    ...(isLifted ? [{ kind: 'hold-lifted', ...about, by: requestedBy } as const] : []),
    ...(after !== undefined && after !== hold ? [{ kind: 'held', ...about, hold: after } as const] : []),
  );
  draft.note({
    kind: 'up-to-date',
    ...about,
    freight,
    text: `${stage.name} holds these digests already${isLifted ? '; its hold is lifted' : ''}`,
  });
}
