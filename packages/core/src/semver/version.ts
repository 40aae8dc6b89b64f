/** A version as Masterminds/semver reads it. The numbers are unsigned 64-bit there, hence bigint. */
export interface Version {
  /** As it was written. */
  readonly original: string;
  readonly major: bigint;
  readonly minor: bigint;
  readonly patch: bigint;
  /** Without the `-`; empty for a release. */
  readonly prerelease: string;
  /** Without the `+`; no part of the precedence. */
  readonly build: string;
}

const IDENTIFIERS = '[0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*';
const LENIENT = new RegExp(`^v?(\\d+)(?:\\.(\\d+))?(?:\\.(\\d+))?(?:-(${IDENTIFIERS}))?(?:\\+(${IDENTIFIERS}))?$`);
const STRICT = new RegExp(
  `^v?(?:0|[1-9]\\d*)\\.(?:0|[1-9]\\d*)\\.(?:0|[1-9]\\d*)(?:-${IDENTIFIERS})?(?:\\+${IDENTIFIERS})?$`,
);
const NUMERIC = /^\d+$/;
const UINT64_MAX = 2n ** 64n - 1n;

/**
 * Reads a version leniently: one leading `v`, missing minor and patch, and leading zeros in the three numbers are
 * fine (`v1`, `1.2`, `2024.01.05`); leading zeros in a numeric pre-release identifier are not. Undefined for all
 * else. (Masterminds/semver v3.5.0, NewVersion.)
 */
export function parseVersion(text: string): Version | undefined {
  const match = LENIENT.exec(text);
  if (match === null) return undefined;
  const major = uint64(match[1] ?? '');
  const minor = uint64(match[2] ?? '0');
  const patch = uint64(match[3] ?? '0');
  const prerelease = match[4] ?? '';
  if (major === undefined || minor === undefined || patch === undefined) return undefined;
  if (prerelease.split('.').some((part) => part.length > 1 && part.startsWith('0') && NUMERIC.test(part))) {
    return undefined;
  }
  return { original: text, major, minor, patch, prerelease, build: match[5] ?? '' };
}

/**
 * As `parseVersion`, and all of major.minor.patch must be there without leading zeros; one leading `v` is fine.
 * (kargo, pkg/controller/semver/parser.go.)
 */
export function parseStrictVersion(text: string): Version | undefined {
  return STRICT.test(text) ? parseVersion(text) : undefined;
}

/** Precedence as semver.org §11 defines it: negative when `left` is the older. Builds do not count. */
export function compareVersions(left: Version, right: Version): number {
  return (
    compareNumbers(left.major, right.major) ||
    compareNumbers(left.minor, right.minor) ||
    compareNumbers(left.patch, right.patch) ||
    comparePrereleases(left.prerelease, right.prerelease)
  );
}

/**
 * For sorting, newest first. Versions of one precedence go by their spelling, the byte-wise greater first: `v1.0.0`,
 * `1.0.0`, `1.0`. (kargo, pkg/image/semver_selector.go.)
 */
export function newestFirst(left: Version, right: Version): number {
  const precedence = compareVersions(right, left);
  if (precedence !== 0) return precedence;
  if (left.original === right.original) return 0;
  return left.original > right.original ? -1 : 1;
}

function uint64(digits: string): bigint | undefined {
  const value = BigInt(digits);
  return value > UINT64_MAX ? undefined : value;
}

function compareNumbers(left: bigint, right: bigint): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}

function comparePrereleases(left: string, right: string): number {
  if (left === right) return 0;
  if (left === '') return 1;
  if (right === '') return -1;
  const lefts = left.split('.');
  const rights = right.split('.');
  for (const [index, identifier] of lefts.entries()) {
    const other = rights[index];
    if (other === undefined) return 1;
    const order = compareIdentifiers(identifier, other);
    if (order !== 0) return order;
  }
  return lefts.length < rights.length ? -1 : 0;
}

/** Numbers by value and below words; words by ASCII. A number beyond 64 bits counts as a word, as in Masterminds. */
function compareIdentifiers(left: string, right: string): number {
  if (left === right) return 0;
  const leftNumber = NUMERIC.test(left) ? uint64(left) : undefined;
  const rightNumber = NUMERIC.test(right) ? uint64(right) : undefined;
  if (leftNumber !== undefined && rightNumber !== undefined) return compareNumbers(leftNumber, rightNumber);
  if (leftNumber !== undefined) return -1;
  if (rightNumber !== undefined) return 1;
  return left < right ? -1 : 1;
}
