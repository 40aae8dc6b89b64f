import { describe, expect, it } from '@jest/globals';
import { fnmatch } from './fnmatch.js';

// docs.github.com/…/creating-rulesets-for-a-repository, "Using fnmatch syntax".
describe('fnmatch', () => {
  it.each([
    ['waybill/**', 'waybill/a', true],
    ['waybill/**', 'waybill/a/b', false],
    ['waybill/**/*', 'waybill/a', true],
    ['waybill/**/*', 'waybill/a/b/c', true],
    ['waybill/*', 'waybill/a/b', false],
    ['qa/*', 'qa', false],
    ['*', 'main', true],
    ['*', 'feature/x', false],
    ['**/*', 'feature/x', true],
    ['refs/heads/release-?', 'refs/heads/release-1', true],
    ['release-[0-9]', 'release-x', false],
    ['release-[!0-9]', 'release-x', true],
    ['a.b', 'axb', false],
  ])('%s on %s: %s', (pattern, name, expected) => {
    expect(fnmatch(pattern, name)).toBe(expected);
  });
});
