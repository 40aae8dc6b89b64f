import { addDraft, type Context, fieldPathOf, parentKeyOf } from './draft.js';
import { type Identity, identify, splitReference } from './identity.js';
import { CONTAINER_LIST, IMAGE_KEY, isNoContainerImage, MENTIONS_IMAGE, NOT_A_REFERENCE, UNRESOLVED } from './keys.js';
import { pieceOf, scalarOf, scalarPiece } from './piece.js';
import type { ResourceFields } from './resource-fields.js';
import type { ReferenceSite } from './site.js';
import type { KnownEntries, MapEntry, ScalarNode } from './tree.js';

type Tier = ReferenceSite['tier'];

/** Records the scalar of an entry if it is an image by its place and its text. `context` is the entry's. */
export function collectWhole(context: Context, entry: MapEntry, siblings: KnownEntries): void {
  if (!speaksOfImages(context, entry.key)) return;
  const node = scalarOf(entry);
  if (node === undefined) return;
  const text = node.value.trim();
  if (text === '' || !mayBeImage(context, entry.key, text)) return;
  const field = resourceField(context);
  const tier = field === undefined ? tierOf(context, entry.key, text, siblings) : 'A';
  if (tier === undefined) return;
  if (field !== undefined && !IMAGE_KEY.test(entry.key) && !text.includes('/')) return;
  recordWhole(context, entry, tier, siblings.get('imagePullPolicy'), field?.needsTag ?? false);
}

/** Records an entry's scalar as one whole reference. `context` is the entry's. */
export function recordWhole(
  context: Context,
  entry: MapEntry,
  tier: Tier,
  pullPolicy?: MapEntry,
  needsTag = false,
): void {
  const piece = pieceOf(context.frame, entry);
  const node = scalarOf(entry);
  if (piece === undefined || node === undefined) return;
  context.frame.scanner.pieceNodes.set(piece.range[0], node);
  addDraft(context, {
    shape: { kind: 'whole', piece, prefix: '', written: splitReference(piece.value).name },
    tier,
    identity: identify(piece.value),
    needsTag,
    pullPolicy: pieceOf(context.frame, pullPolicy),
    entries: [entry],
    text: piece.value,
  });
}

/** `--config-reloader=ghcr.io/o/reloader:v1`, where the option speaks of an image. Groups: option, reference. */
const IMAGE_OPTION = /^(--?[\w.-]*[iI]mage[\w.-]*=)(\S+)$/;

/** Records an item of a list of strings: `images: [ghcr.io/o/api:v1]`, an option among `args`. `context` is the item's. */
export function collectItem(context: Context, node: ScalarNode): void {
  const written = node.value.trim();
  const isArgument = context.key === 'args' || context.key === 'command';
  if (!isArgument && !/[iI]mages$/.test(context.key)) return;
  const option = isArgument ? IMAGE_OPTION.exec(written) : undefined;
  if (option === null) return;
  const prefix = option?.[1] ?? '';
  const text = written.slice(prefix.length);
  const identity = identify(text);
  if (!isExplicit(text, identity) || isNoContainerImage(text)) return;
  const piece = scalarPiece(context.frame, node);
  context.frame.scanner.pieceNodes.set(piece.range[0], node);
  addDraft(context, {
    shape: { kind: 'whole', piece, prefix, written: splitReference(text).name },
    tier: isArgument ? 'C' : 'B',
    identity,
    entries: [],
    text,
  });
}

/** Nothing else can be an image, whatever its text; most entries end here. */
function speaksOfImages(context: Context, key: string): boolean {
  return MENTIONS_IMAGE.test(key) || context.frame.fields.length > 0 || /images$/i.test(parentKeyOf(context));
}

function mayBeImage(context: Context, key: string, text: string): boolean {
  if (NOT_A_REFERENCE.test(key)) return false;
  // Strimzi's KafkaConnect pushes there what it builds (Strimzi documentation, "build.output").
  if (key === 'image' && parentKeyOf(context) === 'output' && context.above?.above?.key === 'build') return false;
  return !isNoContainerImage(text);
}

function resourceField(context: Context): ResourceFields | undefined {
  const { fields } = context.frame;
  if (fields.length === 0) return undefined;
  const path = fieldPathOf(context);
  return fields.find((entry) => entry.fields.includes(path));
}

/** image-policy §3c: certain by place (A), or by an explicit tag or digest under a key that speaks of images (B). */
function tierOf(context: Context, key: string, text: string, siblings: KnownEntries): Tier | undefined {
  const isContainer = key === 'image' && context.above?.index !== -1 && CONTAINER_LIST.test(parentKeyOf(context));
  if (isContainer) return 'A';
  // A service that is built here, as in compose files, runs what it builds.
  if (siblings.get('build') !== undefined) return undefined;
  const identity = identify(text);
  const unresolved = identity.unresolved;
  if (IMAGE_KEY.test(key)) {
    if (context.frame.zone === 'object') return unresolved || isTagged(identity) || hasHost(text) ? 'B' : undefined;
    return unresolved || looksWritten(text) ? 'A' : undefined;
  }
  const isMember = /images$/i.test(parentKeyOf(context));
  return (isMember || MENTIONS_IMAGE.test(key)) && isExplicit(text, identity) ? 'B' : undefined;
}

/** A string that someone meant as a reference: it may be malformed, but is no word or sentence. */
function looksWritten(text: string): boolean {
  return /[/:@]/.test(text) && !/\s/.test(text);
}

/** `ghcr.io/o/api`: the first part can only be a host. */
function hasHost(text: string): boolean {
  return /^[^/\s]*[.:][^/\s]*\/[^\s]+$/.test(text);
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

/** Records `{name: SIDECAR_IMAGE, value: ghcr.io/o/x:v1}`. `valueContext` is the value's. */
export function collectVariable(valueContext: Context, entries: KnownEntries): void {
  if (parentKeyOf(valueContext) !== 'env') return;
  const name = scalarOf(entries.get('name'))?.value;
  const value = entries.get('value');
  const text = scalarOf(value)?.value.trim();
  if (name === undefined || value === undefined || text === undefined || !IMAGE_VARIABLE.test(name)) return;
  if (isExplicit(text, identify(text)) && !isNoContainerImage(text)) recordWhole(valueContext, value, 'C');
}

/** `/spec/template/spec/containers/0/image` of a JSON patch. */
const PATCHED_IMAGE = /\/(?:image|[A-Za-z0-9]*Image|imageName)$/;

/** Records the value of a JSON patch operation that sets an image. `valueContext` is the value's. */
export function collectJsonPatch(valueContext: Context, entries: KnownEntries): void {
  const op = scalarOf(entries.get('op'))?.value;
  const path = scalarOf(entries.get('path'))?.value;
  const value = entries.get('value');
  const text = scalarOf(value)?.value.trim();
  if ((op !== 'add' && op !== 'replace') || path === undefined || value === undefined) return;
  if (text === undefined || text === '' || !PATCHED_IMAGE.test(path) || isNoContainerImage(text)) return;
  recordWhole(valueContext, value, 'A');
}
