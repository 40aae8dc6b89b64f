import { expect, it } from '@jest/globals';
import { errorsOf, failed, landedInDev, mutations, OLD, onBed, pinned, pushImages, succeeded } from './support.js';

it.each(['refs/heads/feature', 'refs/tags/main', 'refs/pull/1/merge', ''])(
  'writes nothing when it runs on %p',
  async (ref) => {
    await onBed({}, async (bed) => {
      await pushImages(bed, 2);
      await bed.github.createBranch('bob', bed.repository, 'feature');
      bed.github.log.clear();
      const refused = failed(await bed.act('reconcile', {}, { ref }));
      expect(refused.outputs['reason-code']).toBe('wrong-ref');
      expect(errorsOf(refused)).toContain('main');
      failed(await bed.act('promote', { stage: 'dev', freight: '' }, { ref }));
      expect(mutations(bed).filter((entry) => entry.kind !== 'git')).toEqual([]);
      expect(Object.keys(await bed.github.branches(bed.repository)).sort()).toEqual(['feature', 'main']);
    });
  },
);

it('says on a dry run what it would do, and writes nothing', async () => {
  await onBed({}, async (bed) => {
    await pushImages(bed, 2);
    bed.github.log.clear();
    const first = succeeded(await bed.act('reconcile', { 'dry-run': 'true' }));
    expect(first.outputs).toMatchObject({ decision: 'planned', 'reason-code': 'dry-run' });
    expect(first.summary).toContain('env/dev/api.yaml');
    expect(mutations(bed)).toEqual([]);
    expect(Object.keys(await bed.github.branches(bed.repository))).toEqual(['main']);
    expect(await pinned(bed, 'dev')).toEqual(OLD);

    const digests = await landedInDev(bed, 2);
    await bed.github.createBranch('bob', bed.repository, 'feature');
    bed.github.log.clear();
    const promote = succeeded(await bed.act('promote', { stage: 'staging', 'dry-run': 'true' }));
    expect(promote.outputs.decision).toBe('planned');
    // From another ref a dry run is fine: it only says.
    succeeded(await bed.act('promote', { stage: 'staging', 'dry-run': 'true' }, { ref: 'refs/heads/feature' }));
    const refused = failed(await bed.act('promote', { stage: 'production', 'dry-run': 'true' }));
    expect(refused.outputs['reason-code']).toBe('freight-not-available');
    expect(mutations(bed)).toEqual([]);
    expect(await pinned(bed, 'dev')).toEqual(digests);
  });
});

it('writes nothing when there is nothing to do', async () => {
  await onBed({}, async (bed) => {
    await landedInDev(bed, 2);
    bed.github.log.clear();
    const idle = succeeded(await bed.act('reconcile'));
    expect(idle.outputs).toMatchObject({ decision: 'unchanged', 'reason-code': 'nothing-new' });
    expect(mutations(bed)).toEqual([]);
    expect(bed.github.log.length).toBeLessThanOrEqual(8);
  });
});
