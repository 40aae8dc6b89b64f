import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { compareVersions, newestFirst, parseStrictVersion, parseVersion, type Version } from './version.js';

const identifier = fc.oneof(fc.nat(20).map(String), fc.stringMatching(/^[a-zA-Z-][0-9a-zA-Z-]{0,4}$/));
const release = fc.tuple(fc.nat(3), fc.nat(3), fc.nat(3)).map((parts) => parts.join('.'));
const spelling = fc
  .tuple(fc.constantFrom('', 'v'), release, fc.array(identifier, { maxLength: 3 }))
  .map(([prefix, numbers, parts]) => `${prefix}${numbers}${parts.length === 0 ? '' : `-${parts.join('.')}`}`);

function read(text: string): Version {
  const version = parseVersion(text);
  if (version === undefined) throw new Error(`${text} is no version`);
  return version;
}

function normal(version: Version | undefined): string | undefined {
  if (version === undefined) return undefined;
  return `${version.major}.${version.minor}.${version.patch}${version.prerelease === '' ? '' : `-${version.prerelease}`}`;
}

describe('parseVersion', () => {
  it.each([
    ['1', '1.0.0', false],
    ['v1', '1.0.0', false],
    ['V1.0.0', undefined, false],
    ['1.0', '1.0.0', false],
    ['01.2.3', '1.2.3', false],
    ['1.2.3-01', undefined, false],
    ['1.2.3-rc.1', '1.2.3-rc.1', true],
    ['v1.2.3', '1.2.3', true],
    ['1.2.3.4', undefined, false],
    ['1234567', '1234567.0.0', false],
    ['2024.01.05', '2024.1.5', false],
    ['20240105', '20240105.0.0', false],
    ['vv1.0.0', undefined, false],
    ['1e5f000', undefined, false],
    ['latest', undefined, false],
    [' 1.2.3', undefined, false],
    ['', undefined, false],
    ['1.2.3-', undefined, false],
    ['1.2.3+build.7', '1.2.3', true],
    ['18446744073709551615.0.0', '18446744073709551615.0.0', true],
    ['18446744073709551616.0.0', undefined, false],
  ])('reads %j as %j, strictly: %j', (text, expected, strict) => {
    expect(normal(parseVersion(text))).toBe(expected);
    expect(normal(parseStrictVersion(text))).toBe(strict ? expected : undefined);
  });

  it('keeps the spelling', () => {
    expect(parseVersion('v1.2')?.original).toBe('v1.2');
  });
});

describe('newestFirst', () => {
  it("sorts as Kargo does: by precedence, then by spelling, and 'RC' before 'alpha' before 'rc'", () => {
    const sorted = '1.0.1-0 v1.0.0 1.0.0 1.0 1 1.0.0-rc.10 1.0.0-rc.2 1.0.0-rc.1 1.0.0-alpha 1.0.0-RC.1 v0.9'.split(
      ' ',
    );
    expect(
      [...sorted]
        .reverse()
        .map(read)
        .sort(newestFirst)
        .map((version) => version.original),
    ).toEqual(sorted);
  });

  it('follows the example of semver.org §11', () => {
    const ascending =
      '1.0.0-alpha 1.0.0-alpha.1 1.0.0-alpha.beta 1.0.0-beta 1.0.0-beta.2 1.0.0-beta.11 1.0.0-rc.1 1.0.0'.split(' ');
    expect([...ascending].map(read).sort(compareVersions).map(normal)).toEqual(ascending);
  });

  it('is a total order that refines the precedence', () => {
    fc.assert(
      fc.property(spelling, spelling, spelling, (a, b, c) => {
        const [x, y, z] = [read(a), read(b), read(c)];
        expect(Math.sign(newestFirst(x, y)) + Math.sign(newestFirst(y, x))).toBe(0);
        expect(newestFirst(x, y) === 0).toBe(a === b);
        if (newestFirst(x, y) <= 0 && newestFirst(y, z) <= 0) expect(newestFirst(x, z)).toBeLessThanOrEqual(0);
        if (compareVersions(x, y) < 0) expect(newestFirst(x, y)).toBeGreaterThan(0);
      }),
    );
  });
});
