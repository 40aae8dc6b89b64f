import { describe, expect, it } from '@jest/globals';
import { parseDuration } from './duration.js';
import { nameProblem, nearestName, suggestion } from './names.js';

describe('nameProblem', () => {
  it.each(['a', 'dev', 'us-east-1', '1', 'a'.repeat(63)])('%j is a name', (text) => {
    expect(nameProblem(text)).toBeUndefined();
  });

  it.each(['', 'Dev', '-a', 'a-', 'a.b', 'a_b', 'a b', 'é', 'a'.repeat(64), 'true', 'null', 'constructor'])(
    '%j is none',
    (text) => {
      expect(nameProblem(text)).toBeDefined();
    },
  );
});

describe('nearestName', () => {
  it.each([
    ['stagin', 'staging'],
    ['PRODUCTION', 'production'],
    ['produciton', 'production'],
    ['xyz', undefined],
  ])('of %j is %j', (text, expected) => {
    expect(nearestName(text, ['dev', 'staging', 'production'])).toBe(expected);
  });

  it('is suggested, else the candidates are', () => {
    expect(suggestion('stagin', ['dev', 'staging'])).toBe('Did you mean staging?');
    expect(suggestion('x', ['dev', 'staging'])).toBe('There are dev, staging');
    expect(suggestion('x', ['staging'])).toBe('There is only staging');
    expect(suggestion('x', [])).toBe('There is none yet');
  });
});

describe('parseDuration (Go, time.ParseDuration)', () => {
  it.each([
    ['0', 0],
    ['30m', 1_800_000],
    ['1h0m0s', 3_600_000],
    ['1.5h', 5_400_000],
    ['.5s', 500],
    ['250ms', 250],
    ['', undefined],
    ['90', undefined],
    ['1d', undefined],
    ['-1h', undefined],
    ['1h ', undefined],
  ])('%j is %j milliseconds', (text, expected) => {
    expect(parseDuration(text)).toBe(expected);
  });
});
