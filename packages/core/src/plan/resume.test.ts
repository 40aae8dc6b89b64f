import { describe, expect, it } from '@jest/globals';
import type { OpenPromotion } from '../ledger/state.js';
import { plan } from './plan.js';
import { type Outside, outside, RECONCILE } from './test-outside.js';
import { pull, values, WAYBILL, world } from './test-world.js';
import type { Effect, Plan, World } from './world.js';

const FILES = {
  'env/dev/api.yaml': values('api', 'a0'),
  'env/dev/web.yaml': values('web', 'b0'),
};

/** A World in which dev's Promotion is recorded, and as many of its writes are done as it says; the ledger's is the first. */
function halfWay(writes: number): { there: Outside; open: OpenPromotion } {
  const there = outside({ files: FILES });
  there.run();
  there.push({ api: 'a1', web: 'b1' });
  const from = there.observe();
  there.carryOut(from, plan(from, RECONCILE), writes);
  const open = there.state().stages.dev?.platform?.open;
  if (open === undefined) throw new Error('nothing was opened');
  return { there, open };
}

const kinds = ({ effects }: Plan): readonly Effect['kind'][] => effects.map(({ kind }) => kind);
const next = (from: World): Plan => plan(from, RECONCILE);

describe('a run that ended half-way is continued', () => {
  it.each<[string, number, readonly Effect['kind'][]]>([
    ['only the ledger knows', 1, ['create-branch', 'commit', 'open-pull-request']],
    ['the branch is bare', 2, ['commit', 'open-pull-request']],
    ['the branch is ours, without a pull request', 3, ['open-pull-request']],
    ['the pull request is open', 4, ['merge']],
  ])('%s', (_, writes, expected) => {
    const { there, open } = halfWay(writes);
    const made = next(there.observe());
    expect(kinds(made)).toEqual(expected);
    expect(made.ledger?.state.stages.dev?.platform?.open?.name ?? open.name).toBe(open.name);
    there.run();
    there.passChecks();
    there.run();
    expect(there.files()['env/dev/api.yaml']).toBe(values('api', 'a1'));
    expect(there.pulls()).toHaveLength(1);
    expect(there.branches()).toEqual([]);
  });

  it('the pull request is noted once it is seen', () => {
    const { there, open } = halfWay(4);
    const made = next(there.observe());
    expect(made.ledger?.state.stages.dev?.platform?.open).toEqual({ ...open, pullRequest: 1, head: 'c4' });
    expect(made.ledger?.entries).toEqual([]);
  });

  it('merged: it has landed when the forge says, and its branch goes', () => {
    const { there, open } = halfWay(4);
    there.later(7);
    there.merge(1, 'ada');
    there.later(60);
    const made = next(there.observe());
    const { closing, ...record } = made.ledger?.state.stages.dev?.platform ?? {};
    // Remembered until its branch is seen gone.
    expect(closing).toMatchObject([{ name: open.name, ended: true }]);
    expect(record).toEqual({
      current: {
        freight: open.freight,
        since: '2026-11-20T12:07:00.000Z',
        promotion: open.name,
        pullRequest: 1,
        commit: expect.any(String),
      },
      last: { name: open.name, freight: open.freight, outcome: 'landed', at: '2026-11-20T12:07:00.000Z' },
    });
    expect(made.ledger?.state.freight[open.freight]?.verifiedIn).toEqual({
      dev: { at: '2026-11-20T12:07:00.000Z', longestSoak: 0 },
    });
    expect(made.ledger?.entries).toMatchObject([
      { kind: 'promotion-ended', promotion: open.name, outcome: 'landed', pullRequest: 1, by: 'ada' },
    ]);
    expect(kinds(made)).toEqual(['delete-branch']);
  });

  it('merged, and its branch still there because the run died: the next deletes it, and forgets it when something is to write', () => {
    const { there } = halfWay(4);
    there.merge(1, 'ada');
    const from = there.observe();
    there.carryOut(from, next(from), 1);
    expect(kinds(next(there.observe()))).toEqual(['delete-branch']);
    there.run();
    expect(there.branches()).toEqual([]);
    expect(there.run()).toHaveLength(1);
    there.push({ api: 'a2', web: 'b1' });
    there.run();
    expect(there.state().stages.dev?.platform?.closing).toBeUndefined();
  });

  it('closed: it has ended, and what dev has stays', () => {
    const { there, open } = halfWay(4);
    there.close(1);
    const before = there.state().stages.dev?.platform?.current;
    const made = next(there.observe());
    expect(made.ledger?.state.stages.dev?.platform).toMatchObject({
      current: before,
      last: { name: open.name, outcome: 'closed' },
    });
    expect(kinds(made)).toEqual(['delete-branch']);
  });

  it('superseded, and the pull request was not closed any more: it is closed before another is opened', () => {
    const { there } = halfWay(4);
    const requester = { kind: 'person', login: 'ada' } as const;
    const found = Object.values(there.state().freight).find(({ freight }) => freight.found !== undefined);
    const freight = found?.freight.id ?? '';
    there.push({ api: 'a2', web: 'b1' });
    there.run({ discover: true, bump: false });
    const newest = Object.values(there.state().freight).at(-1)?.freight.id ?? '';
    const from = there.observe();
    const promote = { id: 'r', stage: 'dev', freight: newest, requester };
    there.carryOut(from, plan(from, { discover: false, bump: false, promote }), 1);
    expect(there.openPulls()).toHaveLength(1);
    expect(kinds(next(there.observe()))).toEqual([
      'close-pull-request',
      'delete-branch',
      'create-branch',
      'commit',
      'open-pull-request',
    ]);
    there.run();
    expect(there.pulls().map(({ state }) => state)).toEqual(['closed', 'open']);
    expect(there.run()).toHaveLength(1);
    expect(freight).not.toBe('');
  });

  it('superseded, and merged before it was closed: it has landed all the same', () => {
    const { there, open } = halfWay(4);
    there.push({ api: 'a2', web: 'b1' });
    there.run({ discover: true, bump: false });
    const newest = Object.values(there.state().freight).at(-1)?.freight.id ?? '';
    const from = there.observe();
    const requester = { kind: 'person', login: 'ada' } as const;
    const promote = { id: 'r', stage: 'dev', freight: newest, requester };
    there.carryOut(from, plan(from, { discover: false, bump: false, promote }), 1);
    there.merge(1, 'grace');
    there.run();
    expect(there.state().stages.dev?.platform).toMatchObject({
      current: { freight: open.freight, pullRequest: 1 },
      open: { freight: newest, requestedBy: requester },
    });
    expect(there.state().stages.dev?.platform?.hold).toBeUndefined();
    expect(there.openPulls()).toHaveLength(1);
  });
});

