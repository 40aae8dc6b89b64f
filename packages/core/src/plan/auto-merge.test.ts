import { describe, expect, it } from '@jest/globals';
import { openPromotions } from '../ledger/state.js';
import type { PullRequest } from '../ports/forge.js';
import { plan } from './plan.js';
import { RECONCILE } from './test-outside.js';
import { freight, ledger, POLICIES, pull, VIEWER, values, world } from './test-world.js';
import type { BranchView, Effect, PromotionView } from './world.js';

const FILES = { 'env/dev/api.yaml': values('api', 'a0'), 'env/dev/web.yaml': values('web', 'b0') };
const NEW = freight({ api: 'a1', web: 'b1' });
/** A Promotion into dev that automation has just recorded. */
const STATE = (() => {
  const { ledger: made } = plan(
    world({ files: FILES, state: ledger([NEW], { dev: {}, staging: {}, production: {} }) }),
    RECONCILE,
  );
  if (made === undefined) throw new Error('nothing was promoted');
  return made.state;
})();
const OURS: BranchView = { kind: 'ours', oid: 'head' };
const FOREIGN: BranchView = { kind: 'foreign', why: 'its head is by bob' };
const ARMED: Partial<PullRequest> = { autoMerge: true, autoMergeBy: VIEWER };

/** The effects on the pull request, and what the reader is told. */
function planned(branch: BranchView, facts: Partial<PullRequest>, policies: string = POLICIES) {
  const [promotion] = openPromotions(STATE);
  if (promotion === undefined) throw new Error('nothing is open');
  const view: PromotionView = { branch, pullRequest: pull(7, facts) };
  const made = plan(world({ files: FILES, state: STATE, policies, views: { [promotion.name]: view } }), RECONCILE);
  return {
    effects: made.effects.map(({ kind }: Effect) => kind),
    text: made.notes.filter(({ kind }) => kind === 'waiting').map(({ text }) => text),
    refused: made.refusals.map(({ code }) => code),
  };
}

describe('auto-merge of a promotion', () => {
  it('is armed on the head that was looked at, and on no other', () => {
    expect(planned(OURS, {}).effects).toEqual(['merge']);
    const lagging = planned(OURS, { headOid: 'older' });
    expect(lagging.effects).toEqual([]);
    expect(lagging.text).toEqual([expect.stringContaining('does not show its newest commit')]);
  });

  it('stays armed while it is ours', () => {
    expect(planned(OURS, ARMED).effects).toEqual([]);
  });

  it('is taken back from a head that is not ours', () => {
    expect(planned(FOREIGN, ARMED)).toMatchObject({ effects: ['disable-auto-merge'], refused: ['branch-not-ours'] });
    expect(planned(FOREIGN, {})).toMatchObject({ effects: [], refused: ['branch-not-ours'] });
  });

  it('is taken back when the policies no longer grant it', () => {
    expect(planned(OURS, ARMED, POLICIES.replace('autoMerge: true', 'autoMerge: false')).effects).toEqual([
      'disable-auto-merge',
    ]);
  });

  it.each([FOREIGN, OURS])('is left alone where a person armed it ($kind)', (branch) => {
    const policies = POLICIES.replace('autoMerge: true', 'autoMerge: false');
    expect(planned(branch, { autoMerge: true, autoMergeBy: 'ada' }, policies).effects).toEqual([]);
  });
});
