import { isEncrypted, splitDocuments, templateNode } from './documents.js';
import { applyEdits, editPiece } from './edit.js';
import { type PathStep, parseKeyPath } from './key-path.js';
import { parseYaml } from './parse.js';
import { scalarPiece } from './piece.js';
import type { Refusal, RefusalCode } from './refusal.js';
import type { Rewrite } from './rewrite.js';
import { fileSource, lineIndex } from './text.js';
import { entryOf, isMerge, type ScalarNode, type YamlDocument, type YamlNode } from './tree.js';
import { verifyEdit } from './verify.js';

/**
 * Gives the scalar at a dotted path (Kargo's `yaml-update` syntax, see `parseKeyPath`) a value, byte-exactly. The key must be there
 * already, in one document of the file only.
 * @throws WaybillError input-invalid: for a path with an empty part
 */
export function setScalar(
  file: { readonly path: string; readonly text: string },
  keyPath: string,
  value: string,
): Rewrite {
  const steps = parseKeyPath(keyPath);
  const lines = lineIndex(file.text);
  const refuse = (code: RefusalCode, why: string, remedy: string, offset = 0): Rewrite => {
    const refusal: Refusal = { path: file.path, ...lines.at(offset), keyPath, code, why, remedy };
    return { ok: false, refusals: [refusal] };
  };
  const found: Found[] = [];
  for (const chunk of splitDocuments(file.text)) {
    const parsed = parseYaml(chunk.text);
    if (!parsed.ok) {
      const isTemplate = chunk.text.includes('{{');
      const why = isTemplate ? 'it is a template, not YAML' : parsed.problem.what;
      return refuse('unreadable', why, 'Write plain YAML', chunk.start + parsed.problem.offset);
    }
    for (const document of parsed.documents) {
      const { root } = document;
      if (root === undefined) continue;
      const result = find(document, root, steps);
      if (result === undefined) continue;
      const template = templateNode(chunk.text, root);
      if (template !== undefined)
        return refuse('unreadable', 'it is a template, not YAML', 'Write plain YAML', chunk.start);
      if (isEncrypted(chunk.text, root)) {
        return refuse('unreadable', 'it is encrypted with SOPS', 'Keep the value in a file that is not', chunk.start);
      }
      found.push({ ...result, start: chunk.start, text: chunk.text });
    }
  }
  const [first, second] = found;
  if (first === undefined) {
    const [last = { key: '' }] = steps.slice(-1);
    return refuse('no-such-key', 'there is no such key', `Write ${last.key}: "" there once`);
  }
  if (second !== undefined) {
    return refuse('conflict', 'the key stands in more than one document', 'Keep it in one document', second.start);
  }
  if (first.kind === 'refused') return refuse(first.code, first.why, first.remedy, first.start + first.offset);
  const source = { ...fileSource(first.text), toFile: (offset: number) => first.start + offset };
  const piece = scalarPiece({ source, fileText: file.text, lines }, first.node, first.keyNode);
  if (piece.obstacle !== undefined && piece.obstacle !== 'template') {
    return refuse(
      piece.obstacle,
      'the value is no simple scalar',
      'Write it on one line, without a tag',
      piece.range[0],
    );
  }
  const edit = editPiece({ path: file.path, keyPath }, piece, value);
  if (edit === undefined) {
    return refuse('style', 'the value fits no scalar of this style', 'Put the value in double quotes', piece.range[0]);
  }
  if (edit === 'unchanged') return { ok: true, text: file.text, edits: [] };
  const text = applyEdits(file.text, [edit]);
  const refusal = verifyEdit(file.text, text, [edit]);
  return refusal === undefined ? { ok: true, text, edits: [edit] } : { ok: false, refusals: [refusal] };
}

type Result =
  | { readonly kind: 'found'; readonly node: ScalarNode; readonly keyNode: ScalarNode | undefined }
  | {
      readonly kind: 'refused';
      readonly code: RefusalCode;
      readonly why: string;
      readonly remedy: string;
      readonly offset: number;
    };

type Found = Result & { readonly start: number; readonly text: string };

/** What the path leads to in a document; undefined when it leads nowhere. */
function find(document: YamlDocument, root: YamlNode, steps: readonly PathStep[]): Result | undefined {
  let node = root;
  let keyNode: ScalarNode | undefined;
  const refused = (code: RefusalCode, why: string, remedy: string): Result => {
    const offset = keyNode?.start ?? 0;
    return { kind: 'refused', code, why, remedy, offset: Math.max(0, offset) };
  };
  for (const step of steps) {
    if (node.kind === 'map') {
      const entry = entryOf(node.entries, step.key);
      if (entry === undefined) {
        if (!node.entries.some(isMerge)) return undefined;
        return refused('shared-value', 'a merge key may give the value', 'Write the key out where it is meant');
      }
      keyNode = entry.keyNode;
      if (entry.duplicate)
        return refused('duplicate-key', `${JSON.stringify(step.key)} stands twice`, 'Remove one of the two');
      node = entry.value;
    } else if (node.kind === 'seq') {
      const item = step.index === undefined ? undefined : node.items[step.index];
      if (item === undefined) return undefined;
      keyNode = undefined;
      node = item;
    } else if (node.kind === 'alias') {
      return refused(
        'shared-value',
        'an alias stands on the way to the value',
        'Write the value out where it is meant',
      );
    } else {
      return undefined;
    }
  }
  if (node.kind === 'alias') {
    return refused('shared-value', 'an alias gives the value', 'Write the value out where it is meant');
  }
  if (node.kind !== 'scalar') {
    return refused(
      'no-such-key',
      'the key holds a list or mapping, no single value',
      'Name a key that holds one value',
    );
  }
  if (document.aliases.some((alias) => alias.target === node)) {
    return refused(
      'shared-value',
      'an anchor gives the value to other places, too',
      'Give the place a value of its own',
    );
  }
  return { kind: 'found', node, keyNode };
}
