import type { MendedFile } from '../policy/index.js';
import { placesIn } from './source-text.js';

const CONTEXT = 3;

interface Change {
  /** 0-based, in lines of the text before; the end is behind the last. */
  readonly start: number;
  readonly end: number;
  readonly newLines: readonly string[];
}

/**
 * A patch in Git's format that `git apply` takes byte for byte: lines with their own ends, names quoted as Git quotes
 * them. Empty without files.
 * https://git-scm.com/docs/diff-format#generate_patch_text_with_p
 */
export function unifiedDiff(files: readonly MendedFile[]): string {
  return files.map(fileDiff).join('');
}

function fileDiff(file: MendedFile): string {
  const old = splitKeepingEnds(file.before);
  const changes = changesOf(file, old);
  if (changes.length === 0) return '';
  const [from, to] = [quoted(`a/${file.path}`), quoted(`b/${file.path}`)];
  let shift = 0;
  const hunks = grouped(changes).map((group) => {
    const text = hunk(old, group, shift);
    shift += group.reduce((sum, { start, end, newLines }) => sum + newLines.length - (end - start), 0);
    return text;
  });
  return `diff --git ${from} ${to}\n--- ${from}\n+++ ${to}\n${hunks.join('')}`;
}

/** Whole lines, as far as they differ. Edits that share a line are one change. */
function changesOf({ before, splices }: MendedFile, old: readonly string[]): readonly Change[] {
  const place = placesIn(before.replace(/\r(?!\n)/g, ' '));
  const starts: number[] = [];
  let offset = 0;
  for (const line of old) {
    starts.push(offset);
    offset += line.length;
  }
  starts.push(offset);
  const groups: { start: number; end: number; text: string; until: number }[] = [];
  for (const { start: from, end: to, newText } of splices) {
    const start = Math.min(place(from).line - 1, Math.max(0, old.length - 1));
    const end = Math.min(place(to).line, old.length);
    let group = groups.at(-1);
    if (group === undefined || start >= group.end) {
      group = { start, end, text: '', until: starts[start] ?? 0 };
      groups.push(group);
    }
    group.text += before.slice(group.until, from) + newText;
    group.until = to;
    group.end = Math.max(group.end, end);
  }
  return groups.flatMap(({ start, end, text, until }) => {
    const next = splitKeepingEnds(text + before.slice(until, starts[end] ?? before.length));
    return trimmed({ start, end, newLines: next }, old);
  });
}

/** Without equal lines at both ends; nothing when nothing is left. */
function trimmed(change: Change, old: readonly string[]): readonly Change[] {
  let { start, end } = change;
  const lines = [...change.newLines];
  while (start < end && lines.length > 0 && old[start] === lines[0]) {
    start += 1;
    lines.shift();
  }
  while (start < end && lines.length > 0 && old[end - 1] === lines.at(-1)) {
    end -= 1;
    lines.pop();
  }
  return start === end && lines.length === 0 ? [] : [{ start, end, newLines: lines }];
}

/** Changes whose context touches stand in one hunk. */
function grouped(changes: readonly Change[]): readonly (readonly Change[])[] {
  const groups: Change[][] = [];
  for (const change of changes) {
    const last = groups.at(-1);
    const before = last?.at(-1);
    if (last !== undefined && before !== undefined && change.start - before.end <= 2 * CONTEXT) last.push(change);
    else groups.push([change]);
  }
  return groups;
}

function hunk(old: readonly string[], group: readonly Change[], shift: number): string {
  const first = Math.max(0, (group[0]?.start ?? 0) - CONTEXT);
  const last = Math.min(old.length, (group.at(-1)?.end ?? 0) + CONTEXT);
  const lines: string[] = [];
  let [at, oldCount, newCount] = [first, 0, 0];
  const keep = (until: number) => {
    for (; at < until; at += 1) {
      lines.push(marked(' ', old[at] ?? ''));
      oldCount += 1;
      newCount += 1;
    }
  };
  for (const { start, end, newLines } of group) {
    keep(start);
    for (; at < end; at += 1) {
      lines.push(marked('-', old[at] ?? ''));
      oldCount += 1;
    }
    for (const line of newLines) {
      lines.push(marked('+', line));
      newCount += 1;
    }
  }
  keep(last);
  return `@@ -${span(first, oldCount)} +${span(first + shift, newCount)} @@\n${lines.join('')}`;
}

/** A range of no lines is named by the line before it. */
function span(start: number, count: number): string {
  return count === 0 ? `${start},0` : count === 1 ? `${start + 1}` : `${start + 1},${count}`;
}

function marked(sign: string, line: string): string {
  return line.endsWith('\n') ? `${sign}${line}` : `${sign}${line}\n\\ No newline at end of file\n`;
}

/** Git's lines end with LF alone; a CR before it belongs to the line. */
function splitKeepingEnds(text: string): readonly string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}

const ESCAPES: Readonly<Record<string, string>> = {
  '\x07': '\\a',
  '\b': '\\b',
  '\t': '\\t',
  '\n': '\\n',
  '\v': '\\v',
  '\f': '\\f',
  '\r': '\\r',
  '"': '\\"',
  '\\': '\\\\',
};

/** A name as Git writes it with `core.quotePath=false`: in quotes when a sign in it needs them, or it ends in a blank. */
function quoted(name: string): string {
  const escaped = name.replace(
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what has to be escaped
    /[\x00-\x1f\x7f"\\]/g,
    (sign) => ESCAPES[sign] ?? `\\${sign.charCodeAt(0).toString(8).padStart(3, '0')}`,
  );
  return escaped === name && !/\s$/.test(name) ? name : `"${escaped}"`;
}
