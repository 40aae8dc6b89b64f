import { describe, expect, it } from '@jest/globals';
import { loadConfig } from '../config/load-config.js';
import type { Freight } from '../freight/types.js';
import { EMPTY_LEDGER, type FreightRecord, type LedgerState, type StageRecord } from '../ledger/state.js';
import type { StageTree } from '../stage/tree.js';
import { scanText } from '../yaml/index.js';
import { judgeLedgerLineage, type LedgerLineage } from './lineage-ledger.js';

const CONFIG = loadConfig({
  path: 'waybill.yaml',
  text: `apiVersion: waybill/v1
firstParty: [ghcr.io/o/*]
warehouses: {w: {images: {strategy: Digest, constraint: main, repos: [ghcr.io/o/api, ghcr.io/o/web]}}}
stages:
  dev: {from: w, updates: [{images: "env/dev/**"}]}
  staging: {from: [dev], updates: [{images: "env/staging/**"}]}
  production:
    requestedFreight: [{origin: {kind: Warehouse, name: w}, sources: {stages: [staging], requiredSoakTime: 30m}}]
    updates: [{images: "env/production/**"}]
`,
});
const NOW = new Date('2026-06-01T12:00:00Z');
const LONG_AGO = '2026-05-01T00:00:00Z';

function digest(name: string, letter: string): string {
  return `sha256:${(name === 'api' ? letter : `${letter}${letter}0${letter}`).repeat(64).slice(0, 64)}`;
}

/** Freight `a` is the oldest. */
function freight(letter: string): Freight {
  return {
    id: letter.repeat(40),
    alias: `alias-${letter}`,
    discoveredAt: `2026-05-0${letter.charCodeAt(0) - 96}T00:00:00Z`,
    origin: { kind: 'Warehouse', name: 'w' },
    images: ['api', 'web'].map((name) => ({ repoURL: `ghcr.io/o/${name}`, tag: 'main', digest: digest(name, letter) })),
  };
}

function record(letter: string, facts: Partial<FreightRecord> = {}): FreightRecord {
  return { freight: freight(letter), verifiedIn: {}, approvedFor: {}, ...facts };
}

const VERIFIED = { at: LONG_AGO, longestSoak: 3_600_000 };

function ledger(records: readonly FreightRecord[], stages: Readonly<Record<string, StageRecord>> = {}): LedgerState {
  return {
    ...EMPTY_LEDGER,
    freight: Object.fromEntries(records.map((each) => [each.freight.id, each])),
    stages: Object.fromEntries(Object.entries(stages).map(([name, each]) => [name, { w: each }])),
  };
}

function tree(name: string, api: string, web: string): StageTree {
  const stage = CONFIG.stages.find((each) => each.name === name);
  if (stage === undefined) throw new Error(`no Stage ${name}`);
  const path = `env/${name}/all.yaml`;
  const text = `api: {image: {ref: "ghcr.io/o/api@${api}"}}\nweb: {image: {ref: "ghcr.io/o/web@${web}"}}\n`;
  const scan = scanText({ path, text });
  return { stage, files: [{ path, oid: '', mode: '100644', bytes: new TextEncoder().encode(text), scan }] };
}

function production(api: string, web: string): StageTree {
  return tree('production', digest('api', api), digest('web', web));
}

function judged(state: LedgerState, head: StageTree, more: Partial<LedgerLineage> = {}) {
  const stages = [{ base: production('a', 'a'), head }];
  return judgeLedgerLineage({ config: CONFIG, state, stages, mixed: 'refused', now: NOW, ...more });
}

function rules(...input: Parameters<typeof judged>): readonly string[] {
  return judged(...input).map(({ rule, region }) => `${rule} ${region.line}:${region.column}`);
}

const BOTH = ['1:21', '2:21'];
const both = (rule: string) => BOTH.map((place) => `${rule} ${place}`);
const HAS_A = { production: { current: { freight: 'a'.repeat(40), since: LONG_AGO } } };
const SOAKED = record('b', { verifiedIn: { dev: VERIFIED, staging: VERIFIED } });

