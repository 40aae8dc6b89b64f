import { expect, it } from '@jest/globals';
import {
  freightWith,
  landedInDev,
  onBed,
  openPullInto,
  pinned,
  promotionBranches,
  pullsInto,
  pushImages,
  stageOf,
  succeeded,
} from './support.js';

it('does not try a closed Freight again by itself; a person may', async () => {
  await onBed({ requiredCheck: 'build' }, async (bed) => {
    const first = await pushImages(bed, 2);
    succeeded(await bed.act('reconcile'));
    const closed = openPullInto(bed, 'dev');
    await bed.github.closePullRequest(bed.repository, closed.number, 'alice');
    const noted = succeeded(await bed.act('reconcile'));
    expect(noted.summary).toContain('closed');
    expect(await stageOf(bed, 'dev')).toMatchObject({ last: { outcome: 'closed' } });
    expect(await promotionBranches(bed)).toEqual([]);
    succeeded(await bed.act('reconcile'));
    expect(pullsInto(bed, 'dev')).toHaveLength(1);

    // By name, by a person: another Promotion of the same Freight.
    const { id } = await freightWith(bed, first.api);
    succeeded(await bed.act('promote', { stage: 'dev', freight: id.slice(0, 7) }));
    const again = openPullInto(bed, 'dev');
    expect(again.headRef).not.toBe(closed.headRef);
    await bed.github.setCheck(bed.repository, { name: 'build', sha: again.headRef, conclusion: 'success' });
    await bed.github.mergePullRequest(bed.repository, again.number, 'alice');
    succeeded(await bed.act('reconcile'));
    expect(await pinned(bed, 'dev')).toEqual(first);

    // And automation goes on with what is newer.
    await pushImages(bed, 3);
    succeeded(await bed.act('reconcile'));
    expect(openPullInto(bed, 'dev').autoMerge).toBeDefined();
  });
});

it('lets a newer promotion by a person supersede the open one', async () => {
  await onBed({}, async (bed) => {
    await landedInDev(bed, 2);
    succeeded(await bed.act('promote', { stage: 'staging' }));
    const first = openPullInto(bed, 'staging');
    const newer = await pushImages(bed, 3);
    succeeded(await bed.act('reconcile'));
    // Automation leaves a person's promotion alone.
    expect(openPullInto(bed, 'staging').number).toBe(first.number);
    succeeded(await bed.act('promote', { stage: 'staging' }, { actor: 'bob' }));
    const second = openPullInto(bed, 'staging');
    expect(second.number).not.toBe(first.number);
    const closed = bed.github.pullRequest(bed.repository, first.number);
    expect(closed).toMatchObject({ state: 'closed', merged: false });
    expect(closed.comments.map((comment) => comment.body).join('\n')).toContain('asked for');
    expect(await promotionBranches(bed)).toEqual([second.headRef]);
    await bed.github.mergePullRequest(bed.repository, second.number, 'bob');
    succeeded(await bed.act('reconcile'));
    expect(await pinned(bed, 'staging')).toEqual(newer);
  });
});

it('takes a request once, however often its run is started again', async () => {
  await onBed({}, async (bed) => {
    await landedInDev(bed, 2);
    succeeded(await bed.act('promote', { stage: 'staging' }, { runId: 77 }));
    const pull = openPullInto(bed, 'staging');
    await bed.github.closePullRequest(bed.repository, pull.number, 'alice');
    await bed.act('promote', { stage: 'staging' }, { runId: 77 });
    expect(pullsInto(bed, 'staging')).toHaveLength(1);
    succeeded(await bed.act('promote', { stage: 'staging' }, { runId: 78 }));
    expect(pullsInto(bed, 'staging')).toHaveLength(2);
  });
});
