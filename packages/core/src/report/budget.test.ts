import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { fitSections, longTable } from './budget.js';
import { escaped, raw, render } from './markdown.js';

const bytes = (source: string) => Buffer.byteLength(source);

describe('fitSections', () => {
  const section = (title: string, size: number) => ({ title, content: raw('x'.repeat(size)) });

  it('keeps everything that fits, in order', () => {
    const page = fitSections([section('a', 3), section('b', 2)], 100, bytes, '');
    expect(render(page)).toBe('xxx\n\nxx');
  });

  it('leaves whole sections out and says which', () => {
    const page = fitSections(
      [section('first', 10), section('second', 500), section('third', 10)],
      200,
      bytes,
      'See the log.',
    );
    expect(render(page)).toBe('xxxxxxxxxx\n\nxxxxxxxxxx\n\nLeft out for length: second. See the log.');
  });

  it('names five of many', () => {
    const many = Array.from({ length: 8 }, (_, index) => section(`s${index}`, 500));
    expect(render(fitSections(many, 200, bytes, 'See the log.'))).toBe(
      'Left out for length: s0, s1, s2, s3, s4 and 3 more. See the log.',
    );
  });

  it('never exceeds a limit that holds the sentence', () => {
    const sections = fc.array(
      fc.record({
        title: fc.string({ unit: 'binary', maxLength: 200 }),
        content: fc.string({ unit: 'binary', maxLength: 4000 }).map(escaped),
      }),
      { maxLength: 12 },
    );
    fc.assert(
      fc.property(sections, fc.integer({ min: 20_000, max: 40_000 }), (given, limit) => {
        expect(bytes(render(fitSections(given, limit, bytes, 'See the log.')))).toBeLessThanOrEqual(limit);
      }),
      { numRuns: 50 },
    );
  });
});

describe('longTable', () => {
  it('says how many rows are missing', () => {
    expect(render(longTable(['n'], [[1], [2], [3]], 2))).toBe(
      '| n |\n| --- |\n| 1 |\n| 2 |\n\n1 more of 3 rows are not shown.',
    );
    expect(render(longTable(['n'], [[1]], 2))).toBe('| n |\n| --- |\n| 1 |');
  });
});
