import { splitDocuments } from './documents.js';
import { applyEdits, type Edit, inOrder } from './edit.js';
import { joinIndex, joinKey } from './key-path.js';
import { parseYaml } from './parse.js';
import type { Refusal } from './refusal.js';
import type { Range } from './site.js';
import { fileSource, literalSource, type Source } from './text.js';
import type { AliasNode, ScalarNode, YamlNode } from './tree.js';

/**
 * Whether the edits did what they say and nothing else: the bytes outside their ranges are equal, and the edited documents,
 * parsed again, differ in the intended values only. Gives back the reason if not.
 */
export function verifyEdit(before: string, after: string, edits: readonly Edit[]): Refusal | undefined {
  const [first] = edits;
  if (first === undefined) return before === after ? undefined : failure(undefined, 'bytes changed without an edit');
  if (applyEdits(before, edits) !== after) return failure(first, 'bytes outside the edited values changed');
  const moved = movedEdits(edits);
  const why = compare(fileSource(before), fileSource(after), moved);
  if (why !== undefined) return failure(first, why);
  const missing = moved.find((edit) => !edit.seen);
  return missing === undefined
    ? undefined
    : failure(missing.edit, 'the edited value is not found where it should stand');
}

interface MovedEdit {
  readonly edit: Edit;
  /** Where the new text stands afterwards. */
  readonly range: Range;
  seen: boolean;
}

function movedEdits(edits: readonly Edit[]): MovedEdit[] {
  let shift = 0;
  return inOrder(edits).map((edit) => {
    const start = edit.range[0] + shift;
    shift += edit.newText.length - (edit.range[1] - edit.range[0]);
    return { edit, range: [start, start + edit.newText.length], seen: false };
  });
}

/** Documents whose text is the same need no look. */
function compare(before: Source, after: Source, edits: readonly MovedEdit[]): string | undefined {
  const oldChunks = splitDocuments(before.text);
  const newChunks = splitDocuments(after.text);
  if (oldChunks.length !== newChunks.length) return 'the number of documents changed';
  for (const [index, oldChunk] of oldChunks.entries()) {
    const newChunk = newChunks[index];
    if (newChunk === undefined || newChunk.text === oldChunk.text) continue;
    const oldLeaves = leavesOf(oldChunk.text);
    const newLeaves = leavesOf(newChunk.text);
    if (oldLeaves === undefined || newLeaves === undefined) return 'the document no longer parses';
    const why = compareLeaves(
      { ...before, text: oldChunk.text, toFile: (offset) => before.toFile(oldChunk.start + offset) },
      { ...after, text: newChunk.text, toFile: (offset) => after.toFile(newChunk.start + offset) },
      oldLeaves,
      newLeaves,
      edits,
    );
    if (why !== undefined) return why;
  }
  return undefined;
}

/** The way to a node. Written out only for people: an edit is verified for every file of a promotion. */
interface Trail {
  readonly above: Trail | undefined;
  readonly step: string | number;
}

interface Leaf {
  readonly trail: Trail;
  readonly node: ScalarNode | AliasNode;
}

/** Every scalar and alias, keys in the paths, in the order of the text; undefined when it does not parse. */
function leavesOf(text: string): readonly Leaf[] | undefined {
  const parsed = parseYaml(text);
  if (!parsed.ok) return undefined;
  const leaves: Leaf[] = [];
  const collect = (above: Trail | undefined, step: string | number, node: YamlNode): void => {
    const trail = { above, step };
    if (node.kind === 'scalar' || node.kind === 'alias') leaves.push({ trail, node });
    else if (node.kind === 'map') for (const entry of node.entries) collect(trail, entry.key, entry.value);
    else for (let index = 0; index < node.items.length; index++) collect(trail, index, node.items[index] as YamlNode);
  };
  for (const [index, { root }] of parsed.documents.entries())
    if (root !== undefined) collect(undefined, `${index}`, root);
  return leaves;
}

function sameTrail(one: Trail, other: Trail): boolean {
  let [left, right]: readonly (Trail | undefined)[] = [one, other];
  while (left !== undefined && right !== undefined && left.step === right.step)
    [left, right] = [left.above, right.above];
  return left === undefined && right === undefined;
}

