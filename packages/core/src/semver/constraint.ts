import { WaybillError } from '../errors.js';
import { compareVersions, parseVersion, type Version } from './version.js';

type Operator = '=' | '!=' | '>' | '<' | '>=' | '<=' | '~' | '^';

/** How much of the version was written: `*`, `1` or `1.x`, `1.2` or `1.2.x`, `1.2.3`. */
type Precision = 'any' | 'major' | 'minor' | 'patch';

interface Term {
  readonly operator: Operator;
  readonly version: Version;
  readonly precision: Precision;
}

/** All terms must hold. */
interface Group {
  readonly terms: readonly Term[];
  /** Whether a term names a pre-release: then all terms admit pre-releases, and otherwise none does. */
  readonly admitsPrereleases: boolean;
}

/** A Masterminds constraint: any of the groups must hold. */
export interface Constraint {
  readonly text: string;
  readonly groups: readonly Group[];
}

const OPERATORS: ReadonlyMap<string, Operator> = new Map([
  ['', '='],
  ['=', '='],
  ['!=', '!='],
  ['>', '>'],
  ['<', '<'],
  ['>=', '>='],
  ['=>', '>='],
  ['<=', '<='],
  ['=<', '<='],
  ['~', '~'],
  ['~>', '~'],
  ['^', '^'],
]);

// Go's \s, which is narrower than ECMAScript's.
const SPACE = '[\\t\\n\\f\\r ]';
const IDENTIFIERS = '[0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*';
const PART = '[0-9xX*|]+';
const PARTIAL = `v?(${PART})(?:\\.(${PART}))?(?:\\.(${PART}))?(-${IDENTIFIERS})?(\\+${IDENTIFIERS})?`;
const SPACES_AT = new RegExp(`${SPACE}*`, 'y');
const OPERATOR_AT = /!=|>=|=>|<=|=<|~>|[=><~^]|/y;
const PARTIAL_AT = new RegExp(PARTIAL, 'y');
const RANGE_AT = new RegExp(`(${PARTIAL})${SPACE}+-${SPACE}+(${PARTIAL})${SPACE}*`, 'y');
const WILDCARD = /^[xX*]$/;

/**
 * Reads a constraint as Masterminds/semver v3.5.0 does: terms of `= != > < >= <= ~ ^` (and `=>`, `=<`, `~>`), joined by
 * commas or spaces (and) and `||` (or), `1.2 - 1.4` ranges, `x`, `X` or `*` for a part.
 * @throws WaybillError input-invalid, with the 1-based position within the text in its message
 */
export function parseConstraint(text: string): Constraint {
  const groups: Group[] = [];
  let start = 0;
  for (const part of text.split('||')) {
    groups.push(parseGroup(text, start, start + part.length));
    start += part.length + 2;
  }
  return { text, groups };
}

/**
 * Whether the version satisfies the constraint. A pre-release only satisfies a group that names a pre-release itself.
 */
export function satisfies(version: Version, constraint: Constraint): boolean {
  return constraint.groups.some(
    (group) =>
      (version.prerelease === '' || group.admitsPrereleases) && group.terms.every((term) => holds(term, version)),
  );
}

function parseGroup(text: string, start: number, end: number): Group {
  const terms: Term[] = [];
  const part = text.slice(0, end);
  let at = skip(part, start);
  // After a range a separator may be missing, before one spaces alone do not separate, and || must not touch it:
  // Masterminds rewrites a range, together with the spaces around it, into two terms and a trailing space.
  let separated = true;
  let bySpaces = false;
  do {
    const range = match(RANGE_AT, part, at);
    if (range !== undefined) {
      if (bySpaces || !separated) throw invalid(text, at, 'a range needs a comma before it');
      if (at > 0 && at === start && part[at] !== 'v') throw invalid(text, at, 'a range needs a space after the ||');
      terms.push(term(text, at, '>=', range.slice(2, 7)), term(text, at, '<=', range.slice(8, 13)));
      at += range[0]?.length ?? 0;
    } else {
      const operator = match(OPERATOR_AT, part, at)?.[0] ?? '';
      const versionAt = skip(part, at + operator.length);
      if (operator !== '' && match(RANGE_AT, part, versionAt) !== undefined) {
        throw invalid(text, at, 'a range takes no operator');
      }
      const partial = match(PARTIAL_AT, part, versionAt);
      if (partial === undefined) throw invalid(text, versionAt, 'a version is expected here');
      if (!separated) throw invalid(text, at, 'a space or a comma is expected here');
      terms.push(term(text, versionAt, OPERATORS.get(operator) ?? '=', partial.slice(1, 6)));
      at = versionAt + (partial[0]?.length ?? 0);
    }
    const afterSpaces = skip(part, at);
    const comma = part[afterSpaces] === ',';
    bySpaces = !comma && afterSpaces > at;
    separated = comma || bySpaces || range !== undefined;
    at = comma ? skip(part, afterSpaces + 1) : afterSpaces;
    if (comma && at >= end) throw invalid(text, at, 'a version is expected after the comma');
  } while (at < end);
  return { terms, admitsPrereleases: terms.some(({ version }) => version.prerelease !== '') };
}