describe('what is not ours', () => {
  it.each([
    undefined,
    pull(9, { state: 'open', author: 'eve' }),
    pull(9, { state: 'merged', mergedAt: '2026-11-20T12:00:00Z' }),
  ])('is refused by name, and nothing is adopted', (pullRequest) => {
    const { there, open } = halfWay(1);
    const from = there.observe();
    const branch = { kind: 'foreign', why: 'its head eeeeeee is by eve' } as const;
    const made = next({ ...from, branches: new Map([[open.name, { branch, pullRequest }]]) });
    expect(made).toMatchObject({ ledger: undefined, effects: [] });
    expect(made.refusals.map(({ code, what }) => [code, what])).toEqual([
      ['branch-not-ours', `waybill/promote/${open.name} is not Waybill's: its head eeeeeee is by eve`],
    ]);
  });

  it('is not closed either when a person asks for something else', () => {
    const { there, open } = halfWay(4);
    there.editBranch(`waybill/promote/${open.name}`, 'eve');
    const requester = { kind: 'person', login: 'ada' } as const;
    const promote = { id: 'r', stage: 'dev', freight: open.freight, requester };
    const made = plan(there.observe(), { discover: false, bump: false, promote });
    expect(kinds(made)).toEqual(['create-branch', 'commit', 'open-pull-request']);
    expect(made.refusals.map(({ code }) => code)).toEqual(['branch-not-ours']);
  });
});

