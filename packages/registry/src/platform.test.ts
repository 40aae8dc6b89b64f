import { describe, expect, it } from '@jest/globals';
import { formatPlatform, missingPlatforms } from './platform.js';

describe('formatPlatform', () => {
  it('leaves out what is not there', () => {
    expect(formatPlatform({ os: 'linux', architecture: 'amd64' })).toBe('linux/amd64');
    expect(formatPlatform({ os: 'linux', architecture: 'arm', variant: 'v7' })).toBe('linux/arm/v7');
  });
});

describe('missingPlatforms', () => {
  it.each([
    [['linux/amd64'], ['linux/amd64', 'linux/arm64'], []],
    [['linux/amd64', 'linux/s390x'], ['linux/amd64'], ['linux/s390x']],
    [['linux/arm64'], ['linux/arm64/v8'], []],
    [['linux/arm64/v8'], ['linux/arm64'], []],
    [['linux/arm64/v9'], ['linux/arm64'], ['linux/arm64/v9']],
    [['linux/arm'], ['linux/arm/v6'], []],
    [['linux/arm/v7'], ['linux/arm'], []],
    [['linux/arm/v6'], ['linux/arm'], ['linux/arm/v6']],
    [['linux/amd64/v3'], ['linux/amd64'], ['linux/amd64/v3']],
    [['Linux/x86_64', 'linux/aarch64'], ['linux/amd64', 'linux/arm64/v8'], []],
    [['windows/amd64'], ['linux/amd64'], ['windows/amd64']],
    [['linux/amd64'], [], ['linux/amd64']],
    [[], [], []],
  ])('%j of %j: %j', (required, present, expected) => {
    expect(missingPlatforms(required, present)).toEqual(expected);
  });
});
