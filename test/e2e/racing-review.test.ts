import { expect, it } from '@jest/globals';
import {
  landedInDev,
  OLD,
  onBed,
  openPullInto,
  pinned,
  promotionBranches,
  pullsInto,
  stageOf,
  succeeded,
  valuesFile,
} from './support.js';

const API = 'env/staging/api.yaml';

it('keeps a reviewed pull request through a change that does not touch it', async () => {
  await onBed({ approvals: 1 }, async (bed) => {
    bed.github.setBranchProtection(bed.repository, { pattern: 'main' });
    const digests = await landedInDev(bed, 2);
    bed.github.setBranchProtection(bed.repository, { pattern: 'main', approvals: 1, dismissStale: true });
    succeeded(await bed.act('promote', { stage: 'staging' }));
    const pull = openPullInto(bed, 'staging');
    await bed.github.approve(bed.repository, pull.number, 'bob');
    bed.github.setBranchProtection(bed.repository, { pattern: 'main' });
    await bed.github.commitAs('alice', bed.repository, 'main', { 'README.md': '# new\n' }, 'Else');
    bed.github.setBranchProtection(bed.repository, { pattern: 'main', approvals: 1, dismissStale: true });
    succeeded(await bed.act('reconcile'));
    expect(openPullInto(bed, 'staging').number).toBe(pull.number);
    await bed.github.mergePullRequest(bed.repository, pull.number, 'alice');
    succeeded(await bed.act('reconcile'));
    expect(await pinned(bed, 'staging')).toEqual(digests);
    expect(await bed.github.readText(bed.repository, 'main', 'README.md')).toBe('# new\n');
  });
});

it('plans a person’s promotion again where it conflicts with what another changed', async () => {
  await onBed({}, async (bed) => {
    const digests = await landedInDev(bed, 2);
    succeeded(await bed.act('promote', { stage: 'staging', reason: 'Release' }));
    const old = openPullInto(bed, 'staging');
    const renamed = `image:\n  # by digest\n  ref: "ghcr.io/ameideio/api@${OLD.api}"\nreplicas: 2\n`;
    await bed.github.commitAs('bob', bed.repository, 'main', { [API]: renamed }, 'Quotes');
    expect(await bed.github.mergeState(bed.repository, old.number)).toBe('DIRTY');
    // GitHub finds out about the conflict once it is asked: the first run asks, the second knows.
    succeeded(await bed.act('reconcile'));
    succeeded(await bed.act('reconcile'));
    const next = openPullInto(bed, 'staging');
    expect(next.number).not.toBe(old.number);
    expect(next.body).toContain('Release');
    expect(bed.github.pullRequest(bed.repository, old.number)).toMatchObject({ state: 'closed', merged: false });
    expect(await promotionBranches(bed)).toEqual([next.headRef]);
    await bed.github.mergePullRequest(bed.repository, next.number, 'alice');
    succeeded(await bed.act('reconcile'));
    expect(await pinned(bed, 'staging')).toEqual(digests);
    expect(await bed.github.readText(bed.repository, 'main', API)).toBe(
      renamed.replace(OLD.api ?? '', digests.api ?? ''),
    );
  });
});

it('takes a reference that came while the pull request waited into it: all change together', async () => {
  await onBed({}, async (bed) => {
    const digests = await landedInDev(bed, 2);
    succeeded(await bed.act('promote', { stage: 'staging' }));
    const path = 'env/staging/job.yaml';
    await bed.github.commitAs('bob', bed.repository, 'main', { [path]: valuesFile('api', OLD.api ?? '') }, 'A job');
    succeeded(await bed.act('reconcile'));
    await bed.github.mergePullRequest(bed.repository, openPullInto(bed, 'staging').number, 'alice');
    succeeded(await bed.act('reconcile'));
    expect(await pinned(bed, 'staging')).toEqual(digests);
    expect(await bed.github.readText(bed.repository, 'main', path)).toBe(valuesFile('api', digests.api ?? ''));
    expect((await stageOf(bed, 'staging')).hold).toBeUndefined();
    expect(pullsInto(bed, 'staging').filter((pull) => pull.merged)).toHaveLength(1);
  });
});
