import { describe, expect, it } from '@jest/globals';
import { toJsonSchema } from './openapi.js';
import { createValidator } from './validator.js';

const validator = createValidator();
const REF = '/repos/{owner}/{repo}/git/ref/{ref}';
const asked = (body: unknown, query = '') => ({ parameters: {}, query: new URLSearchParams(query), body });

describe('the validator', () => {
  it('takes what GitHub describes', () => {
    expect(
      validator.request('POST', '/repos/{owner}/{repo}/git/refs', asked({ ref: 'refs/heads/x', sha: 'a' })),
    ).toEqual([]);
    expect(
      validator.request('GET', '/repos/{owner}/{repo}/pulls', asked(undefined, 'state=open&per_page=100')),
    ).toEqual([]);
    const ref = {
      ref: 'refs/heads/x',
      node_id: 'n',
      url: 'https://x/y',
      object: { type: 'commit', sha: 'a'.repeat(40), url: 'https://x/y' },
    };
    expect(validator.answer('GET', REF, 200, ref)).toEqual([]);
    expect(validator.answer('GET', REF, 404, { message: 'Not Found' })).toEqual([]);
    expect(validator.answer('DELETE', '/repos/{owner}/{repo}/git/refs/{ref}', 204, undefined)).toEqual([]);
  });

  it.each([
    ['a missing property', asked({ ref: 'refs/heads/x' }), /required property 'sha'/],
    ['a wrong type', asked({ ref: 1, sha: 'a' }), /must be string/],
    ['an unknown property', asked({ ref: 'r', sha: 'a', froce: true }), /froce is not described/],
    ['no body', asked(undefined), /body is missing/],
    ['an unknown query parameter', asked({ ref: 'r', sha: 'a' }, 'x=1'), /query parameter x is not described/],
  ])('finds %s in a request', (_what, request, message) => {
    expect(validator.request('POST', '/repos/{owner}/{repo}/git/refs', request).join()).toMatch(message);
  });

  it('finds a wrong query value, and a body where none belongs', () => {
    expect(validator.request('GET', '/repos/{owner}/{repo}/pulls', asked(undefined, 'state=merged')).join()).toMatch(
      /state/,
    );
    expect(validator.request('GET', '/repos/{owner}/{repo}/pulls', asked({ a: 1 }))).toEqual([
      'a body where none is described',
    ]);
  });

  it('finds what is amiss in an answer', () => {
    expect(validator.answer('GET', REF, 200, { ref: 'x' })).toHaveLength(1);
    expect(validator.answer('GET', REF, 299, {})).toEqual(['status 299 is not described']);
    expect(validator.request('GET', '/no/such', asked(undefined))).toHaveLength(1);
  });

  it('reads nullable as OpenAPI 3.0 means it', () => {
    expect(toJsonSchema({ type: 'string', nullable: true, enum: ['a'] })).toEqual({
      type: ['string', 'null'],
      enum: ['a', null],
    });
    expect(toJsonSchema({ nullable: true, $ref: '#/components/schemas/x' })).toEqual({
      anyOf: [{ type: 'null' }, { $ref: 'component:x' }],
    });
  });
});
