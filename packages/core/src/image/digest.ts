import { WaybillError } from '../errors.js';

export type DigestErrorClass = 'ErrDigestInvalidFormat' | 'ErrDigestUnsupported' | 'ErrDigestInvalidLength';

export type DigestAlgorithm = 'sha256' | 'sha384' | 'sha512';

/** The algorithms that the OCI image specification registers, with the length of their hex. */
export const DIGEST_ALGORITHMS: readonly DigestAlgorithm[] = ['sha256', 'sha384', 'sha512'];
const HEX_LENGTH: Readonly<Record<DigestAlgorithm, number>> = { sha256: 64, sha384: 96, sha512: 128 };

const SHAPE = /^[a-z0-9]+(?:[.+_-][a-z0-9]+)*:[a-zA-Z0-9=_-]+$/;
const LOWER_HEX = /^[a-f0-9]+$/;

/**
 * The error class of a digest, or undefined when it is one: a known algorithm and lower-case hex of exactly its
 * length. The order of the checks is go-digest's (v1.0.0, `Digest.Validate`).
 */
export function checkDigest(
  text: string,
  algorithms: readonly DigestAlgorithm[] = DIGEST_ALGORITHMS,
): DigestErrorClass | undefined {
  const colon = text.indexOf(':');
  if (colon <= 0 || colon + 1 === text.length) return 'ErrDigestInvalidFormat';
  const algorithm = algorithms.find((known) => known === text.slice(0, colon));
  if (algorithm === undefined) return SHAPE.test(text) ? 'ErrDigestUnsupported' : 'ErrDigestInvalidFormat';
  const hex = text.slice(colon + 1);
  if (hex.length !== HEX_LENGTH[algorithm]) return 'ErrDigestInvalidLength';
  return LOWER_HEX.test(hex) ? undefined : 'ErrDigestInvalidFormat';
}

/** Whether the text is a digest of a known algorithm, in lower-case hex of the right length. */
export function isDigest(text: string): boolean {
  return checkDigest(text) === undefined;
}

/**
 * The digest, unchanged, once it is known to be one.
 * @throws WaybillError reference-invalid
 */
export function parseDigest(text: string): string {
  const error = checkDigest(text);
  if (error === undefined) return text;
  throw new WaybillError('reference-invalid', {
    what: `${JSON.stringify(text.slice(0, 200))} is no digest: ${DIGEST_ERRORS[error]}`,
    remedy: 'Write sha256: and 64 lower-case hexadecimal digits',
  });
}

export const DIGEST_ERRORS: Readonly<Record<DigestErrorClass, string>> = {
  ErrDigestInvalidFormat: 'a digest is an algorithm, a colon and lower-case hexadecimal digits',
  ErrDigestUnsupported: 'the digest algorithm must be sha256, sha384 or sha512',
  ErrDigestInvalidLength: 'the digest has the wrong number of hexadecimal digits for its algorithm (sha256 has 64)',
};

/** `a1b2c3d4e5f6` of `sha256:a1b2c3d4e5f6…`: for people to read, never to compare. */
export function shortDigest(digest: string): string {
  return digest.slice(digest.indexOf(':') + 1).slice(0, 12);
}
