import { WaybillError } from '../errors.js';

/** What a glob, its braces multiplied out, is made of. `directories` is any number of whole segments, each with its slash. */
export type GlobAtom =
  | { readonly kind: 'literal'; readonly character: string }
  | { readonly kind: 'one' }
  | { readonly kind: 'many' }
  | { readonly kind: 'directories' };

/** One alternative of a glob's braces, in characters. */
export type GlobSequence = readonly GlobAtom[];

const MAX_LENGTH = 500;
const MAX_ALTERNATIVES = 100;
const ONE: GlobAtom = { kind: 'one' };
const MANY: GlobAtom = { kind: 'many' };
const DIRECTORIES: GlobAtom = { kind: 'directories' };

const UNSUPPORTED: readonly (readonly [RegExp, string])[] = [
  [/^!/, 'a leading ! (negation)'],
  [/\\/, 'backslashes'],
  [/[[\]]/, 'character classes ([…])'],
  [/[?*+@!]\(/, 'extended globs (+(…), @(…), !(…))'],
  [/\{[^{},]*\.\.[^{},]*\}/, 'ranges ({1..3})'],
];

/**
 * A glob's alternatives. Supported: literals, `*` and `?` within a segment, `**` as a whole segment, `{a,b}`.
 * @throws WaybillError not-supported for other glob syntax, input-invalid for a glob that can name no file of the
 * repository
 */
export function parseGlob(pattern: string): readonly GlobSequence[] {
  const unsupported = UNSUPPORTED.find(([syntax]) => syntax.test(pattern));
  if (unsupported !== undefined) {
    throw new WaybillError('not-supported', {
      what: `${JSON.stringify(pattern)} uses ${unsupported[1]}, which globs here do not have`,
      remedy: 'Write it with *, **, ? and {a,b}',
    });
  }
  if (pattern.length > MAX_LENGTH) throw invalid(pattern.slice(0, 60), `it is longer than ${MAX_LENGTH} characters`);
  return expandBraces(pattern).map((alternative) => parseAlternative(pattern, alternative));
}

function expandBraces(pattern: string): readonly string[] {
  const open = pattern.indexOf('{');
  if (open === -1) {
    if (pattern.includes('}')) throw invalid(pattern, 'a } closes no {');
    return [pattern];
  }
  if (pattern.slice(0, open).includes('}')) throw invalid(pattern, 'a } closes no {');
  const parts: string[] = [];
  let depth = 0;
  let start = open + 1;
  for (let at = open; at < pattern.length; at++) {
    const character = pattern[at];
    if (character === '{') depth++;
    if (character === ',' && depth === 1) {
      parts.push(pattern.slice(start, at));
      start = at + 1;
    }
    if (character !== '}' || --depth > 0) continue;
    parts.push(pattern.slice(start, at));
    if (parts.length < 2 || parts.includes('')) throw invalid(pattern, 'braces hold two or more parts: {a,b}');
    const alternatives = parts.flatMap((part) => expandBraces(pattern.slice(0, open) + part + pattern.slice(at + 1)));
    if (alternatives.length > MAX_ALTERNATIVES) {
      throw invalid(pattern, `its braces make more than ${MAX_ALTERNATIVES} alternatives`);
    }
    return alternatives;
  }
  throw invalid(pattern, 'a { is not closed');
}

function parseAlternative(pattern: string, alternative: string): GlobSequence {
  if (alternative === '') throw invalid(pattern, 'it is empty');
  if (alternative.startsWith('/')) throw invalid(pattern, 'it starts with a slash; write it from the root on');
  if (alternative.endsWith('/')) throw invalid(pattern, 'it ends in a slash; write dir/** for all below dir');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is refused
  if (/[\u0000-\u001f\u007f]/.test(alternative)) throw invalid(pattern, 'it has a control character');
  const segments = alternative.split('/');
  return segments.flatMap((segment, index) => parseSegment(pattern, segment, index === segments.length - 1));
}

function parseSegment(pattern: string, segment: string, last: boolean): GlobSequence {
  if (segment === '') throw invalid(pattern, 'it has an empty segment (//)');
  if (segment === '.' || segment === '..') throw invalid(pattern, `it has the segment ${segment}`);
  if (segment === '**') return last ? [DIRECTORIES, ONE, MANY] : [DIRECTORIES];
  if (segment.includes('**')) throw invalid(pattern, '** stands for whole segments, and alone between slashes');
  const slash: GlobSequence = last ? [] : [{ kind: 'literal', character: '/' }];
  // A segment is never empty.
  if (segment === '*') return [ONE, MANY, ...slash];
  return [...[...segment].map(atomOf), ...slash];
}

function atomOf(character: string): GlobAtom {
  if (character === '*') return MANY;
  if (character === '?') return ONE;
  return { kind: 'literal', character };
}

function invalid(pattern: string, reason: string): WaybillError {
  return new WaybillError('input-invalid', {
    what: `${JSON.stringify(pattern)} names no files of the repository: ${reason}`,
    remedy: 'Write a path from the root of the repository, with *, **, ? and {a,b}',
  });
}
