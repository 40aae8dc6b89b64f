import { expect, it } from '@jest/globals';
import { landedInDev, onBed, openPullInto, pinned, pullsInto, pushImages, stageOf, succeeded } from './support.js';

it('merges directly where nothing is pending, for GitHub refuses auto-merge there', async () => {
  await onBed({}, async (bed) => {
    await landedInDev(bed, 2);
    const refusal = bed.github.log.findIndex((entry) =>
      entry.operations.includes('mutation enablePullRequestAutoMerge'),
    );
    const merge = bed.github.log.findIndex((entry) => entry.method === 'PUT' && entry.path.endsWith('/merge'));
    expect(refusal).toBeGreaterThan(-1);
    expect(merge).toBeGreaterThan(refusal);
    const [pull] = pullsInto(bed, 'dev');
    expect(pull).toMatchObject({ merged: true, mergedBy: { login: 'waybill[bot]' } });
  });
});

it('merges directly where the repository has no auto-merge', async () => {
  await onBed({ allowAutoMerge: false }, async (bed) => {
    await landedInDev(bed, 2);
    expect(bed.github.log.some((entry) => entry.operations.includes('mutation enablePullRequestAutoMerge'))).toBe(
      false,
    );
  });
});

it('arms auto-merge where a check is pending; newer Freight waits for it', async () => {
  await onBed({ requiredCheck: 'build' }, async (bed) => {
    const first = await pushImages(bed, 2);
    succeeded(await bed.act('reconcile'));
    const armed = openPullInto(bed, 'dev');
    expect(armed.autoMerge).toBeDefined();

    // A busier registry than the checks are fast does not starve the Stage.
    const second = await pushImages(bed, 3);
    const waiting = succeeded(await bed.act('reconcile'));
    expect(waiting.summary).toContain('waits for');
    expect(openPullInto(bed, 'dev').number).toBe(armed.number);
    await pushImages(bed, 3);

    await bed.github.setCheck(bed.repository, { name: 'build', sha: armed.headRef, conclusion: 'success' });
    await bed.github.settled();
    expect(await pinned(bed, 'dev')).toEqual(first);

    // Then the newest goes; what came between is skipped.
    const third = await pushImages(bed, 4);
    succeeded(await bed.act('reconcile'));
    const next = openPullInto(bed, 'dev');
    expect(next.number).not.toBe(armed.number);
    expect(next.autoMerge).toBeDefined();
    await bed.github.setCheck(bed.repository, { name: 'build', sha: next.headRef, conclusion: 'success' });
    await bed.github.settled();
    expect(await pinned(bed, 'dev')).toEqual(third);
    expect(third).not.toEqual(second);
    succeeded(await bed.act('reconcile'));
    expect(await stageOf(bed, 'dev')).toMatchObject({ last: { outcome: 'landed' } });
    expect(pullsInto(bed, 'dev')).toHaveLength(2);
  });
});

it('keeps waiting while the check fails, and goes on when a person closes the pull request', async () => {
  await onBed({ requiredCheck: 'build' }, async (bed) => {
    await pushImages(bed, 2);
    succeeded(await bed.act('reconcile'));
    const red = openPullInto(bed, 'dev');
    await bed.github.setCheck(bed.repository, { name: 'build', sha: red.headRef, conclusion: 'failure' });
    const newer = await pushImages(bed, 3);
    succeeded(await bed.act('reconcile'));
    expect(openPullInto(bed, 'dev').number).toBe(red.number);
    await bed.github.closePullRequest(bed.repository, red.number, 'bob');
    succeeded(await bed.act('reconcile'));
    const next = openPullInto(bed, 'dev');
    await bed.github.setCheck(bed.repository, { name: 'build', sha: next.headRef, conclusion: 'success' });
    await bed.github.settled();
    expect(await pinned(bed, 'dev')).toEqual(newer);
  });
});
