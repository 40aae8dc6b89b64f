import { targetOf, type YamlNode } from './tree.js';

/** A document starts with `---` in the first column; with directives about, the parser splits. */
const DOCUMENT_START = /^---(?=[ \t\r\n]|$)/gm;
const ONLY_COMMENT = /^\ufeff?[ \t]*(?:#.*)?\r?$/;

/** A document's text, from its `---` on, and where it starts. */
export interface Chunk {
  readonly start: number;
  readonly text: string;
}

/**
 * The documents of a text, so that each is parsed alone: a broken one hides no other, and one without images costs
 * nothing. What stands before the first `---`, if it is only comments, is no document.
 */
export function splitDocuments(text: string): readonly Chunk[] {
  if (text.startsWith('%') || text.includes('\n%')) return [{ start: 0, text }];
  const starts = [0];
  for (const match of text.matchAll(DOCUMENT_START)) if (match.index > 0) starts.push(match.index);
  const chunks = starts.map((start, at) => ({ start, text: text.slice(start, starts[at + 1] ?? text.length) }));
  const [first] = chunks;
  return chunks.length > 1 && first !== undefined && isOnlyComments(first.text) ? chunks.slice(1) : chunks;
}

function isOnlyComments(text: string): boolean {
  return text.split('\n').every((line) => ONLY_COMMENT.test(line));
}

/** An unquoted `{{ … }}` parses as a flow mapping in a flow mapping: no YAML that anyone means. */
export function templateNode(text: string, root: YamlNode): number | undefined {
  if (!text.includes('{{')) return undefined;
  const stack: YamlNode[] = [root];
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    if (node.kind === 'seq') for (const item of node.items) stack.push(item);
    if (node.kind !== 'map') continue;
    if (node.flow && text.startsWith('{{', node.start)) return node.start;
    for (const entry of node.entries) {
      if (entry.keyNode === undefined) return node.start;
      stack.push(entry.value);
    }
  }
  return undefined;
}

/** Whether SOPS encrypted the document: `ENC[…]` values and a `sops` key. */
export function isEncrypted(text: string, root: YamlNode): boolean {
  if (!text.includes('ENC[')) return false;
  const node = targetOf(root);
  return node.kind === 'map' && node.entries.some((entry) => entry.key === 'sops');
}
