import { type Finding, ruleOf } from '../policy/index.js';
import { visibleLine } from '../report/text.js';
import { linesOf, type SourceOf } from './source-text.js';

const WIDTH = 140;
const TAB = 4;

/**
 * Shows findings as a compiler would in a log: where each is, the line with carets below what is meant, what should
 * stand there, and the rule's page. Nothing invisible, no line end and no control character of a file is passed on.
 */
export function caretRenderer(sourceOf: SourceOf, pageOf: (rule: string) => string): (finding: Finding) => string {
  // Findings come file by file: its lines are split once.
  let at: { readonly path: string; readonly lines: readonly string[] } | undefined;
  const lineOf = ({ path, line }: Finding): string | undefined => {
    if (at?.path !== path) at = { path, lines: linesOf(sourceOf(path) ?? '') };
    return at.lines[line - 1]?.replace(/^\ufeff/, line === 1 ? ' ' : '$&');
  };
  return (finding) => rendering(finding, lineOf(finding), pageOf);
}

function rendering(finding: Finding, source: string | undefined, pageOf: (rule: string) => string): string {
  const { rule, severity, path, line, column, reason, expected, related, whyNoFix } = finding;
  const number = String(line);
  const gutter = ' '.repeat(number.length);
  return [
    `${severity}[${rule}]: ${ruleOf(rule).title}`,
    `${gutter}--> ${visibleLine(path)}:${line}:${column}`,
    ...(source === undefined ? [] : excerpt(finding, source, number, gutter)),
    `${gutter} = why: ${visibleLine(reason)}`,
    ...(expected === undefined ? [] : [`${gutter} = instead: ${visibleLine(expected)}`]),
    ...related.map(
      (place) => `${gutter} = see: ${visibleLine(place.path)}:${place.line}:${place.column} ${visibleLine(place.what)}`,
    ),
    ...(whyNoFix === undefined ? [] : [`${gutter} = no automatic fix: ${visibleLine(whyNoFix)}`]),
    `${gutter} = help: ${pageOf(rule)}`,
  ].join('\n');
}

function excerpt(finding: Finding, source: string, number: string, gutter: string): readonly string[] {
  const start = Math.min(finding.column - 1, source.length);
  const end = finding.endLine === finding.line ? Math.min(finding.endColumn - 1, source.length) : source.length;
  const before = shown(source.slice(0, start), 0);
  const meant = shown(source.slice(start, Math.max(start, end)), widthOf(before));
  const after = shown(source.slice(Math.max(start, end)), widthOf(before) + widthOf(meant));
  const room = Math.max(20, WIDTH - Math.min(widthOf(meant), WIDTH));
  const head = keepEnd(before, Math.ceil(room / 2));
  const body = keepStart(meant, WIDTH);
  const carets = '^'.repeat(Math.max(1, widthOf(body)));
  return [
    `${gutter} |`,
    `${number} | ${`${head}${body}${keepStart(after, Math.floor(room / 2))}`.trimEnd()}`,
    `${gutter} | ${' '.repeat(widthOf(head))}${carets}`,
  ];
}

/** Tabs up to their next stop, counted from `from`; everything else that can't be seen as its code point. */
function shown(text: string, from: number): string {
  if (/^[ -~]*$/.test(text)) return text;
  let out = '';
  for (const character of text) {
    if (character === '\t') out += ' '.repeat(TAB - ((from + widthOf(out)) % TAB));
    else out += /\s/u.test(character) ? ' ' : visibleLine(character);
  }
  return out;
}

/** The end of a text, as much as has room. */
function keepEnd(text: string, room: number): string {
  return [...keepStart([...text].reverse().join(''), room)].reverse().join('');
}

/** The start of a text, as much as has room. */
function keepStart(text: string, room: number): string {
  if (widthOf(text) <= room) return text;
  let kept = '';
  let left = room - 1;
  for (const character of text) {
    left -= widthOf(character);
    if (left < 0) break;
    kept += character;
  }
  return `${kept}…`;
}

const WIDE =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Emoji_Presentation}\u3000-\u303f\uff01-\uff60]/u;

/** Columns in a terminal: none for combining marks, two for ideographs and emoji (Unicode TR 11, in short). */
function widthOf(text: string): number {
  if (/^[ -~]*$/.test(text)) return text.length;
  let width = 0;
  for (const character of text) {
    if (/\p{Mark}/u.test(character)) continue;
    width += WIDE.test(character) ? 2 : 1;
  }
  return width;
}
