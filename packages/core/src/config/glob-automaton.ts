import type { GlobSequence } from './glob-syntax.js';

/** A set of places in the globs at which a path may have arrived. */
export interface GlobState {
  readonly places: readonly number[];
  readonly accepting: boolean;
  readonly next: Map<string, GlobState>;
}

/** A deterministic automaton over characters, built as it is walked. */
export interface GlobAutomaton {
  readonly start: GlobState;
  /** Each stands for itself; all other characters are alike. */
  readonly alphabet: ReadonlySet<string>;
  step(state: GlobState, character: string): GlobState;
}

/** A character that no glob names: the control characters are refused in globs. */
const OTHER = '\u0000';
const MAX_CACHED = 5000;

/** The automaton that accepts what any of the sequences matches. */
export function automatonOf(sequences: readonly GlobSequence[]): GlobAutomaton {
  const atoms = sequences.flatMap((sequence) => [...sequence, undefined]);
  const starts: number[] = [];
  for (let at = 0; at < atoms.length; at++) if (at === 0 || atoms[at - 1] === undefined) starts.push(at);
  const alphabet = new Set(['/']);
  for (const atom of atoms) if (atom?.kind === 'literal') alphabet.add(atom.character);

  // A place is twice an atom's index; plus one when within a segment of `directories`.
  const cache = new Map<string, GlobState>();
  const stateOf = (reached: Iterable<number>): GlobState => {
    const places = new Set<number>();
    for (const place of reached) {
      places.add(place);
      for (let at = place; at % 2 === 0 && skippable(at / 2); at += 2) places.add(at + 2);
    }
    const sorted = [...places].sort((left, right) => left - right);
    const key = sorted.join();
    const known = cache.get(key);
    if (known !== undefined) return known;
    const accepting = sorted.some((place) => place % 2 === 0 && atoms[place / 2] === undefined);
    const state: GlobState = { places: sorted, accepting, next: new Map() };
    // Forgetting costs time, not correctness: states are compared by their places alone.
    if (cache.size >= MAX_CACHED) cache.clear();
    cache.set(key, state);
    return state;
  };
  const skippable = (at: number): boolean => atoms[at]?.kind === 'many' || atoms[at]?.kind === 'directories';

  const advance = (place: number, character: string): number | undefined => {
    const inSegment = character !== '/';
    if (place % 2 === 1) return inSegment ? place : place - 1;
    const atom = atoms[place / 2];
    switch (atom?.kind) {
      case 'literal':
        return atom.character === character ? place + 2 : undefined;
      case 'one':
        return inSegment ? place + 2 : undefined;
      case 'many':
        return inSegment ? place : undefined;
      case 'directories':
        return inSegment ? place + 1 : undefined;
      case undefined:
        return undefined;
    }
  };

  return {
    start: stateOf(starts.map((at) => at * 2)),
    alphabet,
    step(state, character) {
      const letter = alphabet.has(character) ? character : OTHER;
      const known = state.next.get(letter);
      if (known !== undefined) return known;
      const reached = state.places.map((place) => advance(place, letter)).filter((place) => place !== undefined);
      const next = stateOf(reached);
      state.next.set(letter, next);
      return next;
    },
  };
}

/** One character for each that either automaton tells apart, and one for all the rest. */
export function jointAlphabet(left: GlobAutomaton, right: GlobAutomaton): readonly string[] {
  return [...new Set([...left.alphabet, ...right.alphabet, OTHER])];
}
