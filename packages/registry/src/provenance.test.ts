import { describe, expect, it } from '@jest/globals';
import { firstKnown, isComplete, readConfigProvenance, readProvenance } from './provenance.js';

const CREATED = 'org.opencontainers.image.created';

describe('readProvenance', () => {
  it('reads the OCI keys', () => {
    expect(
      readProvenance({
        'org.opencontainers.image.revision': 'abc',
        'org.opencontainers.image.source': 'https://github.com/o/api',
        'org.opencontainers.image.version': 'v1',
        [CREATED]: '2026-01-02T03:04:05.678+02:00',
        other: 'x',
      }),
    ).toEqual({
      revision: 'abc',
      source: 'https://github.com/o/api',
      version: 'v1',
      created: '2026-01-02T03:04:05.678+02:00',
    });
  });

  it.each([
    ['1970-01-01T00:00:00Z', undefined],
    ['0001-01-01T00:00:00Z', undefined],
    ['2026-01-02', undefined],
    ['yesterday', undefined],
    ['2026-13-45T00:00:00Z', undefined],
    ['', undefined],
    ['2026-01-02T03:04:05Z', '2026-01-02T03:04:05Z'],
  ])('a date %p is %p', (created, expected) => {
    expect(readProvenance({ [CREATED]: created }).created).toBe(expected);
  });

  it('takes the older key for the date when there is no other', () => {
    const older = { 'org.label-schema.build-date': '2025-01-01T00:00:00Z' };
    expect(readProvenance(older).created).toBe('2025-01-01T00:00:00Z');
    expect(readProvenance({ ...older, [CREATED]: '2026-01-01T00:00:00Z' }).created).toBe('2026-01-01T00:00:00Z');
  });
});

describe('readConfigProvenance', () => {
  const label = (created: string) => ({ config: { Labels: { [CREATED]: created } } });
  it.each([
    ['the label alone', label('2025-01-01T00:00:00Z'), '2025-01-01T00:00:00Z'],
    ['the config alone', { created: '2026-01-01T00:00:00Z', config: {} }, '2026-01-01T00:00:00Z'],
    [
      'the later: config',
      { ...label('2025-01-01T00:00:00Z'), created: '2026-01-01T00:00:00Z' },
      '2026-01-01T00:00:00Z',
    ],
    ['the later: label', { ...label('2026-01-01T00:00:00Z'), created: '2025-01-01T00:00:00Z' }, '2026-01-01T00:00:00Z'],
    ['a reproducible build', { created: '1970-01-01T00:00:00Z', config: { Labels: null } }, undefined],
  ])('%s', (_name, config, expected) => {
    expect(readConfigProvenance(config).created).toBe(expected);
  });
});

describe('firstKnown', () => {
  it('takes each fact from the first that has it', () => {
    const known = firstKnown({ revision: 'a' }, { revision: 'b', source: 's' }, { created: 'c', version: 'v' });
    expect(known).toEqual({ revision: 'a', source: 's', created: 'c', version: 'v' });
    expect(isComplete(known)).toBe(true);
    expect(isComplete({ revision: 'a', source: 's' })).toBe(false);
  });
});
