import { expect, it } from '@jest/globals';
import { type Fault, secondaryRateLimit } from '@waybill/testbed';
import { failed, landedInDev, onBed, pinned, promotionBranches, pullsInto, pushImages, succeeded } from './support.js';

const LIMITED: readonly { readonly what: string; readonly match: Fault['match'] }[] = [
  { what: 'the first read', match: { graphql: /query Snapshot/ } },
  { what: 'the ledger commit', match: { graphql: /createCommitOnBranch/ } },
  { what: 'the branch', match: { method: 'POST', path: /\/git\/refs$/ } },
  { what: 'the pull request', match: { method: 'POST', path: /\/pulls$/ } },
  { what: 'the merge', match: { method: 'PUT', path: /\/merge$/ } },
];

it('waits a secondary rate limit out, at every kind of request', async () => {
  await onBed({}, async (bed) => {
    await landedInDev(bed, 2);
    const digests = await pushImages(bed, 3);
    bed.github.faults.push(
      ...LIMITED.map(({ match }, index) => secondaryRateLimit(match, index === 0 ? 1 : 0, index % 2 === 0 ? 403 : 429)),
    );
    const run = succeeded(await bed.act('reconcile'));
    expect(bed.github.faults.pending).toEqual([]);
    expect(run.durationMs).toBeGreaterThan(1_000);
    expect(await pinned(bed, 'dev')).toEqual(digests);
    expect(pullsInto(bed, 'dev')).toHaveLength(2);
    expect(await promotionBranches(bed)).toEqual([]);
  });
});

it('leaves a limit that is longer than a run to the next one', async () => {
  await onBed({}, async (bed) => {
    await landedInDev(bed, 2);
    const digests = await pushImages(bed, 3);
    bed.github.faults.push(secondaryRateLimit({ method: 'POST', path: /\/pulls$/ }, 3_600));
    const run = failed(await bed.act('reconcile'));
    expect(run.outputs['reason-code']).toBe('forge-rate-limited');
    expect(pullsInto(bed, 'dev')).toHaveLength(1);
    succeeded(await bed.act('reconcile'));
    expect(await pinned(bed, 'dev')).toEqual(digests);
    expect(pullsInto(bed, 'dev')).toHaveLength(2);
  });
});
