import { addDraft, type Context } from './draft.js';
import { type Identity, identify, joinParts, splitReference } from './identity.js';
import {
  FLAT_PIECE,
  FOREIGN_PARENT,
  FOREIGN_REPOSITORY,
  IMAGE_KEY,
  isNoContainerImage,
  PIECE_KEYS,
  UNRESOLVED,
} from './keys.js';
import { digestOf, digestPiece, pieceOf, scalarOf } from './piece.js';
import type { DigestPiece, Piece, ReferenceSite } from './site.js';
import { entryOf, type KnownEntries, type MapEntry } from './tree.js';

/** The entries that hold the pieces of one split. */
export interface SplitEntries {
  readonly registry?: MapEntry | undefined;
  readonly repository?: MapEntry | undefined;
  readonly tag?: MapEntry | undefined;
  readonly digest?: MapEntry | undefined;
  readonly pullPolicy?: MapEntry | undefined;
}

/**
 * Records the image that a mapping's own `repository`, `tag`, `digest` … make. `context` is the mapping's. Gives back the
 * keys that are spoken for.
 */
export function collectSplits(
  context: Context,
  entries: readonly MapEntry[],
  known: KnownEntries,
): ReadonlySet<string> {
  const taken = new Set<string>();
  const isImage = context.index === -1 && IMAGE_KEY.test(context.key);
  const own = ownSplit(known, isImage) ?? istioSplit(context, known);
  if (own !== undefined && isPlausible(context, own, entries, isImage)) {
    record(context, own, isImage || NAMES_IMAGE.has(own.repository?.key ?? 'hub') ? 'A' : 'B');
    for (const entry of Object.values(own)) if (entry !== undefined) taken.add(entry.key);
  }
  for (const flat of flatSplits(entries)) {
    if (taken.has(flat.repository?.key ?? '')) continue;
    record(context, flat, 'A');
    for (const entry of Object.values(flat)) if (entry !== undefined) taken.add(entry.key);
  }
  return taken;
}

function ownSplit(known: KnownEntries, isImage: boolean): SplitEntries | undefined {
  if (known.size === 0) return undefined;
  const first = (keys: readonly string[]): MapEntry | undefined => {
    for (const key of keys) {
      const entry = known.get(key);
      if (entry !== undefined && scalarOf(entry) !== undefined) return entry;
    }
    return undefined;
  };
  // `version` and `repo` say something about an image only below its key.
  const tag = first(isImage ? PIECE_KEYS.tag : ['tag', 'imageTag']);
  const digest = first(PIECE_KEYS.digest);
  const registry = first(PIECE_KEYS.registry);
  const pullPolicy = first(['pullPolicy', 'imagePullPolicy']);
  const repository = first(isImage ? PIECE_KEYS.repository : ['repository', 'imageRepository']);
  if (repository !== undefined) return { registry, repository, tag, digest, pullPolicy };
  if (tag === undefined && digest === undefined) return undefined;
  if (isImage) return { registry, repository: first(['name', 'image']), tag, digest, pullPolicy };
  // `image: ghcr.io/o/api` with `tag: v1` beside it.
  const bare = first(['image', 'baseImage']);
  const text = scalarOf(bare)?.value.trim() ?? '';
  if (bare === undefined || text === '') return undefined;
  const identity = identify(text);
  const isBare = identity.tag === undefined && identity.digest === undefined && identity.error === undefined;
  return isBare ? { registry, repository: bare, tag, digest, pullPolicy } : undefined;
}

/** Keys that say by themselves that what stands there is an image: `image: ghcr.io/o/api` with a tag beside it. */
const NAMES_IMAGE = new Set(['image', 'baseImage', 'imageRepository', 'hub']);

/** IstioOperator's `hub` and `tag`, of all its images (istio.io, "IstioOperator Options"). */
function istioSplit({ frame }: Context, known: KnownEntries): SplitEntries | undefined {
  if (frame.object?.apiVersion.startsWith('install.istio.io/') !== true) return undefined;
  const hub = known.get('hub');
  const tag = known.get('tag');
  return hub === undefined || tag === undefined ? undefined : { registry: hub, tag };
}

/** A `repository` outside an image key is an image's only with a tag or digest beside it, and nothing of Git or charts. */
function isPlausible(context: Context, split: SplitEntries, entries: readonly MapEntry[], isImage: boolean): boolean {
  const repository = scalarOf(split.repository)?.value.trim() ?? '';
  if (isNoContainerImage(repository)) return false;
  if (isImage || split.repository === undefined) return true;
  if (split.tag === undefined && split.digest === undefined) return false;
  if (NAMES_IMAGE.has(split.repository.key)) return true;
  if (FOREIGN_PARENT.has(context.key) || entries.some((entry) => FOREIGN_REPOSITORY.has(entry.key))) return false;
  return UNRESOLVED.test(repository) || identify(repository).repository !== undefined;
}

function flatSplits(entries: readonly MapEntry[]): readonly SplitEntries[] {
  const groups = new Map<string, Map<string, MapEntry>>();
  for (const entry of entries) {
    const match = FLAT_PIECE.exec(entry.key);
    if (match?.[1] === undefined || match[2] === undefined || scalarOf(entry) === undefined) continue;
    const group = groups.get(match[1]) ?? new Map<string, MapEntry>();
    group.set(match[2], entry);
    groups.set(match[1], group);
  }
  const splits: SplitEntries[] = [];
  for (const group of groups.values()) {
    const tag = group.get('Tag');
    const digest = group.get('Digest') ?? group.get('Sha') ?? group.get('Sha256');
    const isPinned = tag !== undefined || digest !== undefined;
    const repository = group.get('Repository') ?? group.get('Repo') ?? (isPinned ? group.get('Name') : undefined);
    const text = scalarOf(repository)?.value.trim() ?? '';
    if (repository === undefined || text === '' || isNoContainerImage(text)) continue;
    splits.push({ registry: group.get('Registry'), repository, tag, digest });
  }
  return splits;
}

