import { readdirSync, readFileSync } from 'node:fs';

/** One finding that a case expects. */
export interface Expected {
  readonly path: string;
  readonly line: number;
  readonly column: number;
  readonly rule: string;
  /** Absent: the rule's own. */
  readonly severity?: string;
}

/** A small tree, and all that has to be found in it. */
export interface LabelledCase {
  readonly name: string;
  /** The `images` section, as YAML. */
  readonly config?: string;
  readonly ours?: string;
  readonly expectsExpired: boolean;
  readonly files: readonly { readonly path: string; readonly bytes: Uint8Array }[];
  readonly expected: readonly Expected[];
}

const FOLDER = new URL('./cases/', import.meta.url);
const HEX = '0123456789abcdef'.repeat(4);
const WORDS: Readonly<Record<string, string>> = {
  D: `sha256:${HEX}`,
  E: `sha256:${HEX.split('').reverse().join('')}`,
  H: HEX,
  SHA: '0123456789abcdef0123456789abcdef01234567',
  N: '\n',
  TAB: '\t',
  CR: '\r',
  BOM: '\ufeff',
  END: '',
  BAD: '\ud800',
};

/** Every case of the labelled set. */
export function labelledCases(): readonly LabelledCase[] {
  return readdirSync(FOLDER)
    .filter((name) => name.endsWith('.cases'))
    .sort()
    .flatMap((name) => parseCases(name, readFileSync(new URL(name, FOLDER), 'utf8')));
}

function parseCases(file: string, text: string): readonly LabelledCase[] {
  const [, ...blocks] = text.split(/^=== /m);
  return blocks.flatMap((block) => {
    const title = block.slice(0, block.indexOf('\n'));
    const body = block.slice(block.indexOf('\n') + 1).replace(/\n(?:#[^\n]*)?\n*$/, '\n');
    if (!title.startsWith('table ')) return [toCase(`${file}: ${title}`, body)];
    const [template = '', rows = ''] = body.split(/^\+\+\+\n/m);
    return rows
      .split('\n')
      .filter((row) => row !== '')
      .map((row) =>
        toCase(
          `${file}: ${title.slice('table '.length)}: ${row}`,
          template.replace('%%', () => row),
        ),
      );
  });
}

function toCase(name: string, body: string): LabelledCase {
  const [head = '', ...files] = body.replaceAll('%N%', '\n').split(/^--- (?=\S)/m);
  const field = (key: string) => new RegExp(`^${key}: (.*)$`, 'm').exec(head)?.[1];
  const config = field('config');
  const ours = field('ours');
  const parsed = files.map(parseFile);
  return {
    name,
    ...(config === undefined ? {} : { config }),
    ...(ours === undefined ? {} : { ours }),
    expectsExpired: field('expired') === 'true',
    files: parsed.map(({ path, bytes }) => ({ path, bytes })),
    expected: parsed.flatMap(({ expected }) => expected),
  };
}

function parseFile(block: string) {
  const path = block.slice(0, block.indexOf('\n'));
  const marked = block
    .slice(block.indexOf('\n') + 1)
    .replaceAll(/%([A-Z]+)%/g, (all, word: string) => WORDS[word] ?? all)
    .replace(/\n+$/, block.includes('%END%') ? '' : '\n');
  const expected: Expected[] = [];
  let text = '';
  let at = 0;
  for (const match of marked.matchAll(/‹([^›]*)›/g)) {
    text += marked.slice(at, match.index);
    at = match.index + match[0].length;
    const line = text.split('\n').length;
    const visible = text.replace(/^\ufeff/, '');
    const column = visible.length - visible.lastIndexOf('\n');
    for (const label of (match[1] ?? '').split(',')) {
      const [rule = '', severity] = label.split(':');
      expected.push({ path, line, column, rule, ...(severity === undefined ? {} : { severity }) });
    }
  }
  text += marked.slice(at);
  return { path, bytes: encode(text), expected };
}

/** A lone surrogate stands for a byte that is no UTF-8. */
function encode(text: string): Uint8Array {
  const [head = '', tail] = text.split('\ud800');
  return tail === undefined
    ? new TextEncoder().encode(head)
    : Buffer.concat([Buffer.from(head), Buffer.from([0xff, 0xfe]), Buffer.from(tail)]);
}
