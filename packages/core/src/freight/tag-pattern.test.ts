import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { WaybillError } from '../errors.js';
import { compileTagPattern } from './tag-pattern.js';

describe('compileTagPattern', () => {
  it.each([
    ['', 'x', true],
    ['rc', '1.0.0-rc.1', true],
    ['^rc', '1.0.0-rc.1', false],
    ['^v\\d+\\.\\d+$', 'v1.22', true],
    ['^v\\d+\\.\\d+$', 'v1.22-a', false],
    ['^[^v]', 'v1', false],
    ['^(?:main|release-[0-9]{2,3})$', 'release-42', true],
    ['^(?:main|release-[0-9]{2,3})$', 'release-4', false],
    ['^(?P<name>a|b)+$', 'abba', true],
    ['^(?<name>a|b)+$', 'abba', true],
    ['(?i)RC', '1-rc', true],
    ['^a{0}b$', 'b', true],
    ['^a{2,}$', 'aaa', true],
    ['^a{,2}$', 'a{,2}', true],
    ['^x{$', 'x{', true],
    ['^.?$', '', true],
    ['\\Aa\\z', 'a', true],
    ['\\bfoo\\b', 'x-foo-y', true],
    ['\\bfoo\\b', 'x_foo', false],
    ['\\Boo', 'foo', true],
    ['^[a-c\\d_.-]+$', 'a1_.-', true],
    ['^[]a]$', ']', true],
    ['^[\\W]$', '-', true],
    ['^[^\\W]$', '-', false],
    ['^a*?b+?c??$', 'aabb', true],
    ['a|', 'zzz', true],
  ])('%j on %j: %s', (pattern, tag, expected) => {
    expect(compileTagPattern(pattern).test(tag)).toBe(expected);
  });

  it.each([
    ['(?=a)', 'input-invalid', 'look-around'],
    ['(?!a)', 'input-invalid', 'look-around'],
    ['(?<=a)', 'input-invalid', 'look-around'],
    ['(?<!a)', 'input-invalid', 'look-around'],
    ['(a)\\1', 'input-invalid', 'back-references'],
    ['a**', 'input-invalid', 'cannot be repeated'],
    ['+a', 'input-invalid', 'nothing to repeat'],
    ['{2}', 'input-invalid', 'nothing to repeat'],
    ['(a', 'input-invalid', 'not closed'],
    ['a)', 'input-invalid', 'closes nothing'],
    ['[a', 'input-invalid', 'not closed'],
    ['[z-a]', 'input-invalid', 'range'],
    ['a\\', 'input-invalid', 'backslash'],
    ['\\y', 'input-invalid', 'means nothing'],
    ['a{2,1}', 'input-invalid', 'repetition'],
    ['a{1001}', 'input-invalid', 'repetition'],
    ['(a{1000}){1000}', 'input-invalid', 'too large'],
    ['(((){1000}){1000}){1000}', 'input-invalid', 'too large'],
    ['('.repeat(60), 'input-invalid', 'deep'],
    ['\\pL', 'not-supported', '\\p'],
    ['[[:alpha:]]', 'not-supported', 'POSIX'],
    ['a(?i)b', 'not-supported', 'flags'],
  ])('refuses %j: %s, %s', (pattern, code, reason) => {
    expect(() => compileTagPattern(pattern)).toThrow(
      expect.objectContaining({ code, what: expect.stringContaining(reason) }) as unknown as WaybillError,
    );
  });

  it.each(['(a|a)*b', '(a*)*b', '(\\w|\\d)+$x', '.*.*.*.*.*.*b'])(
    'takes a moment for %j on a hostile tag',
    (pattern) => {
      const started = performance.now();
      expect(compileTagPattern(pattern).test('a'.repeat(128))).toBe(false);
      expect(performance.now() - started).toBeLessThan(500);
    },
  );

  const atom = fc.constantFrom('a', 'b', '.', '[ab]', '[^a]', '\\w', '\\d', '\\.', '^', '$', '\\b');
  const repeated = fc
    .tuple(
      fc.constantFrom('a', '[ab]', '.', '(?:ab)', '(a|b1)'),
      fc.constantFrom('', '*', '+', '?', '{2}', '{0,2}', '*?'),
    )
    .map((parts) => parts.join(''));
  const sequence = fc.array(fc.oneof(atom, repeated), { maxLength: 4 }).map((parts) => parts.join(''));
  const pattern = fc.array(sequence, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('|'));

  it('agrees with RegExp where the two syntaxes mean the same', () => {
    fc.assert(
      fc.property(
        pattern,
        fc.string({ unit: fc.constantFrom('a', 'b', '1', '.', '-'), maxLength: 6 }),
        (source, tag) => {
          expect(compileTagPattern(source).test(tag)).toBe(new RegExp(source).test(tag));
        },
      ),
      { numRuns: 1000 },
    );
  });

  it('never fails but with a WaybillError', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'ab()[]{}|*+?^$\\.,-:12<>P!=') }), (source) => {
        try {
          expect(typeof compileTagPattern(source).test('ab-1')).toBe('boolean');
        } catch (error) {
          expect(error).toBeInstanceOf(WaybillError);
        }
      }),
      { numRuns: 1000 },
    );
  });
});