function term(text: string, at: number, operator: Operator, parts: readonly (string | undefined)[]): Term {
  const [major = '', minor, patch, prerelease = '', build = ''] = parts;
  const precision = precisionOf(major, minor, patch);
  const written = {
    any: `0.0.0${prerelease}`,
    major: `${major}.0.0${prerelease}`,
    minor: `${major}.${minor}.0${prerelease}`,
    patch: `${major}.${minor}.${patch}${prerelease}${build}`,
  }[precision];
  const version = parseVersion(written);
  if (version === undefined) throw invalid(text, at, `${JSON.stringify(written)} is no version`);
  return { operator, version, precision };
}

function precisionOf(major: string, minor: string | undefined, patch: string | undefined): Precision {
  if (WILDCARD.test(major)) return 'any';
  if (minor === undefined || WILDCARD.test(minor)) return 'major';
  if (patch === undefined || WILDCARD.test(patch)) return 'minor';
  return 'patch';
}

function holds({ operator, version: bound, precision }: Term, version: Version): boolean {
  const order = compareVersions(version, bound);
  switch (operator) {
    case '=':
      return precision === 'patch' ? order === 0 : holdsTilde(bound, precision, version, order);
    case '!=':
      return holdsNotEqual(bound, precision, version, order);
    case '>':
      if (precision === 'major') return version.major > bound.major;
      if (precision === 'minor') {
        return version.major > bound.major || (version.major === bound.major && version.minor > bound.minor);
      }
      return order > 0;
    case '<':
      return order < 0;
    case '>=':
      return order >= 0;
    case '<=':
      if (precision === 'patch') return order <= 0;
      if (version.major !== bound.major) return version.major < bound.major;
      return precision === 'major' || version.minor <= bound.minor;
    case '~':
      return holdsTilde(bound, precision, version, order);
    case '^':
      return holdsCaret(bound, precision, version, order);
  }
}

function holdsNotEqual(bound: Version, precision: Precision, version: Version, order: number): boolean {
  if (precision === 'major') return version.major !== bound.major;
  if (precision === 'minor') {
    if (version.major !== bound.major || version.minor !== bound.minor) return true;
    return version.prerelease !== bound.prerelease;
  }
  return order !== 0;
}

/** `~1.2.3` stays within 1.2, `~1` within 1. `~0.0.0` is anything from there on, as in Masterminds. */
function holdsTilde(bound: Version, precision: Precision, version: Version, order: number): boolean {
  if (order < 0) return false;
  const open = precision === 'any' || precision === 'patch';
  if (open && bound.major === 0n && bound.minor === 0n && bound.patch === 0n) return true;
  if (version.major !== bound.major) return false;
  return precision === 'major' || version.minor === bound.minor;
}

/** Nothing left of and including the first number that is not zero may change. */
function holdsCaret(bound: Version, precision: Precision, version: Version, order: number): boolean {
  if (order < 0 || version.major !== bound.major) return false;
  if (bound.major > 0n || precision === 'major') return true;
  if (version.minor !== bound.minor) return false;
  return bound.minor > 0n || precision === 'minor' || version.patch === bound.patch;
}

function match(pattern: RegExp, text: string, at: number): RegExpExecArray | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text) ?? undefined;
}

function skip(text: string, at: number): number {
  return at + (match(SPACES_AT, text, at)?.[0].length ?? 0);
}

function invalid(text: string, at: number, reason: string): WaybillError {
  return new WaybillError('input-invalid', {
    what: `${JSON.stringify(text)} is no version constraint: ${reason}, at character ${at + 1}`,
    remedy: 'Write it as Masterminds/semver reads it, such as ^1.2, ~1.2.3, >=1.2 <2 or 1.x || 2.x',
  });
}
