import { WaybillError } from '../errors.js';

/** Inclusive ranges of code points. */
export interface CharacterSet {
  readonly ranges: readonly (readonly [number, number])[];
  readonly negated: boolean;
}

export type Assertion = 'start' | 'end' | 'boundary' | 'inside';

export type Pattern =
  | { readonly kind: 'set'; readonly set: CharacterSet }
  | { readonly kind: 'assertion'; readonly assertion: Assertion }
  | { readonly kind: 'sequence'; readonly items: readonly Pattern[] }
  | { readonly kind: 'choice'; readonly items: readonly Pattern[] }
  | { readonly kind: 'repeat'; readonly item: Pattern; readonly min: number; readonly max: number };

export interface ParsedPattern {
  readonly pattern: Pattern;
  readonly ignoreCase: boolean;
}

// RE2's own limit for {n,m}.
const MAX_REPEAT = 1000;
const MAX_DEPTH = 50;
const DIGIT: CharacterSet = { ranges: [[48, 57]], negated: false };
const WORD: CharacterSet = {
  ranges: [
    [48, 57],
    [65, 90],
    [95, 95],
    [97, 122],
  ],
  negated: false,
};
const SPACE: CharacterSet = {
  ranges: [
    [9, 10],
    [12, 13],
    [32, 32],
  ],
  negated: false,
};
const CLASSES: ReadonlyMap<string, CharacterSet> = new Map([
  ['d', DIGIT],
  ['w', WORD],
  ['s', SPACE],
  ['D', { ...DIGIT, negated: true }],
  ['W', { ...WORD, negated: true }],
  ['S', { ...SPACE, negated: true }],
]);
const ASSERTIONS: ReadonlyMap<string, Assertion> = new Map([
  ['A', 'start'],
  ['z', 'end'],
  ['b', 'boundary'],
  ['B', 'inside'],
]);
const CONTROLS: ReadonlyMap<string, number> = new Map([
  ['a', 7],
  ['f', 12],
  ['n', 10],
  ['r', 13],
  ['t', 9],
  ['v', 11],
]);
const REPEAT_AT = /\{(\d+)(?:(,)(\d*))?\}/y;

/**
 * Reads a regular expression of Go's RE2 syntax: literals, `.`, classes, `\d \w \s \b`, groups, `|`, `* + ? {n,m}`
 * (lazy forms too), `^ $ \A \z`, a leading `(?i)`. Beyond RE2 there is nothing: no look-around, no back-references.
 * @throws WaybillError input-invalid for what RE2 refuses, not-supported for the rest of RE2 (`\p`, `[[:alpha:]]`,
 * other flags), with the 1-based position in its message
 */
export function parsePattern(source: string): ParsedPattern {
  const ignoreCase = source.startsWith('(?i)');
  const reader = { source, at: ignoreCase ? 4 : 0, depth: 0 };
  const pattern = readChoice(reader);
  if (reader.at < source.length) throw invalid(reader, 'this parenthesis closes nothing');
  return { pattern, ignoreCase };
}

interface Reader {
  readonly source: string;
  at: number;
  depth: number;
}

function readChoice(reader: Reader): Pattern {
  const items = [readSequence(reader)];
  while (reader.source[reader.at] === '|') {
    reader.at++;
    items.push(readSequence(reader));
  }
  return items.length === 1 && items[0] !== undefined ? items[0] : { kind: 'choice', items };
}

function readSequence(reader: Reader): Pattern {
  const items: Pattern[] = [];
  for (;;) {
    const next = reader.source[reader.at];
    if (next === undefined || next === '|' || next === ')') return { kind: 'sequence', items };
    items.push(readRepeat(reader, readAtom(reader, next)));
  }
}

function readRepeat(reader: Reader, item: Pattern): Pattern {
  const counts = readCounts(reader);
  if (counts === undefined) return item;
  if (reader.source[reader.at] === '?') reader.at++;
  if (readCounts({ ...reader }) !== undefined) throw invalid(reader, 'a repetition cannot be repeated');
  return { kind: 'repeat', item, ...counts };
}

function readCounts(reader: Reader): { readonly min: number; readonly max: number } | undefined {
  const next = reader.source[reader.at];
  if (next === '*' || next === '+' || next === '?') {
    reader.at++;
    return { min: next === '+' ? 1 : 0, max: next === '?' ? 1 : Number.POSITIVE_INFINITY };
  }
  REPEAT_AT.lastIndex = reader.at;
  const match = REPEAT_AT.exec(reader.source);
  if (match === null) return undefined;
  const min = Number(match[1]);
  const max = match[2] === undefined ? min : match[3] === '' ? Number.POSITIVE_INFINITY : Number(match[3]);
  if (min > MAX_REPEAT || (max !== Number.POSITIVE_INFINITY && (max > MAX_REPEAT || max < min))) {
    throw invalid(reader, `a repetition goes from 0 to ${MAX_REPEAT}, upwards`);
  }
  reader.at += match[0].length;
  return { min, max };
}

