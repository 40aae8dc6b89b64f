import { describe, expect, it } from '@jest/globals';
import { expandMatrix, matrixSuffix } from './matrix.js';
import { matchesPatterns } from './patterns.js';
import { capPermissions, elevation, expandPermissions } from './permissions.js';

describe('matchesPatterns: the cheat sheet of the workflow syntax', () => {
  it.each([
    ['feature/*', 'feature/my-branch', true],
    ['feature/*', 'feature/beta-a/my-branch', false],
    ['feature/**', 'feature/beta-a/my-branch', true],
    ['*', 'main', true],
    ['*', 'releases/1', false],
    ['**', 'every/branch', true],
    ['*feature', 'ver-10-feature', true],
    ['v2*', 'v2.9', true],
    ['v[12].[0-9]+.[0-9]+', 'v1.10.1', true],
    ['v[12].[0-9]+.[0-9]+', 'v3.1.1', false],
    ['*.jsx?', 'page.js', true],
    ['*.jsx?', 'page.jsx', true],
    ['*.jsx?', 'page.jsxx', false],
    ['docs/*', 'docs/file.txt', true],
    ['docs/*', 'docs/a/file.txt', false],
    ['docs/**/*.md', 'docs/README.md', true],
    ['docs/**/*.md', 'docs/a/markdown/file.md', true],
    ['**/docs/**', 'dir/docs/my-file.txt', true],
    ['**/docs/**', 'docs/my-file.txt', true],
    ['**/*src/**', 'my-src/app.js', true],
    ['**/migrate-*.sql', 'db/sept/migrate-v1.sql', true],
    ['*.js', 'a.js', true],
    ['*.js', 'a/b.js', false],
    ['**.js', 'a/b.js', true],
    ['a.b', 'axb', false],
  ])('%s and %s: %s', (pattern, name, expected) => {
    expect(matchesPatterns([pattern], name)).toBe(expected);
  });

  it('the last pattern that matches decides', () => {
    expect(matchesPatterns(['**', '!docs/**', 'docs/keep.md'], 'docs/a.md')).toBe(false);
    expect(matchesPatterns(['**', '!docs/**', 'docs/keep.md'], 'docs/keep.md')).toBe(true);
    expect(matchesPatterns(['!docs/**'], 'src/a')).toBe(false);
  });
});

describe('expandMatrix', () => {
  it('is made of include alone, too', () => {
    expect(expandMatrix({ include: [{ a: 1 }, { a: 2, b: { c: 1 } }] })).toEqual([{ a: 1 }, { a: 2, b: { c: 1 } }]);
    expect(matrixSuffix({ a: 2, b: { c: 1 }, d: true })).toBe(' (2, true)');
  });

  it.each([
    ['an empty vector', { a: [] }, "Matrix vector 'a' does not contain any values"],
    ['no vector', { a: 'x' }, 'matrix.a: a sequence was expected'],
    ['no mapping', 'x', 'matrix: a mapping was expected'],
    ['nothing left', { a: [1], exclude: [{ a: 1 }] }, 'no combination'],
    ['too much', { a: Array.from({ length: 257 }, (_, i) => i) }, 'exceeds the limit of 256'],
  ])('refuses %s', (_, matrix, message) => {
    expect(() => expandMatrix(matrix)).toThrow(message);
  });
});

describe('permissions', () => {
  it('name all scopes at one level, or some with the others at none', () => {
    expect(expandPermissions('write-all')).toMatchObject({
      contents: 'write',
      'pull-requests': 'write',
      metadata: 'read',
    });
    expect(expandPermissions({})).toEqual({ metadata: 'read' });
  });

  it('go down a chain, never up', () => {
    expect(elevation('read-all', expandPermissions('write-all'))).toBeUndefined();
    expect(elevation({ issues: 'write' }, { issues: 'read' })).toBe(
      "'issues: write', but is only allowed 'issues: read'",
    );
    expect(capPermissions({ issues: 'write', checks: 'read' }, { issues: 'read' })).toEqual({
      issues: 'read',
      checks: 'none',
    });
  });
});
