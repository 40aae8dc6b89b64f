import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { WaybillError } from '../errors.js';
import { isDigest } from './digest.js';
import { DOMAIN_PATTERN, IDENTIFIER, NAME, REFERENCE } from './grammar.js';
import {
  familiarRepository,
  formatReference,
  normalizeRepository,
  parseReference,
  parseStrict,
  tryParseReference,
} from './reference.js';

interface Vectors {
  readonly parse: readonly {
    readonly input: string;
    readonly name?: string;
    readonly domain?: string;
    readonly tag?: string;
    readonly digest?: string;
    readonly error?: string;
  }[];
  readonly normalize_valid: readonly string[];
  readonly normalize_invalid: readonly string[];
  readonly normalize: readonly {
    readonly inputs: readonly string[];
    readonly canonical: string;
    readonly familiar: string;
    readonly domain: string;
    readonly path: string;
  }[];
  readonly any_reference: readonly { readonly input: string; readonly canonical: string }[];
  readonly domain_regexp: readonly { readonly input: string; readonly match: boolean }[];
  readonly name_regexp: readonly { readonly input: string; readonly match: boolean }[];
  readonly reference_regexp: readonly { readonly input: string; readonly match: boolean }[];
}

const vectors: Vectors = JSON.parse(
  readFileSync(new URL('./fixtures/reference-vectors.json', import.meta.url), 'utf8'),
);
const HEX = 'a1'.repeat(32);

describe('distribution/reference vectors', () => {
  it('has all 241 facts', () => {
    const { parse, normalize_valid, normalize_invalid, normalize, any_reference } = vectors;
    const { domain_regexp, name_regexp, reference_regexp } = vectors;
    const lists = [parse, normalize_valid, normalize_invalid, normalize, any_reference, domain_regexp, name_regexp];
    expect([...lists, reference_regexp].reduce((sum, list) => sum + list.length, 0)).toBe(241);
  });

  // The source's test registers sha256 only, so that sha512 is unsupported there.
  it.each(vectors.parse.map((vector) => [vector.input, vector] as const))('parses %s strictly', (input, vector) => {
    const parsed = parseStrict(input, ['sha256']);
    if (vector.error !== undefined) {
      expect(parsed).toEqual({ ok: false, error: vector.error });
      return;
    }
    const { name = '', domain = '', tag, digest } = vector;
    expect(parsed).toEqual({
      ok: true,
      reference: {
        domain,
        path: domain === '' ? name : name.slice(domain.length + 1),
        ...(tag === undefined ? {} : { tag }),
        ...(digest === undefined ? {} : { digest }),
      },
    });
  });

  it.each(vectors.normalize_valid)('normalises %s', (input) => {
    expect(tryParseReference(input).ok).toBe(true);
  });

  it.each(vectors.normalize_invalid)('refuses %s', (input) => {
    expect(tryParseReference(input).ok).toBe(false);
  });

  it.each(vectors.normalize.map((vector) => [vector.canonical, vector] as const))('knows %s', (canonical, vector) => {
    for (const input of vector.inputs) {
      const reference = parseReference(input);
      expect(reference).toMatchObject({ repository: canonical, domain: vector.domain, path: vector.path });
      expect(familiarRepository(reference.repository)).toBe(vector.familiar);
    }
  });

  it.each(vectors.any_reference.map((vector) => [vector.input, vector.canonical]))('reads %s', (input, canonical) => {
    if (IDENTIFIER.test(input)) expect(`sha256:${input}`).toBe(canonical);
    else if (isDigest(input)) expect(input).toBe(canonical);
    else expect(formatReference(parseReference(input))).toBe(canonical);
  });

  it.each([
    ['domain', new RegExp(`^(?:${DOMAIN_PATTERN})$`), vectors.domain_regexp],
    ['name', NAME, vectors.name_regexp],
    ['reference', REFERENCE, vectors.reference_regexp],
  ] as const)('matches the %s grammar', (_, pattern, facts) => {
    expect(facts.map(({ input }) => ({ input, match: pattern.test(input) }))).toEqual(
      facts.map(({ input, match }) => ({ input, match })),
    );
  });
});

describe('parseReference', () => {
  it.each([
    ['redis', { repository: 'docker.io/library/redis' }],
    ['index.docker.io/redis:7', { repository: 'docker.io/library/redis', tag: '7' }],
    ['ghcr.io/o/api:main', { repository: 'ghcr.io/o/api', tag: 'main' }],
    [`ghcr.io/o/api:v1@sha256:${HEX}`, { repository: 'ghcr.io/o/api', tag: 'v1', digest: `sha256:${HEX}` }],
    ['registry:5000/app', { repository: 'registry:5000/app', domain: 'registry:5000', path: 'app' }],
    ['foo/bar', { repository: 'docker.io/foo/bar' }],
    [`a@sha512:${HEX}${HEX}`, { digest: `sha512:${HEX}${HEX}` }],
  ])('%s', (text, expected) => {
    expect(parseReference(text)).toMatchObject({ text, ...expected });
  });

  it.each([
    ['', 'ErrNameEmpty'],
    ['APP:1', 'ErrNameContainsUppercase'],
    [`app@sha256:${HEX.toUpperCase()}`, 'ErrDigestInvalidFormat'],
    [`app@sha256:${HEX.slice(1)}`, 'ErrDigestInvalidLength'],
    ['app@sha256:abc', 'ErrReferenceInvalidFormat'],
    ['app@latest', 'ErrReferenceInvalidFormat'],
    [`app@md5:${HEX.slice(0, 32)}`, 'ErrDigestUnsupported'],
    ['app:1\n', 'ErrReferenceInvalidFormat'],
    ['{{ .Values.image }}', 'ErrNameContainsUppercase'],
    ['{{ image }}', 'ErrReferenceInvalidFormat'],
    [HEX, 'ErrNameIsIdentifier'],
    [`${'a'.repeat(256)}/b`, 'ErrNameTooLong'],
    ['a'.repeat(5000), 'ErrReferenceInvalidFormat'],
  ])('refuses %j as %s', (text, error) => {
    expect(tryParseReference(text)).toEqual({ ok: false, error });
    expect(() => parseReference(text)).toThrow(WaybillError);
    expect(() => parseReference(text)).toThrow(expect.objectContaining({ code: 'reference-invalid' }));
  });

  it('never throws while trying, and reads back what it wrote', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[a-z0-9./:@_-]{0,40}$/)), (text) => {
        const parsed = tryParseReference(text);
        if (!parsed.ok) return;
        const again = parseReference(formatReference(parsed.reference));
        expect({ ...again, text }).toEqual(parsed.reference);
      }),
    );
  });
});

describe('normalizeRepository', () => {
  it('adds the defaults and refuses a tag or digest', () => {
    expect(normalizeRepository('redis')).toBe('docker.io/library/redis');
    expect(() => normalizeRepository('redis:7')).toThrow(/carries a tag/);
    expect(() => normalizeRepository(`redis@sha256:${HEX}`)).toThrow(/carries a digest/);
  });
});
