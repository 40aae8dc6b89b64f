import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { WaybillError } from '../errors.js';
import { parseConstraint, satisfies } from './constraint.js';
import { compareVersions, parseVersion, type Version } from './version.js';

const VERSIONS =
  '0.0.0 0.0.3 0.0.4 0.2.3 0.2.9 0.3.0 0.9.0 1.0.0 1.0.0-rc.1 1.1.0-rc.1 1.2.0 1.2.3 1.2.3+build 1.2.3-alpha 1.2.7 1.2.9 1.4.5 1.4.9 1.5.0 1.5.0-alpha 1.9.9 2.0.0 2.0.0-beta 2.5.0 3.0.0-0 11.1.0'.split(
    ' ',
  );

/** What Masterminds/semver v3.5.0 answered, run on VERSIONS. */
const MASTERMINDS: readonly (readonly [constraint: string, matching: string])[] = [
  [
    '*',
    '0.0.0 0.0.3 0.0.4 0.2.3 0.2.9 0.3.0 0.9.0 1.0.0 1.2.0 1.2.3 1.2.3+build 1.2.7 1.2.9 1.4.5 1.4.9 1.5.0 1.9.9 2.0.0 2.5.0 11.1.0',
  ],
  [
    'x',
    '0.0.0 0.0.3 0.0.4 0.2.3 0.2.9 0.3.0 0.9.0 1.0.0 1.2.0 1.2.3 1.2.3+build 1.2.7 1.2.9 1.4.5 1.4.9 1.5.0 1.9.9 2.0.0 2.5.0 11.1.0',
  ],
  ['^*', '0.0.0'],
  [
    '~*',
    '0.0.0 0.0.3 0.0.4 0.2.3 0.2.9 0.3.0 0.9.0 1.0.0 1.2.0 1.2.3 1.2.3+build 1.2.7 1.2.9 1.4.5 1.4.9 1.5.0 1.9.9 2.0.0 2.5.0 11.1.0',
  ],
  [
    '>*',
    '0.0.3 0.0.4 0.2.3 0.2.9 0.3.0 0.9.0 1.0.0 1.2.0 1.2.3 1.2.3+build 1.2.7 1.2.9 1.4.5 1.4.9 1.5.0 1.9.9 2.0.0 2.5.0 11.1.0',
  ],
  ['<*', ''],
  [
    '>=*',
    '0.0.0 0.0.3 0.0.4 0.2.3 0.2.9 0.3.0 0.9.0 1.0.0 1.2.0 1.2.3 1.2.3+build 1.2.7 1.2.9 1.4.5 1.4.9 1.5.0 1.9.9 2.0.0 2.5.0 11.1.0',
  ],
  ['<=*', '0.0.0 0.0.3 0.0.4'],
  [
    '!=*',
    '0.0.3 0.0.4 0.2.3 0.2.9 0.3.0 0.9.0 1.0.0 1.2.0 1.2.3 1.2.3+build 1.2.7 1.2.9 1.4.5 1.4.9 1.5.0 1.9.9 2.0.0 2.5.0 11.1.0',
  ],
  [
    '*-0',
    '0.0.0 0.0.3 0.0.4 0.2.3 0.2.9 0.3.0 0.9.0 1.0.0 1.0.0-rc.1 1.1.0-rc.1 1.2.0 1.2.3 1.2.3+build 1.2.3-alpha 1.2.7 1.2.9 1.4.5 1.4.9 1.5.0 1.5.0-alpha 1.9.9 2.0.0 2.0.0-beta 2.5.0 3.0.0-0 11.1.0',
  ],
  ['1', '1.0.0 1.2.0 1.2.3 1.2.3+build 1.2.7 1.2.9 1.4.5 1.4.9 1.5.0 1.9.9'],
  ['1.x', '1.0.0 1.2.0 1.2.3 1.2.3+build 1.2.7 1.2.9 1.4.5 1.4.9 1.5.0 1.9.9'],
  ['1.X.9', '1.0.0 1.2.0 1.2.3 1.2.3+build 1.2.7 1.2.9 1.4.5 1.4.9 1.5.0 1.9.9'],
  ['^1', '1.0.0 1.2.0 1.2.3 1.2.3+build 1.2.7 1.2.9 1.4.5 1.4.9 1.5.0 1.9.9'],
  ['^1.2', '1.2.0 1.2.3 1.2.3+build 1.2.7 1.2.9 1.4.5 1.4.9 1.5.0 1.9.9'],
  ['^1.2.3', '1.2.3 1.2.3+build 1.2.7 1.2.9 1.4.5 1.4.9 1.5.0 1.9.9'],
  ['^0', '0.0.0 0.0.3 0.0.4 0.2.3 0.2.9 0.3.0 0.9.0'],
  ['^0.0', '0.0.0 0.0.3 0.0.4'],
  ['^0.0.3', '0.0.3'],
  ['^0.2.3', '0.2.3 0.2.9'],
  ['^0.2', '0.2.3 0.2.9'],
  ['~1', '1.0.0 1.2.0 1.2.3 1.2.3+build 1.2.7 1.2.9 1.4.5 1.4.9 1.5.0 1.9.9'],
  ['~1.2', '1.2.0 1.2.3 1.2.3+build 1.2.7 1.2.9'],
  ['~1.2.3', '1.2.3 1.2.3+build 1.2.7 1.2.9'],
  [
    '~0.0.0',
    '0.0.0 0.0.3 0.0.4 0.2.3 0.2.9 0.3.0 0.9.0 1.0.0 1.2.0 1.2.3 1.2.3+build 1.2.7 1.2.9 1.4.5 1.4.9 1.5.0 1.9.9 2.0.0 2.5.0 11.1.0',
  ],
  ['~>1.2.3', '1.2.3 1.2.3+build 1.2.7 1.2.9'],
  ['>1', '2.0.0 2.5.0 11.1.0'],
  ['>1.2', '1.4.5 1.4.9 1.5.0 1.9.9 2.0.0 2.5.0 11.1.0'],
  ['>1.2.3', '1.2.7 1.2.9 1.4.5 1.4.9 1.5.0 1.9.9 2.0.0 2.5.0 11.1.0'],
  ['>=1', '1.0.0 1.2.0 1.2.3 1.2.3+build 1.2.7 1.2.9 1.4.5 1.4.9 1.5.0 1.9.9 2.0.0 2.5.0 11.1.0'],
  ['>=1.2', '1.2.0 1.2.3 1.2.3+build 1.2.7 1.2.9 1.4.5 1.4.9 1.5.0 1.9.9 2.0.0 2.5.0 11.1.0'],
  ['=>1.2', '1.2.0 1.2.3 1.2.3+build 1.2.7 1.2.9 1.4.5 1.4.9 1.5.0 1.9.9 2.0.0 2.5.0 11.1.0'],
  ['<1', '0.0.0 0.0.3 0.0.4 0.2.3 0.2.9 0.3.0 0.9.0'],
  ['<1.2', '0.0.0 0.0.3 0.0.4 0.2.3 0.2.9 0.3.0 0.9.0 1.0.0'],
  [
    '<2.0.0-0',
    '0.0.0 0.0.3 0.0.4 0.2.3 0.2.9 0.3.0 0.9.0 1.0.0 1.0.0-rc.1 1.1.0-rc.1 1.2.0 1.2.3 1.2.3+build 1.2.3-alpha 1.2.7 1.2.9 1.4.5 1.4.9 1.5.0 1.5.0-alpha 1.9.9',
  ],
  [
    '<=1',
    '0.0.0 0.0.3 0.0.4 0.2.3 0.2.9 0.3.0 0.9.0 1.0.0 1.2.0 1.2.3 1.2.3+build 1.2.7 1.2.9 1.4.5 1.4.9 1.5.0 1.9.9',
  ],
  ['<=1.2', '0.0.0 0.0.3 0.0.4 0.2.3 0.2.9 0.3.0 0.9.0 1.0.0 1.2.0 1.2.3 1.2.3+build 1.2.7 1.2.9'],
  ['<=1.2.3', '0.0.0 0.0.3 0.0.4 0.2.3 0.2.9 0.3.0 0.9.0 1.0.0 1.2.0 1.2.3 1.2.3+build'],
  ['=<1.2.3', '0.0.0 0.0.3 0.0.4 0.2.3 0.2.9 0.3.0 0.9.0 1.0.0 1.2.0 1.2.3 1.2.3+build'],
  ['!=1', '0.0.0 0.0.3 0.0.4 0.2.3 0.2.9 0.3.0 0.9.0 2.0.0 2.5.0 11.1.0'],
  ['!=1.2', '0.0.0 0.0.3 0.0.4 0.2.3 0.2.9 0.3.0 0.9.0 1.0.0 1.4.5 1.4.9 1.5.0 1.9.9 2.0.0 2.5.0 11.1.0'],
  [
    '!=1.2.3',
    '0.0.0 0.0.3 0.0.4 0.2.3 0.2.9 0.3.0 0.9.0 1.0.0 1.2.0 1.2.7 1.2.9 1.4.5 1.4.9 1.5.0 1.9.9 2.0.0 2.5.0 11.1.0',
  ],
  [
    '!=1.2-alpha',
    '0.0.0 0.0.3 0.0.4 0.2.3 0.2.9 0.3.0 0.9.0 1.0.0 1.0.0-rc.1 1.1.0-rc.1 1.2.0 1.2.3 1.2.3+build 1.2.7 1.2.9 1.4.5 1.4.9 1.5.0 1.5.0-alpha 1.9.9 2.0.0 2.0.0-beta 2.5.0 3.0.0-0 11.1.0',
  ],
  [
    '!=1.2.3-alpha',
    '0.0.0 0.0.3 0.0.4 0.2.3 0.2.9 0.3.0 0.9.0 1.0.0 1.0.0-rc.1 1.1.0-rc.1 1.2.0 1.2.3 1.2.3+build 1.2.7 1.2.9 1.4.5 1.4.9 1.5.0 1.5.0-alpha 1.9.9 2.0.0 2.0.0-beta 2.5.0 3.0.0-0 11.1.0',
  ],
  ['=1.2.3', '1.2.3 1.2.3+build'],
  ['=1.2', '1.2.0 1.2.3 1.2.3+build 1.2.7 1.2.9'],
  ['1.2 - 1.4', '1.2.0 1.2.3 1.2.3+build 1.2.7 1.2.9 1.4.5 1.4.9'],
  ['1.2 - 1.4.5', '1.2.0 1.2.3 1.2.3+build 1.2.7 1.2.9 1.4.5'],
  ['1.2.x || 2.x', '1.2.0 1.2.3 1.2.3+build 1.2.7 1.2.9 2.0.0 2.5.0'],
  ['>=1.2, <2', '1.2.0 1.2.3 1.2.3+build 1.2.7 1.2.9 1.4.5 1.4.9 1.5.0 1.9.9'],
  ['>=1.2 <2', '1.2.0 1.2.3 1.2.3+build 1.2.7 1.2.9 1.4.5 1.4.9 1.5.0 1.9.9'],
  ['>=1.2,<2 || ^11', '1.2.0 1.2.3 1.2.3+build 1.2.7 1.2.9 1.4.5 1.4.9 1.5.0 1.9.9 11.1.0'],
  ['>1.4.0-beta <2.0.0', '1.4.5 1.4.9 1.5.0 1.5.0-alpha 1.9.9 2.0.0-beta'],
  ['>1.4.0-beta, <2.0.0-0', '1.4.5 1.4.9 1.5.0 1.5.0-alpha 1.9.9'],
  [
    '^1.0.0-0',
    '1.0.0 1.0.0-rc.1 1.1.0-rc.1 1.2.0 1.2.3 1.2.3+build 1.2.3-alpha 1.2.7 1.2.9 1.4.5 1.4.9 1.5.0 1.5.0-alpha 1.9.9',
  ],
  ['~1.2.3-alpha', '1.2.3 1.2.3+build 1.2.3-alpha 1.2.7 1.2.9'],
  ['^2-beta', '2.0.0 2.0.0-beta 2.5.0'],
  ['1 - 2 != 1.5.0', '1.0.0 1.2.0 1.2.3 1.2.3+build 1.2.7 1.2.9 1.4.5 1.4.9 1.9.9 2.0.0 2.5.0'],
  ['>=0.2, 1 - 2', '1.0.0 1.2.0 1.2.3 1.2.3+build 1.2.7 1.2.9 1.4.5 1.4.9 1.5.0 1.9.9 2.0.0 2.5.0'],
];

