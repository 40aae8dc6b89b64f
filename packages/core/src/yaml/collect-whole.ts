import { apiGroup } from './document-kind.js';
import { addDraft, type Context } from './draft.js';
import { type Identity, identify, splitReference } from './identity.js';
import { CONTAINER_LIST, IMAGE_KEY, isNoContainerImage, MENTIONS_IMAGE, NOT_A_REFERENCE, UNRESOLVED } from './keys.js';
import { pieceOf, scalarOf, scalarPiece } from './piece.js';
import { RESOURCE_FIELDS } from './resource-fields.js';
import type { ReferenceSite } from './site.js';
import { entryOf, type MapEntry, type ScalarNode } from './tree.js';

type Tier = ReferenceSite['tier'];

/** Records the scalar of an entry if it is an image by its place and its text. `context` is the entry's. */
export function collectWhole(context: Context, entry: MapEntry, siblings: readonly MapEntry[]): void {
  const node = scalarOf(entry);
  if (node === undefined) return;
  const text = node.value.trim();
  if (text === '' || !mayBeImage(context, entry.key, text)) return;
  const field = resourceField(context);
  const tier = field === undefined ? tierOf(context, entry.key, text, siblings) : 'A';
  if (tier === undefined) return;
  if (field !== undefined && !IMAGE_KEY.test(entry.key) && !text.includes('/')) return;
  recordWhole(context, entry, tier, entryOf(siblings, 'imagePullPolicy'), field?.needsTag ?? false);
}

/** Records an entry's scalar as one whole reference. `context` is the entry's. */
export function recordWhole(
  context: Context,
  entry: MapEntry,
  tier: Tier,
  pullPolicy?: MapEntry,
  needsTag = false,
): void {
  const piece = pieceOf(context, entry);
  const node = scalarOf(entry);
  if (piece === undefined || node === undefined) return;
  context.scanner.pieceNodes.set(piece.range[0], node);
  addDraft(context, {
    keyPath: context.keyPath,
    shape: { kind: 'whole', piece, written: splitReference(piece.value).name },
    tier,
    identity: identify(piece.value),
    needsTag,
    pullPolicy: pieceOf(context, pullPolicy),
    entries: [entry],
    text: piece.value,
  });
}

/** Records an item of a list of strings, as `images: [ghcr.io/o/api:v1]`. `context` is the item's. */
export function collectItem(context: Context, node: ScalarNode): void {
  if (!/images$/i.test(context.key)) return;
  const text = node.value.trim();
  if (!isExplicit(text, identify(text)) || isNoContainerImage(text)) return;
  const piece = scalarPiece(context, node);
  context.scanner.pieceNodes.set(piece.range[0], node);
  addDraft(context, {
    keyPath: context.keyPath,
    shape: { kind: 'whole', piece, written: splitReference(piece.value).name },
    tier: 'B',
    identity: identify(piece.value),
    entries: [],
    text: piece.value,
  });
}

function mayBeImage(context: Context, key: string, text: string): boolean {
  if (NOT_A_REFERENCE.test(key)) return false;
  // Strimzi's KafkaConnect pushes there what it builds (Strimzi documentation, "build.output").
  if (context.keyPath.endsWith('build.output.image')) return false;
  return !isNoContainerImage(text);
}

function resourceField(context: Context): { readonly needsTag?: boolean } | undefined {
  const { object, fieldPath } = context;
  if (object === undefined || context.zone !== 'object') return undefined;
  const group = apiGroup(object.apiVersion);
  return RESOURCE_FIELDS.find(
    (entry) =>
      entry.group === group && (entry.kind === '*' || entry.kind === object.kind) && entry.fields.includes(fieldPath),
  );
}

/** image-policy §3c: certain by place (A), or by an explicit tag or digest under a key that speaks of images (B). */
function tierOf(context: Context, key: string, text: string, siblings: readonly MapEntry[]): Tier | undefined {
  const isContainer = key === 'image' && CONTAINER_LIST.test(context.parentKey) && context.parentIsItem;
  if (isContainer) return 'A';
  // A service that is built here, as in compose files, runs what it builds.
  if (entryOf(siblings, 'build') !== undefined) return undefined;
  const identity = identify(text);
  const unresolved = identity.unresolved;
  if (IMAGE_KEY.test(key)) {
    if (context.zone === 'object') return unresolved || isTagged(identity) ? 'B' : undefined;
    return unresolved || looksWritten(text) ? 'A' : undefined;
  }
  const isMember = /images$/i.test(context.parentKey);
  return (isMember || MENTIONS_IMAGE.test(key)) && isExplicit(text, identity) ? 'B' : undefined;
}

/** A string that someone meant as a reference: it may be malformed, but is no word or sentence. */
function looksWritten(text: string): boolean {
  return /[/:@]/.test(text) && !/\s/.test(text);
}

function isTagged(identity: Identity): boolean {
  return identity.tag !== undefined || identity.digest !== undefined;
}

function isExplicit(text: string, identity: Identity): boolean {
  if (!text.includes('/') || UNRESOLVED.test(text)) return false;
  return identity.error === undefined && isTagged(identity);
}

/** `RELATED_IMAGE_X`, `SIDECAR_IMAGE`: environment variables by which operators are told their images. */
const IMAGE_VARIABLE = /(?:^|_)IMAGES?(?:_|$)/;

/** Records `{name: SIDECAR_IMAGE, value: ghcr.io/o/x:v1}`. `context` is the mapping's. */
export function collectVariable(context: Context, valueContext: Context, entries: readonly MapEntry[]): void {
  if (context.key !== 'env' || !context.isItem) return;
  const name = scalarOf(entryOf(entries, 'name'))?.value;
  const value = entryOf(entries, 'value');
  const text = scalarOf(value)?.value.trim();
  if (name === undefined || value === undefined || text === undefined || !IMAGE_VARIABLE.test(name)) return;
  if (isExplicit(text, identify(text)) && !isNoContainerImage(text)) recordWhole(valueContext, value, 'C');
}

/** `/spec/template/spec/containers/0/image` of a JSON patch. */
const PATCHED_IMAGE = /\/(?:image|[A-Za-z0-9]*Image|imageName)$/;

/** Records the value of a JSON patch operation that sets an image. `valueContext` is the value's. */
export function collectJsonPatch(valueContext: Context, entries: readonly MapEntry[]): void {
  const op = scalarOf(entryOf(entries, 'op'))?.value;
  const path = scalarOf(entryOf(entries, 'path'))?.value;
  const value = entryOf(entries, 'value');
  const text = scalarOf(value)?.value.trim();
  if ((op !== 'add' && op !== 'replace') || path === undefined || value === undefined) return;
  if (text === undefined || text === '' || !PATCHED_IMAGE.test(path) || isNoContainerImage(text)) return;
  recordWhole(valueContext, value, 'A');
}
