import { describe, expect, it } from '@jest/globals';
import { freight, type GivenFreight, ledger, NOW, world } from '../plan/test-world.js';
import { availability, availableFreight } from './availability.js';

const MINUTE = 60_000;
const IMAGES = { api: 'a', web: 'b' };

/** A Stage `goal` that takes Freight as given, behind the Stages `one` and `two`. */
function waybill(request: string): string {
  return `apiVersion: waybill/v1
warehouses:
  platform: {images: {strategy: Digest, constraint: main, repos: [ghcr.io/acme/api, ghcr.io/acme/web]}}
  other: {images: {strategy: Digest, constraint: main, repos: [ghcr.io/acme/other]}}
stages:
  one: {from: platform, updates: [{images: "env/one/**"}]}
  two: {from: platform, updates: [{images: "env/two/**"}]}
  goal:
    requestedFreight: [{origin: {kind: Warehouse, name: platform}, sources: ${request}}]
    updates: [{images: "env/goal/**"}]
`;
}

const upstream = (more = '') => waybill(`{stages: [one, two]${more}}`);
const SOAK = upstream(', requiredSoakTime: 30m');

/** The answer for one Freight; `standing` says since how many minutes `one` has it. */
function answer(text: string, given: GivenFreight, standing?: number) {
  const record = freight(IMAGES, given);
  const since = new Date(Date.parse(NOW) - (standing ?? 0) * MINUTE).toISOString();
  const current = standing === undefined ? {} : { one: { current: { freight: record.freight.id, since } } };
  const { config, now } = world({ waybill: text, policies: undefined });
  const goal = config.stages.find(({ name }) => name === 'goal');
  return goal && availability(record, goal, ledger([record], current), now);
}

describe('availability', () => {
  it.each<[string, string, GivenFreight, number | undefined, boolean, string]>([
    ['direct', waybill('{direct: true}'), {}, undefined, true, 'straight from Warehouse platform'],
    ['not direct, not verified', upstream(), {}, undefined, false, 'not verified in one; not verified in two'],
    ['verified in one of two', upstream(), { verified: { two: 0 } }, undefined, true, 'verified in two at '],
    ['verified elsewhere only', upstream(), { verified: { goal: 0 } }, undefined, false, 'not verified in one'],
    [
      'All, one of two',
      upstream(', availabilityStrategy: All'),
      { verified: { one: 0 } },
      undefined,
      false,
      'not verified in two',
    ],
    [
      'All, both',
      upstream(', availabilityStrategy: All'),
      { verified: { one: 0, two: 0 } },
      undefined,
      true,
      'verified in one',
    ],
    [
      'All, both and one more',
      upstream(', availabilityStrategy: All'),
      { verified: { one: 0, two: 0, goal: 9 } },
      undefined,
      true,
      'verified in one',
    ],
    ['direct or upstream', waybill('{direct: true, stages: [one]}'), {}, undefined, true, 'straight from'],
    ['approved for it', upstream(), { approved: ['goal'] }, undefined, true, 'approved for goal by ada'],
    ['approved for another', upstream(), { approved: ['one'] }, undefined, false, 'not verified in one'],
    ['approval waives soak', SOAK, { approved: ['goal'] }, undefined, true, 'approved for goal'],
    ['found in it', upstream(), { found: ['goal'] }, undefined, true, 'approved for goal'],
    [
      'found upstream',
      upstream(),
      { found: ['one'], verified: { one: 0 } },
      undefined,
      false,
      'it was found in one on the first run',
    ],
    ['found elsewhere, direct', waybill('{direct: true}'), { found: ['one'] }, undefined, false, 'found in one'],
    ['another Warehouse', upstream(), { warehouse: 'other' }, undefined, false, 'takes no Freight of Warehouse other'],
    ['no soak yet', SOAK, { verified: { one: 0 } }, undefined, false, 'soaked 0 min of 30 min in one'],
    ['soaks still', SOAK, { verified: { one: 0 } }, 29, false, 'soaked 29 min of 30 min in one'],
    ['has soaked and stands', SOAK, { verified: { one: 0 } }, 30, true, 'verified in one'],
    ['soaked earlier, stands anew', SOAK, { verified: { one: 31 * MINUTE } }, 1, true, 'verified in one'],
    ['soaked earlier, gone since', SOAK, { verified: { one: 30 * MINUTE } }, undefined, true, 'verified in one'],
    ['stays do not add up', SOAK, { verified: { one: 20 * MINUTE } }, 20, false, 'soaked 20 min'],
    ['stood there, unverified', SOAK, {}, 60, false, 'not verified in one'],
    [
      'All, one soaked',
      upstream(', availabilityStrategy: All, requiredSoakTime: 30m'),
      { verified: { one: 0, two: 0 } },
      60,
      false,
      'soaked 0 min of 30 min in two',
    ],
  ])('%s', (_, text, given, standing, available, why) => {
    expect(answer(text, given, standing)).toEqual({ available, why: expect.stringContaining(why) });
  });
});

describe('availableFreight', () => {
  it('is newest first, and among equals the greater ID first', () => {
    const at = '2026-11-20T09:00:00.000Z';
    const twins = [freight({ api: '1' }, { at }), freight({ api: '2' }, { at }), freight({ api: '3' }, { at })];
    const older = freight({ api: '4' }, { at: '2026-11-20T08:59:59.999Z' });
    const newer = freight({ api: '5' }, { at: '2026-11-20T09:00:00.001Z' });
    const { config, now } = world();
    const state = ledger([older, ...twins, newer]);
    const byId = twins
      .map(({ freight: { id } }) => id)
      .sort()
      .reverse();
    expect(availableFreight(config, 'dev', 'platform', state, now).map(({ freight: { id } }) => id)).toEqual([
      newer.freight.id,
      ...byId,
      older.freight.id,
    ]);
  });

  it('leaves out what the Stage may not have, and knows no Stage by another name', () => {
    const verified = freight({ api: '1' }, { verified: { dev: 0 } });
    const state = ledger([verified, freight({ api: '2' })]);
    const { config, now } = world();
    expect(availableFreight(config, 'staging', 'platform', state, now)).toEqual([verified]);
    expect(availableFreight(config, 'nowhere', 'platform', state, now)).toEqual([]);
  });
});
