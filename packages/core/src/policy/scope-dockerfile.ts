import type { FileScan, Piece, ReferenceSite } from '../yaml/index.js';
import { lineIndex } from '../yaml/text.js';
import { scopeScan, wholeSite } from './scope-site.js';

/** A word of an instruction and where it starts in the file. */
interface Word {
  readonly text: string;
  readonly start: number;
}

const MAX_LENGTH = 1024 * 1024;

/**
 * The images that a Dockerfile builds from: `FROM`, `COPY --from` and `RUN --mount=from`, stages and `scratch` left out
 * (Dockerfile reference). A `FROM` that is one variable stands for that `ARG`'s default, where it stands.
 */
export function scanDockerfile(path: string, text: string): FileScan {
  if (text.length > MAX_LENGTH) {
    const detail = `the file is longer than ${MAX_LENGTH} characters`;
    return scopeScan(path, [], [{ path, kind: 'too-large', line: 1, detail, mentions: [] }]);
  }
  const lines = lineIndex(text);
  const stages = new Set<string>();
  const defaults = new Map<string, Word>();
  const sites = new Map<number, ReferenceSite>();
  const add = (word: Word, keyPath: string) => {
    const name = word.text.toLowerCase();
    if (name === '' || name === 'scratch' || stages.has(name) || /^\d+$/.test(name)) return;
    const variable = /^\$(?:\{([A-Za-z_]\w*)\}|([A-Za-z_]\w*))$/.exec(word.text);
    const target = defaults.get(variable?.[1] ?? variable?.[2] ?? '') ?? word;
    if (target.text === '' || sites.has(target.start)) return;
    const range = [target.start, target.start + target.text.length] as const;
    const piece: Piece = {
      value: target.text,
      range,
      raw: target.text,
      style: 'plain',
      empty: false,
      ...lines.at(target.start),
      nonString: false,
    };
    sites.set(target.start, wholeSite({ path, document: 0, keyPath, piece }));
  };
  let stage = 0;
  for (const words of instructions(text)) {
    const [first, ...rest] = words;
    const instruction = first?.text.toUpperCase();
    const options = rest.filter((word) => word.text.startsWith('--'));
    const [head, as, alias] = rest.filter((word) => !word.text.startsWith('--'));
    if (instruction === 'ARG' && stage === 0) for (const word of rest) setDefault(defaults, word);
    if (instruction === 'FROM' && head !== undefined) {
      add(head, `FROM[${stage}]`);
      stage += 1;
      if (as?.text.toUpperCase() === 'AS' && alias !== undefined) stages.add(alias.text.toLowerCase());
    }
    if (instruction === 'COPY' || instruction === 'ADD')
      for (const option of options) addOption(option, '--from=', add);
    if (instruction === 'RUN') for (const option of options) addMount(option, add);
  }
  return scopeScan(path, [...sites.values()]);
}

type Add = (word: Word, keyPath: string) => void;

function addOption({ text, start }: Word, prefix: string, add: Add): void {
  if (text.startsWith(prefix))
    add(unquote({ text: text.slice(prefix.length), start: start + prefix.length }), 'COPY --from');
}

function addMount({ text, start }: Word, add: Add): void {
  if (!text.startsWith('--mount=')) return;
  const match = /[=,]from=([^,]*)/.exec(text);
  const [, from = ''] = match ?? [];
  if (match === null) return;
  add({ text: from, start: start + match.index + match[0].length - from.length }, 'RUN --mount');
}

function setDefault(defaults: Map<string, Word>, { text, start }: Word): void {
  const equals = text.indexOf('=');
  if (equals === -1) return;
  defaults.set(text.slice(0, equals), unquote({ text: text.slice(equals + 1), start: start + equals + 1 }));
}

function unquote({ text, start }: Word): Word {
  const quoted = /^(["'])(.*)\1$/.exec(text);
  return quoted === null ? { text, start } : { text: quoted[2] ?? '', start: start + 1 };
}

/** The words of each instruction; comments, continuations and here-documents resolved. */
function* instructions(text: string): Generator<readonly Word[]> {
  let words: Word[] = [];
  let hereDocument: string | undefined;
  let at = 0;
  for (const raw of text.split('\n')) {
    const start = at;
    at += raw.length + 1;
    const line = raw.replace(/\r$/, '');
    if (hereDocument !== undefined) {
      if (line.trim() === hereDocument) hereDocument = undefined;
      continue;
    }
    if (/^\ufeff?\s*#/.test(line)) continue;
    const continues = /[\\`]\s*$/.test(line);
    const content = continues ? line.replace(/[\\`]\s*$/, '') : line;
    for (const match of content.matchAll(/[^\s\ufeff]+/g)) words.push({ text: match[0], start: start + match.index });
    if (continues || (words.length > 0 && content.trim() === '')) continue;
    const [first] = words;
    if (/^(?:RUN|COPY|ADD)$/i.test(first?.text ?? '')) hereDocument = /<<-?["']?(\w+)["']?/.exec(content)?.[1];
    if (words.length > 0) yield words;
    words = [];
  }
  if (words.length > 0) yield words;
}
