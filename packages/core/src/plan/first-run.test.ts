import { describe, expect, it } from '@jest/globals';
import { WaybillError } from '../errors.js';
import { plan } from './plan.js';
import { outside } from './test-outside.js';
import { discovered, freight, type GivenWorld, ledger, values, world } from './test-world.js';
import type { Intent, Plan } from './world.js';

const LOOK: Intent = { discover: true, bump: false };

function notes({ notes: all }: Plan, kind: string): readonly string[] {
  return all.filter((note) => note.kind === kind).map((note) => `${note.stage ?? note.warehouse}: ${note.text}`);
}

const files = (stages: Readonly<Record<string, readonly [api: string, web: string]>>) =>
  Object.fromEntries(
    Object.entries(stages).flatMap(([stage, [api, web]]) => [
      [`env/${stage}/api.yaml`, values('api', api)],
      [`env/${stage}/web.yaml`, values('web', web)],
    ]),
  );

describe('the first run', () => {
  it('keeps what each Stage runs as found Freight; the same images are one, approved for both Stages', () => {
    const { ledger: written, effects } = plan(
      world({ files: files({ dev: ['a', 'b'], staging: ['a', 'b'], production: ['c', 'b'] }) }),
      LOOK,
    );
    const records = Object.values(written?.state.freight ?? {});
    expect(records.map(({ freight: one, approvedFor }) => [one.found?.stages, Object.keys(approvedFor)])).toEqual([
      [
        ['dev', 'staging'],
        ['dev', 'staging'],
      ],
      [['production'], ['production']],
    ]);
    expect(written?.state.stages.staging?.platform?.current?.freight).toBe(records[0]?.freight.id);
    expect(written?.entries.map(({ kind }) => kind)).toEqual(['freight-found', 'freight-found', 'freight-found']);
    expect(effects).toEqual([]);
  });

  it.each<[string, readonly [string, string], string]>([
    ['what is not pinned', [':main', 'b'], 'not pinned to a digest: env/dev/api.yaml:3'],
    ['two digests for one image', ['a', 'b'], 'two digests for one image: env/dev/api.yaml:3, env/dev/more.yaml:3'],
  ])('reports and does not adopt %s', (_, versions, why) => {
    const more = versions[0] === 'a' ? { 'env/dev/more.yaml': values('api', 'c') } : {};
    const made = plan(world({ files: { ...files({ dev: versions }), ...more } }), LOOK);
    expect(made.ledger?.state.freight).toEqual({});
    expect(notes(made, 'not-adopted')).toEqual([`dev: ${why}`]);
  });

  it('adopts once: what is unknown stays so, whatever the files say later', () => {
    const first = plan(world({ files: files({ dev: [':main', 'b'] }) }), LOOK);
    const state = first.ledger?.state ?? ledger();
    expect(plan(world({ files: files({ dev: ['a', 'b'] }), state }), LOOK).ledger).toBeUndefined();
  });

  it('never promotes found Freight by itself', () => {
    const there = outside({ files: files({ dev: ['a', 'b'], staging: ['c', 'd'] }) });
    there.run();
    expect(there.pulls()).toEqual([]);
  });
});

describe('discovery', () => {
  it('enters the ledger once', () => {
    const given: GivenWorld = {
      files: files({ dev: [':main', ':main'] }),
      discoveries: { platform: discovered({ api: 'a', web: 'b' }) },
    };
    const first = plan(world(given), LOOK);
    expect(first.ledger?.entries.map(({ kind }) => kind)).toEqual(['freight-discovered']);
    const second = plan(world({ ...given, state: first.ledger?.state ?? ledger() }), LOOK);
    expect(second.ledger).toBeUndefined();
    expect(notes(second, 'up-to-date')).toEqual(['platform: nothing newer in the registry']);
  });

  it('makes ordinary Freight of what was found: same ID and alias, its approvals kept', () => {
    const found = freight({ api: 'a', web: 'b' }, { found: ['staging'], at: '2026-11-01T00:00:00.000Z' });
    const given = { files: files({ dev: ['a', 'b'] }), discoveries: { platform: discovered({ api: 'a', web: 'b' }) } };
    const made = plan(world({ ...given, state: ledger([found], { dev: {}, staging: {}, production: {} }) }), LOOK);
    const record = made.ledger?.state.freight[found.freight.id];
    expect(record?.freight).toEqual({ ...found.freight, found: undefined, discoveredAt: '2026-11-20T12:00:00.000Z' });
    expect(record?.approvedFor).toEqual(found.approvedFor);
  });

  it('verifies at once what an auto-promoting Stage was found with, so that the next Stage may have it', () => {
    const there = outside({
      files: Object.fromEntries(
        ['dev', 'staging'].flatMap((stage) =>
          ['api', 'web'].map((image) => [`env/${stage}/${image}.yaml`, values(image, 'a').replace('@', ':main@')]),
        ),
      ),
    });
    there.push({ api: 'a', web: 'a' });
    there.run();
    const [record] = Object.values(there.state().freight);
    expect(record?.freight.found).toBeUndefined();
    expect(Object.keys(record?.verifiedIn ?? {})).toEqual(['dev']);
    expect(there.pulls()).toEqual([]);
  });

  it('is all or none: what is missing is noted, what could not be asked is refused', () => {
    const failure = new WaybillError('registry-denied', { what: 'The registry denies acme/web', remedy: 'Log in' });
    const made = plan(
      world({
        files: files({ dev: ['a', 'b'] }),
        state: ledger([], { dev: {}, staging: {}, production: {} }),
        discoveries: {
          platform: {
            kind: 'incomplete',
            missing: [{ repoURL: 'ghcr.io/acme/web', reason: 'denied' }],
            failures: [failure],
          },
        },
      }),
      { discover: true, bump: true },
    );
    expect(made.ledger).toBeUndefined();
    expect(made.refusals).toEqual([failure]);
    expect(notes(made, 'not-discovered')).toEqual([
      "platform: no Freight, for all of a Warehouse's images come together: ghcr.io/acme/web: denied",
    ]);
  });

  it('refuses a Warehouse with an image that no Stage refers to, and does nothing else', () => {
    const made = plan(
      world({ files: { 'env/dev/api.yaml': values('api', 'a') }, discoveries: { platform: discovered({ api: 'a' }) } }),
      { discover: true, bump: true },
    );
    expect(made).toMatchObject({ ledger: undefined, effects: [] });
    expect(made.refusals.map(({ code, where }) => [code, where])).toEqual([
      ['config-invalid', { file: 'waybill.yaml', line: 3, column: expect.any(Number), image: 'ghcr.io/acme/web' }],
    ]);
  });
});
