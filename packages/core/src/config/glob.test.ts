import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { WaybillError } from '../errors.js';
import { fixedPrefix, globMatch, globReaches, globsOverlap, globWithin } from './glob.js';
import { parseGlob } from './glob-syntax.js';
import { isProtectedGlob, isProtectedPath } from './protected-paths.js';

// A small alphabet, so that random globs and paths meet.
const segment = fc.string({ unit: fc.constantFrom('a', 'b', '.', '-'), minLength: 1, maxLength: 3 });
const path = fc
  .array(
    segment.filter((text) => text !== '.' && text !== '..'),
    { minLength: 1, maxLength: 4 },
  )
  .map((segments) => segments.join('/'));
const wildSegment = fc.oneof(
  { weight: 2, arbitrary: segment },
  fc.string({ unit: fc.constantFrom('a', 'b', '*', '?', '-'), minLength: 1, maxLength: 4 }),
  fc.constant('**'),
  fc.constant('*'),
  fc.tuple(segment, segment).map(([left, right]) => `{${left},${right}}`),
  fc.tuple(segment, segment, segment).map(([left, right, end]) => `{${left}/${right},*${end}}`),
);
const glob = fc
  .array(wildSegment, { minLength: 1, maxLength: 4 })
  .map((segments) => segments.join('/'))
  .filter(isGlob);

function isGlob(pattern: string): boolean {
  try {
    parseGlob(pattern);
    return true;
  } catch {
    return false;
  }
}

describe('globMatch', () => {
  it.each([
    ['a/**', 'a/b', true],
    ['a/**', 'a/b/c.yaml', true],
    ['a/**', 'a', false],
    ['a/**', 'ab/c', false],
    ['**', 'a', true],
    ['**/values.yaml', 'values.yaml', true],
    ['**/values.yaml', 'x/y/values.yaml', true],
    ['**/values.yaml', 'x/my-values.yaml', false],
    ['a/**/b', 'a/b', true],
    ['a/**/b', 'a/x/y/b', true],
    ['a/*/b', 'a/x/y/b', false],
    ['a/*.yaml', 'a/.yaml', true],
    ['a/*', 'a/.hidden', true],
    ['a/?.yaml', 'a/x.yaml', true],
    ['a/?.yaml', 'a/é.yaml', true],
    ['a/?.yaml', 'a/😀.yaml', true],
    ['a/?.yaml', 'a/xy.yaml', false],
    ['env/{local,dev}/**', 'env/dev/x', true],
    ['env/{local,dev}/**', 'env/staging/x', false],
    ['{a,b/{c,d}}/x', 'b/d/x', true],
    ['a(b)/+$^.yaml', 'a(b)/+$^.yaml', true],
    ['A/b', 'a/b', false],
  ])('%s on %s: %s', (pattern, text, expected) => {
    expect(globMatch(pattern, text)).toBe(expected);
  });

  it('agrees with a matcher that goes segment by segment', () => {
    fc.assert(
      fc.property(glob, path, (pattern, text) => {
        expect(globMatch(pattern, text)).toBe(matchesBySegments(pattern, text));
      }),
      { numRuns: 500 },
    );
  });

  it('takes no more than a moment over a hostile pair', () => {
    const pattern = `${'*a'.repeat(100)}b`;
    const started = performance.now();
    expect(globMatch(pattern, 'a'.repeat(10_000))).toBe(false);
    expect(performance.now() - started).toBeLessThan(2000);
  });
});

describe('globsOverlap', () => {
  it.each([
    ['env/dev/**', 'env/staging/**', false],
    ['env/dev/**', 'env/*/api.yaml', true],
    ['env/dev/**', 'env/dev', false],
    ['**/dev/**', '**/staging/**', true],
    ['**/dev/*.yaml', '**/staging/*.yaml', false],
    ['env/{local,dev}/**', 'env/{dev,staging}/**', true],
    ['env/{local,dev}/**', 'env/{prod,staging}/**', false],
    ['a/*b', 'a/b*', true],
    ['a/?', 'a/bc', false],
    ['a/*.yaml', 'a/*.yml', false],
    ['**', 'x', true],
  ])('%s and %s: %s', (left, right, expected) => {
    expect(globsOverlap(left, right)).toBe(expected);
    expect(globsOverlap(right, left)).toBe(expected);
  });

  it('is true whenever a path matches both', () => {
    let both = 0;
    fc.assert(
      fc.property(glob, glob, path, (left, right, text) => {
        if (!globMatch(left, text) || !globMatch(right, text)) return;
        both += 1;
        expect(globsOverlap(left, right)).toBe(true);
      }),
      { numRuns: 5_000 },
    );
    expect(both).toBeGreaterThan(10);
  });

  it('is true of a glob and each path that it matches, and false of a path that it does not', () => {
    fc.assert(
      fc.property(glob, path, (pattern, text) => {
        expect(globsOverlap(pattern, text)).toBe(globMatch(pattern, text));
      }),
      { numRuns: 500 },
    );
  });
});

describe('globWithin', () => {
  it.each([
    ['env/prod/**', ['env/prod/**'], true],
    ['env/prod/apps/*.yaml', ['env/prod/**'], true],
    ['env/*/api.yaml', ['env/prod/**'], false],
    ['env/{a,b}/**', ['env/a/**', 'env/b/**'], true],
    ['env/{a,b}/**', ['env/a/**'], false],
    ['a/**', ['a/*', 'a/*/**'], true],
    ['a/**', [], false],
  ])('%s in %j: %s', (pattern, others, expected) => {
    expect(globWithin(pattern, others)).toBe(expected);
  });

  it('means that what the inner matches, one of the outer matches', () => {
    fc.assert(
      fc.property(glob, fc.array(glob, { minLength: 1, maxLength: 3 }), path, (inner, outers, text) => {
        if (globWithin(inner, outers) && globMatch(inner, text)) {
          expect(outers.some((outer) => globMatch(outer, text))).toBe(true);
        }
        expect(globWithin(inner, [...outers, inner])).toBe(true);
      }),
      { numRuns: 300 },
    );
  });
});

