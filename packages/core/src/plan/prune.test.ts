import { describe, expect, it } from '@jest/globals';
import { printState } from '../ledger/codec.js';
import { FREIGHT_KEPT_PER_WAREHOUSE, type LedgerState, REQUESTS_KEPT } from '../ledger/state.js';
import { prune } from './prune.js';
import { freight, ledger } from './test-world.js';

const STAGES = ['dev', 'staging', 'production'];

/** `count` Freight of a Warehouse, oldest first. */
function many(count: number, warehouse = 'platform') {
  return Array.from({ length: count }, (_, index) =>
    freight(
      { api: { digest: `sha256:${index.toString(16).padStart(64, '0')}` } },
      { warehouse, at: new Date(Date.UTC(2026, 0, 1, 0, index)).toISOString() },
    ),
  );
}

function withRequests(state: LedgerState, count: number): LedgerState {
  const requests = Array.from({ length: count }, (_, index) => [`${index}.dev`, `dev.${index}`] as const);
  return { ...state, requests: Object.fromEntries(requests) };
}

describe('prune', () => {
  it('keeps the newest of each Warehouse', () => {
    const records = [...many(50), ...many(30, 'other')];
    const kept = Object.values(prune(ledger(records), STAGES).freight).map(({ freight: { id } }) => id);
    const newest = [
      ...records.slice(50 - FREIGHT_KEPT_PER_WAREHOUSE, 50),
      ...records.slice(-FREIGHT_KEPT_PER_WAREHOUSE),
    ];
    expect(kept).toEqual(newest.map(({ freight: { id } }) => id));
  });

  it('keeps what is in use, however old', () => {
    const records = many(60);
    const [current, open, last, closing, unused] = records.map(({ freight: { id } }) => id);
    const promotion = {
      name: 'dev.x',
      stage: 'dev',
      warehouse: 'platform',
      requestedBy: { kind: 'automation' },
      requestedAt: '2026-11-20T12:00:00.000Z',
      base: 'b',
      edits: [],
      autoMerge: true,
      newest: true,
    } as const;
    const state = ledger(records, {
      dev: { current: { freight: current ?? '', since: '2026-11-20T12:00:00.000Z' } },
      staging: {
        open: { ...promotion, freight: open ?? '' },
        closing: [{ ...promotion, freight: closing ?? '', why: 'x' }],
      },
      production: {
        last: { name: 'x', freight: last ?? '', outcome: 'closed', at: '2026-11-20T12:00:00.000Z' },
      },
    });
    const { freight: kept } = prune(state, STAGES);
    for (const id of [current, open, last, closing]) expect(kept).toHaveProperty([id ?? '']);
    expect(kept).not.toHaveProperty([unused ?? '']);
    expect(Object.keys(kept)).toHaveLength(FREIGHT_KEPT_PER_WAREHOUSE + 4);
  });

  it('keeps the newest requests', () => {
    const { requests } = prune(withRequests(ledger(), REQUESTS_KEPT + 3), STAGES);
    expect(Object.keys(requests)).toHaveLength(REQUESTS_KEPT);
    expect(Object.keys(requests).at(0)).toBe('3.dev');
    expect(Object.keys(requests).at(-1)).toBe(`${REQUESTS_KEPT + 2}.dev`);
  });

  it('gives back the very state when there is nothing to forget', () => {
    const state = withRequests(ledger(many(FREIGHT_KEPT_PER_WAREHOUSE)), REQUESTS_KEPT);
    expect(prune(state, STAGES)).toBe(state);
  });

  it('forgets a Stage that the configuration no longer has, unless something of it is under way', () => {
    const since = '2026-11-20T12:00:00.000Z';
    const state = ledger(many(1), { gone: { current: { freight: 'x', since } }, dev: {} });
    expect(Object.keys(prune(state, STAGES).stages)).toEqual(['dev']);
    const closing = { platform: { closing: [] } };
    expect(Object.keys(prune({ ...state, stages: { gone: closing } }, STAGES).stages)).toEqual(['gone']);
  });

  it('prints a state of the same size after 100 Freight and after 2,000', () => {
    const size = (count: number) => printState(prune(ledger(many(count)), STAGES)).length;
    expect(Math.abs(size(2_000) - size(100))).toBeLessThan(200);
  });
});
