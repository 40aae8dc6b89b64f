import { WaybillError } from '../errors.js';
import { type Assertion, type CharacterSet, type Pattern, parsePattern } from './tag-pattern-syntax.js';

/** A regular expression over tags. */
export interface TagPattern {
  readonly source: string;
  /** Whether it matches anywhere in the tag, as Go's MatchString: `^` and `$` anchor it. */
  test(tag: string): boolean;
}

type Instruction =
  | { readonly kind: 'set'; readonly set: CharacterSet }
  | { readonly kind: 'assertion'; readonly assertion: Assertion }
  /** Go on at each of these, which are absolute. */
  | { readonly kind: 'fork'; readonly to: readonly number[] }
  | { readonly kind: 'match' };

const MAX_INSTRUCTIONS = 5000;

/**
 * Compiles a pattern of Go's RE2 syntax. It is matched by following all alternatives at once (Thompson), so that the
 * time is the product of pattern and tag at worst; ECMAScript's RegExp backtracks, and a pattern such as `(a|a)*$`
 * would hang the run on one hostile tag.
 * @throws WaybillError input-invalid, not-supported
 */
export function compileTagPattern(source: string): TagPattern {
  const { pattern, ignoreCase } = parsePattern(source);
  const program: Instruction[] = [];
  emit(pattern, program, source);
  program.push({ kind: 'match' });
  return { source, test: (tag) => run(program, tag, ignoreCase) };
}

function emit(pattern: Pattern, program: Instruction[], source: string): void {
  if (program.length > MAX_INSTRUCTIONS) {
    throw new WaybillError('input-invalid', {
      what: `The regular expression ${JSON.stringify(source)} is too large`,
      remedy: 'Use smaller repetitions',
    });
  }
  switch (pattern.kind) {
    case 'set':
    case 'assertion':
      program.push(pattern);
      return;
    case 'sequence':
      // Even nothing takes an instruction, so that repeating it comes up against the limit.
      if (pattern.items.length === 0) program.push({ kind: 'fork', to: [program.length + 1] });
      for (const item of pattern.items) emit(item, program, source);
      return;
    case 'choice': {
      const fork = program.push({ kind: 'fork', to: [] }) - 1;
      const starts: number[] = [];
      const ends: number[] = [];
      for (const item of pattern.items) {
        starts.push(program.length);
        emit(item, program, source);
        ends.push(program.push({ kind: 'fork', to: [] }) - 1);
      }
      program[fork] = { kind: 'fork', to: starts };
      for (const end of ends) program[end] = { kind: 'fork', to: [program.length] };
      return;
    }
    case 'repeat': {
      for (let count = 0; count < pattern.min; count++) emit(pattern.item, program, source);
      if (pattern.max === Number.POSITIVE_INFINITY) {
        const loop = program.push({ kind: 'fork', to: [] }) - 1;
        emit(pattern.item, program, source);
        program.push({ kind: 'fork', to: [loop] });
        program[loop] = { kind: 'fork', to: [loop + 1, program.length] };
        return;
      }
      const skips: number[] = [];
      for (let count = pattern.min; count < pattern.max; count++) {
        skips.push(program.push({ kind: 'fork', to: [] }) - 1);
        emit(pattern.item, program, source);
      }
      for (const skip of skips) program[skip] = { kind: 'fork', to: [skip + 1, program.length] };
    }
  }
}

function run(program: readonly Instruction[], text: string, ignoreCase: boolean): boolean {
  const characters = [...text].map((character) => character.codePointAt(0) ?? 0);
  let states = new Set<number>();
  for (let at = 0; at <= characters.length; at++) {
    if (follow(program, states, 0, characters, at)) return true;
    const character = characters[at];
    if (character === undefined) return false;
    const next = new Set<number>();
    for (const state of states) {
      const instruction = program[state];
      if (instruction?.kind !== 'set' || !contains(instruction.set, character, ignoreCase)) continue;
      if (follow(program, next, state + 1, characters, at + 1)) return true;
    }
    states = next;
  }
  return false;
}

/** Adds what is reachable from `start` without reading; true when that is the match. */
function follow(
  program: readonly Instruction[],
  states: Set<number>,
  start: number,
  characters: readonly number[],
  at: number,
): boolean {
  const pending = [start];
  for (let state = pending.pop(); state !== undefined; state = pending.pop()) {
    if (states.has(state)) continue;
    states.add(state);
    const instruction = program[state];
    if (instruction?.kind === 'match') return true;
    if (instruction?.kind === 'fork') pending.push(...instruction.to);
    if (instruction?.kind === 'assertion' && asserts(instruction.assertion, characters, at)) pending.push(state + 1);
  }
  return false;
}

function asserts(assertion: Assertion, characters: readonly number[], at: number): boolean {
  if (assertion === 'start') return at === 0;
  if (assertion === 'end') return at === characters.length;
  const boundary = isWord(characters[at - 1]) !== isWord(characters[at]);
  return boundary === (assertion === 'boundary');
}

function isWord(code: number | undefined): boolean {
  return code !== undefined && /^\w$/.test(String.fromCodePoint(code));
}

function contains({ ranges, negated }: CharacterSet, code: number, ignoreCase: boolean): boolean {
  const codes = ignoreCase ? [code, ...otherCases(code)] : [code];
  return codes.some((each) => ranges.some(([low, high]) => low <= each && each <= high)) !== negated;
}

function otherCases(code: number): readonly number[] {
  const character = String.fromCodePoint(code);
  return [character.toLowerCase(), character.toUpperCase()].map((each) => each.codePointAt(0) ?? 0);
}
