import { expect, it } from '@jest/globals';
import { type Bed, EXAMPLE_SERVICES, exampleFiles, type WorkflowRun } from '@waybill/testbed';
import { type Digests, ledger, onBed, openPullInto, pullsInto, pushImages, stageOf } from './support.js';

/** Some twenty workflow runs, one after the other. */
const STORY_MS = 240_000;
const SHARED = 'sources/values/_shared';

/** Every digest of ours that a Stage's files pin, by service; two for one service is a failure. */
async function digestsOf(bed: Bed, stage: string): Promise<Digests> {
  const digests: Record<string, string> = {};
  for (const path of Object.keys(exampleFiles()).filter((name) => name.startsWith(`sources/values/env/${stage}/`))) {
    const text = (await bed.github.readText(bed.repository, 'main', path)) ?? '';
    for (const [, service = '', digest = ''] of text.matchAll(
      /ghcr\.io\/ameideio\/([a-z]+)(?::[^@\s]+)?@(sha256:[0-9a-f]{64})/g,
    )) {
      if (digests[service] !== undefined) expect(digest).toBe(digests[service]);
      digests[service] = digest;
    }
  }
  return digests;
}

/** The workflows of the main job; what else is installed has tests of its own. */
const MAIN_JOB = /\/(?:waybill-reconcile|waybill-promote|checks)\.yml$/;

function expectGreen(runs: readonly WorkflowRun[]): void {
  const ours = runs.filter((run) => MAIN_JOB.test(run.workflow.path));
  expect(ours.length).toBeGreaterThan(0);
  expect(ours.map((run) => `${run.workflow.path} ${run.conclusion}`)).toEqual(
    ours.map((run) => `${run.workflow.path} success`),
  );
}

/** A person reviews what is open in a Stage; what is armed merges by itself, the rest is merged by hand. All that follows runs. */
async function review(bed: Bed, stage: string): Promise<number> {
  const pull = openPullInto(bed, stage);
  const isArmed = pull.autoMerge !== undefined;
  await bed.github.approve(bed.repository, pull.number, 'bob');
  if (!isArmed) await bed.github.mergePullRequest(bed.repository, pull.number, 'alice');
  await bed.runner.idle();
  expect(bed.github.pullRequest(bed.repository, pull.number).merged).toBe(true);
  return pull.number;
}

it(
  'takes a push to :main from dev to production, by the workflows, with the digests that dev got',
  async () => {
    const files = exampleFiles();
    await onBed({ files, approvals: 1 }, async (bed) => {
      // The first run adopts what stands there, and opens nothing.
      const first = await pushImages(bed, 1, EXAMPLE_SERVICES);
      expectGreen(await bed.reconcile());
      expect(bed.github.pullRequests(bed.repository)).toEqual([]);
      const adopted = await ledger(bed);
      for (const stage of ['local', 'dev', 'staging', 'production']) {
        expect(adopted.stages[stage]?.platform?.current).toBeDefined();
      }

      // A push to :main: local and dev move by pull requests that merge by themselves.
      const second = await pushImages(bed, 2, EXAMPLE_SERVICES);
      expectGreen(await bed.reconcile());
      await review(bed, 'local');
      await review(bed, 'dev');
      expect(await digestsOf(bed, 'dev')).toEqual(second);
      expect(await digestsOf(bed, 'local')).toEqual(second);
      expect(await digestsOf(bed, 'staging')).toEqual(without(first, 'agents'));

      // Staging, by a person.
      const staging = await bed.promote('alice', { stage: 'staging', freight: '', reason: 'Release 2' });
      expectGreen([staging]);
      expect(openPullInto(bed, 'staging').body).toContain('Release 2');
      await expect(
        bed.github.mergePullRequest(bed.repository, openPullInto(bed, 'staging').number, 'alice'),
      ).rejects.toThrow(/approving review/);
      await review(bed, 'staging');
      expect(await digestsOf(bed, 'staging')).toEqual(without(second, 'agents'));

      // :main moves meanwhile. Production still gets what dev got and staging verified.
      const third = await pushImages(bed, 3, EXAMPLE_SERVICES);
      expectGreen(await bed.reconcile());
      await review(bed, 'local');
      await review(bed, 'dev');
      expect(await digestsOf(bed, 'dev')).toEqual(third);
      expectGreen([await bed.promote('alice', { stage: 'production', freight: '' })]);
      await review(bed, 'production');
      expect(await digestsOf(bed, 'production')).toEqual(without(second, 'agents'));
      const frozen = (await ledger(bed)).stages.production?.platform?.current?.freight;
      expect(frozen).toBe((await stageOf(bed, 'staging')).current?.freight);

      // A revert by hand in dev holds it; local goes on.
      await bed.github.createBranch('alice', bed.repository, 'revert');
      const path = 'sources/values/env/dev/apps/api.yaml';
      const text = (await bed.github.readText(bed.repository, 'main', path)) ?? '';
      const reverted = text.replace(third.api ?? '', second.api ?? '');
      await bed.github.commitAs('alice', bed.repository, 'revert', { [path]: reverted }, 'Back to the old API');
      const revert = await bed.github.openPullRequest('alice', bed.repository, { head: 'revert' });
      await bed.github.approve(bed.repository, revert.number, 'bob');
      await bed.github.mergePullRequest(bed.repository, revert.number, 'alice');
      await bed.runner.idle();
      expect(await stageOf(bed, 'dev')).toMatchObject({ hold: { kind: 'hand-made', author: 'alice' } });

      const fourth = await pushImages(bed, 4, EXAMPLE_SERVICES);
      expectGreen(await bed.reconcile());
      await review(bed, 'local');
      expect(await digestsOf(bed, 'local')).toEqual(fourth);
      expect(await digestsOf(bed, 'dev')).toEqual({ ...third, api: second.api });
      expect(pullsInto(bed, 'dev').filter((pull) => pull.state === 'open')).toEqual([]);

      // Promoting the newest lifts the hold, and automation goes on.
      expectGreen([await bed.promote('bob', { stage: 'dev', freight: '' })]);
      await bed.github.approve(bed.repository, openPullInto(bed, 'dev').number, 'alice');
      await bed.github.mergePullRequest(bed.repository, openPullInto(bed, 'dev').number, 'bob');
      await bed.runner.idle();
      expect(await digestsOf(bed, 'dev')).toEqual(fourth);
      expect((await stageOf(bed, 'dev')).hold).toBeUndefined();

      // What all share, what is not ours, and the configuration never changed.
      for (const name of Object.keys(files)) {
        if (name.startsWith(SHARED) || name.endsWith('third-party.yaml') || !name.includes('/env/')) {
          expect(await bed.github.readText(bed.repository, 'main', name)).toBe(files[name]);
        }
      }
      expectGreen(bed.runner.runs);
    });
  },
  STORY_MS,
);

function without(digests: Digests, service: string): Digests {
  return Object.fromEntries(Object.entries(digests).filter(([name]) => name !== service));
}
