/**
 * What a tag looks like. `channel` is everything that is neither a version, a build's SHA nor a date: such a tag
 * is expected to move (`main`, `latest`, `stable`).
 */
export type TagClass = 'semver' | 'moving-minor' | 'build-sha' | 'date' | 'digest-as-tag' | 'channel';

const DIGEST_AS_TAG = /^sha(?:256|384|512)-[0-9a-f]{32,}(?:\.[a-z]+)?$/i;
const DATE =
  /^(?:RELEASE\.)?(?:19|20)\d{2}(?:(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?:\D.*|\d{4}|\d{6})?|-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])(?:\D.*)?)$/;
const BUILD_SHA = /^(?:sha-|git-)?[0-9a-f]{7,64}$/;
const MOVING_MINOR = /^v?\d+(?:\.\d+)?(?:[-+_][^.]*|[-+_][a-zA-Z].*)?$/;
const SEMVER = /^v?\d+(?:\.\d+){1,3}(?:[-+._].*)?$/;

/**
 * Classifies a tag by its spelling: `v1.2.3` semver, `1.25` and `17-alpine` moving-minor, `sha-4f9a1c2` build-sha,
 * `20240131` and `RELEASE.2024-01-31T…` date, `sha256-<hex>` digest-as-tag, all else channel. Eight digits that are
 * a day of a calendar are a date, other runs of seven or more digits a SHA.
 */
export function classifyTag(tag: string): TagClass {
  if (DIGEST_AS_TAG.test(tag)) return 'digest-as-tag';
  if (DATE.test(tag)) return 'date';
  if (BUILD_SHA.test(tag)) return 'build-sha';
  if (MOVING_MINOR.test(tag)) return 'moving-minor';
  if (SEMVER.test(tag)) return 'semver';
  return 'channel';
}

/** Whether a tag of this spelling may stand beside a digest: one that its publisher does not move. */
export function isImmutableTag(tag: string): boolean {
  const tagClass = classifyTag(tag);
  return tagClass === 'semver' || tagClass === 'build-sha' || tagClass === 'date';
}