describe('judgeLedgerLineage', () => {
  it.each<[what: string, state: LedgerState, head: StageTree, expected: readonly string[]]>([
    ['a change of nothing', ledger([]), production('a', 'a'), []],
    ['Freight that is verified and soaked', ledger([record('a'), SOAKED], HAS_A), production('b', 'b'), []],
    ['Freight that nobody verified', ledger([record('b')]), production('b', 'b'), both('lineage-unverified')],
    [
      'Freight that is only verified further up',
      ledger([record('b', { verifiedIn: { dev: VERIFIED } })]),
      production('b', 'b'),
      both('lineage-unverified'),
    ],
    [
      'Freight that has not soaked',
      ledger([record('b', { verifiedIn: { staging: { at: LONG_AGO, longestSoak: 60_000 } } })]),
      production('b', 'b'),
      both('lineage-unsoaked'),
    ],
    [
      'Freight that is approved',
      ledger([record('b', { approvedFor: { production: { at: LONG_AGO, by: 'x' } } })]),
      production('b', 'b'),
      [],
    ],
    ['a digest of no Freight', ledger([SOAKED]), production('c', 'b'), ['lineage-unknown 1:21']],
    ['half of a Freight', ledger([record('a'), SOAKED], HAS_A), production('b', 'a'), ['lineage-mixed 1:21']],
    [
      'older Freight',
      ledger(
        [
          record('a', { verifiedIn: { staging: VERIFIED } }),
          SOAKED,
          record('c', { verifiedIn: { staging: VERIFIED } }),
        ],
        {
          production: { current: { freight: 'c'.repeat(40), since: LONG_AGO } },
        },
      ),
      production('b', 'b'),
      both('lineage-downgrade'),
    ],
  ])('judges %s', (_, state, head, expected) => {
    expect(rules(state, head)).toEqual(expected);
  });

  it('lets a recorded rollback through', () => {
    const c = record('c', { verifiedIn: { staging: VERIFIED } });
    const open = {
      name: 'production.01.bbbbbbb',
      stage: 'production',
      warehouse: 'w',
      freight: 'b'.repeat(40),
      requestedBy: { kind: 'person', login: 'x' },
      requestedAt: LONG_AGO,
      base: '',
      edits: [],
      autoMerge: false,
      newest: false,
    } as const;
    const state = ledger([SOAKED, c], { production: { current: { freight: 'c'.repeat(40), since: LONG_AGO }, open } });
    expect(rules(state, production('b', 'b'))).toEqual([]);
  });

  it('refuses what was rejected, though the Stage may have had it', () => {
    const rejected = new Map([['b'.repeat(40), '@x: it loses data']]);
    const [draft] = judged(ledger([SOAKED]), production('b', 'b'), { rejected });
    expect(draft).toMatchObject({
      rule: 'lineage-rejected',
      reason: 'Freight alias-b was rejected: @x: it loses data',
    });
  });

  it('lets single images through only where the policies allow it', () => {
    const state = ledger([record('a'), SOAKED], HAS_A);
    expect(rules(state, production('b', 'a'), { mixed: 'allowed' })).toEqual([]);
    const unverified = ledger([record('a'), record('b')], HAS_A);
    expect(rules(unverified, production('b', 'a'), { mixed: 'allowed' })).toEqual(['lineage-unverified 1:21']);
  });

  it('says the chain', () => {
    const [draft] = judged(ledger([record('b', { verifiedIn: { dev: VERIFIED } })]), production('b', 'b'));
    expect(draft?.reason).toBe(
      'Freight alias-b is not available to production: not verified in staging (dev verified → staging not verified → production)',
    );
  });

  it('judges each Stage by its own base', () => {
    const base = tree('dev', digest('api', 'a'), digest('web', 'a'));
    const head = tree('dev', digest('api', 'b'), digest('web', 'b'));
    const drafts = judgeLedgerLineage({
      config: CONFIG,
      state: ledger([record('b')]),
      stages: [
        { base, head },
        { base: production('a', 'a'), head: production('a', 'a') },
      ],
      mixed: 'refused',
      now: NOW,
    });
    expect(drafts).toEqual([]);
  });
});
