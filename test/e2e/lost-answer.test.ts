import { expect, it } from '@jest/globals';
import type { Fault } from '@waybill/testbed';
import { history, onBed, pinned, promotionBranches, pullsInto, pushImages, succeeded } from './support.js';

/** What each write of a promotion into dev is matched by; the ledger has commits of its own before and after. */
const WRITES: readonly { readonly write: string; readonly fault: Omit<Fault, 'kind'> }[] = [
  { write: 'the ledger commit that records the Promotion', fault: { match: { graphql: /createCommitOnBranch/ } } },
  { write: 'the branch', fault: { match: { method: 'POST', path: /\/git\/refs$/ } } },
  { write: 'the commit of the branch', fault: { match: { graphql: /createCommitOnBranch/ }, after: 1 } },
  { write: 'the pull request', fault: { match: { method: 'POST', path: /\/pulls$/ } } },
  { write: 'the merge', fault: { match: { method: 'PUT', path: /\/merge$/ } } },
  {
    write: 'the ledger commit that records the landing',
    fault: { match: { graphql: /createCommitOnBranch/ }, after: 3 },
  },
  { write: 'the end of the branch', fault: { match: { method: 'DELETE', path: /\/git\/refs\// } } },
];

it.each(WRITES)('finds $write again when its answer is lost', async ({ fault }) => {
  await onBed({}, async (bed) => {
    await pushImages(bed, 1);
    succeeded(await bed.act('reconcile'));
    const before = pullsInto(bed, 'dev').length;
    const digests = await pushImages(bed, 2);
    bed.github.log.clear();
    bed.github.faults.push({ ...fault, kind: 'lost-answer' });
    succeeded(await bed.act('reconcile'));

    expect(bed.github.faults.pending).toEqual([]);
    expect(bed.github.log.filter((entry) => entry.status === 0)).toHaveLength(1);
    expect(await pinned(bed, 'dev')).toEqual(digests);
    expect(pullsInto(bed, 'dev')).toHaveLength(before + 1);
    expect(await promotionBranches(bed)).toEqual([]);
    const entries = await history(bed);
    expect(entries.filter((entry) => entry.kind === 'promotion-requested')).toHaveLength(2);
    expect(entries.filter((entry) => entry.kind === 'promotion-ended').map((entry) => entry.outcome)).toEqual([
      'landed',
      'landed',
    ]);
  });
});

it('finds the first commit of the ledger again', async () => {
  await onBed({}, async (bed) => {
    const digests = await pushImages(bed, 2);
    bed.github.faults.push({ match: { method: 'POST', path: /\/git\/refs$/ }, kind: 'lost-answer' });
    succeeded(await bed.act('reconcile'));
    expect(await pinned(bed, 'dev')).toEqual(digests);
    expect(pullsInto(bed, 'dev')).toHaveLength(1);
    expect((await history(bed)).filter((entry) => entry.kind === 'freight-discovered')).toHaveLength(1);
  });
});
