import { WaybillError } from '../errors.js';
import {
  checkDigest,
  DIGEST_ALGORITHMS,
  DIGEST_ERRORS,
  type DigestAlgorithm,
  type DigestErrorClass,
} from './digest.js';
import { IDENTIFIER, MAX_PATH_LENGTH, MAX_TEXT_LENGTH, NAME, REFERENCE } from './grammar.js';

/** An image reference, parsed and normalised. `repository` is the identity two references are compared by. */
export interface ImageReference {
  /** As it was written. */
  readonly text: string;
  /** Normalised `domain/path`: `docker.io/library/redis`, `ghcr.io/o/api`. */
  readonly repository: string;
  readonly domain: string;
  readonly path: string;
  readonly tag?: string;
  /** `sha256:` (or sha384, sha512) and lower-case hex of the right length. */
  readonly digest?: string;
}

/** distribution/reference's and go-digest's errors by their names there; `ErrNameIsIdentifier` has none there. */
export type ReferenceErrorClass =
  | 'ErrNameEmpty'
  | 'ErrNameContainsUppercase'
  | 'ErrNameTooLong'
  | 'ErrNameIsIdentifier'
  | 'ErrReferenceInvalidFormat'
  | DigestErrorClass;

export type ReferenceParse =
  | { readonly ok: true; readonly reference: ImageReference }
  | { readonly ok: false; readonly error: ReferenceErrorClass };

/** A reference as written: nothing is added to it, and `a/b` has the domain `a`. */
export interface StrictReference {
  readonly domain: string;
  readonly path: string;
  readonly tag?: string;
  readonly digest?: string;
}

export type StrictParse =
  | { readonly ok: true; readonly reference: StrictReference }
  | { readonly ok: false; readonly error: ReferenceErrorClass };

const DEFAULT_DOMAIN = 'docker.io';
const LEGACY_DEFAULT_DOMAIN = 'index.docker.io';
const OFFICIAL_PREFIX = 'library/';

/** Parses without Docker Hub's defaults (distribution/reference, `Parse`). Never throws. */
export function parseStrict(text: string, algorithms: readonly DigestAlgorithm[] = DIGEST_ALGORITHMS): StrictParse {
  if (text === '') return { ok: false, error: 'ErrNameEmpty' };
  if (text.length > MAX_TEXT_LENGTH) return { ok: false, error: 'ErrReferenceInvalidFormat' };
  const match = REFERENCE.exec(text);
  if (match === null) {
    const lowered = REFERENCE.test(text.toLowerCase());
    return { ok: false, error: lowered ? 'ErrNameContainsUppercase' : 'ErrReferenceInvalidFormat' };
  }
  const [, name = '', tag, digest] = match;
  const parts = NAME.exec(name);
  const domain = parts?.[1] ?? '';
  const path = parts?.[2] ?? name;
  if (path.length > MAX_PATH_LENGTH) return { ok: false, error: 'ErrNameTooLong' };
  if (digest !== undefined) {
    const error = checkDigest(digest, algorithms);
    if (error !== undefined) return { ok: false, error };
  }
  return {
    ok: true,
    reference: { domain, path, ...(tag === undefined ? {} : { tag }), ...(digest === undefined ? {} : { digest }) },
  };
}

/**
 * Parses with Docker Hub's defaults (distribution/reference, `ParseNormalizedNamed`): `redis` is
 * `docker.io/library/redis`. Never throws.
 */
export function tryParseReference(text: string): ReferenceParse {
  if (IDENTIFIER.test(text)) return { ok: false, error: 'ErrNameIsIdentifier' };
  if (text === '') return { ok: false, error: 'ErrNameEmpty' };
  const { domain, remainder } = splitDomain(text);
  const colon = remainder.indexOf(':');
  const remote = colon === -1 ? remainder : remainder.slice(0, colon);
  if (remote.toLowerCase() !== remote) return { ok: false, error: 'ErrNameContainsUppercase' };
  const strict = parseStrict(`${domain}/${remainder}`);
  if (!strict.ok) return strict;
  const { reference } = strict;
  return { ok: true, reference: { text, repository: `${reference.domain}/${reference.path}`, ...reference } };
}

/**
 * The reference, normalised (`redis` is `docker.io/library/redis`), with tag and digest as far as written.
 * @throws WaybillError reference-invalid
 */
export function parseReference(text: string): ImageReference {
  const parsed = tryParseReference(text);
  if (parsed.ok) return parsed.reference;
  throw new WaybillError('reference-invalid', {
    what: `${JSON.stringify(text.slice(0, 300))} is no image reference: ${EXPLANATIONS[parsed.error]}`,
    remedy: 'Write [HOST[:PORT]/]PATH[:TAG][@sha256:DIGEST]',
  });
}

/** `repository[:tag][@digest]`. */
export function formatReference(reference: {
  readonly repository: string;
  readonly tag?: string | undefined;
  readonly digest?: string | undefined;
}): string {
  const tag = reference.tag === undefined ? '' : `:${reference.tag}`;
  const digest = reference.digest === undefined ? '' : `@${reference.digest}`;
  return `${reference.repository}${tag}${digest}`;
}

/** As people write it: `redis` of `docker.io/library/redis`, `o/api` of `docker.io/o/api`, others unchanged. */
export function familiarRepository(repository: string): string {
  const prefix = `${DEFAULT_DOMAIN}/`;
  if (!repository.startsWith(prefix)) return repository;
  const path = repository.slice(prefix.length);
  const official = path.startsWith(OFFICIAL_PREFIX) ? path.slice(OFFICIAL_PREFIX.length) : path;
  return official.includes('/') ? path : official;
}

/**
 * The identity of a bare repository: `redis` gives `docker.io/library/redis`.
 * @throws WaybillError reference-invalid: also when it carries a tag or a digest
 */
export function normalizeRepository(text: string): string {
  const reference = parseReference(text);
  if (reference.tag === undefined && reference.digest === undefined) return reference.repository;
  throw new WaybillError('reference-invalid', {
    what: `${JSON.stringify(text)} is no bare repository: it carries a ${reference.digest === undefined ? 'tag' : 'digest'}`,
    remedy: 'Write the repository without tag and digest',
  });
}

/** The first component is a host only if it looks like one (distribution/reference, `splitDockerDomain`). */
function splitDomain(text: string): { readonly domain: string; readonly remainder: string } {
  const slash = text.indexOf('/');
  const first = slash === -1 ? '' : text.slice(0, slash);
  const isHost = first === 'localhost' || /[.:]/.test(first) || first.toLowerCase() !== first;
  const domain = isHost && first !== LEGACY_DEFAULT_DOMAIN ? first : DEFAULT_DOMAIN;
  const remainder = isHost ? text.slice(slash + 1) : text;
  const official = domain === DEFAULT_DOMAIN && !remainder.includes('/');
  return { domain, remainder: official ? `${OFFICIAL_PREFIX}${remainder}` : remainder };
}

const EXPLANATIONS: Readonly<Record<ReferenceErrorClass, string>> = {
  ErrNameEmpty: 'it has no name',
  ErrNameContainsUppercase: 'the repository must be lower-case',
  ErrNameTooLong: `the repository's path is longer than ${MAX_PATH_LENGTH} characters`,
  ErrNameIsIdentifier: '64 hexadecimal digits are an image ID',
  ErrReferenceInvalidFormat: 'it does not follow the grammar of image references',
  ...DIGEST_ERRORS,
};
