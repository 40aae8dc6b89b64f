import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { promotionName } from '../freight/index.js';
import { freight, ledger } from '../plan/test-world.js';
import { parseFreight, parseState, printFreight, printState } from './codec.js';
import { EMPTY_LEDGER, type LedgerState } from './state.js';

const RECORD = freight({ api: 'a', web: 'b' }, { verified: { dev: 5 }, approved: ['staging'] });
const ID = RECORD.freight.id;
const NAME = promotionName('dev', new Date('2026-11-20T12:00:00Z'), new Uint8Array(10), ID);

const FULL: LedgerState = {
  ...ledger([RECORD], {
    dev: {
      current: { freight: ID, since: '2026-11-20T12:00:00.000Z', promotion: NAME },
      open: {
        name: NAME,
        stage: 'dev',
        warehouse: 'platform',
        freight: ID,
        requestedBy: { kind: 'person', login: 'ada' },
        requestedAt: '2026-11-20T12:00:00.000Z',
        reason: 'a "quoted"\nreason',
        base: 'c0ffee',
        edits: [{ path: 'env/dev/api.yaml', mode: '100644', before: 'x', after: 'y' }],
        autoMerge: false,
        newest: true,
      },
      hold: { kind: 'promotion', since: '2026-11-20T12:00:00.000Z', promotion: NAME, author: 'ada' },
      last: { name: NAME, freight: ID, outcome: 'landed', at: '2026-11-20T12:00:00.000Z' },
    },
    staging: {},
  }),
  base: 'f00',
  requests: { 'run.1': NAME },
};

describe('state.json', () => {
  it.each<[string, LedgerState]>([
    ['an empty state', EMPTY_LEDGER],
    ['a full one', FULL],
  ])('prints %s and reads the same', (_, state) => {
    expect(parseState(printState(state))).toEqual(state);
  });

  it('prints one Freight and one Stage a line, sorted, so that small differences make small diffs', () => {
    const records = ['1', '2', '3'].map((api) => freight({ api }));
    expect(printState(ledger(records))).toBe(printState(ledger([...records].reverse())));
    const ids = records.map((record) => record.freight.id).sort();
    const lines = printState(ledger(records)).split('\n');
    expect(lines.filter((line) => /^ {4}"[0-9a-f]{40}": \{/.test(line)).map((line) => line.slice(5, 45))).toEqual(ids);
  });

  it('reads back any text that people wrote', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (reason, login) => {
        const dev = FULL.stages.dev?.platform;
        if (dev?.open === undefined) throw new Error('no Promotion');
        const requestedBy = { kind: 'person', login } as const;
        const stages = { dev: { platform: { ...dev, open: { ...dev.open, reason, requestedBy } } } };
        const state = { ...FULL, stages };
        expect(parseState(printState(state))).toEqual(state);
      }),
    );
  });

  const tampered = (change: (text: string) => string) => change(printState(FULL));
  it.each<[string, string, string]>([
    ['no JSON', '{', 'state.json is not JSON'],
    ['no object', '[]', 'state.json is not a JSON object'],
    ['another version', '{"version": 2}', 'state.json has version 2, this Waybill knows 1'],
    ['a missing part', '{"version": 1, "freight": {}, "stages": {}}', 'state.json has no "requests"'],
    ['another digest', tampered((text) => text.replace('aaaa', 'aaab')), `Freight ${ID} holds artifacts whose ID is `],
    ['another tag', tampered((text) => text.replace('"tag":"main"', '"tag":"evil"')), `Freight ${ID} holds artifacts`],
    [
      'an ID that is not its key',
      tampered((text) => text.replace(`"id":"${ID}"`, `"id":"${'0'.repeat(40)}"`)),
      `Freight ${ID} holds`,
    ],
    [
      'Freight that is none',
      '{"version": 1, "freight": {"x": 1}, "stages": {}, "requests": {}}',
      'Freight x is no Freight',
    ],
    ...['open', 'current', 'last', 'hold', 'requests'].map((where): [string, string, string] => [
      `a Promotion’s name in ${where} that is none`,
      printState(withName(where, 'dev/../../main')),
      '"dev/../../main" is no name of a Promotion',
    ]),
    ['a name with Markdown in it', printState(withName('open', `${NAME}\` @team`)), 'is no name of a Promotion'],
  ])('refuses %s', (_, text, what) => {
    expect(() => parseState(text)).toThrow(
      expect.objectContaining({ code: 'ledger-invalid', what: expect.stringContaining(what) }),
    );
  });
});

describe('a Freight’s own file', () => {
  it('reads back what was printed', () => {
    expect(parseFreight(ID, printFreight(RECORD))).toEqual(RECORD);
  });

  it('is refused under another ID', () => {
    expect(() => parseFreight('0'.repeat(40), printFreight(RECORD))).toThrow(
      expect.objectContaining({ code: 'ledger-invalid' }),
    );
  });
});

function withName(where: string, name: string): LedgerState {
  const dev = FULL.stages.dev?.platform;
  if (dev?.open === undefined || dev.current === undefined || dev.last === undefined) throw new Error('incomplete');
  const changed = {
    open: { ...dev, open: { ...dev.open, name } },
    current: { ...dev, current: { ...dev.current, promotion: name } },
    last: { ...dev, last: { ...dev.last, name } },
    hold: { ...dev, hold: { kind: 'promotion', since: '', promotion: name, author: 'ada' } as const },
  }[where];
  return changed === undefined
    ? { ...FULL, requests: { r: name } }
    : { ...FULL, stages: { dev: { platform: changed } } };
}
