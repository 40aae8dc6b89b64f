import { encodeScalar } from './scalar.js';
import type { Piece, Range } from './site.js';

/** One replacement of a value's bytes. */
export interface Edit {
  readonly path: string;
  /** Of the value or site it changes. */
  readonly keyPath: string;
  /** In UTF-16 code units of the text before; empty for an insertion. */
  readonly range: Range;
  readonly oldText: string;
  readonly newText: string;
  /** 1-based. */
  readonly line: number;
  /** What the value decodes to afterwards. */
  readonly value: string;
  /** `entry`: writes a key that was not there. */
  readonly kind: 'value' | 'entry';
}

/** The edit that gives a piece a value; `unchanged` when it has it, undefined when its style can't carry it. */
export function editPiece(
  place: Pick<Edit, 'path' | 'keyPath'>,
  piece: Piece,
  value: string,
): Edit | 'unchanged' | undefined {
  if (piece.value === value && !piece.nonString) return 'unchanged';
  const encoded = encodeScalar(value, piece.empty ? 'plain' : piece.style);
  if (encoded === undefined) return undefined;
  const newText = piece.empty ? ` ${encoded}` : encoded;
  if (newText === piece.raw) return 'unchanged';
  return { ...place, range: piece.range, oldText: piece.raw, newText, line: piece.line, value, kind: 'value' };
}

/**
 * The text with the edits spliced in; every other byte stays.
 * @throws RangeError when edits overlap, or the text is not the one they were planned for: a defect of the caller
 */
export function applyEdits(text: string, edits: readonly Edit[]): string {
  const parts: string[] = [];
  let at = 0;
  for (const edit of inOrder(edits)) {
    const [start, end] = edit.range;
    if (start < at || end < start || end > text.length) throw new RangeError('edits overlap or exceed the text');
    if (text.slice(start, end) !== edit.oldText)
      throw new RangeError('the text is not the one the edits were planned for');
    parts.push(text.slice(at, start), edit.newText);
    at = end;
  }
  return parts.join('') + text.slice(at);
}

export function inOrder(edits: readonly Edit[]): readonly Edit[] {
  return [...edits].sort((left, right) => left.range[0] - right.range[0] || left.range[1] - right.range[1]);
}
