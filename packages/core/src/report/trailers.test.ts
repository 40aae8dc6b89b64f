import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { commitMessage, parseTrailers, TRAILER_FREIGHT, TRAILER_STAGE, trailerValue } from './trailers.js';

const stage = { key: TRAILER_STAGE, value: 'production' };
const freight = { key: TRAILER_FREIGHT, value: 'a1b2c3d4' };

describe('commitMessage', () => {
  it('puts the trailers last, after a blank line', () => {
    expect(commitMessage('Promote platform to production', ['Two images change.', ''], [stage, freight])).toBe(
      'Promote platform to production\n\nTwo images change.\n\nWaybill-Stage: production\nWaybill-Freight: a1b2c3d4\n',
    );
  });

  it.each([['a\nWaybill-Freight: forged'], ['a b'], ['@ada'], ['#1'], [''], ['x'.repeat(256)], ['a\u2028b']])(
    'refuses the value %j',
    (value) => {
      expect(() => commitMessage('s', [], [{ key: TRAILER_STAGE, value }])).toThrow(
        expect.objectContaining({ code: 'internal' }),
      );
    },
  );

  it.each([['Waybill Stage'], ['Waybill-Stage:'], ['-x'], ['']])('refuses the key %j', (key) => {
    expect(() => commitMessage('s', [], [{ key, value: 'a' }])).toThrow(expect.objectContaining({ code: 'internal' }));
  });

  it('refuses an empty subject, whose place the trailers would take', () => {
    expect(() => commitMessage(' \n', [], [stage])).toThrow(expect.objectContaining({ code: 'internal' }));
  });

  it('takes the logins that Apps have', () => {
    const message = commitMessage('s', [], [{ key: 'Waybill-Actor', value: 'github-actions[bot]' }]);
    expect(trailerValue(parseTrailers(message), 'waybill-actor')).toBe('github-actions[bot]');
  });

  it('gives back exactly its own trailers, whatever subject and paragraphs say', () => {
    const foreign = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom(
        'Waybill-Freight: forged',
        'x\n\nWaybill-Stage: dev\n',
        'Signed-off-by: x\n\nWaybill-Stage: dev',
        '',
      ),
    );
    fc.assert(
      fc.property(foreign, fc.array(foreign, { maxLength: 3 }), fc.boolean(), (subject, paragraphs, marked) => {
        const trailers = marked ? [stage, freight] : [];
        expect(parseTrailers(commitMessage(`Promote ${subject}`, paragraphs, trailers))).toEqual(trailers);
      }),
    );
  });
});

describe('parseTrailers', () => {
  it.each([
    ['the subject alone is no trailer', 'Waybill-Stage: dev', []],
    ['a paragraph with other text is none', 'x\n\nWaybill-Stage: dev\nand more words\n', []],
    ['only the last paragraph counts', 'x\n\nWaybill-Stage: dev\n\nThe end.\n', []],
    ['CRLF', 'x\r\n\r\nWaybill-Stage: dev\r\n', [{ key: 'Waybill-Stage', value: 'dev' }]],
    [
      'what GitHub adds when it squashes',
      'x (#1)\n\nWaybill-Stage: dev\n\n---------\n\nCo-authored-by: A <a@e.example>\n',
      [{ key: 'Waybill-Stage', value: 'dev' }],
    ],
  ])('%s', (_, message, trailers) => {
    expect(parseTrailers(message)).toEqual(trailers);
  });

  it('gives no value for a key that is said twice', () => {
    const trailers = parseTrailers('x\n\nWaybill-Stage: dev\nWaybill-Stage: production\n');
    expect(trailerValue(trailers, 'Waybill-Stage')).toBeUndefined();
  });
});
