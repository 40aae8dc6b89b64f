import { expect, it } from '@jest/globals';
import type { ActionResult, Bed, Fault } from '@waybill/testbed';
import {
  history,
  landedInDev,
  onBed,
  openPullInto,
  pinned,
  promotionBranches,
  pullsInto,
  pushImages,
  stageOf,
  succeeded,
  until,
} from './support.js';

/** Every request whose effect others can see: not the blobs and trees that no branch holds yet, nor a refused auto-merge. */
const EFFECTS: readonly Fault['match'][] = [
  { graphql: /createCommitOnBranch/ },
  { method: 'POST', path: /\/git\/refs$|\/pulls$|\/comments$/ },
  { method: 'PATCH', path: /./ },
  { method: 'PUT', path: /./ },
  { method: 'DELETE', path: /./ },
];

type Start = (kill: AbortSignal) => Promise<ActionResult>;

/**
 * Runs until the first effect is under way, then kills the machine: the effect happens, and nobody learns of it.
 * Undefined when the run ended by itself.
 */
async function dieAtFirstEffect(
  bed: Bed,
  effects: readonly Fault['match'][],
  start: Start,
): Promise<string | undefined> {
  const machine = new AbortController();
  const faults = effects.map((match): Fault => ({ match, kind: 'delay', milliseconds: 250 }));
  bed.github.faults.push(...faults);
  const before = bed.github.log.length;
  let ended = false;
  const run = start(machine.signal).finally(() => {
    ended = true;
  });
  await until(() => ended || bed.github.faults.pending.length < faults.length);
  const isHeld = !ended;
  machine.abort();
  bed.github.faults.clear();
  const result = await run;
  await bed.github.settled();
  if (!isHeld) {
    succeeded(result);
    return undefined;
  }
  expect(result.exitCode).toBe(137);
  const effect = bed.github.log.slice(before).findLast((entry) => entry.mutating);
  return effect === undefined ? 'none' : `${effect.method} ${effect.operations.join() || effect.route}`;
}

const MOST_DEATHS = 25;
/** Some ten runs, one after the other. */
const KILLED_MS = 180_000;

/** Every run dies after its first effect, until one has nothing left to do. Gives the effects, in order. */
async function dieAgainAndAgain(bed: Bed, first: Start, matches = EFFECTS): Promise<readonly string[]> {
  const effects: string[] = [];
  for (let start = first; effects.length < MOST_DEATHS; start = (kill) => bed.act('reconcile', {}, { kill })) {
    const effect = await dieAtFirstEffect(bed, matches, start);
    if (effect === undefined) return effects;
    effects.push(effect);
  }
  throw new Error(`Not done after ${effects.length} runs: ${effects.join(', ')}`);
}

it(
  'comes from the first run to dev, although every run dies after its first effect',
  async () => {
    await onBed({}, async (bed) => {
      const digests = await pushImages(bed, 2);
      const effects = await dieAgainAndAgain(bed, (kill) => bed.act('reconcile', {}, { kill }));

      // The ledger, the branch, its commit, the pull request, the merge, the landing, the end of the branch.
      expect(effects.length).toBeGreaterThanOrEqual(7);
      expect(await pinned(bed, 'dev')).toEqual(digests);
      expect(pullsInto(bed, 'dev')).toHaveLength(1);
      expect(await promotionBranches(bed)).toEqual([]);
      const entries = await history(bed);
      expect(entries.filter((entry) => entry.kind === 'promotion-requested')).toHaveLength(1);
      expect(entries.filter((entry) => entry.kind === 'promotion-ended')).toMatchObject([{ outcome: 'landed' }]);
      expect(entries.filter((entry) => entry.kind === 'freight-discovered')).toHaveLength(1);
    });
  },
  KILLED_MS,
);

it(
  'supersedes an open promotion, although every run dies after its first effect',
  async () => {
    await onBed({}, async (bed) => {
      await landedInDev(bed, 2);
      succeeded(await bed.act('promote', { stage: 'staging' }));
      const old = openPullInto(bed, 'staging');
      const newer = await pushImages(bed, 3);
      succeeded(await bed.act('reconcile'));

      const effects = await dieAgainAndAgain(bed, (kill) =>
        bed.act('promote', { stage: 'staging', reason: 'newer' }, { actor: 'bob', kill }),
      );
      expect(effects.length).toBeGreaterThanOrEqual(6);
      expect(bed.github.pullRequest(bed.repository, old.number)).toMatchObject({ state: 'closed', merged: false });
      expect(pullsInto(bed, 'staging')).toHaveLength(2);
      const pull = openPullInto(bed, 'staging');
      expect(await promotionBranches(bed)).toEqual([pull.headRef]);
      expect(await stageOf(bed, 'staging')).toMatchObject({ open: { pullRequest: pull.number } });
      expect(bed.github.pullRequest(bed.repository, old.number).comments).toHaveLength(1);
      await bed.github.mergePullRequest(bed.repository, pull.number, 'alice');
      succeeded(await bed.act('reconcile'));
      expect(await pinned(bed, 'staging')).toEqual(newer);
    });
  },
  KILLED_MS,
);

it(
  'keeps the modes of files, although every run dies after its first effect',
  async () => {
    await onBed({}, async (bed) => {
      await landedInDev(bed, 2);
      const text = (await bed.github.readText(bed.repository, 'main', 'env/dev/api.yaml')) ?? '';
      await bed.github.commitAs(
        'alice',
        bed.repository,
        'main',
        { 'env/dev/api.yaml': { content: text, mode: '100755' } },
        'Executable',
      );
      const digests = await pushImages(bed, 3);
      await dieAgainAndAgain(bed, (kill) => bed.act('reconcile', {}, { kill }));
      expect(await pinned(bed, 'dev')).toEqual(digests);
      expect(pullsInto(bed, 'dev')).toHaveLength(2);
      expect(await promotionBranches(bed)).toEqual([]);
    });
  },
  KILLED_MS,
);

it(
  'leaves an armed pull request to merge, although every run dies after its first effect',
  async () => {
    await onBed({ requiredCheck: 'build' }, async (bed) => {
      const digests = await pushImages(bed, 2);
      const arming = [...EFFECTS, { graphql: /enablePullRequestAutoMerge/ }];
      const effects = await dieAgainAndAgain(bed, (kill) => bed.act('reconcile', {}, { kill }), arming);
      expect(effects.filter((effect) => effect.includes('enablePullRequestAutoMerge'))).toHaveLength(1);
      const pull = openPullInto(bed, 'dev');
      expect(pull.autoMerge).toBeDefined();
      await bed.github.setCheck(bed.repository, { name: 'build', sha: pull.headRef, conclusion: 'success' });
      await bed.github.settled();
      await dieAgainAndAgain(bed, (kill) => bed.act('reconcile', {}, { kill }));
      expect(await pinned(bed, 'dev')).toEqual(digests);
      expect(pullsInto(bed, 'dev')).toHaveLength(1);
      expect(await promotionBranches(bed)).toEqual([]);
      expect((await history(bed)).filter((entry) => entry.kind === 'promotion-ended')).toHaveLength(1);
    });
  },
  KILLED_MS,
);
