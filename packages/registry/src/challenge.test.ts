import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parseChallenges } from './challenge.js';

function read(header: string): readonly (readonly [string, Readonly<Record<string, string>>])[] {
  return parseChallenges(header).map(({ scheme, parameters }) => [scheme, Object.fromEntries(parameters)]);
}

describe('parseChallenges', () => {
  const realm = 'https://auth.docker.io/token';
  it.each([
    ['', []],
    [
      `Bearer realm="${realm}",service="registry.docker.io",scope="repository:samalba/my-app:pull,push"`,
      [['bearer', { realm, service: 'registry.docker.io', scope: 'repository:samalba/my-app:pull,push' }]],
    ],
    [
      // Codeberg: two challenges in one header, no space after the comma.
      'Bearer realm="https://codeberg.org/v2/token",service="container_registry",scope="*",Basic realm="Gitea"',
      [
        ['bearer', { realm: 'https://codeberg.org/v2/token', service: 'container_registry', scope: '*' }],
        ['basic', { realm: 'Gitea' }],
      ],
    ],
    [
      'Basic realm="a", Bearer realm=b',
      [
        ['basic', { realm: 'a' }],
        ['bearer', { realm: 'b' }],
      ],
    ],
    ['bEaReR ReAlM = "x" , SERVICE="y"', [['bearer', { realm: 'x', service: 'y' }]]],
    ['Bearer realm="say \\"hi\\", please\\\\"', [['bearer', { realm: 'say "hi", please\\' }]]],
    [
      'Negotiate YWJj==, Basic realm="x"',
      [
        ['negotiate', {}],
        ['basic', { realm: 'x' }],
      ],
    ],
    [
      'Negotiate, Basic realm="x"',
      [
        ['negotiate', {}],
        ['basic', { realm: 'x' }],
      ],
    ],
    [', ,Basic realm="x",,', [['basic', { realm: 'x' }]]],
    ['Bearer realm="first",realm="second"', [['bearer', { realm: 'first' }]]],
    ['Bearer realm="unclosed', [['bearer', {}]]],
    ['Bearer realm="x",service=', [['bearer', { realm: 'x' }]]],
    ['"nonsense"', []],
  ])('%s', (header, expected) => {
    expect(read(header)).toEqual(expected);
  });

  it('reads back what is written by the rule, however many challenges', () => {
    const name = fc.stringMatching(/^[a-z]{1,8}$/);
    const challenge = fc.record({
      scheme: name,
      parameters: fc.dictionary(name, fc.string(), { minKeys: 1, maxKeys: 4 }),
    });
    const quote = (value: string): string => `"${value.replace(/["\\]/g, (sign) => `\\${sign}`)}"`;
    fc.assert(
      fc.property(fc.array(challenge, { maxLength: 4 }), (challenges) => {
        const header = challenges
          .map(({ scheme, parameters }) => {
            const list = Object.entries(parameters).map(([key, value]) => `${key}=${quote(value)}`);
            return `${scheme} ${list.join(', ')}`;
          })
          .join(', ');
        expect(read(header)).toEqual(challenges.map(({ scheme, parameters }) => [scheme, { ...parameters }]));
      }),
    );
  });

  it('never throws and never hangs', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 200 }), (header) => {
        expect(Array.isArray(parseChallenges(header))).toBe(true);
      }),
    );
    expect(parseChallenges('a="'.repeat(100_000)).length).toBeLessThan(10_000);
  });
});
