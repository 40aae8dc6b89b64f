import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { freightAlias } from './alias.js';
import { parsePromotionName, promotionName } from './promotion-name.js';
import { ADJECTIVES, ANIMALS } from './words.js';

const ID = 'b838ccc8602e6676494253ed85834782a7ab815e';
const id = fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: 40, maxLength: 40 });
const entropy = fc.uint8Array({ minLength: 10, maxLength: 10 });
const time = fc.date({ min: new Date(0), max: new Date('9999-12-31'), noInvalidDate: true });

describe('freightAlias', () => {
  it('is an adjective and an animal, and stays what it is', () => {
    expect(freightAlias(ID, new Set())).toBe('orderly-moth');
    fc.assert(
      fc.property(id, (each) => {
        const alias = freightAlias(each, new Set());
        expect(alias).toMatch(/^[a-z]+-[a-z]+$/);
        expect(freightAlias(each, new Set([`${alias}-x`]))).toBe(alias);
      }),
    );
  });

  it('is never one that is taken', () => {
    fc.assert(
      fc.property(id, fc.nat(5), (each, collisions) => {
        const taken = new Set<string>();
        for (let count = 0; count < collisions; count++) taken.add(freightAlias(each, taken));
        expect(taken.size).toBe(collisions);
        expect(taken.has(freightAlias(each, taken))).toBe(false);
      }),
    );
  });

  it('has enough words, none of them twice', () => {
    expect(new Set(ADJECTIVES).size).toBe(ADJECTIVES.length);
    expect(new Set(ANIMALS).size).toBe(ANIMALS.length);
    expect(Math.min(ADJECTIVES.length, ANIMALS.length)).toBeGreaterThanOrEqual(128);
  });
});

describe('promotionName', () => {
  it('is the Stage, a ULID in lower case and seven digits of the Freight', () => {
    // The time is the example of the ULID specification (ulid/spec): 01ARYZ6S41.
    const name = promotionName('dev', new Date(1469918176385), new Uint8Array(10), ID);
    expect(name).toBe('dev.01aryz6s410000000000000000.b838ccc');
    expect(promotionName('dev', new Date(0), new Uint8Array(10).fill(255), ID)).toBe(
      'dev.0000000000zzzzzzzzzzzzzzzz.b838ccc',
    );
  });

  it('is read back', () => {
    fc.assert(
      fc.property(time, entropy, id, (now, bytes, freight) => {
        const name = promotionName('a-1', now, bytes, freight);
        const parts = parsePromotionName(name);
        expect(parts).toMatchObject({ stage: 'a-1', at: now, freight: freight.slice(0, 7) });
      }),
    );
  });

  it('sorts in the order of the making, whatever clock and entropy do', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(time, entropy), { minLength: 2, maxLength: 6 }), (makings) => {
        const names: string[] = [];
        for (const [now, bytes] of makings) names.push(promotionName('dev', now, bytes, ID, names.at(-1)));
        expect([...names].sort()).toEqual(names);
        expect(new Set(names).size).toBe(names.length);
      }),
    );
  });

  it.each([
    'dev',
    'dev.x.b838ccc',
    'dev.01aryz6s410000000000000000',
    'Dev.01aryz6s410000000000000000.b838ccc',
    'dev.81aryz6s410000000000000000.b838ccc',
    'dev.01aryz6s41000000000000000u.b838ccc',
  ])('%j is no name', (text) => {
    expect(parsePromotionName(text)).toBeUndefined();
  });

  it('wants ten bytes of entropy and a time', () => {
    expect(() => promotionName('dev', new Date(0), new Uint8Array(9), ID)).toThrow(/10 bytes/);
    expect(() => promotionName('dev', new Date(Number.NaN), new Uint8Array(10), ID)).toThrow(/time/);
  });
});
