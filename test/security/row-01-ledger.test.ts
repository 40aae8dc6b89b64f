import { describe, expect, it } from '@jest/globals';
import type { Bed } from '@waybill/testbed';
import {
  errorsOf,
  failed,
  freightWith,
  landedInDev,
  mutations,
  OLD,
  onBed,
  openPullInto,
  pinned,
  pullsInto,
  pushImages,
  succeeded,
} from '../e2e/support.js';
import { appToken, forgedApproval, headOf, LEDGER, namesake, signState } from './support.js';

const EVERY_GATE: readonly (readonly [string, Readonly<Record<string, string>>])[] = [
  ['promote', { stage: 'production' }],
  ['promote', { stage: 'staging' }],
  ['discover', {}],
  ['bump', {}],
  ['reconcile', {}],
];

/** The gates stop, naming the commit, and nothing is written. */
async function expectStopped(
  bed: Bed,
  named: readonly string[],
  gates: typeof EVERY_GATE = EVERY_GATE.slice(0, 1),
): Promise<void> {
  const before = await headOf(bed, 'main');
  bed.github.log.clear();
  for (const [action, inputs] of gates) {
    const run = await bed.act(action, inputs);
    expect(failed(run).outputs['reason-code']).toBe('ledger-untrusted');
    for (const name of named) expect(errorsOf(run)).toContain(name);
  }
  expect(mutations(bed)).toEqual([]);
  expect(await headOf(bed, 'main')).toBe(before);
}

describe('a forged approval', () => {
  it('opens production to whoever holds the identity of the ledger', async () => {
    await onBed({}, async (bed) => {
      const digests = await landedInDev(bed);
      const refused = failed(await bed.act('promote', { stage: 'production' }));
      expect(refused.outputs['reason-code']).toBe('freight-not-available');

      await signState(bed, appToken(bed), await forgedApproval(bed, ['production']));
      succeeded(await bed.act('promote', { stage: 'production' }));
      expect(await pinned(bed, 'production', openPullInto(bed, 'production').headRef)).toEqual(digests);
    });
  });

  it('is kept out by the ruleset, and by itself where that is gone', async () => {
    await onBed({}, async (bed) => {
      await landedInDev(bed);
      const forged = { 'state.json': await forgedApproval(bed, ['production']) };
      const push = () => bed.github.commitAs('bob', bed.repository, LEDGER, forged, 'approve');
      await expect(push()).rejects.toThrow(/rule/i);

      bed.github.removeRuleset(bed.repository, 'Waybill');
      const oid = await push();
      expect(await headOf(bed, LEDGER)).toBe(oid);
      await pushImages(bed, 3);
      await expectStopped(bed, [oid, 'bob'], EVERY_GATE);
      expect(pullsInto(bed, 'production')).toEqual([]);
      expect(await pinned(bed, 'production')).toEqual(OLD);
    });
  });

  it('is not ours when a person signs it who is called as the App is', async () => {
    await onBed({}, async (bed) => {
      await landedInDev(bed);
      const token = namesake(bed);
      bed.github.removeRuleset(bed.repository, 'Waybill');
      const oid = await signState(bed, token, await forgedApproval(bed, ['production']));
      await expectStopped(bed, [oid, 'is by waybill,']);
    });
  });

  it('is not ours when its author is only said to be the App', async () => {
    await onBed({}, async (bed) => {
      await landedInDev(bed);
      bed.github.removeRuleset(bed.repository, 'Waybill');
      const forged = { 'state.json': await forgedApproval(bed, ['production']) };
      // As by `git commit --author`, pushed: nobody signed it.
      const oid = await bed.github.commitAs('waybill[bot]', bed.repository, LEDGER, forged, 'approve');
      await expectStopped(bed, [oid, 'not signed by GitHub']);
    });
  });

  it('by another workflow passes where GITHUB_TOKEN keeps the ledger, but for Stages with a floor', async () => {
    await onBed({ identity: 'github-token' }, async (bed) => {
      await landedInDev(bed);
      const digests = await pushImages(bed, 3);
      succeeded(await bed.act('discover'));
      const { id } = await freightWith(bed, digests.api);
      const ask = (stage: string) => bed.act('promote', { stage, freight: id });
      expect(failed(await ask('staging')).outputs['reason-code']).toBe('freight-not-available');

      const other = bed.github.createJobToken({ repository: bed.repository, permissions: { contents: 'write' } });
      await signState(bed, other, await forgedApproval(bed, ['staging', 'production']));
      expect(succeeded(await ask('staging')).summary).toContain('The ledger is unprotected');
      expect(await pinned(bed, 'staging', openPullInto(bed, 'staging').headRef)).toEqual(digests);
      expect(failed(await ask('production')).outputs['reason-code']).toBe('ledger-unprotected');
      expect(pullsInto(bed, 'production')).toEqual([]);
    });
  });
});

describe('an older ledger, whose every commit is genuine', () => {
  it('cannot be put back under the ruleset, and is told by what landed since where that is gone', async () => {
    await onBed({}, async (bed) => {
      await landedInDev(bed, 2);
      const older = await headOf(bed, LEDGER);
      await pushImages(bed, 3);
      succeeded(await bed.act('reconcile'));
      const newest = await headOf(bed, LEDGER);
      const back = () => bed.github.forcePush('bob', bed.repository, LEDGER, older);
      await expect(back()).rejects.toThrow(/rule/i);

      bed.github.removeRuleset(bed.repository, 'Waybill');
      await back();
      expect(await headOf(bed, LEDGER)).toBe(older);
      const run = failed(await bed.act('reconcile'));
      expect(run.outputs['reason-code']).toBe('ledger-untrusted');
      expect(errorsOf(run)).toContain(older);

      // The remedy works: back to where it was.
      await bed.github.forcePush('bob', bed.repository, LEDGER, newest);
      succeeded(await bed.act('reconcile'));
    });
  });

  it('is told however many commits came since, by the files that it did not expect', async () => {
    await onBed({}, async (bed) => {
      await landedInDev(bed, 2);
      const older = await headOf(bed, LEDGER);
      await pushImages(bed, 3);
      succeeded(await bed.act('reconcile'));
      for (let count = 0; count < 31; count++) {
        await bed.github.commitAs('bob', bed.repository, 'main', { 'README.md': `# ${count}\n` }, `readme ${count}`);
      }
      bed.github.removeRuleset(bed.repository, 'Waybill');
      await bed.github.forcePush('bob', bed.repository, LEDGER, older);
      expect(failed(await bed.act('reconcile')).outputs['reason-code']).toBe('ledger-untrusted');
    });
  });
});

it('a ledger that was deleted is missed', async () => {
  await onBed({}, async (bed) => {
    await landedInDev(bed);
    const last = await headOf(bed, LEDGER);
    const remove = () => bed.github.deleteBranch('bob', bed.repository, LEDGER);
    await expect(remove()).rejects.toThrow(/rule/i);

    bed.github.removeRuleset(bed.repository, 'Waybill');
    await remove();
    const run = failed(await bed.act('reconcile'));
    expect(run.outputs['reason-code']).toBe('ledger-untrusted');
    expect(errorsOf(run)).toContain('it is gone');
    expect(await headOf(bed, LEDGER)).toBe('');

    await bed.github.createBranch('bob', bed.repository, LEDGER, last);
    succeeded(await bed.act('reconcile'));
  });
});
