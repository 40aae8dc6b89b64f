import { type Edit, inOrder } from '../yaml/edit.js';

/** A replacement in a text, by UTF-16 offsets of the text before. */
export interface Splice {
  readonly start: number;
  readonly end: number;
  readonly newText: string;
}

/** The edits as splices. */
export function splicesOf(edits: readonly Edit[]): readonly Splice[] {
  return inOrder(edits).map(({ range: [start, end], newText }) => ({ start, end, newText }));
}

/** The text with splices in it, which are in order and don't overlap. */
export function applySplices(text: string, splices: readonly Splice[]): string {
  const parts: string[] = [];
  let at = 0;
  for (const { start, end, newText } of splices) {
    parts.push(text.slice(at, start), newText);
    at = end;
  }
  return parts.join('') + text.slice(at);
}

/** One list of splices of the first text that does what the first list and then the second, of the text between, do. */
export function composeSplices(first: readonly Splice[], second: readonly Splice[]): readonly Splice[] {
  const composed: Splice[] = [...first];
  // From the end, so that what is done further on moves nothing that is still to come.
  for (const splice of [...second].reverse()) insert(composed, splice);
  return composed;
}

/** Takes a splice of the text after `splices` into them. */
function insert(splices: Splice[], { start, end, newText }: Splice): void {
  let shift = 0;
  let from = 0;
  for (; from < splices.length; from++) {
    const each = splices[from];
    if (each === undefined || each.start + shift + each.newText.length >= start) break;
    shift += each.newText.length - (each.end - each.start);
  }
  let merged: Splice = { start: start - shift, end: end - shift, newText };
  let to = from;
  let inner = shift;
  for (; to < splices.length; to++) {
    const each = splices[to];
    if (each === undefined) break;
    const eachStart = each.start + inner;
    const eachEnd = eachStart + each.newText.length;
    if (eachStart > end) break;
    const before = each.newText.slice(0, Math.max(0, start - eachStart));
    const after = each.newText.slice(Math.max(0, Math.min(each.newText.length, end - eachStart)));
    inner += each.newText.length - (each.end - each.start);
    merged = {
      start: to === from ? Math.min(merged.start, each.start) : merged.start,
      end: Math.max(each.end, end > eachEnd ? end - inner : each.end),
      newText: `${before}${merged.newText}${after}`,
    };
  }
  splices.splice(from, to - from, merged);
}
