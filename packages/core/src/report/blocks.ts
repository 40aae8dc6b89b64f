import { readableInstant } from './instant.js';
import { entity, escapeHtml, type Interpolation, isMarkdown, type Markdown, piece, sourceOf } from './markdown.js';
import { visibleLine, visibleLines, withoutReferences } from './text.js';

/**
 * A code span with a fence longer than any run of backticks in it, on one line. A value with a pipe becomes a
 * `<code>` element of entities instead, since a table splits its cells before it looks for code spans (GFM §4.10).
 */
export function code(value: string): Markdown {
  const shown = withoutReferences(visibleLine(value));
  if (shown === '') {
    return piece('*(empty)*', false);
  }
  if (shown.includes('|')) {
    return piece(`<code>${escapeHtml(value)}</code>`, false);
  }
  const fence = '`'.repeat(longestRun(shown) + 1);
  // A span of blanks and backticks at its ends needs the blank that CommonMark §6.1 strips again.
  const pad = /^`|`$/.test(shown) ? ' ' : '';
  return piece(`${fence}${pad}${shown}${pad}${fence}`, false);
}

/** A fenced code block; `language` is dropped unless it is one plain word. Line ends and tabs of `value` are kept. */
export function codeBlock(language: string, value: string): Markdown {
  const shown = withoutReferences(visibleLines(value)).replace(/\n+$/, '');
  const fence = '`'.repeat(Math.max(3, longestRun(shown) + 1));
  const info = /^[A-Za-z0-9+.-]{1,20}$/.test(language) ? language : '';
  return piece(`${fence}${info}\n${shown}\n${fence}`, true);
}

/** An instant of our own, as `readableInstant` has it. */
export function timestamp(instant: string): Markdown {
  const shown = readableInstant(instant);
  return piece(shown === instant ? sourceOf(instant) : shown, false);
}

export type LinkTo = (label: Interpolation, url: string) => Markdown;

/**
 * Links to one origin, the forge's (`https://github.com`). A URL of any other origin, or with a user name in it,
 * is shown as code beside its label and can't be clicked.
 */
export function linksTo(origin: string): LinkTo {
  const allowed = parseUrl(origin)?.origin;
  return (label, url) => {
    const target = parseUrl(url);
    if (allowed === undefined || target?.origin !== allowed || target.username !== '' || target.password !== '') {
      return piece(`${oneLine(label)} (${sourceOf(code(url))})`, false);
    }
    return piece(`[${oneLine(label)}](${destination(target)})`, false);
  };
}

/** A GFM table. Cells are one line each; a row that is too short gets empty cells, what is too much is left out. */
export function table(head: readonly Interpolation[], rows: readonly (readonly Interpolation[])[]): Markdown {
  const line = (cells: readonly Interpolation[]) =>
    `| ${head.map((_, index) => cell(cells[index] ?? '')).join(' | ')} |`;
  return piece([line(head), `|${' --- |'.repeat(head.length)}`, ...rows.map(line)].join('\n'), true);
}

/** A foldable section. The summary line is text; the body is read as Markdown because blank lines surround it. */
export function details(summary: string, body: Markdown): Markdown {
  return piece(`<details>\n<summary>${escapeHtml(summary)}</summary>\n\n${sourceOf(body)}\n\n</details>`, true);
}

/** `level` 1 to 6. */
export function heading(level: 1 | 2 | 3 | 4 | 5 | 6, content: Interpolation): Markdown {
  return piece(`${'#'.repeat(level)} ${oneLine(content)}`, true);
}

/** A bullet list; an item of several lines stays inside its bullet. */
export function list(items: readonly Interpolation[]): Markdown {
  return piece(items.map((item) => `- ${sourceOf(item).trim().replace(/\n/g, '\n  ')}`).join('\n'), true);
}

/** Pieces below each other with a blank line between; empty ones leave no gap. Strings become paragraphs of text. */
export function blocks(pieces: readonly Interpolation[]): Markdown {
  const sources = pieces.map((item) => (isMarkdown(item) ? sourceOf(item).trim() : sourceOf(item)));
  return piece(sources.filter((source) => source !== '').join('\n\n'), true);
}

function cell(value: Interpolation): string {
  return oneLine(value).replace(/\|/g, entity);
}

function oneLine(value: Interpolation): string {
  return sourceOf(value)
    .replace(/\s*\n\s*/g, ' ')
    .trim();
}

/** The URL without a sign that Markdown would read. `href` has no blanks, controls or non-ASCII left (WHATWG URL). */
function destination(url: URL): string {
  return url.href.replace(
    /[()<>[\]\\*_~`|"'!{}@$]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
  );
}

function parseUrl(value: string): URL | undefined {
  const url = URL.parse(value);
  return url !== null && (url.protocol === 'https:' || url.protocol === 'http:') ? url : undefined;
}

function longestRun(value: string): number {
  return Math.max(0, ...(value.match(/`+/g) ?? []).map((run) => run.length));
}
