import { describe, expect, it } from '@jest/globals';
import { classifyTag, isImmutableTag } from './tag-class.js';

describe('classifyTag', () => {
  it.each([
    ['v1.2.3', 'semver'],
    ['1.2.3', 'semver'],
    ['1.2.3.4', 'semver'],
    ['3.7.1-alpine', 'semver'],
    ['1.2.3-rc.1', 'semver'],
    ['v1.2.3_build', 'semver'],
    ['1.25', 'moving-minor'],
    ['17', 'moving-minor'],
    ['v1', 'moving-minor'],
    ['17-alpine', 'moving-minor'],
    ['1.25-alpine3.19', 'moving-minor'],
    ['4f9a1c2', 'build-sha'],
    ['1234567', 'build-sha'],
    ['sha-4f9a1c2', 'build-sha'],
    ['git-4f9a1c2d', 'build-sha'],
    ['a'.repeat(40), 'build-sha'],
    ['99999999', 'build-sha'],
    ['20240131', 'date'],
    ['20240131-1', 'date'],
    ['202401311230', 'date'],
    ['2024-01-31', 'date'],
    ['RELEASE.2024-01-31T20-20-33Z', 'date'],
    [`sha256-${'a'.repeat(64)}`, 'digest-as-tag'],
    [`sha256-${'a'.repeat(64)}.sig`, 'digest-as-tag'],
    ['main', 'channel'],
    ['latest', 'channel'],
    ['main-4f9a1c2', 'channel'],
    ['release-1.2.3', 'channel'],
    ['v', 'channel'],
    ['', 'channel'],
  ])('%s is %s', (tag, tagClass) => {
    expect(classifyTag(tag)).toBe(tagClass);
    expect(isImmutableTag(tag)).toBe(['semver', 'build-sha', 'date'].includes(tagClass));
  });
});