function pathOf({ above, step }: Trail): string {
  const path = above === undefined ? '' : pathOf(above);
  return typeof step === 'number' ? joinIndex(path, step) : joinKey(path, step);
}

function compareLeaves(
  before: Source,
  after: Source,
  oldLeaves: readonly Leaf[],
  newLeaves: readonly Leaf[],
  edits: readonly MovedEdit[],
): string | undefined {
  let next = 0;
  for (const leaf of newLeaves) {
    const edit = editAt(after, leaf.node, edits);
    if (edit?.edit.kind === 'entry' && !isInline(leaf.node, edit, after)) {
      if (leaf.node.kind !== 'scalar' || leaf.node.value !== edit.edit.value)
        return `${pathOf(leaf.trail)} is not what was written`;
      edit.seen = true;
      continue;
    }
    const old = oldLeaves[next++];
    if (old === undefined || !sameTrail(old.trail, leaf.trail)) return `${pathOf(leaf.trail)} was not there before`;
    const why = edit === undefined ? compareKept(old, leaf) : compareEdited(before, after, old, leaf, edit, edits);
    if (why !== undefined) return why;
  }
  return next === oldLeaves.length ? undefined : 'a value is gone';
}

function compareKept(old: Leaf, leaf: Leaf): string | undefined {
  const changed = () => `${pathOf(leaf.trail)} changed, too`;
  if (old.node.kind === 'alias' || leaf.node.kind === 'alias') {
    return old.node.kind === 'alias' && leaf.node.kind === 'alias' && old.node.name === leaf.node.name
      ? undefined
      : changed();
  }
  const { value, anchor, tag } = leaf.node;
  return old.node.value === value && old.node.anchor === anchor && old.node.tag === tag ? undefined : changed();
}

function compareEdited(
  before: Source,
  after: Source,
  old: Leaf,
  leaf: Leaf,
  edit: MovedEdit,
  edits: readonly MovedEdit[],
): string | undefined {
  const { node } = leaf;
  if (node.kind === 'alias' || old.node.kind === 'alias') return `${pathOf(leaf.trail)} is an alias`;
  if (node.anchor !== old.node.anchor || node.tag !== old.node.tag)
    return `${pathOf(leaf.trail)} lost its anchor or tag`;
  if (isInline(node, edit, after)) {
    if (old.node.style !== 'literal' || old.node.indent !== node.indent)
      return `${pathOf(leaf.trail)} changed its style`;
    return compare(
      literalSource(before, [old.node.start, old.node.end], old.node.indent),
      literalSource(after, [node.start, node.end], node.indent),
      edits,
    );
  }
  const isBlock = node.style === 'literal' || node.style === 'folded';
  if ((isBlock ? node.value.trim() : node.value) !== edit.edit.value)
    return `${pathOf(leaf.trail)} is not what was written`;
  edit.seen = true;
  return undefined;
}

/** The edit whose new text overlaps the node. */
function editAt(source: Source, node: ScalarNode | AliasNode, edits: readonly MovedEdit[]): MovedEdit | undefined {
  if (node.start === -1 || node.kind === 'alias') return undefined;
  const start = source.toFile(node.start);
  const end = node.end === node.start ? start : source.toFile(node.end - 1) + 1;
  return edits.find(({ range }) =>
    range[0] === range[1] ? start <= range[0] && range[0] <= end : range[0] < end && start < range[1],
  );
}

/** The edit is of YAML within a block scalar, not of the scalar itself. */
function isInline(node: ScalarNode | AliasNode, edit: MovedEdit, source: Source): boolean {
  if (node.kind === 'alias' || node.style !== 'literal') return false;
  return source.text.slice(node.start, node.end).trim() !== edit.edit.value;
}

function failure(edit: Edit | undefined, why: string): Refusal {
  return {
    path: edit?.path ?? '',
    line: edit?.line ?? 1,
    column: 1,
    keyPath: edit?.keyPath ?? '',
    code: 'verification-failed',
    why: `the edited file was parsed again, and ${why}`,
    remedy: 'Write the value by hand, and report the file as a defect',
  };
}
