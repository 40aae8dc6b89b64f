import { expect, it } from '@jest/globals';
import type { Bed } from '@waybill/testbed';
import {
  freightWith,
  landedInDev,
  onBed,
  openPullInto,
  pinned,
  pullsInto,
  pushImages,
  stageOf,
  succeeded,
} from './support.js';

async function mergeInto(bed: Bed, stage: string): Promise<void> {
  await bed.github.mergePullRequest(bed.repository, openPullInto(bed, stage).number, 'alice');
  succeeded(await bed.act('reconcile'));
}

it('goes from A to B and back to A by three Promotions, and stays there until a person goes on', async () => {
  await onBed({}, async (bed) => {
    const a = await landedInDev(bed, 2);
    const b = await pushImages(bed, 3);
    succeeded(await bed.act('reconcile'));
    expect(await pinned(bed, 'dev')).toEqual(b);

    const { id, alias } = await freightWith(bed, a.api);
    succeeded(await bed.act('promote', { stage: 'dev', freight: alias, reason: 'B is broken' }));
    const rollback = openPullInto(bed, 'dev');
    expect(rollback.body).toContain('B is broken');
    expect(rollback.autoMerge).toBeUndefined();
    await mergeInto(bed, 'dev');
    expect(await pinned(bed, 'dev')).toEqual(a);
    expect(await stageOf(bed, 'dev')).toMatchObject({
      current: { freight: id },
      hold: { kind: 'promotion', author: 'alice' },
    });
    expect(new Set(pullsInto(bed, 'dev').map((pull) => pull.headRef)).size).toBe(3);

    // Neither a further run nor newer Freight undoes it.
    succeeded(await bed.act('reconcile'));
    const c = await pushImages(bed, 4);
    const held = succeeded(await bed.act('reconcile'));
    expect(held.summary).toContain('held');
    expect(await pinned(bed, 'dev')).toEqual(a);
    expect(pullsInto(bed, 'dev')).toHaveLength(3);

    succeeded(await bed.act('promote', { stage: 'dev' }, { actor: 'bob' }));
    await mergeInto(bed, 'dev');
    expect(await pinned(bed, 'dev')).toEqual(c);
    expect((await stageOf(bed, 'dev')).hold).toBeUndefined();
  });
});

it('returns to what the first run found', async () => {
  await onBed({}, async (bed) => {
    const before = await pinned(bed, 'dev');
    await landedInDev(bed, 2);
    const found = await freightWith(bed, before.api);
    succeeded(await bed.act('promote', { stage: 'dev', freight: found.id.slice(0, 7) }));
    await mergeInto(bed, 'dev');
    expect(await pinned(bed, 'dev')).toEqual(before);
    succeeded(await bed.act('reconcile'));
    expect(await pinned(bed, 'dev')).toEqual(before);
  });
});
