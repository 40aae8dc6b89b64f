import { expect, it } from '@jest/globals';
import type { Bed, Fault } from '@waybill/testbed';
import {
  history,
  landedInDev,
  onBed,
  pinned,
  promotionBranches,
  pullsInto,
  pushImages,
  stageOf,
  succeeded,
  until,
} from './support.js';

const API = 'env/dev/api.yaml';

/** What a person does at the very moment when GitHub gets the request that the fault matches, and before it has an effect. */
async function whileHeld<T>(bed: Bed, held: Fault['match'], run: Promise<T>, act: () => Promise<unknown>): Promise<T> {
  let ended = false;
  const done = run.finally(() => {
    ended = true;
  });
  const isPending = () => bed.github.faults.pending.some((fault) => fault.match === held);
  await until(() => ended || !isPending());
  expect(isPending()).toBe(false);
  await act();
  return done;
}

function holding(match: Fault['match']): Fault {
  return { match, kind: 'delay', milliseconds: 400 };
}

async function textOf(bed: Bed, path: string): Promise<string> {
  return (await bed.github.readText(bed.repository, 'main', path)) ?? '';
}

const MOMENTS: readonly { readonly when: string; readonly match: Fault['match'] }[] = [
  { when: 'after the plan and before its intent', match: { graphql: /createCommitOnBranch/ } },
  { when: 'between the intent and the branch', match: { method: 'POST', path: /\/git\/refs$/ } },
  { when: 'between the branch and the pull request', match: { method: 'POST', path: /\/pulls$/ } },
  { when: 'between the pull request and the merge', match: { method: 'PUT', path: /\/merge$/ } },
];

it.each(MOMENTS)('keeps a change of another line of the same file, made $when', async ({ match }) => {
  await onBed({}, async (bed) => {
    await landedInDev(bed, 2);
    const digests = await pushImages(bed, 3);
    bed.github.faults.push(holding(match));
    const before = await textOf(bed, API);
    const changed = before.replace('replicas: 1', 'replicas: 5').replace('image:', '# scaled up\n\nimage:');
    await whileHeld(bed, match, bed.act('reconcile'), () =>
      bed.github.commitAs('alice', bed.repository, 'main', { [API]: changed }, 'Scale up'),
    );
    succeeded(await bed.act('reconcile'));
    expect(await pinned(bed, 'dev')).toEqual(digests);
    expect(await textOf(bed, API)).toContain('replicas: 5');
    expect(await textOf(bed, API)).toContain('# scaled up');
    expect(pullsInto(bed, 'dev').filter((pull) => pull.state === 'open')).toEqual([]);
    expect(await promotionBranches(bed)).toEqual([]);
    expect((await stageOf(bed, 'dev')).hold).toBeUndefined();
  });
});

it.each(MOMENTS.slice(-2))('keeps a change of another file, made $when', async ({ match }) => {
  await onBed({}, async (bed) => {
    await landedInDev(bed, 2);
    const digests = await pushImages(bed, 3);
    bed.github.faults.push(holding(match));
    await whileHeld(bed, match, bed.act('reconcile'), () =>
      bed.github.commitAs(
        'alice',
        bed.repository,
        'main',
        { 'env/dev/new.yaml': 'a: 1\n', 'README.md': '# new\n' },
        'Else',
      ),
    );
    succeeded(await bed.act('reconcile'));
    expect(await pinned(bed, 'dev')).toEqual(digests);
    expect(await textOf(bed, 'env/dev/new.yaml')).toBe('a: 1\n');
    expect(await textOf(bed, 'README.md')).toBe('# new\n');
    expect(await promotionBranches(bed)).toEqual([]);
    const landed = (await history(bed)).filter((entry) => entry.outcome === 'landed');
    expect(landed).toHaveLength(2);
  });
});

it.each(MOMENTS)('holds at a digest that a person changes, made $when', async ({ match }) => {
  await onBed({}, async (bed) => {
    const old = await landedInDev(bed, 2);
    await pushImages(bed, 3);
    const byHand = `sha256:${'d'.repeat(64)}`;
    bed.github.faults.push(holding(match));
    const changed = (await textOf(bed, API)).replace(old.api ?? '', byHand);
    await whileHeld(bed, match, bed.act('reconcile'), () =>
      bed.github.commitAs('alice', bed.repository, 'main', { [API]: changed }, 'Hotfix'),
    );
    succeeded(await bed.act('reconcile'));
    // Never mixed: either the person's fix stands and the Stage is held, or the whole Freight was there before it.
    expect(await textOf(bed, API)).toContain(byHand);
    expect(await pinned(bed, 'dev')).toEqual({ ...old, api: byHand });
    expect((await stageOf(bed, 'dev')).hold).toMatchObject({ kind: 'hand-made', author: 'alice' });
    expect(pullsInto(bed, 'dev').filter((pull) => pull.state === 'open')).toEqual([]);
  });
});