function read(text: string): Version {
  const version = parseVersion(text);
  if (version === undefined) throw new Error(`${text} is no version`);
  return version;
}

function matches(constraint: string, version: string): boolean {
  return satisfies(read(version), parseConstraint(constraint));
}

describe('satisfies', () => {
  it.each(MASTERMINDS)('%s admits what Masterminds admits', (constraint, matching) => {
    expect(VERSIONS.filter((version) => matches(constraint, version)).join(' ')).toBe(matching);
  });

  it.each([
    ['^1.0.0', '1.1.0-rc.1', false],
    ['^1.0.0-0', '1.1.0-rc.1', true],
    ['>=1.0.0-0', '2.0.0-beta', true],
    ['^1.2', 'v1.3.0', true],
    ['~1.2', '1.2.9', true],
    ['~1', '1.9.0', true],
    ['1.x', '1.4.2', true],
    ['1.2.x || 2.x', '2.5.0', true],
    ['>=1.2, <2', '1.9.9', true],
    ['>=1.2 <2', '1.9.9', true],
    ['^0.2.3', '0.2.9', true],
    ['^0.2.3', '0.3.0', false],
    ['^0.0.3', '0.0.4', false],
    ['^0', '0.9.0', true],
    ['1.2 - 1.4.5', '1.4.5', true],
    ['1.2 - 1.4', '1.4.9', true],
    ['!=1.5.0', '1.5.0', false],
    ['*', '1.0.0-rc.1', false],
    ['>0.0.0', '1.0.0-rc.1', false],
    ['<2.0.0', '2.0.0-rc.1', false],
    ['>1.4.0-beta <2.0.0', '1.5.0-alpha', true],
    ['>1.4.0-beta, <2.0.0-0', '1.5.0-alpha', true],
    ['=1.2.3', '1.2.3+build', true],
    ['1.2', '1.2.7', true],
    ['>1.2', '1.2.7', false],
    ['<=1.2', '1.2.7', true],
    ['=>1.2', '1.2.0', true],
    ['~>1.2.3', '1.2.9', true],
  ])('%s on %s: %s (kargo)', (constraint, version, expected) => {
    expect(matches(constraint, version)).toBe(expected);
  });

  const numbers = fc.tuple(fc.nat(3), fc.nat(3), fc.nat(3)).map((parts) => parts.join('.'));

  it('reads the simple operators as the order they name', () => {
    fc.assert(
      fc.property(numbers, numbers, (bound, version) => {
        const order = compareVersions(read(version), read(bound));
        expect(matches(`=${bound}`, version)).toBe(order === 0);
        expect(matches(`!=${bound}`, version)).toBe(order !== 0);
        expect(matches(`>${bound}`, version)).toBe(order > 0);
        expect(matches(`<${bound}`, version)).toBe(order < 0);
        expect(matches(`>=${bound}`, version)).toBe(order >= 0);
        expect(matches(`<=${bound}`, version)).toBe(order <= 0);
      }),
    );
  });

  it('reads || as or, commas and spaces as and', () => {
    const simple = fc
      .tuple(fc.constantFrom('', '!=', '>', '<', '>=', '<=', '~', '^'), numbers)
      .map((pair) => pair.join(''));
    fc.assert(
      fc.property(simple, simple, numbers, (left, right, version) => {
        expect(matches(`${left} || ${right}`, version)).toBe(matches(left, version) || matches(right, version));
        expect(matches(`${left}, ${right}`, version)).toBe(matches(left, version) && matches(right, version));
        expect(matches(`${left} ${right}`, version)).toBe(matches(left, version) && matches(right, version));
      }),
    );
  });
});

