import { beforeEach, describe, expect, it } from '@jest/globals';
import { plan } from './plan.js';
import { type Outside, outside, RECONCILE } from './test-outside.js';
import { digest, type GivenWorld, POLICIES, values, WAYBILL } from './test-world.js';

const FILES = {
  'env/dev/api.yaml': values('api', 'a0'),
  'env/dev/web.yaml': values('web', 'b0'),
};
const API = 'env/dev/api.yaml';

let there: Outside;
let requests: number;

function start(given: GivenWorld = {}): void {
  requests = 0;
  there = outside({ files: FILES, ...given });
  there.run();
}
beforeEach(() => start());

const dev = () => there.state().stages.dev?.platform;
const holdOf = () => dev()?.hold;

/** The registry gets new images, and dev gets them. */
function release(api: string): string {
  there.later(1);
  there.push({ api, web: 'b0' });
  there.run();
  there.passChecks();
  there.later(1);
  there.run();
  return dev()?.current?.freight ?? '';
}

function promote(freight: string, login = 'ada'): void {
  const request = { id: `r${requests++}`, stage: 'dev', freight, requester: { kind: 'person', login } } as const;
  there.later(1);
  there.run({ discover: false, bump: false, promote: request });
}

function mergeOpen(by = 'ada'): void {
  for (const { number } of there.openPulls()) there.merge(number, by);
  there.later(1);
  there.run();
}

describe('a rollback', () => {
  it('A → B → back to A: three Promotions with names of their own, and the rollback holds', () => {
    const a = release('a1');
    const b = release('a2');
    promote(a);
    mergeOpen();
    expect(there.files()[API]).toBe(values('api', 'a1'));
    const names = there
      .history()
      .flatMap((entry) => (entry.kind === 'promotion-requested' ? entry.promotion.name : []));
    expect(new Set(names).size).toBe(3);
    expect(names.map((name) => name.slice(-7))).toEqual([a, b, a].map((id) => id.slice(0, 7)));
    expect(holdOf()).toMatchObject({ kind: 'promotion', promotion: names[2], author: 'ada' });
    release('a3');
    expect(dev()?.current?.freight).toBe(a);
    expect(there.pulls()).toHaveLength(3);
  });

  it('ends when a person promotes the newest', () => {
    const a = release('a1');
    release('a2');
    promote(a);
    mergeOpen();
    promote('');
    expect(holdOf()).toBeDefined();
    mergeOpen();
    expect(holdOf()).toBeUndefined();
    expect(there.history().at(-1)).toMatchObject({ kind: 'hold-lifted', by: { kind: 'person', login: 'ada' } });
    release('a3');
    expect(there.files()[API]).toBe(values('api', 'a3'));
  });

  it('is judged by what was the newest when it was asked for', () => {
    const a = release('a1');
    release('a2');
    promote(a);
    mergeOpen();
    promote('');
    there.push({ api: 'a3', web: 'b0' });
    there.run();
    mergeOpen();
    expect(holdOf()).toBeUndefined();
    expect(there.openPulls()).toHaveLength(1);
  });

  it('to what is there already holds just as well, and asking for it again lifts nothing', () => {
    const a = release('a1');
    there.push({ api: 'a2', web: 'b0' });
    there.run();
    expect(there.openPulls()).toHaveLength(1);
    promote(a);
    expect(there.openPulls()).toEqual([]);
    expect(holdOf()).toMatchObject({ kind: 'promotion', author: 'ada' });
    promote(a, 'grace');
    there.run();
    expect(holdOf()).toMatchObject({ kind: 'promotion' });
    expect(there.files()[API]).toBe(values('api', 'a1'));
  });

  it('to Freight found on the first run holds, too', () => {
    const found = dev()?.current?.freight ?? '';
    release('a1');
    promote(found);
    mergeOpen();
    release('a2');
    expect(there.files()[API]).toBe(values('api', 'a0'));
  });
});