describe('fixedPrefix', () => {
  it.each([
    ['sources/values/env/dev/**', 'sources/values/env/dev'],
    ['sources/values/env/{local,dev}/**', 'sources/values/env'],
    ['a/b.yaml', 'a'],
    ['a/b*/c', 'a'],
    ['**/x', ''],
    ['x', ''],
    ['a/{b/c,b/d}/e', 'a/b'],
  ])('of %s is %j', (pattern, expected) => {
    expect(fixedPrefix(pattern)).toBe(expected);
  });

  it('holds every path that the glob matches', () => {
    fc.assert(
      fc.property(glob, path, (pattern, text) => {
        fc.pre(globMatch(pattern, text));
        const prefix = fixedPrefix(pattern);
        expect(prefix === '' || text.startsWith(`${prefix}/`)).toBe(true);
      }),
      { numRuns: 200 },
    );
  });
});

describe('globReaches', () => {
  it.each([
    ['a/b/*.yaml', '', true],
    ['a/b/*.yaml', 'a', true],
    ['a/b/*.yaml', 'a/b', true],
    ['a/b/*.yaml', 'a/b/c', false],
    ['a/b/*.yaml', 'ab', false],
    ['{a/b,c}/*', 'a', true],
    ['{a/b,c}/*', 'b', false],
    ['**/x', 'a/b/c', true],
    ['a', 'a', false],
  ])('%s below %j: %s', (pattern, directory, expected) => {
    expect(globReaches(pattern, directory)).toBe(expected);
  });

  it('says yes of every directory above a match', () => {
    fc.assert(
      fc.property(glob, path, (pattern, text) => {
        fc.pre(globMatch(pattern, text));
        const segments = text.split('/');
        for (let depth = 0; depth < segments.length; depth++) {
          expect(globReaches(pattern, segments.slice(0, depth).join('/'))).toBe(true);
        }
      }),
      { numRuns: 200 },
    );
  });
});

describe('parseGlob', () => {
  it.each([
    ['', 'input-invalid'],
    ['/a', 'input-invalid'],
    ['a/', 'input-invalid'],
    ['a//b', 'input-invalid'],
    ['./a', 'input-invalid'],
    ['a/../b', 'input-invalid'],
    ['{..,a}/b', 'input-invalid'],
    ['a**/b', 'input-invalid'],
    ['a/{b', 'input-invalid'],
    ['a/b}', 'input-invalid'],
    ['a/{b}', 'input-invalid'],
    ['a/{b,}', 'input-invalid'],
    ['a\nb', 'input-invalid'],
    ['{a,b}'.repeat(8), 'input-invalid'],
    ['x'.repeat(501), 'input-invalid'],
    ['!a', 'not-supported'],
    ['[ab]/c', 'not-supported'],
    ['a\\b', 'not-supported'],
    ['@(a|b)/c', 'not-supported'],
    ['{1..3}/c', 'not-supported'],
  ])('refuses %j: %s', (pattern, code) => {
    expect(() => parseGlob(pattern)).toThrow(expect.objectContaining({ code }) as unknown as WaybillError);
  });
});

describe('protected paths', () => {
  it.each([
    '.github/workflows/x.yaml',
    '.GitHub/workflows/x.yaml',
    '.git/config',
    'a/.git/config',
    'a/.gitmodules',
    'waybill.yaml',
    'waybill.policies.yaml',
    'CODEOWNERS',
    'docs/CODEOWNERS',
  ])('%s is', (text) => {
    expect(isProtectedPath(text)).toBe(true);
  });

  it.each(['env/dev/values.yaml', 'charts/waybill.yaml', 'x.github/y'])('%s is not', (text) => {
    expect(isProtectedPath(text)).toBe(false);
  });

  it('a glob is when it can match nothing else', () => {
    expect(isProtectedGlob('.github/**')).toBe(true);
    expect(isProtectedGlob('waybill*.yaml')).toBe(true);
    expect(isProtectedGlob('**/dev.yaml')).toBe(false);
  });
});

/** The same language, written down independently: segment by segment. */
function matchesBySegments(pattern: string, text: string): boolean {
  return multiplyOut(pattern).some((alternative) => matchesFrom(alternative.split('/'), text.split('/')));
}

function matchesFrom([first, ...rest]: readonly string[], segments: readonly string[]): boolean {
  if (first === undefined) return segments.length === 0;
  if (first === '**') {
    const least = rest.length === 0 ? 1 : 0;
    return (
      segments.some((_, count) => count >= least && matchesFrom(rest, segments.slice(count))) ||
      (matchesFrom(rest, []) && segments.length >= least)
    );
  }
  const [head, ...tail] = segments;
  if (head === undefined) return false;
  const source = first
    .replaceAll(/[.+^$()|-]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`).test(head) && matchesFrom(rest, tail);
}

function multiplyOut(pattern: string): readonly string[] {
  const [all, parts] = /\{([^{}]*)\}/.exec(pattern) ?? [];
  if (all === undefined || parts === undefined) return [pattern];
  return parts.split(',').flatMap((part) => multiplyOut(pattern.replace(all, part)));
}
