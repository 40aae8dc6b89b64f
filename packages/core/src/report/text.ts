/**
 * Foreign text (labels, tags, commit subjects, file contents, logins) made harmless where no Markdown is read:
 * log lines, commit messages, pull request titles, and as the first step of every Markdown piece.
 */

/**
 * Characters that no reader sees as what they are: controls, bidirectional and zero-width formatting, line and
 * paragraph separators, tags, fillers that render as nothing, lone surrogates.
 * The two emoji variation selectors (U+FE0E, U+FE0F) stay: they are part of ordinary emoji.
 */
const INVISIBLE =
  /\u034f|\u17b4|\u17b5|[\ufe00-\ufe0d]|[\u180b-\u180f]|[\u{e0100}-\u{e01ef}]|[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\u115f\u1160\u2800\u3164\uffa0]/gu;

/** Stands where a line of foreign text ended. */
const LINE_END = '\u21b5';

/** Breaks mentions and references apart where neither HTML nor Markdown is interpreted. */
const ZERO_WIDTH_SPACE = '\u200b';

/** Every invisible character shown as its code point, `⟨U+202E⟩`; line feeds and tabs are kept. */
export function visibleLines(value: string): string {
  return value
    .replace(/\r\n/g, '\n')
    .replace(INVISIBLE, (character) => (character === '\n' || character === '\t' ? character : codePoint(character)));
}

/** One line: ends of lines become `↵`, runs of blanks one space, everything invisible its code point. Trimmed. */
export function visibleLine(value: string): string {
  return value
    .replace(/\s+$/u, '')
    .replace(/\r\n|[\n\r\v\f\u0085\u2028\u2029]/g, LINE_END)
    .replace(/[\t\p{Zs}]+/gu, ' ')
    .replace(INVISIBLE, codePoint)
    .trim();
}

/**
 * Text for commit messages and pull request titles: one line in which GitHub finds no mention, no reference and so
 * no `Fixes #1`. A zero-width space stands after the sign that would have started one.
 * https://docs.github.com/en/get-started/writing-on-github/working-with-advanced-formatting/autolinked-references-and-urls
 */
export function plainLine(value: string): string {
  return withoutReferences(visibleLine(value));
}

/**
 * Breaks what GitHub would read as a mention (`@x`) or a reference (`#1`, `o/r#1`, `GH-1`) in text that is shown as
 * it is. An `@` inside a word, as in `repo@sha256:…`, is no mention to GitHub and is left alone, so that a pinned
 * reference can still be copied.
 */
export function withoutReferences(value: string): string {
  return value
    .replace(/(^|[^\p{L}\p{N}])@(?=[\p{L}\p{N}])/gu, `$1@${ZERO_WIDTH_SPACE}`)
    .replace(/#(?=\p{N})/gu, `#${ZERO_WIDTH_SPACE}`)
    .replace(/(?<![\p{L}\p{N}])(gh-)(?=\p{N})/giu, `$1${ZERO_WIDTH_SPACE}`);
}

function codePoint(character: string): string {
  const number = character.codePointAt(0) ?? 0;
  return `\u27e8U+${number.toString(16).toUpperCase().padStart(4, '0')}\u27e9`;
}
