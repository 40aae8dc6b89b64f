import { describe, expect, it } from '@jest/globals';
import { checkDigest, isDigest, parseDigest, shortDigest } from './digest.js';

const HEX = '0123456789abcdef'.repeat(4);

describe('digests', () => {
  it.each([
    [`sha256:${HEX}`, undefined],
    [`sha384:${HEX}${HEX.slice(0, 32)}`, undefined],
    [`sha512:${HEX}${HEX}`, undefined],
    [HEX, 'ErrDigestInvalidFormat'],
    [`:${HEX}`, 'ErrDigestInvalidFormat'],
    ['sha256:', 'ErrDigestInvalidFormat'],
    [`sha256:${HEX.toUpperCase()}`, 'ErrDigestInvalidFormat'],
    [`SHA256:${HEX}`, 'ErrDigestInvalidFormat'],
    [`sha256:${HEX}0`, 'ErrDigestInvalidLength'],
    ['sha256:0123', 'ErrDigestInvalidLength'],
    ['md5:0123', 'ErrDigestUnsupported'],
  ])('%s: %s', (text, error) => {
    expect(checkDigest(text)).toBe(error);
    expect(isDigest(text)).toBe(error === undefined);
  });

  it('says what is wrong', () => {
    expect(parseDigest(`sha256:${HEX}`)).toBe(`sha256:${HEX}`);
    expect(() => parseDigest('sha256:0123')).toThrow(expect.objectContaining({ code: 'reference-invalid' }));
    expect(shortDigest(`sha256:${HEX}`)).toBe('0123456789ab');
  });
});
