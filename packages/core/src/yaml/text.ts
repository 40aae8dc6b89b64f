import type { Range } from './site.js';

/** Finds lines and columns in a text; the table of lines is made when it is first asked. */
export interface LineIndex {
  /** Both 1-based, the column in UTF-16 code units. */
  at(offset: number): { readonly line: number; readonly column: number };
}

export function lineIndex(text: string): LineIndex {
  let starts: number[] | undefined;
  return {
    at(offset) {
      starts ??= lineStarts(text);
      const line = upperBound(starts, offset);
      return { line, column: Math.max(1, offset - (starts[line - 1] ?? 0) + 1) };
    },
  };
}

function lineStarts(text: string): number[] {
  // A byte order mark belongs to no column.
  const starts = [text.charCodeAt(0) === 0xfeff ? 1 : 0];
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return starts;
}

/** How many numbers of an ascending list are at most `value`, at least 1. */
function upperBound(sorted: readonly number[], value: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] ?? 0) <= value) low = middle + 1;
    else high = middle;
  }
  return Math.max(low, 1);
}

/** A text to scan, and where its characters stand in the file. */
export interface Source {
  readonly text: string;
  /** The file's offset of one of the text's. */
  toFile(offset: number): number;
  /** Whether the text between two offsets of one line is, character by character, the file's. */
  readonly exact: boolean;
  /** How many strings this text is nested in. */
  readonly depth: number;
}

export function fileSource(text: string): Source {
  return { text, toFile: (offset) => offset, exact: true, depth: 0 };
}

/**
 * The content of a literal block scalar (`|`) as a text of its own: the indentation is taken off each line and the
 * line ends are kept, so that every character within a line maps back to the file.
 */
export function literalSource(outer: Source, range: Range, indent: number): Source {
  const [start, end] = range;
  const inner: string[] = [];
  const innerStarts: number[] = [];
  const outerStarts: number[] = [];
  let length = 0;
  for (let at = start; at < end; ) {
    const newline = outer.text.indexOf('\n', at);
    const hasBreak = newline !== -1 && newline < end;
    const next = hasBreak ? newline + 1 : end;
    const breakStart = hasBreak && newline > at && outer.text.charCodeAt(newline - 1) === 13 ? newline - 1 : newline;
    const from = Math.min(at + indent, hasBreak ? breakStart : end);
    innerStarts.push(length);
    outerStarts.push(from);
    const line = outer.text.slice(from, next);
    inner.push(line);
    length += line.length;
    at = next;
  }
  return {
    text: inner.join(''),
    toFile(offset) {
      const line = upperBound(innerStarts, offset) - 1;
      return outer.toFile((outerStarts[line] ?? start) + offset - (innerStarts[line] ?? 0));
    },
    exact: outer.exact,
    depth: outer.depth + 1,
  };
}

/** A decoded string as a text of its own; all of it stands where the string starts. */
export function decodedSource(outer: Source, value: string, start: number): Source {
  const at = outer.toFile(start);
  return { text: value, toFile: () => at, exact: false, depth: outer.depth + 1 };
}
