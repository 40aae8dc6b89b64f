import { beforeEach, describe, expect, it } from '@jest/globals';
import { type Outside, outside, RECONCILE } from './test-outside.js';
import { type GivenWorld, POLICIES, values } from './test-world.js';

const FILES = {
  'env/dev/api.yaml': values('api', 'a0'),
  'env/dev/web.yaml': values('web', 'b0'),
  'env/staging/api.yaml': values('api', 'a0'),
  'env/staging/web.yaml': values('web', 'b0'),
};
const BY_REVIEW = POLICIES.replace('autoMerge: true', 'autoMerge: false');

function start(given: GivenWorld = {}): Outside {
  const there = outside({ files: FILES, ...given });
  there.run();
  return there;
}

const dev = (there: Outside) => there.state().stages.dev?.platform;
const aliasOf = (there: Outside, id: string | undefined) => there.state().freight[id ?? '']?.freight;
const lastNotes = (there: Outside) =>
  there
    .run()
    .at(-1)
    ?.notes.flatMap(({ stage, kind, text }) => (stage === 'dev' ? [`${kind}: ${text}`] : []));

describe('auto-promotion', () => {
  it('goes nowhere without policies', () => {
    const there = start({ policies: undefined });
    there.push({ api: 'a1', web: 'b0' });
    there.run();
    expect(Object.keys(there.state().freight)).toHaveLength(2);
    expect(there.pulls()).toEqual([]);
  });

  it('goes where the policies say, once, and merges when the checks pass', () => {
    const there = start();
    there.push({ api: 'a1', web: 'b0' });
    there.run();
    there.run();
    expect(there.pulls()).toMatchObject([{ number: 1, autoMerge: true, state: 'open' }]);
    there.later(5);
    there.passChecks();
    there.later(5);
    there.run();
    expect(there.files()).toEqual({ ...FILES, 'env/dev/api.yaml': values('api', 'a1') });
    expect(dev(there)).toMatchObject({
      current: { since: '2026-11-20T12:05:00.000Z', pullRequest: 1, commit: expect.any(String) },
      last: { outcome: 'landed' },
    });
    expect(dev(there)?.open).toBeUndefined();
    expect(there.branches()).toEqual([]);
    expect(there.pulls()).toHaveLength(1);
  });

  it('verifies when the forge says it was merged, and keeps the longest completed stay', () => {
    const there = start();
    for (const version of ['a1', 'a2']) {
      there.push({ api: version, web: 'b0' });
      there.run();
      there.passChecks();
      there.later(30);
      there.run();
    }
    const [, first, second] = Object.values(there.state().freight);
    expect(first?.verifiedIn).toEqual({ dev: { at: '2026-11-20T12:00:00.000Z', longestSoak: 30 * 60_000 } });
    expect(second?.verifiedIn).toEqual({ dev: { at: '2026-11-20T12:30:00.000Z', longestSoak: 0 } });
  });

  it('waits for its own pull request that merges by itself, then takes the newest', () => {
    const there = start();
    there.push({ api: 'a1', web: 'b0' });
    there.run();
    there.later(1);
    there.push({ api: 'a2', web: 'b0' });
    expect(lastNotes(there)?.[0]).toMatch(/^waiting: waits for dev\..* to land or be closed$/);
    expect(there.openPulls().map(({ number }) => number)).toEqual([1]);
    there.passChecks();
    there.run();
    there.passChecks();
    there.run();
    expect(there.files()['env/dev/api.yaml']).toBe(values('api', 'a2'));
  });

  it('supersedes its own pull request that waits for a review, and leaves one open', () => {
    const there = start({ policies: BY_REVIEW });
    there.push({ api: 'a1', web: 'b0' });
    there.run();
    there.later(1);
    there.push({ api: 'a2', web: 'b0' });
    there.run();
    expect(there.pulls().map(({ state }) => state)).toEqual(['closed', 'open']);
    expect(there.branches()).toHaveLength(1);
    expect(dev(there)?.closing).toBeUndefined();
    expect(there.history().filter(({ kind }) => kind === 'promotion-ended')).toMatchObject([{ outcome: 'superseded' }]);
  });

  it('waits for a person’s', () => {
    const there = start({ policies: BY_REVIEW });
    there.push({ api: 'a1', web: 'b0' });
    there.run({ discover: true, bump: false });
    const requester = { kind: 'person', login: 'ada' } as const;
    there.run({ discover: false, bump: false, promote: { id: '1', stage: 'dev', freight: '', requester } });
    there.later(1);
    there.push({ api: 'a2', web: 'b0' });
    there.run();
    expect(there.openPulls().map(({ number }) => number)).toEqual([1]);
    expect(aliasOf(there, dev(there)?.open?.freight)?.images[0]?.digest).toContain('a1a1');
  });

  it('does not try again what was closed unmerged, but a person may', () => {
    const there = start();
    there.push({ api: 'a1', web: 'b0' });
    there.run();
    there.close(1);
    there.later(1);
    expect(lastNotes(there)).toEqual([
      'closed: its pull request was closed unmerged: automation does not try it again, a person may',
    ]);
    expect(there.pulls()).toHaveLength(1);
    const requester = { kind: 'person', login: 'ada' } as const;
    there.run({ discover: false, bump: false, promote: { id: '1', stage: 'dev', freight: '', requester } });
    expect(there.openPulls()).toHaveLength(1);
    there.close(2);
    there.run();
    expect(there.openPulls()).toEqual([]);
    there.push({ api: 'a2', web: 'b0' });
    there.run();
    expect(there.openPulls().map(({ number }) => number)).toEqual([3]);
  });

  it('remembers what was closed when a person’s other Promotion was closed since', () => {
    const there = start();
    const found = dev(there)?.current?.freight ?? '';
    there.push({ api: 'a1', web: 'b0' });
    there.run();
    there.passChecks();
    there.push({ api: 'a2', web: 'b0' });
    there.run();
    there.run();
    there.close(2);
    there.run();
    const requester = { kind: 'person', login: 'ada' } as const;
    there.run({ discover: false, bump: false, promote: { id: '1', stage: 'dev', freight: found, requester } });
    there.close(3);
    there.run();
    expect(there.pulls().map(({ state }) => state)).toEqual(['merged', 'closed', 'closed']);
  });
});

describe('a Stage that holds the digests already', () => {
  let there: Outside;
  beforeEach(() => {
    there = start();
    there.push({ api: 'a0', web: 'b0' });
    there.run();
  });

  it('needs no pull request, and has the Freight, verified', () => {
    const id = dev(there)?.current?.freight ?? '';
    expect(there.pulls()).toEqual([]);
    expect(there.state().freight[id]?.freight.found).toBeUndefined();
    expect(there.state().freight[id]?.verifiedIn).toHaveProperty('dev');
  });

  it('is left alone by the next run', () => {
    expect(there.run(RECONCILE)).toHaveLength(1);
  });
});

it('names a Stage’s Promotions in the order of their making, even within one millisecond', () => {
  const there = start({ policies: BY_REVIEW });
  for (const version of ['a1', 'a2', 'a3', 'a4', 'a5']) {
    there.push({ api: version, web: 'b0' });
    there.run();
    there.later(version === 'a3' ? 1 : 0);
  }
  const names = there.history().flatMap((entry) => (entry.kind === 'promotion-requested' ? entry.promotion.name : []));
  expect(names.length).toBeGreaterThanOrEqual(2);
  expect(names).toEqual([...names].sort());
  expect(new Set(names).size).toBe(names.length);
});