/** Joins the pieces and records the image. */
export function record(context: Context, split: SplitEntries, tier: ReferenceSite['tier']): void {
  const { scanner, globalRegistry } = context.frame;
  const piece = (entry: MapEntry | undefined): Piece | undefined => {
    const made = pieceOf(context.frame, entry);
    const node = scalarOf(entry);
    if (made !== undefined && node !== undefined) scanner.pieceNodes.set(made.range[0], node);
    return made;
  };
  const registry = piece(split.registry);
  const repository = piece(split.repository);
  const tag = piece(split.tag);
  const digestField = piece(split.digest);
  const digest = digestField === undefined ? undefined : digestPiece(digestField, split.digest?.key ?? '');
  const pieces = { registry, repository, tag, digest };
  if (Object.values(pieces).every((part) => part === undefined || part.value === '')) return;
  const entries = [split.registry, split.repository, split.tag, split.digest];
  const pullPolicy = pieceOf(context.frame, split.pullPolicy);
  const common = { tier, pullPolicy, entries };
  if (repository === undefined || repository.value === '') {
    const identity = withoutRepository(tag, digest);
    addDraft(context, { ...common, shape: splitShape(pieces), identity, text: '' });
    return;
  }
  const trick = hexTag(repository, tag);
  if (trick !== undefined && digest === undefined) {
    const name = repository.value.slice(0, -'@sha256'.length);
    const text = joinParts({ registry: registry?.value, repository: name, digest: digestOf(trick) });
    addDraft(context, {
      ...common,
      shape: splitShape({ registry, repository, digest: trick, tag: undefined }),
      identity: identify(text),
      text,
    });
    return;
  }
  const host = effectiveRegistry(registry, repository, globalRegistry);
  const text = joinParts({
    registry: host,
    repository: repository.value,
    tag: tag?.value,
    digest: digest === undefined ? undefined : digestOf(digest),
  });
  const embedded = splitReference(repository.value);
  const isWhole = embedded.tag !== undefined || embedded.digest !== undefined;
  const noOther = (tag?.value ?? '') === '' && (digest?.value ?? '') === '';
  if (isWhole && noOther && (host ?? '') === '') {
    const shape = { kind: 'whole', piece: repository, prefix: '', written: embedded.name } as const;
    addDraft(context, { ...common, shape, identity: identify(text), text });
    return;
  }
  addDraft(context, { ...common, shape: splitShape(pieces), identity: identify(text), text });
}

/** `repository: o/api@sha256` with the hex as `tag`: how charts without a digest field are made to pin. */
function hexTag(repository: Piece, tag: Piece | undefined): DigestPiece | undefined {
  if (tag === undefined || !repository.value.endsWith('@sha256') || !/^[0-9a-fA-F]+$/.test(tag.value)) return undefined;
  return { ...tag, encoding: 'hex' };
}

/** A global registry replaces a `registry` of the image's own (Bitnami's `common.images.image`), or gives one to a bare path. */
export function effectiveRegistry(
  registry: Pick<Piece, 'value'> | undefined,
  repository: Pick<Piece, 'value'>,
  globalRegistry: string | undefined,
): string | undefined {
  if (globalRegistry === undefined || globalRegistry === '') return registry?.value;
  if (registry !== undefined) return globalRegistry;
  const [head = ''] = repository.value.split('/');
  const hasHost = repository.value.includes('/') && (/[.:]/.test(head) || head === 'localhost');
  return hasHost ? undefined : globalRegistry;
}

function withoutRepository(tag: Piece | undefined, digest: DigestPiece | undefined): Identity {
  const written = tag?.value ?? '';
  const at = written.indexOf('@');
  const pureTag = at === -1 ? written : written.slice(0, at);
  const embedded = at === -1 ? '' : written.slice(at + 1);
  const own = digest === undefined ? '' : digestOf(digest);
  const effective = own === '' ? embedded : own;
  return {
    ...(pureTag === '' ? {} : { tag: pureTag }),
    ...(effective === '' ? {} : { digest: effective }),
    unresolved: UNRESOLVED.test(`${written}${own}`),
  };
}

function splitShape(pieces: {
  readonly registry: Piece | undefined;
  readonly repository: Piece | undefined;
  readonly tag: Piece | undefined;
  readonly digest: DigestPiece | undefined;
}) {
  const { registry, repository, tag, digest } = pieces;
  return {
    kind: 'split',
    ...(registry === undefined ? {} : { registry }),
    ...(repository === undefined ? {} : { repository }),
    ...(tag === undefined ? {} : { tag }),
    ...(digest === undefined ? {} : { digest }),
  } as const;
}

/** The registry under `global` that charts give to all images: `global.imageRegistry`, `global.image.registry`. */
export function globalRegistryOf(entries: readonly MapEntry[]): string | undefined {
  const global = entryOf(entries, 'global')?.value;
  if (global?.kind !== 'map') return undefined;
  const flat = scalarOf(entryOf(global.entries, 'imageRegistry'))?.value.trim();
  if (flat !== undefined && flat !== '') return flat;
  const image = entryOf(global.entries, 'image')?.value;
  return image?.kind === 'map' ? scalarOf(entryOf(image.entries, 'registry'))?.value.trim() : undefined;
}
