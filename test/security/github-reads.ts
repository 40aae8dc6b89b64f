/**
 * What GitHub makes of Markdown source, as far as an attacker cares: a small reader that follows the two phases of
 * the real one. First CommonMark and its GFM extensions find structure in the source, where a backslash or an entity
 * hides a sign; then GitHub's own filters look for mentions and references in the rendered text, where neither does.
 * https://github.github.com/gfm/, https://docs.github.com/en/get-started/writing-on-github
 */
export type Finding =
  | 'mention'
  | 'reference'
  | 'commit'
  | 'emoji'
  | 'url'
  | 'email'
  | 'html'
  | 'image'
  | 'link'
  | 'emphasis'
  | 'code'
  | 'cell'
  | 'math'
  | 'line'
  | 'invisible';

const STRUCTURE: readonly (readonly [Finding, RegExp])[] = [
  ['html', /<[A-Za-z/!?]/],
  ['image', /!\[/],
  ['link', /\[[^\]]*\][([:]|\]\(/],
  ['emphasis', /[*_~]/],
  ['code', /`/],
  ['cell', /\|/],
  ['math', /\$/],
  ['line', /[\n\r]/],
  ['url', /(?:https?|ftp):\/\/\S|(?<![0-9a-z])www\.\S/i],
  // Everything invisible but the one character that `markdown` itself puts between.
  ['invisible', /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u],
];

const RENDERED: readonly (readonly [Finding, RegExp])[] = [
  ['mention', /(?<![0-9A-Za-z])@[0-9A-Za-z]/],
  ['email', /[0-9A-Za-z._+-]@[0-9A-Za-z-]+\.[0-9A-Za-z]/],
  ['reference', /#\d|(?<![0-9A-Za-z])gh-\d/i],
  ['commit', /(?<![0-9A-Za-z])[0-9a-f]{7,40}(?![0-9A-Za-z])/i],
  ['emoji', /:[\w+-]+:/],
];

/** Everything found in the source of one piece of text, in no particular order, each once. */
export function githubReads(source: string): readonly Finding[] {
  const structure = source.replace(/\\[!-/:-@[-`{-~]|&(?:#x[0-9A-F]+|[a-z]+);/gi, '\ufffc');
  const rendered = source
    .replace(/\\([!-/:-@[-`{-~])/g, '$1')
    .replace(/&#x([0-9A-F]+);/gi, (_, hex) => String.fromCodePoint(Number.parseInt(hex, 16)))
    .replace(/&#(\d+);/g, (_, decimal) => String.fromCodePoint(Number.parseInt(decimal, 10)))
    .replace(/&(?:amp|lt|gt|quot|commat|num);/g, (name) => NAMED[name] ?? name);
  return [
    ...STRUCTURE.filter(([, pattern]) => pattern.test(structure)),
    ...RENDERED.filter(([, pattern]) => pattern.test(rendered)),
  ].map(([finding]) => finding);
}

/** What GitHub reads in a commit message or a title, where nothing is rendered. */
export function githubReadsPlain(text: string): readonly Finding[] {
  const relevant: readonly Finding[] = ['mention', 'reference'];
  return RENDERED.filter(([finding, pattern]) => relevant.includes(finding) && pattern.test(text)).map(
    ([finding]) => finding,
  );
}

const NAMED: Readonly<Record<string, string>> = {
  '&amp;': '&',
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&commat;': '@',
  '&num;': '#',
};