describe('a change by hand', () => {
  it('holds, naming commit and author, and sticks even when it is undone', () => {
    release('a1');
    const { oid } = there.edit(API, values('api', 'f'), 'grace');
    there.run();
    expect(holdOf()).toMatchObject({ kind: 'hand-made', commit: oid, author: 'grace' });
    there.edit(API, values('api', 'a1'), 'grace');
    there.run();
    release('a2');
    expect(holdOf()).toMatchObject({ kind: 'hand-made', commit: oid });
    expect(there.files()[API]).toBe(values('api', 'a1'));
    promote('');
    mergeOpen();
    expect(holdOf()).toBeUndefined();
    expect(there.files()[API]).toBe(values('api', 'a2'));
  });

  it('of anything but a digest is none', () => {
    release('a1');
    there.edit(API, values('api', 'a1').replace('replicas: 2', 'replicas: 3'));
    release('a2');
    expect(holdOf()).toBeUndefined();
    expect(there.files()[API]).toContain('replicas: 3');
    expect(there.files()[API]).toContain(digest('a2'));
  });

  it('stops a pull request of automation’s that is on its way', () => {
    release('a1');
    there.push({ api: 'a2', web: 'b0' });
    there.run();
    const { oid } = there.edit(API, values('api', 'f'), 'grace');
    there.run();
    there.passChecks();
    there.run();
    expect(holdOf()).toMatchObject({ kind: 'hand-made', commit: oid, author: 'grace' });
    expect(there.openPulls()).toEqual([]);
    expect(there.files()[API]).toBe(values('api', 'f'));
  });

  it('made right after a landing, before any run saw that, is not overwritten by what is newest', () => {
    there.push({ api: 'a1', web: 'b0' });
    there.run();
    there.passChecks();
    there.edit(API, values('api', 'f'), 'grace');
    there.push({ api: 'a2', web: 'b0' });
    there.run();
    there.passChecks();
    there.run();
    expect(holdOf()).toMatchObject({ kind: 'hand-made', author: 'grace' });
    expect(there.files()[API]).toBe(values('api', 'f'));
  });

  it('beside a landing leaves the Freight unverified: the Stage never had all of it', () => {
    there.push({ api: 'a0', web: 'b1' });
    there.run();
    there.edit(API, values('api', 'f'), 'grace');
    there.passChecks();
    there.run();
    const landed = dev()?.current?.freight ?? '';
    expect(dev()?.last).toMatchObject({ outcome: 'landed', freight: landed });
    expect(there.state().freight[landed]?.verifiedIn).toEqual({});
    expect(holdOf()).toMatchObject({ kind: 'hand-made', author: 'grace' });
    promote('');
    mergeOpen();
    expect(there.state().freight[landed]?.verifiedIn).toHaveProperty('dev');
    expect(holdOf()).toBeUndefined();
  });

  it('of an image that is only tracked is nobody’s business', () => {
    start({
      waybill: WAYBILL.replace(
        'images: {strategy: Digest, constraint: main, repos: [ghcr.io/acme/api, ghcr.io/acme/web]}',
        'images: [{strategy: Digest, constraint: main, repos: [ghcr.io/acme/api]}, {strategy: Digest, constraint: main, repos: [ghcr.io/acme/web], trackOnly: true}]',
      ),
    });
    release('a1');
    there.edit('env/dev/web.yaml', values('web', 'c'));
    release('a2');
    expect(holdOf()).toBeUndefined();
    expect(there.files()[API]).toBe(values('api', 'a2'));
    expect(there.files()['env/dev/web.yaml']).toBe(values('web', 'c'));
  });

  it('is no landing that the files do not show yet', () => {
    there.push({ api: 'a1', web: 'b0' });
    there.run();
    const before = there.observe();
    there.passChecks();
    const after = there.observe();
    there.carryOut(after, plan({ ...after, trees: before.trees, snapshot: before.snapshot }, RECONCILE));
    expect(dev()?.current?.pullRequest).toBe(1);
    there.run();
    expect(holdOf()).toBeUndefined();
  });
});

describe('policies', () => {
  it('that merge by review hold as well', () => {
    start({ policies: POLICIES.replace('autoMerge: true', 'autoMerge: false') });
    there.push({ api: 'a1', web: 'b0' });
    there.run();
    there.edit(API, values('api', 'f'), 'grace');
    there.run();
    expect(holdOf()).toMatchObject({ author: 'grace' });
    expect(there.openPulls()).toEqual([]);
  });
});
