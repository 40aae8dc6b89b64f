import { expect, it } from '@jest/globals';
import type { Bed } from '@waybill/testbed';
import {
  errorsOf,
  failed,
  landedInDev,
  OLD,
  onBed,
  openPullInto,
  pinned,
  promotionBranches,
  pullsInto,
  pushImages,
  stageOf,
  succeeded,
  valuesFile,
} from './support.js';

/** The intent stands in the ledger, and the run died before it made the branch. Gives the branch's name. */
async function dieBeforeTheBranch(bed: Bed): Promise<string> {
  await landedInDev(bed);
  bed.github.faults.push({ match: { method: 'POST', path: /\/git\/refs$/ }, kind: 'error', status: 502, times: 10 });
  failed(await bed.act('promote', { stage: 'staging' }));
  bed.github.faults.clear();
  const { open } = await stageOf(bed, 'staging');
  if (open === undefined) throw new Error('the ledger has no Promotion into staging');
  return `waybill/promote/${open.name}`;
}

/** The attack needs a repository whose ruleset is gone. */
function withoutRuleset(bed: Bed): void {
  bed.github.removeRuleset(bed.repository, 'Waybill');
}

const EVIL = valuesFile('api', `sha256:${'e'.repeat(64)}`);

it('goes on from the recorded intent when nobody touched the branch', async () => {
  await onBed({}, async (bed) => {
    const branch = await dieBeforeTheBranch(bed);
    expect(await promotionBranches(bed)).toEqual([]);
    succeeded(await bed.act('reconcile'));
    expect(await promotionBranches(bed)).toEqual([branch]);
    expect(openPullInto(bed, 'staging').headRef).toBe(branch);
  });
});

it('is kept from making a promotion branch by the ruleset', async () => {
  await onBed({}, async (bed) => {
    const branch = await dieBeforeTheBranch(bed);
    await expect(bed.github.createBranch('bob', bed.repository, branch)).rejects.toThrow(/rule/i);
    await expect(
      bed.github.commitAs('bob', bed.repository, branch, { 'env/staging/api.yaml': EVIL }, 'mine'),
    ).rejects.toThrow(/rule/i);
  });
});

it('never adopts a branch with other content, nor its pull request', async () => {
  await onBed({}, async (bed) => {
    const branch = await dieBeforeTheBranch(bed);
    withoutRuleset(bed);
    const oid = await bed.github.commitAs('bob', bed.repository, branch, { 'env/staging/api.yaml': EVIL }, 'mine');
    const refused = failed(await bed.act('reconcile'));
    expect(refused.outputs['reason-code']).toBe('branch-not-ours');
    expect(errorsOf(refused)).toContain(branch);
    expect(errorsOf(refused)).toContain('bob');
    expect(pullsInto(bed, 'staging')).toEqual([]);

    const pull = await bed.github.openPullRequest('bob', bed.repository, { head: branch });
    expect(errorsOf(failed(await bed.act('reconcile')))).toContain(branch);
    expect(bed.github.pullRequest(bed.repository, pull.number)).toMatchObject({ state: 'open', autoMerge: undefined });
    expect((await bed.github.branches(bed.repository))[branch]).toBe(oid);
    expect(await pinned(bed, 'staging')).toEqual(OLD);

    // Once a person has put it away, the Promotion goes on under its own name.
    await bed.github.closePullRequest(bed.repository, pull.number, 'bob');
    await bed.github.deleteBranch('bob', bed.repository, branch);
    succeeded(await bed.act('reconcile'));
    expect(openPullInto(bed, 'staging')).toMatchObject({ headRef: branch, author: { login: 'waybill[bot]' } });
    expect(await pinned(bed, 'staging')).toEqual(OLD);
  });
});

it('never adopts the very edits when another identity made them', async () => {
  await onBed({}, async (bed) => {
    const branch = await dieBeforeTheBranch(bed);
    withoutRuleset(bed);
    const dev = await pinned(bed, 'dev');
    const same = Object.fromEntries(
      Object.entries(dev).map(([service, digest]) => [`env/staging/${service}.yaml`, valuesFile(service, digest)]),
    );
    await bed.github.commitAs('bob', bed.repository, branch, same, 'looks right');
    const refused = failed(await bed.act('reconcile'));
    expect(refused.outputs['reason-code']).toBe('branch-not-ours');
    expect(pullsInto(bed, 'staging')).toEqual([]);
  });
});

it('refuses a commit that a person puts on top of an open promotion', async () => {
  await onBed({}, async (bed) => {
    const digests = await landedInDev(bed);
    succeeded(await bed.act('promote', { stage: 'staging' }));
    const pull = openPullInto(bed, 'staging');
    withoutRuleset(bed);
    await bed.github.commitAs('bob', bed.repository, pull.headRef, { 'env/staging/api.yaml': EVIL }, 'one more thing');
    const refused = failed(await bed.act('reconcile'));
    expect(refused.outputs['reason-code']).toBe('branch-not-ours');
    expect(errorsOf(refused)).toContain('bob');
    expect(bed.github.pullRequest(bed.repository, pull.number).merged).toBe(false);

    // Other Stages are not held up by it.
    const newer = await pushImages(bed, 3);
    failed(await bed.act('reconcile'));
    expect(await pinned(bed, 'dev')).toEqual(newer);
    expect(newer).not.toEqual(digests);
  });
});
