import { adopt } from './adopt.js';
import { bump } from './bump.js';
import { discover } from './discover.js';
import { draftOf } from './draft.js';
import { carryOn } from './effects.js';
import { holdHandMadeChanges } from './holds.js';
import { prune } from './prune.js';
import { promoteOnRequest } from './request.js';
import { forgetEnded, settle } from './settle.js';
import { unwritableArtifacts } from './unwritable.js';
import { verifyLanded } from './verify.js';
import type { Intent, Plan, World } from './world.js';

/**
 * Every decision the product makes, in order: what ended, what is there already, what is new, what people changed by
 * hand, what was asked for, what goes by itself, and what is still to do for all that is open. A pure function: the
 * same World and Intent give the same Plan, and the World that a Plan leads to gives an empty one.
 */
export function plan(world: World, intent: Intent): Plan {
  const mistakes = unwritableArtifacts(world);
  if (mistakes.length > 0) return { ledger: undefined, effects: [], notes: [], refusals: mistakes };
  const draft = draftOf(world);
  settle(draft);
  verifyLanded(draft);
  adopt(draft);
  discover(draft);
  holdHandMadeChanges(draft);
  if (intent.promote !== undefined) promoteOnRequest(draft, intent.promote);
  if (intent.bump) bump(draft);
  carryOn(draft);
  if (draft.state() !== world.ledger.state) {
    forgetEnded(draft);
    const stages = world.config.stages.map(({ name }) => name);
    draft.update(prune(draft.state(), stages));
  }
  return draft.finish();
}
