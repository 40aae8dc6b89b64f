import { record, type SplitEntries } from './collect-split.js';
import { recordWhole } from './collect-whole.js';
import { addDraft, type Context, entryContext, itemContext } from './draft.js';
import { identify, joinParts, splitReference } from './identity.js';
import { IMAGE_KEY } from './keys.js';
import { digestOf, digestPiece, pieceOf, scalarOf, scalarPiece } from './piece.js';
import type { Insertion, Piece } from './site.js';
import { effectiveEntries, entryOf, type MapEntry, type MapNode, type SeqNode, targetOf } from './tree.js';

/**
 * Records the entries of a kustomize `images` list: mappings as in a kustomization, strings as in an Argo CD
 * Application (`[old=]new[:tag][@digest]`). `context` is the list's.
 */
export function collectKustomizeImages(context: Context, list: SeqNode): void {
  list.items.forEach((item, index) => {
    const node = targetOf(item);
    const child = itemContext(context, index);
    if (node.kind === 'map') collectEntry(child, node, item.kind === 'alias');
    if (node.kind !== 'scalar' || node.value.trim() === '') return;
    const piece = scalarPiece(context.frame, node);
    const equals = piece.value.indexOf('=');
    const prefix = piece.value.slice(0, equals + 1);
    const text = piece.value.slice(equals + 1);
    context.frame.scanner.pieceNodes.set(piece.range[0], node);
    if (item.kind === 'alias') context.frame.scanner.usedAliases.add(item);
    addDraft(child, {
      shape: { kind: 'argocd-kustomize-image', piece, prefix, written: splitReference(text).name },
      tier: 'A',
      identity: identify(text),
      entries: [],
      text,
    });
  });
}

function collectEntry(context: Context, map: MapNode, aliased: boolean): void {
  const entries = effectiveEntries(map);
  const piece = (key: string): Piece | undefined => {
    const entry = entryOf(entries, key);
    const made = pieceOf(context.frame, entry);
    const node = scalarOf(entry);
    if (made !== undefined && node !== undefined) context.frame.scanner.pieceNodes.set(made.range[0], node);
    return made;
  };
  const name = piece('name');
  if (name === undefined || name.value === '') return;
  const newName = piece('newName');
  const newTag = piece('newTag');
  const tagSuffix = piece('tagSuffix');
  const digestField = piece('digest');
  const digest = digestField === undefined ? undefined : digestPiece(digestField, 'digest');
  const merged = entries.length !== map.entries.length;
  const insertion = aliased || merged || digest !== undefined ? undefined : insertionInto(context, map);
  const named = newName === undefined || newName.value === '' ? name : newName;
  const text = joinParts({
    repository: named.value,
    tag: newTag?.value,
    digest: digest === undefined ? undefined : digestOf(digest),
  });
  addDraft(context, {
    shape: {
      kind: 'kustomize-image',
      name,
      ...(newName === undefined ? {} : { newName }),
      ...(newTag === undefined ? {} : { newTag }),
      ...(digest === undefined ? {} : { digest }),
      ...(tagSuffix === undefined ? {} : { tagSuffix }),
      ...(insertion === undefined ? {} : { insertion }),
    },
    tier: 'A',
    identity: identify(text),
    entries: ['name', 'newName', 'newTag', 'tagSuffix', 'digest'].map((key) => entryOf(entries, key)),
    text,
  });
}

/** Where a mapping's next entry goes: on a line of its own below its last entry, aligned with the first. */
function insertionInto(context: Context, map: MapNode): Insertion | undefined {
  const { source, fileText, lines } = context.frame;
  const first = map.entries[0]?.keyNode;
  const last = map.entries.at(-1);
  const value = last?.value;
  if (!source.exact || first === undefined || last?.keyNode === undefined || value?.kind !== 'scalar') return undefined;
  if (value.start === -1 || value.style === 'literal' || value.style === 'folded') return undefined;
  if (/[\r\n]/.test(source.text.slice(last.keyNode.start, value.end))) return undefined;
  const quoted = value.style === 'single' || value.style === 'double';
  const valueEnd = source.toFile(value.end - 1) + 1 + (quoted ? 1 : 0);
  const { line } = lines.at(valueEnd);
  if (map.flow) return { offset: valueEnd, before: ', ', line };
  const keyStart = source.toFile(first.start - (first.style === 'plain' ? 0 : 1));
  const lineStart = fileText.lastIndexOf('\n', keyStart - 1) + 1;
  const lead = fileText.slice(lineStart, keyStart).replace(/^\ufeff/, '');
  // Only blanks and the list's dashes may precede the key, so that as many blanks align with it.
  if (!/^[ -]*$/.test(lead)) return undefined;
  const newline = fileText.indexOf('\n', valueEnd);
  const crlf = newline > 0 && fileText.charCodeAt(newline - 1) === 13;
  const offset = newline === -1 ? fileText.length : newline - (crlf ? 1 : 0);
  const lineBreak = newline === -1 ? firstBreak(fileText) : crlf ? '\r\n' : '\n';
  return { offset, before: `${lineBreak}${' '.repeat(lead.length)}`, line };
}

function firstBreak(text: string): string {
  const newline = text.indexOf('\n');
  return newline > 0 && text.charCodeAt(newline - 1) === 13 ? '\r\n' : '\n';
}

/** Names of Helm parameters that say something about an image: `api.image.tag`, `image.ref`, `image`. */
const PARAMETER = /^(?:(.*?)\.)?([A-Za-z0-9_-]*[iI]mage)(?:\.(ref|registry|repository|tag|digest|sha))?$/;

/** Records the images that an Argo CD Application's `helm.parameters` set. `context` is the list's. */
export function collectParameters(context: Context, list: SeqNode): void {
  const groups = new Map<string, { split: { [piece: string]: MapEntry }; context: Context }>();
  list.items.forEach((item, index) => {
    const map = targetOf(item);
    if (map.kind !== 'map') return;
    const entries = effectiveEntries(map);
    const match = PARAMETER.exec(scalarOf(entryOf(entries, 'name'))?.value ?? '');
    const value = entryOf(entries, 'value');
    const text = scalarOf(value)?.value.trim() ?? '';
    if (match === null || value === undefined || text === '') return;
    const [, prefix = '', image = '', piece = 'ref'] = match;
    const place = entryContext(itemContext(context, index), value);
    if (piece === 'ref') {
      if (IMAGE_KEY.test(image) && (text.includes('/') || /[:@]/.test(text))) recordWhole(place, value, 'A');
      return;
    }
    const key = `${prefix}.${image}`;
    const group = groups.get(key) ?? { split: {}, context: place };
    group.split[piece] = { ...value, key: piece };
    groups.set(key, group);
  });
  for (const { split, context: place } of groups.values()) {
    const { registry, repository, tag, digest, sha } = split;
    const pieces: SplitEntries = { registry, repository, tag, digest: digest ?? sha };
    record(place, pieces, 'A');
  }
}
