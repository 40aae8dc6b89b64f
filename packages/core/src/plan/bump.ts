import { policyFor } from '../config/index.js';
import type { Stage, StagePolicy } from '../config/types.js';
import type { FreightRecord } from '../ledger/state.js';
import { readableInstant } from '../report/instant.js';
import { availableFreight } from '../stage/availability.js';
import type { Draft } from './draft.js';
import { openPromotion } from './open.js';
import { describe } from './request.js';
import { hasJustLanded } from './settle.js';

/** The newest available Freight goes into each Stage whose policy auto-promotes. Kargo: pkg/api/auto_promotion.go. */
export function bump(draft: Draft): void {
  for (const stage of draft.world.config.stages) {
    const policy = policyFor(draft.world.policies, stage.name);
    if (policy.autoPromotion !== 'NewestFreight') continue;
    for (const { warehouse } of stage.requestedFreight) {
      if (!hasJustLanded(draft, stage.name, warehouse)) bumpStage(draft, stage, warehouse, policy);
    }
  }
}

function bumpStage(draft: Draft, stage: Stage, warehouse: string, policy: StagePolicy): void {
  const record = draft.record(stage.name, warehouse);
  const about = { stage: stage.name, warehouse };
  const candidate = availableFreight(draft.world.config, stage.name, warehouse, draft.state(), draft.world.now).find(
    ({ freight }) => freight.found === undefined,
  );
  if (candidate === undefined) {
    draft.note({ kind: 'nothing-available', ...about, text: 'no Freight is available' });
    return;
  }
  const { freight } = candidate;
  if (record.hold !== undefined) {
    // A change by hand has been noted already, where it was found.
    if (record.hold.kind === 'promotion') {
      draft.note({
        kind: 'held',
        ...about,
        freight,
        text: `held since ${readableInstant(record.hold.since)}: ${record.hold.author} promoted other Freight; promote ${describe(candidate)} to go on`,
      });
    }
    return;
  }
  if (record.open !== undefined) {
    if (record.open.freight === freight.id || isInTheWay(draft, candidate, record.open)) return;
  }
  // What was found here and is Freight of the Warehouse by now is current, and was never verified.
  const isCurrent = record.current?.freight === freight.id && candidate.verifiedIn[stage.name] !== undefined;
  if (isCurrent || candidate.closedIn?.[stage.name] !== undefined) {
    draft.note({ kind: isCurrent ? 'up-to-date' : 'closed', ...about, freight, text: upToDate(isCurrent) });
    return;
  }
  openPromotion(draft, stage, freight, {
    requestedBy: { kind: 'automation' },
    autoMerge: policy.autoMerge,
    supersedes: `${describe(candidate)} is newer`,
  });
}

/**
 * A person's Promotion, and automation's own that will merge by itself, go first: or a registry that is busier than
 * the checks are fast would keep the Stage waiting for ever.
 */
function isInTheWay(
  draft: Draft,
  candidate: FreightRecord,
  open: {
    readonly autoMerge: boolean;
    readonly name: string;
    readonly stage: string;
    readonly warehouse: string;
    readonly requestedBy: { readonly kind: string };
  },
): boolean {
  if (open.requestedBy.kind === 'automation' && !open.autoMerge) return false;
  draft.note({
    kind: 'waiting',
    stage: open.stage,
    warehouse: open.warehouse,
    promotion: open.name,
    freight: candidate.freight,
    text: `waits for ${open.name} to land or be closed`,
  });
  return true;
}

/** Kargo does not try a candidate again by itself once a Promotion of it has ended otherwise than well. */
function upToDate(isCurrent: boolean): string {
  return isCurrent
    ? 'has the newest available Freight'
    : 'its pull request was closed unmerged: automation does not try it again, a person may';
}
