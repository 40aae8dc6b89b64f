import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { applySplices, composeSplices, type Splice } from './compose.js';

/** Splices of a text of that length, in order, none touching the next. */
function splicesOf(length: number): fc.Arbitrary<readonly Splice[]> {
  const place = fc.tuple(fc.nat(length), fc.nat(4), fc.string({ maxLength: 4 }));
  return fc.array(place, { maxLength: 5 }).map((places) => {
    const splices: Splice[] = [];
    for (const [start, size, newText] of places.sort(([left], [right]) => left - right)) {
      const last = splices.at(-1);
      if (last !== undefined && start <= last.end) continue;
      splices.push({ start, end: Math.min(length, start + size), newText });
    }
    return splices;
  });
}

describe('composeSplices', () => {
  it('does what both lists do, one after the other', () => {
    const cases = fc
      .string({ maxLength: 30 })
      .chain((text) => fc.tuple(fc.constant(text), splicesOf(text.length)))
      .chain(([text, first]) => {
        const between = applySplices(text, first);
        return fc.tuple(fc.constant(text), fc.constant(first), splicesOf(between.length));
      });
    fc.assert(
      fc.property(cases, ([text, first, second]) => {
        const both = composeSplices(first, second);
        expect(applySplices(text, both)).toBe(applySplices(applySplices(text, first), second));
      }),
      { numRuns: 2000 },
    );
  });

  it('keeps what is apart, apart', () => {
    const first = [{ start: 0, end: 1, newText: 'abc' }];
    expect(composeSplices(first, [{ start: 10, end: 11, newText: 'x' }])).toEqual([
      { start: 0, end: 1, newText: 'abc' },
      { start: 8, end: 9, newText: 'x' },
    ]);
  });
});
