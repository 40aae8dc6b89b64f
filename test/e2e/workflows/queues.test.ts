import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { type Bed, startBed } from '@waybill/testbed';
import { freightWith, history, openPullInto, pinned, pullsInto, pushImages, stageOf } from '../support.js';
import { expectAsDescribed, messages, runsOf, told, withStarters } from './support.js';

let bed: Bed;
beforeAll(async () => {
  bed = await startBed({ identity: 'app', files: withStarters() });
});
afterAll(() => bed.close());
afterEach(() => expectAsDescribed(bed));

describe('reconciles at once', () => {
  it('coalesce: the last one sees what all were started for', async () => {
    await pushImages(bed, 2);
    const dispatch = () => bed.github.dispatchRepository('alice', bed.repository, 'waybill');
    let digests = {};
    const runs = await runsOf(bed, async () => {
      await dispatch();
      for (const generation of [3, 4, 5]) {
        digests = await pushImages(bed, generation);
        await dispatch();
      }
    });
    const ends = told(runs);
    expect(
      ends.filter((run) => run.includes('repository_dispatch') && run.endsWith('cancelled')).length,
    ).toBeGreaterThan(0);
    expect(ends.filter((run) => !run.endsWith('cancelled')).every((run) => run.endsWith('success'))).toBe(true);
    expect(await pinned(bed, 'dev')).toEqual(digests);
    expect(pullsInto(bed, 'dev').filter(({ state }) => state === 'open')).toEqual([]);
  });

  it('a dry run takes no place of one that writes, and none takes its', async () => {
    const digests = await pushImages(bed, 6);
    const workflow = 'waybill-reconcile.yml';
    const runs = await runsOf(bed, async () => {
      await bed.github.dispatchWorkflow('alice', bed.repository, workflow, {});
      await bed.github.dispatchWorkflow('alice', bed.repository, workflow, { 'dry-run': true });
    });
    expect(told(runs).filter((run) => run.includes('workflow_dispatch'))).toEqual([
      'waybill-reconcile: workflow_dispatch refs/heads/main success',
      'waybill-reconcile: workflow_dispatch refs/heads/main success',
    ]);
    expect(await pinned(bed, 'dev')).toEqual(digests);
  });
});

describe('promotes at once', () => {
  it('all happen, in the order they were asked for, and the newest stands', async () => {
    const freights: string[] = [];
    for (const generation of [7, 8, 9]) {
      const digests = await pushImages(bed, generation);
      await bed.reconcile();
      freights.push((await freightWith(bed, digests.api)).id);
    }
    const runs = await runsOf(bed, async () => {
      for (const freight of freights) {
        await bed.github.dispatchWorkflow('alice', bed.repository, 'waybill-promote.yml', {
          stage: 'staging',
          freight,
        });
      }
    });
    expect(told(runs).filter((run) => run.startsWith('waybill-promote'))).toEqual(
      freights.map(() => 'waybill-promote: workflow_dispatch refs/heads/main success'),
    );
    const requested = (await history(bed)).flatMap(({ kind, promotion }) =>
      kind === 'promotion-requested' && typeof promotion === 'object' && promotion.stage === 'staging'
        ? [promotion.name.split('.').at(-1)]
        : [],
    );
    expect(requested).toEqual(freights.map((id) => id.slice(0, 7)));
    expect(pullsInto(bed, 'staging').map(({ state, merged }) => [state, merged])).toEqual([
      ['closed', false],
      ['closed', false],
      ['open', false],
    ]);
    expect((await stageOf(bed, 'staging')).open?.freight).toBe(freights[2]);
    const [first] = pullsInto(bed, 'staging');
    expect(first?.comments.map(({ body }) => body).join()).toContain('was asked for');
    expect(
      Object.keys(await bed.github.branches(bed.repository)).filter((name) => name.startsWith('waybill/promote/')),
    ).toEqual([openPullInto(bed, 'staging').headRef]);
  });

  it('promotes and reconciles do not stop each other', async () => {
    const digests = await pushImages(bed, 10);
    const runs = await runsOf(bed, async () => {
      await Promise.all([
        bed.github.dispatchRepository('alice', bed.repository, 'waybill'),
        bed.github.dispatchWorkflow('bob', bed.repository, 'waybill-promote.yml', { stage: 'staging' }),
      ]);
    });
    expect(messages(runs)).not.toContain('error');
    expect(told(runs).filter((run) => !run.endsWith('success') && !run.endsWith('cancelled'))).toEqual([]);
    expect(await pinned(bed, 'dev')).toEqual(digests);
    expect(pullsInto(bed, 'staging').filter(({ state }) => state === 'open')).toHaveLength(1);
  });
});
