import { describe, expect, it } from '@jest/globals';
import type { Bed } from '@waybill/testbed';
import {
  errorsOf,
  failed,
  OLD,
  onBed,
  openPullInto,
  pinned,
  pushImages,
  stageOf,
  succeeded,
  valuesFile,
} from '../e2e/support.js';

const EVIL = `sha256:${'e'.repeat(64)}`;

/** A promotion into dev that GitHub merges by itself as soon as its check passes. */
async function armed(bed: Bed): Promise<string> {
  await pushImages(bed, 2);
  succeeded(await bed.act('reconcile'));
  const pull = openPullInto(bed, 'dev');
  expect(pull.autoMerge).toBeDefined();
  return pull.headRef;
}

function push(bed: Bed, branch: string): Promise<string> {
  return bed.github.commitAs('bob', bed.repository, branch, { 'env/dev/api.yaml': valuesFile('api', EVIL) }, 'more');
}

async function pass(bed: Bed, branch: string): Promise<void> {
  await bed.github.setCheck(bed.repository, { name: 'build', sha: branch, conclusion: 'success' });
  await bed.github.settled();
}

describe('a push to a promotion branch that merges by itself', () => {
  it('lands where no ruleset keeps it out, and is not taken for the promotion', async () => {
    await onBed({ requiredCheck: 'build' }, async (bed) => {
      const branch = await armed(bed);
      bed.github.removeRuleset(bed.repository, 'Waybill');
      await push(bed, branch);
      await pass(bed, branch);
      expect((await pinned(bed, 'dev')).api).toBe(EVIL);

      const run = failed(await bed.act('reconcile'));
      expect(run.outputs['reason-code']).toBe('branch-not-ours');
      expect(errorsOf(run)).toContain('bob');
      expect((await stageOf(bed, 'dev')).last?.outcome).not.toBe('landed');
      expect(failed(await bed.act('promote', { stage: 'staging' })).outputs.decision).toBe('refused');
    });
  });

  it('is kept out by the ruleset', async () => {
    await onBed({ requiredCheck: 'build' }, async (bed) => {
      const branch = await armed(bed);
      await expect(push(bed, branch)).rejects.toThrow(/rule/i);
    });
  });

  it('does not land once a run has seen it', async () => {
    await onBed({ requiredCheck: 'build' }, async (bed) => {
      const branch = await armed(bed);
      bed.github.removeRuleset(bed.repository, 'Waybill');
      await push(bed, branch);
      expect(failed(await bed.act('reconcile')).outputs['reason-code']).toBe('branch-not-ours');
      await pass(bed, branch);
      expect(await pinned(bed, 'dev')).toEqual(OLD);
      expect(openPullInto(bed, 'dev').autoMerge).toBeUndefined();
    });
  });
});
