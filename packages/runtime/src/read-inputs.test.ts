import { describe, expect, it } from '@jest/globals';
import { defineAction } from './definition.js';
import { choice, commonInputs, flag, integer, lines, text } from './inputs.js';
import { readInputs } from './read-inputs.js';
import { createSecrets } from './secrets.js';

const definition = defineAction({
  name: 'sample',
  description: 'A sample.',
  inputs: {
    ...commonInputs,
    freight: text({ description: 'Freight.', default: 'newest' }),
    stage: text({ description: 'Stage.', required: true, pattern: { matches: /^[a-z]+$/, like: 'production' } }),
    strategy: choice(['Digest', 'SemVer'], { description: 'Strategy.', default: 'Digest' }),
    mode: choice(['a', 'b'], { description: 'Mode.' }),
    files: lines({ description: 'Files.', default: 'a\nb' }),
    limit: integer({ description: 'Limit.', default: 32, min: 1, max: 64 }),
    strict: flag({ description: 'Strict.', default: true }),
  },
  outputs: {},
});

const given = { INPUT_TOKEN: 'ghs_abc', INPUT_REPOSITORY: 'acme/gitops', INPUT_STAGE: 'dev' };

function read(env: Readonly<Record<string, string>>) {
  const masked: string[] = [];
  const secrets = createSecrets((value) => masked.push(value));
  return { values: readInputs(definition, { ...given, ...env }, secrets), masked, secrets };
}

describe('readInputs', () => {
  it('gives every input its type and default', () => {
    const { values } = read({});
    const exact: {
      readonly token: string;
      readonly 'registry-token': string | undefined;
      readonly freight: string;
      readonly strategy: 'Digest' | 'SemVer';
      readonly mode: 'a' | 'b' | undefined;
      readonly files: readonly string[];
      readonly limit: number;
      readonly 'dry-run': boolean;
    } = values;
    expect(exact).toEqual({
      token: 'ghs_abc',
      'registry-token': undefined,
      'registry-username': undefined,
      repository: 'acme/gitops',
      'dry-run': false,
      freight: 'newest',
      stage: 'dev',
      strategy: 'Digest',
      mode: undefined,
      files: ['a', 'b'],
      limit: 32,
      strict: true,
    });
  });

  it('reads what was given, trimmed; an empty value is one not given', () => {
    const { values } = read({
      INPUT_FREIGHT: ' ',
      INPUT_STRATEGY: ' SemVer ',
      INPUT_MODE: 'b',
      INPUT_FILES: ' x \r\n\r\n y',
      INPUT_LIMIT: '64',
      INPUT_STRICT: 'FALSE',
      'INPUT_DRY-RUN': 'True',
    });
    expect(values).toMatchObject({
      freight: 'newest',
      strategy: 'SemVer',
      mode: 'b',
      files: ['x', 'y'],
      limit: 64,
      strict: false,
      'dry-run': true,
    });
  });

  it.each([
    [{ INPUT_STAGE: '' }, 'Input stage is empty. Give it a value under `with:`.'],
    [{ INPUT_STAGE: 'Prod' }, 'Input stage does not have the right form. Write it like production.'],
    [{ INPUT_REPOSITORY: 'acme' }, 'Input repository does not have the right form. Write it like owner/name.'],
    [{ INPUT_REPOSITORY: 'acme/a/b' }, 'Input repository does not have the right form. Write it like owner/name.'],
    [
      { INPUT_STRATEGY: 'digest' },
      'Input strategy is "digest", which is not one of its values. Write one of: Digest, SemVer.',
    ],
    [{ INPUT_LIMIT: '65' }, 'Input limit is "65". Write a whole number from 1 to 64.'],
    [{ INPUT_LIMIT: '1e1' }, 'Input limit is "1e1". Write a whole number from 1 to 64.'],
    [{ INPUT_STRICT: '1' }, 'Input strict is neither true nor false but "1". Write true or false.'],
    [{ INPUT_TOKEN: '' }, 'Input token is empty. Give it a value under `with:`.'],
  ])('refuses %j', (env, message) => {
    expect(() => read(env)).toThrow(expect.objectContaining({ code: 'input-invalid', message }));
  });

  it('masks secrets, each line of them, before any other input can be spoken of', () => {
    const { masked, secrets } = read({ 'INPUT_REGISTRY-TOKEN': 'first\nsecond_\n\nab' });
    expect(masked).toEqual(['ghs_abc', 'first\nsecond_\n\nab', 'first', 'second_']);
    expect(secrets.redact('x first second_ second\\_ ghs_abc')).toBe('x *** *** *** ***');
  });

  it('does not take a name inherited from an object for an input', () => {
    expect(Object.keys(read({}).values)).toEqual(Object.keys(definition.inputs));
  });
});

describe('defineAction', () => {
  it('adds the common outputs', () => {
    expect(Object.keys(definition.outputs)).toEqual(['decision', 'reason-code']);
  });
});
