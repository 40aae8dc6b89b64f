import { expect, it } from '@jest/globals';
import type { Bed } from '@waybill/testbed';
import {
  errorsOf,
  failed,
  landedInDev,
  ledger,
  OLD,
  onBed,
  pinned,
  promotionBranches,
  pullsInto,
  pushImages,
  succeeded,
} from './support.js';

const LEDGER = 'waybill/ledger';

/** A state in which production may have what only dev has. */
async function forgedState(bed: Bed): Promise<string> {
  const state = await ledger(bed);
  const freight = Object.fromEntries(
    Object.entries(state.freight).map(([id, record]) => [
      id,
      { ...record, approvedFor: { production: { at: '2026-11-20T00:00:00Z', by: 'alice' } } },
    ]),
  );
  const head = (await bed.github.branches(bed.repository))[LEDGER] ?? '';
  return JSON.stringify({ ...state, base: head, freight });
}

async function headOf(bed: Bed): Promise<string> {
  return (await bed.github.branches(bed.repository))[LEDGER] ?? '';
}

it('keeps everyone but the App from the ledger by the ruleset', async () => {
  await onBed({}, async (bed) => {
    await landedInDev(bed);
    const head = await headOf(bed);
    const forged = { 'state.json': await forgedState(bed) };
    await expect(bed.github.commitAs('bob', bed.repository, LEDGER, forged, 'approve')).rejects.toThrow(/rule/i);
    await expect(bed.github.deleteBranch('bob', bed.repository, LEDGER)).rejects.toThrow(/rule/i);
    const [, older] = await bed.github.commits(bed.repository, LEDGER);
    await expect(bed.github.forcePush('bob', bed.repository, LEDGER, older?.oid ?? '')).rejects.toThrow(/rule/i);
    expect(await headOf(bed)).toBe(head);
    succeeded(await bed.act('reconcile'));
  });
});

it('fails closed on a commit by someone else, and names it', async () => {
  await onBed({}, async (bed) => {
    await landedInDev(bed);
    bed.github.removeRuleset(bed.repository, 'Waybill');
    const oid = await bed.github.commitAs(
      'bob',
      bed.repository,
      LEDGER,
      { 'state.json': await forgedState(bed) },
      'approve',
    );
    const newer = await pushImages(bed, 3);
    bed.github.log.clear();
    for (const run of [
      failed(await bed.act('promote', { stage: 'production' })),
      failed(await bed.act('promote', { stage: 'staging' })),
      failed(await bed.act('reconcile')),
    ]) {
      expect(run.outputs['reason-code']).toBe('ledger-untrusted');
      expect(errorsOf(run)).toContain(oid);
      expect(errorsOf(run)).toContain('bob');
    }
    expect(bed.github.log.filter((entry) => entry.mutating)).toEqual([]);
    expect(await pinned(bed, 'production')).toEqual(OLD);
    expect(await pinned(bed, 'dev')).not.toEqual(newer);
    expect(pullsInto(bed, 'production')).toEqual([]);
  });
});

it('does not start anew where the ledger was deleted', async () => {
  await onBed({}, async (bed) => {
    await landedInDev(bed);
    const head = await headOf(bed);
    bed.github.removeRuleset(bed.repository, 'Waybill');
    await bed.github.deleteBranch('bob', bed.repository, LEDGER);
    await pushImages(bed, 3);
    const run = failed(await bed.act('reconcile'));
    expect(run.outputs['reason-code']).toBe('ledger-untrusted');
    expect(pullsInto(bed, 'dev')).toHaveLength(1);
    expect(await promotionBranches(bed)).toEqual([]);
    expect(Object.keys(await bed.github.branches(bed.repository))).toEqual(['main']);

    // Restored, it goes on.
    await bed.github.createBranch('alice', bed.repository, LEDGER, head);
    succeeded(await bed.act('reconcile'));
    expect(pullsInto(bed, 'dev')).toHaveLength(2);
  });
});

it('does not take an older genuine ledger for the present one', async () => {
  await onBed({}, async (bed) => {
    // Generation 2 lands in dev; then 3 does.
    await landedInDev(bed, 2);
    const before = await headOf(bed);
    const newer = await pushImages(bed, 3);
    succeeded(await bed.act('reconcile'));
    expect(await pinned(bed, 'dev')).toEqual(newer);
    const commits = (await bed.github.commits(bed.repository, 'main')).length;

    // Back to a time when the ledger knew nothing of 3: every commit in it is genuine.
    bed.github.removeRuleset(bed.repository, 'Waybill');
    await bed.github.forcePush('bob', bed.repository, LEDGER, before);
    const run = failed(await bed.act('reconcile'));
    expect(run.outputs['reason-code']).toBe('ledger-untrusted');
    expect((await bed.github.commits(bed.repository, 'main')).length).toBe(commits);
  });
});