describe('a base that was overtaken', () => {
  it.each<[string, number]>([
    ['before there is a branch', 1],
    ['before there is a commit', 2],
    ['before there is a pull request', 3],
    ['while it waits for its checks', 5],
  ])('%s: the same Freight is planned again on what the files are now', (_, writes) => {
    const { there, open } = halfWay(writes);
    if (writes === 5) there.run();
    const edited = values('api', 'a0').replace('replicas: 2', 'replicas: 3');
    there.edit('env/dev/api.yaml', edited);
    there.later(1);
    there.run();
    const again = there.state().stages.dev?.platform?.open;
    expect(again).toMatchObject({ freight: open.freight, requestedBy: { kind: 'automation' }, autoMerge: true });
    expect(again?.name).not.toBe(open.name);
    expect(there.openPulls()).toHaveLength(1);
    expect(there.branches()).toEqual([`waybill/promote/${again?.name}`]);
    there.passChecks();
    expect(there.files()['env/dev/api.yaml']).toBe(values('api', 'a1').replace('replicas: 2', 'replicas: 3'));
  });

  it('by a new reference: it is in the one commit, too', () => {
    const { there } = halfWay(1);
    there.edit('env/dev/more.yaml', values('api', 'a0'));
    there.run();
    there.passChecks();
    there.run();
    expect(there.files()['env/dev/more.yaml']).toBe(values('api', 'a1'));
    expect(there.state().stages.dev?.platform?.hold).toBeUndefined();
  });

  it('elsewhere changes nothing', () => {
    const { there, open } = halfWay(2);
    there.edit('env/dev/notes.yaml', 'a: 1\n');
    there.run();
    expect(there.state().stages.dev?.platform?.open?.name).toBe(open.name);
  });

  it('is not taken from under a reviewer while it merges cleanly', () => {
    const there = outside({ files: FILES, policies: undefined });
    there.run();
    there.push({ api: 'a1', web: 'b1' });
    there.run();
    const requester = { kind: 'person', login: 'ada' } as const;
    there.run({ discover: false, bump: false, promote: { id: 'r', stage: 'dev', freight: '', requester } });
    there.edit('env/dev/api.yaml', values('api', 'a0').replace('replicas: 2', 'replicas: 3'));
    there.run();
    expect(there.openPulls().map(({ number }) => number)).toEqual([1]);
    there.edit('env/dev/api.yaml', values('api', 'ff'));
    there.run();
    expect(there.openPulls().map(({ number }) => number)).toEqual([2]);
  });
});

it.each([
  ['is gone', WAYBILL.replace(/ {2}dev:.*\n/, '').replace('from: [dev]', 'from: platform')],
  [
    'takes other Freight',
    WAYBILL.replace('dev: {from: platform', 'dev: {from: other')
      .replace(
        'stages:\n',
        '  other: {images: {strategy: Digest, constraint: main, repos: [ghcr.io/acme/job]}}\nstages:\n',
      )
      .replace('from: [dev]', 'from: platform'),
  ],
])('a Promotion whose Stage %s is given up', (_, waybill) => {
  const { there, open } = halfWay(4);
  const from = there.observe();
  const files = {
    ...FILES,
    'env/staging/api.yaml': values('api', 'a0'),
    'env/dev/job.yaml': values('job', 'c'),
    'env/staging/web.yaml': values('web', 'a0'),
  };
  const changed = world({ waybill, files, policies: undefined, state: from.ledger.state });
  const made = next({ ...changed, branches: from.branches });
  expect(kinds(made)).toEqual(['close-pull-request', 'delete-branch']);
  expect(made.ledger?.state.stages.dev?.platform?.open).toBeUndefined();
  expect(made.ledger?.entries).toContainEqual(expect.objectContaining({ promotion: open.name, outcome: 'replanned' }));
});
