import { visibleLine } from './text.js';

const SOURCE: unique symbol = Symbol('markdown source');
const IS_BLOCK: unique symbol = Symbol('markdown block');

/**
 * A piece of GitHub Flavored Markdown that is safe to show. Only this folder makes one: a string can't become one
 * without being escaped, neither by its type nor at run time.
 */
export interface Markdown {
  readonly [SOURCE]: string;
  /** Must stand on lines of its own (a table, a fenced block, a heading). */
  readonly [IS_BLOCK]: boolean;
}

/** What may stand in a `markdown` template: strings are escaped, numbers and pieces stand as they are. */
export type Interpolation = string | number | Markdown;

/**
 * The one way from text to Markdown. The template's own words are trusted; every interpolated string is foreign and
 * comes out as plain text on one line: no mention, reference, link, image, HTML, emphasis, table cell or line break
 * is read in it. Block pieces get lines of their own.
 */
export function markdown(literals: TemplateStringsArray, ...values: readonly Interpolation[]): Markdown {
  let source = literals[0] ?? '';
  let block = false;
  values.forEach((value, index) => {
    const literal = literals[index + 1] ?? '';
    if (isMarkdown(value) && value[IS_BLOCK]) {
      // Blanks before a fence would indent it into a code block and set its contents free: they go, on both sides.
      const before = source.trimEnd();
      source = `${before}${before === '' ? '' : '\n\n'}${value[SOURCE]}\n\n${literal.trimStart()}`;
      block = true;
      return;
    }
    source += seam(source, value, index > 0 && literals[index] === '') + sourceOf(value) + literal;
  });
  return piece(block ? source.trimEnd() : source, block || source.includes('\n'));
}

/** The text of a piece, for the place that shows it: a pull request's body, the summary, the board. */
export function render(content: Markdown): string {
  return content[SOURCE];
}

/**
 * Markdown that was written by us and computed, so that it can't be a template: no foreign text, ever.
 * Several lines make a block.
 */
export function raw(source: string): Markdown {
  return piece(source, source.includes('\n'));
}

/** Foreign text as one escaped piece; the same as it standing alone in a template. */
export function escaped(value: string): Markdown {
  return piece(escapeText(value), false);
}

/** Pieces one after the other with a separator between them. */
export function joined(pieces: readonly Interpolation[], separator: Markdown = raw(', ')): Markdown {
  const block = pieces.some((item) => isMarkdown(item) && item[IS_BLOCK]);
  const sources = pieces.map(sourceOf);
  return piece(sources.join(block ? '\n\n' : separator[SOURCE]), block);
}

/** The source of an interpolated value: a string escaped, the rest as it is. */
export function sourceOf(value: Interpolation): string {
  if (isMarkdown(value)) {
    return value[SOURCE];
  }
  return typeof value === 'number' ? String(value) : escapeText(value);
}

export function isMarkdown(value: unknown): value is Markdown {
  return typeof value === 'object' && value !== null && SOURCE in value;
}

/** Makes a piece out of finished source. For the constructors in this folder; not exported from it. */
export function piece(source: string, block: boolean): Markdown {
  return Object.freeze({ [SOURCE]: source, [IS_BLOCK]: block });
}

/** Shown as nothing, copied as a zero-width space. In hex, since `&#8203;` would itself be a reference in a commit message. */
const BREAK = '&#x200B;';

/**
 * What must be taken apart or escaped, in one pass, so that no replacement is replaced again: abbreviated commit IDs
 * (links from seven digits on), GH-1 and advisory IDs, `www.`, the colon of a URL or of `:emoji:`, `@` and `#`, and
 * the signs of Markdown and HTML.
 */
const MEANINGFUL =
  /(?<![0-9a-z])[0-9a-f]{7,40}(?![0-9a-z])|(?<![0-9a-z])(?:(?:gh|ghsa|cve)-|www(?=\.))|:(?=\/|[\w+-]+:)|[@#]|[&<>"`|$\\*_~[\](){}]/gi;

/**
 * Foreign text as Markdown text. GitHub looks for mentions, references and emoji in the *rendered* text, so a
 * backslash doesn't stop them: a zero-width space between the sign and what follows does (it is what Renovate writes).
 * CommonMark 0.31 §2.4 (backslash escapes), §2.5 (entities); GFM §6.9 (autolinks extension).
 */
function escapeText(value: string): string {
  return takeApart(visibleLine(value), (sign) => (/[\\*_~[\](){}]/.test(sign) ? `\\${sign}` : entity(sign)))
    .replace(/^[+\-=.:!%'/,;?^]/, '\\$&')
    .replace(/^\d+(?=\.)/, '$&\\');
}

/** Foreign text inside raw HTML, where Markdown isn't read: every sign that means something there is an entity. */
export function escapeHtml(value: string): string {
  return takeApart(visibleLine(value), entity).replace(/'/g, entity);
}

function takeApart(line: string, escapeSign: (sign: string) => string): string {
  return line.replace(MEANINGFUL, (found) => {
    if (/^[0-9a-f]{7,}$/i.test(found)) {
      return found.replace(/.{6}(?=.)/g, `$&${BREAK}`);
    }
    return /^[@#:a-z]/i.test(found) ? found + BREAK : escapeSign(found);
  });
}

/**
 * What must stand between what was written so far and the next value, so that two harmless halves don't make a
 * mention, a reference, a URL, a hash or a code span together.
 */
function seam(before: string, value: Interpolation, adjacent: boolean): string {
  const source = sourceOf(value);
  if (adjacent) {
    return /\S$/.test(before) && /^\S/.test(source) ? BREAK : '';
  }
  return typeof value === 'string' && /(?:[@#:0-9a-f]|\/\/|\b(?:gh|ghsa|cve)-)$/i.test(before) ? BREAK : '';
}

/** A character as an entity: by name where everybody knows it, else in hex. */
export function entity(character: string): string {
  const names: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
  return names[character] ?? `&#x${(character.codePointAt(0) ?? 0).toString(16).toUpperCase()};`;
}
