import { expect, it } from '@jest/globals';
import type { Bed, Fault } from '@waybill/testbed';
import {
  errorsOf,
  history,
  landedInDev,
  ledger,
  onBed,
  pinned,
  promotionBranches,
  pullsInto,
  pushImages,
  stageOf,
  succeeded,
} from './support.js';

/** Holds both runs before their first write, so that each plans before it knows of the other. */
const BOTH_PLAN_FIRST: Fault = {
  match: { graphql: /createCommitOnBranch/ },
  kind: 'delay',
  milliseconds: 1_500,
  times: 2,
};

async function promotionCommits(bed: Bed): Promise<readonly string[]> {
  const commits = await bed.github.commits(bed.repository, 'main');
  return commits.filter((commit) => commit.message.startsWith('promote(')).map((commit) => commit.message);
}

it('makes one Promotion, one commit and one pull request of two runs that start at once', async () => {
  await onBed({}, async (bed) => {
    await pushImages(bed, 1);
    succeeded(await bed.act('reconcile'));
    const digests = await pushImages(bed, 2);
    bed.github.faults.push(BOTH_PLAN_FIRST);
    const results = await Promise.all([bed.act('reconcile'), bed.act('reconcile')]);
    for (const result of results) succeeded(result);

    expect(bed.github.faults.pending).toEqual([]);
    expect(await pinned(bed, 'dev')).toEqual(digests);
    expect(pullsInto(bed, 'dev').filter((pull) => pull.body.includes('waybill:promotion='))).toHaveLength(2);
    expect(await promotionCommits(bed)).toHaveLength(2);
    expect(await promotionBranches(bed)).toEqual([]);
    const entries = await history(bed);
    const requested = entries.filter((entry) => entry.kind === 'promotion-requested');
    const ended = entries.filter((entry) => entry.kind === 'promotion-ended');
    expect(requested).toHaveLength(2);
    expect(ended.map((entry) => entry.outcome)).toEqual(['landed', 'landed']);
    expect(new Set(ended.map((entry) => entry.promotion)).size).toBe(2);
    expect(entries.filter((entry) => entry.kind === 'freight-discovered')).toHaveLength(2);
  });
});

it('loses neither of two first runs that both make the ledger', async () => {
  await onBed({}, async (bed) => {
    const digests = await pushImages(bed, 2);
    bed.github.faults.push({
      match: { method: 'POST', path: /\/git\/trees$/ },
      kind: 'delay',
      milliseconds: 1_500,
      times: 2,
    });
    const results = await Promise.all([bed.act('reconcile'), bed.act('reconcile')]);
    for (const result of results) succeeded(result);

    expect(await pinned(bed, 'dev')).toEqual(digests);
    expect(pullsInto(bed, 'dev')).toHaveLength(1);
    const roots = (await bed.github.commits(bed.repository, 'waybill/ledger')).filter(
      ({ parents }) => parents.length === 0,
    );
    expect(roots).toHaveLength(1);
    const entries = await history(bed);
    expect(entries.filter((entry) => entry.kind === 'freight-discovered')).toHaveLength(1);
    expect(entries.filter((entry) => entry.kind === 'promotion-requested')).toHaveLength(1);
  });
});

it('keeps the requests of two people who promote into two Stages at once', async () => {
  await onBed({}, async (bed) => {
    await landedInDev(bed);
    bed.github.faults.push(BOTH_PLAN_FIRST);
    const [staging, dev] = await Promise.all([
      bed.act('promote', { stage: 'staging', reason: 'by alice' }, { runId: 71 }),
      bed.act('promote', { stage: 'dev', freight: '', reason: 'by bob' }, { actor: 'bob', runId: 72 }),
    ]);
    succeeded(staging);
    expect(errorsOf(dev)).toBe('');
    const { requests } = await ledger(bed);
    expect(Object.keys(requests).sort()).toEqual(['71.staging', '72.dev']);
    expect((await stageOf(bed, 'staging')).open).toBeDefined();
    expect(pullsInto(bed, 'staging')).toHaveLength(1);
  });
});
