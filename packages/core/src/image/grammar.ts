/**
 * The grammar of image references, as distribution/reference defines it (regexp.go). `\w` is ASCII in ECMAScript
 * without the `u` and `i` flags, as in Go, and `$` without `m` is the end of the input.
 */

const domainComponent = '[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?';
const ipv6 = '\\[[a-fA-F0-9:]+\\]';
const host = `(?:${domainComponent}(?:\\.${domainComponent})*|${ipv6})`;
const pathComponent = '[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*';
const path = `${pathComponent}(?:/${pathComponent})*`;

/** A host with its optional port, unanchored. */
export const DOMAIN_PATTERN = `${host}(?::[0-9]+)?`;
const namePattern = `(?:${DOMAIN_PATTERN}/)?${path}`;
const tagPattern = '\\w[\\w.-]{0,127}';
const looseDigestPattern = '[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}';

/** Groups: domain (if any), path. */
export const NAME = new RegExp(`^(?:(${DOMAIN_PATTERN})/)?(${path})$`);
export const TAG = new RegExp(`^${tagPattern}$`);
/** Groups: name, tag, digest. The digest is checked again, strictly, by `checkDigest`. */
export const REFERENCE = new RegExp(`^(${namePattern})(?::(${tagPattern}))?(?:@(${looseDigestPattern}))?$`);
/** 64 hexadecimal digits are an image ID, never a name. */
export const IDENTIFIER = /^[a-f0-9]{64}$/;

/** Of the path alone: the domain is not counted (distribution/reference, RepositoryNameTotalLengthMax). */
export const MAX_PATH_LENGTH = 255;
/** Longer texts are refused unread: a path, a tag, a SHA-512 digest and any real host name stay far below. */
export const MAX_TEXT_LENGTH = 2048;