describe('parseConstraint', () => {
  it.each([
    ['', 1],
    ['   ', 4],
    ['latest', 1],
    ['^1.2 || latest', 9],
    ['>=1.2,', 7],
    ['>=1.2, , <2', 8],
    ['1.2.3.4', 6],
    ['>1<2', 3],
    ['>= 1 - 2', 1],
    ['>=0 1 - 2', 5],
    ['1 ||2 - 3', 5],
    ['^1x', 2],
    ['1.2.3-01', 1],
    ['1 | 2', 3],
  ])('refuses %j, as Masterminds does, and says where', (text, character) => {
    const refusal = catchError(() => parseConstraint(text));
    expect(refusal).toBeInstanceOf(WaybillError);
    expect(refusal).toMatchObject({ code: 'input-invalid' });
    expect((refusal as WaybillError).what).toContain(`at character ${character}`);
  });

  it('never fails but with a WaybillError', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[ \t,|=<>~^!v0-9x*.+-]{0,20}$/)), (text) => {
        const refusal = catchError(() => parseConstraint(text));
        expect(refusal === undefined || refusal instanceof WaybillError).toBe(true);
      }),
    );
  });
});

function catchError(work: () => unknown): unknown {
  try {
    work();
    return undefined;
  } catch (error) {
    return error;
  }
}
