import { WaybillError } from '../errors.js';
import { automatonOf, type GlobAutomaton, type GlobState, jointAlphabet } from './glob-automaton.js';
import { type GlobSequence, parseGlob } from './glob-syntax.js';

const MAX_COMPILED = 1000;
const MAX_PAIRS = 200_000;
const compiled = new Map<string, GlobAutomaton>();

/**
 * Whether the glob matches the path (from the repository's root, with slashes). `*` and `?` stay within a segment and
 * match dots too, `**` is any number of segments and, at the end, at least one. Linear in the path.
 * @throws WaybillError input-invalid, not-supported for a glob that `parseGlob` refuses
 */
export function globMatch(pattern: string, path: string): boolean {
  return arrive(pattern, path)?.accepting === true;
}

/**
 * Whether some path below the directory (no trailing slash; empty for the root) is matched. Exact: what it says no to
 * need not be listed.
 * @throws WaybillError input-invalid, not-supported
 */
export function globReaches(pattern: string, directory: string): boolean {
  return arrive(pattern, directory === '' ? '' : `${directory}/`) !== undefined;
}

/**
 * Whether some path is matched by both. Exact.
 * @throws WaybillError input-invalid, not-supported
 */
export function globsOverlap(left: string, right: string): boolean {
  return search(compile(left), compile(right), (one, other) => one.accepting && other.accepting, true);
}

/**
 * Whether every path that the glob matches is matched by one of the others. Exact.
 * @throws WaybillError input-invalid, not-supported
 */
export function globWithin(pattern: string, others: readonly string[]): boolean {
  const union = automatonOf(others.flatMap((other) => [...parseGlob(other)]));
  return !search(compile(pattern), union, (inner, outer) => inner.accepting && !outer.accepting, false);
}

/**
 * The deepest directory that holds all the glob can match, without a trailing slash; empty for the root. Of a plain path
 * it is the file's directory.
 * @throws WaybillError input-invalid, not-supported
 */
export function fixedPrefix(pattern: string): string {
  const [first = [], ...rest] = parseGlob(pattern).map(fixedSegments);
  const common = rest.reduce((left, right) => {
    const differs = left.findIndex((segment, index) => segment !== right[index]);
    return differs === -1 ? left : left.slice(0, differs);
  }, first);
  return common.join('/');
}

/** Whether the pattern is a plain path, without anything to expand. */
export function isPlainPath(pattern: string): boolean {
  return !/[*?{}]/.test(pattern);
}

function fixedSegments(sequence: GlobSequence): readonly string[] {
  const variable = sequence.findIndex((atom) => atom.kind !== 'literal');
  const fixed = variable === -1 ? sequence : sequence.slice(0, variable);
  const text = fixed.map((atom) => (atom.kind === 'literal' ? atom.character : '')).join('');
  return text.split('/').slice(0, -1);
}

/** The state after the text, or undefined when no path that starts so is matched. */
function arrive(pattern: string, text: string): GlobState | undefined {
  const automaton = compile(pattern);
  let state = automaton.start;
  for (const character of text) {
    state = automaton.step(state, character);
    if (state.places.length === 0) return undefined;
  }
  return state;
}

function compile(pattern: string): GlobAutomaton {
  const known = compiled.get(pattern);
  if (known !== undefined) return known;
  const automaton = automatonOf(parseGlob(pattern));
  if (compiled.size >= MAX_COMPILED) compiled.clear();
  compiled.set(pattern, automaton);
  return automaton;
}

/** Walks both automata side by side over all paths, until a pair of states is `found`. */
function search(
  left: GlobAutomaton,
  right: GlobAutomaton,
  found: (left: GlobState, right: GlobState) => boolean,
  needsRight: boolean,
): boolean {
  const alphabet = jointAlphabet(left, right);
  const seen = new Set<string>();
  const pending: (readonly [GlobState, GlobState])[] = [[left.start, right.start]];
  for (let pair = pending.pop(); pair !== undefined; pair = pending.pop()) {
    const [one, other] = pair;
    if (found(one, other)) return true;
    for (const character of alphabet) {
      const next = left.step(one, character);
      if (next.places.length === 0) continue;
      const beside = right.step(other, character);
      if (needsRight && beside.places.length === 0) continue;
      const key = `${next.places}|${beside.places}`;
      if (seen.has(key)) continue;
      if (seen.size >= MAX_PAIRS) {
        throw new WaybillError('input-invalid', {
          what: 'Two globs are too complex to be compared',
          remedy: 'Write them with fewer wildcards',
        });
      }
      seen.add(key);
      pending.push([next, beside]);
    }
  }
  return false;
}