function readAtom(reader: Reader, next: string): Pattern {
  if (readCounts({ ...reader }) !== undefined) throw invalid(reader, 'there is nothing to repeat here');
  switch (next) {
    case '(':
      return readGroup(reader);
    case '[':
      return { kind: 'set', set: readClass(reader) };
    case '.':
      reader.at++;
      return { kind: 'set', set: { ranges: [[10, 10]], negated: true } };
    case '^':
    case '$':
      reader.at++;
      return { kind: 'assertion', assertion: next === '^' ? 'start' : 'end' };
    case '\\': {
      const assertion = ASSERTIONS.get(reader.source[reader.at + 1] ?? '');
      if (assertion === undefined) return { kind: 'set', set: readEscape(reader) };
      reader.at += 2;
      return { kind: 'assertion', assertion };
    }
    default:
      return { kind: 'set', set: single(readCharacter(reader)) };
  }
}

function readGroup(reader: Reader): Pattern {
  const { source, at } = reader;
  if (/^\(\?(?:[=!]|<[=!])/.test(source.slice(at, at + 4))) throw invalid(reader, 'RE2 has no look-around');
  const opening = /^\((?:\?:|\?P?<[A-Za-z_]\w*>|(?!\?))/.exec(source.slice(at))?.[0];
  if (opening === undefined) throw unsupported(reader, 'flags within a pattern');
  if (++reader.depth > MAX_DEPTH) throw invalid(reader, `parentheses nest more than ${MAX_DEPTH} deep`);
  reader.at += opening.length;
  const pattern = readChoice(reader);
  if (source[reader.at] !== ')') throw invalid(reader, `the parenthesis at character ${at + 1} is not closed`);
  reader.at++;
  reader.depth--;
  return pattern;
}

function readClass(reader: Reader): CharacterSet {
  const { source, at: start } = reader;
  reader.at++;
  const negated = source[reader.at] === '^';
  if (negated) reader.at++;
  const ranges: (readonly [number, number])[] = [];
  for (let first = true; first || source[reader.at] !== ']'; first = false) {
    if (reader.at >= source.length) throw invalid(reader, `the bracket at character ${start + 1} is not closed`);
    if (source.startsWith('[:', reader.at)) throw unsupported(reader, 'POSIX classes');
    const from = readMember(reader);
    const isRange = source[reader.at] === '-' && source[reader.at + 1] !== ']' && reader.at + 1 < source.length;
    if (!isRange) {
      ranges.push(...spread(from));
      continue;
    }
    reader.at++;
    const to = readMember(reader);
    const low = only(from);
    const high = only(to);
    if (low === undefined || high === undefined || high < low)
      throw invalid(reader, 'this range of characters is none');
    ranges.push([low, high]);
  }
  reader.at++;
  return { ranges, negated };
}

function readMember(reader: Reader): CharacterSet {
  return reader.source[reader.at] === '\\' ? readEscape(reader) : single(readCharacter(reader));
}

function readEscape(reader: Reader): CharacterSet {
  const next = reader.source[reader.at + 1];
  if (next === undefined) throw invalid(reader, 'the pattern ends in a backslash');
  const known = CLASSES.get(next);
  const control = CONTROLS.get(next);
  if (known === undefined && control === undefined) {
    if (/[1-9]|k/.test(next)) throw invalid(reader, 'RE2 has no back-references');
    if (/[0pPxQEC]/.test(next)) throw unsupported(reader, `\\${next}`);
    if (/[a-zA-Z]/.test(next)) throw invalid(reader, `\\${next} means nothing`);
  }
  reader.at++;
  const character = readCharacter(reader);
  return known ?? single(control ?? character);
}

function readCharacter(reader: Reader): number {
  const code = reader.source.codePointAt(reader.at) ?? 0;
  reader.at += code > 0xffff ? 2 : 1;
  return code;
}

function single(code: number): CharacterSet {
  return { ranges: [[code, code]], negated: false };
}

/** The one character of a set of one; a class such as `\d` bounds no range. */
function only({ ranges, negated }: CharacterSet): number | undefined {
  const [range, second] = ranges;
  return !negated && second === undefined && range !== undefined && range[0] === range[1] ? range[0] : undefined;
}

/** A set's ranges without the negation, so that sets can be joined. */
function spread({ ranges, negated }: CharacterSet): readonly (readonly [number, number])[] {
  if (!negated) return ranges;
  const gaps: (readonly [number, number])[] = [];
  let from = 0;
  for (const [low, high] of ranges) {
    if (low > from) gaps.push([from, low - 1]);
    from = high + 1;
  }
  return [...gaps, [from, 0x10ffff]];
}

function invalid({ source, at }: Reader, reason: string): WaybillError {
  return new WaybillError('input-invalid', {
    what: `${JSON.stringify(source)} is no regular expression: ${reason}, at character ${at + 1}`,
    remedy: "Write it in Go's RE2 syntax, as Kargo reads it",
  });
}

function unsupported({ source, at }: Reader, feature: string): WaybillError {
  return new WaybillError('not-supported', {
    what: `${JSON.stringify(source)} uses ${feature} at character ${at + 1}, which is not yet supported`,
    remedy: 'Write it with literals, classes such as [a-z] and \\d, groups, | and repetitions',
  });
}
