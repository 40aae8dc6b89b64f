import { parseConstraint, satisfies } from '../semver/constraint.js';
import { newestFirst, parseStrictVersion, parseVersion, type Version } from '../semver/version.js';
import { discoverInOrder, nextInOrder } from './discovery.js';
import type { ImageSelection } from './selection.js';
import { compileTagPattern } from './tag-pattern.js';

/**
 * Tags that are versions, newest first: the ignored go, then all that no allowed pattern matches, then what the
 * constraint does not admit. (kargo, pkg/image/semver_selector.go.)
 */
export const selectBySemVer: ImageSelection = {
  strategy: 'SemVer',
  needsTags: true,
  rank({ constraint, strictSemvers, allowTagsRegexes, ignoreTagsRegexes }, tags) {
    const allowed = allowTagsRegexes.map(compileTagPattern);
    const ignored = ignoreTagsRegexes.map(compileTagPattern);
    const admitted = constraint === undefined ? undefined : parseConstraint(constraint);
    const parse = strictSemvers ? parseStrictVersion : parseVersion;
    const versions = tags
      .filter((tag) => !ignored.some((pattern) => pattern.test(tag)))
      .filter((tag) => allowed.length === 0 || allowed.some((pattern) => pattern.test(tag)))
      .map(parse)
      .filter((version): version is Version => version !== undefined)
      .filter((version) => admitted === undefined || satisfies(version, admitted));
    return versions.sort(newestFirst).map((version) => version.original);
  },
  next: nextInOrder,
  discover: discoverInOrder,
};
