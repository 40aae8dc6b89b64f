/** The text of a file at the commit that was judged; undefined when it isn't at hand. */
export type SourceOf = (path: string) => string | undefined;

/** A place in a text: 1-based, the column in UTF-16 code units. */
export interface TextPlace {
  readonly line: number;
  readonly column: number;
}

/** Lines end with LF, CR or CRLF, as in YAML 1.2 §5.4. */
const LINE_END = /\r\n|\n|\r/g;

/** The lines of a text without their ends. A final line end starts no further line. */
export function linesOf(text: string): readonly string[] {
  const lines = text.split(LINE_END);
  return lines.at(-1) === '' ? lines.slice(0, -1) : lines;
}

/** Places of offsets in one text, in code units; for many look-ups. */
export function placesIn(text: string): (offset: number) => TextPlace {
  const starts = [0];
  for (const end of text.matchAll(LINE_END)) starts.push(end.index + end[0].length);
  return (offset) => {
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((starts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: offset - (starts[low] ?? 0) + 1 };
  };
}
