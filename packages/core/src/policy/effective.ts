import { checkDigest } from '../image/digest.js';
import type { ReferenceErrorClass } from '../image/reference.js';
import { effectiveRegistry } from '../yaml/collect-split.js';
import { identify, joinParts, splitReference } from '../yaml/identity.js';
import type { DigestPiece, Piece, ReferenceSite } from '../yaml/index.js';
import { UNRESOLVED } from '../yaml/keys.js';
import { digestOf } from '../yaml/piece.js';

/** An image as it is deployed: one site's, or several layers' together. */
export interface Effective {
  readonly repository?: string;
  readonly tag?: string;
  readonly digest?: string;
  readonly error?: ReferenceErrorClass;
  readonly unresolved: boolean;
  /** The chart's own version is the tag: none is written, in a shape that has one. */
  readonly implicit: boolean;
}

/** How a reference is pinned. */
export type ReferenceState = 'digest' | 'tag+digest' | 'tag' | 'channel' | 'unresolved';

/** What a site deploys by itself. A tag or digest that YAML reads as null is none: Helm's way to unset a default. */
export function effectiveOf(site: ReferenceSite): Effective {
  const { shape, repository, error, unresolved } = site;
  if (shape.kind !== 'split') {
    // An empty digest is one that is written: `repository@`.
    const empty = site.digest === '' ? { digest: '' } : {};
    return { ...known(repository, site.tag, site.digest), ...empty, ...withError(error), unresolved, implicit: false };
  }
  const tag = textOf(shape.tag);
  const digest = textOf(shape.digest);
  const nulled = (shape.tag !== undefined && isNull(shape.tag)) || (shape.digest !== undefined && isNull(shape.digest));
  const implicit = tag === '' && digest === '' && site.tag === undefined && site.digest === undefined;
  if (!nulled) return { ...known(repository, site.tag, site.digest), ...withError(error), unresolved, implicit };
  return { ...mergeSplits([shape]), unresolved };
}

/** The pieces of a split, of one layer. */
export interface SplitPieces {
  readonly registry?: Piece;
  readonly repository?: Piece;
  readonly tag?: Piece;
  readonly digest?: DigestPiece;
}

/** What the layers of a split deploy together, the lowest first: a piece that a higher one has replaces the lower's. */
export function mergeSplits(layers: readonly SplitPieces[], globalRegistry?: string): Effective {
  const last = <P extends Piece>(piece: (layer: SplitPieces) => P | undefined): P | undefined =>
    layers.map(piece).findLast((each) => each !== undefined);
  const registry = last((layer) => layer.registry);
  const repository = last((layer) => layer.repository);
  const tag = textOf(last((layer) => layer.tag));
  const digestPiece = last((layer) => layer.digest);
  const digest = digestPiece === undefined || textOf(digestPiece) === '' ? '' : digestOf(digestPiece);
  const pinned = splitReference(tag);
  const ownTag = pinned.digest === undefined ? tag : tag.slice(0, tag.indexOf('@'));
  const ownDigest = digest === '' ? (pinned.digest ?? '') : digest;
  if (repository === undefined || repository.value === '') {
    return {
      ...known(undefined, ownTag, ownDigest),
      unresolved: UNRESOLVED.test(`${tag}${digest}`),
      implicit: ownTag === '' && ownDigest === '',
    };
  }
  const host = effectiveRegistry(registry, repository, globalRegistry);
  // `o/api@sha256` with the hex as its tag: how charts without a digest field are made to pin.
  const name = repository.value.replace(/@sha256$/, '');
  const identity = identify(joinParts({ registry: host, repository: name, tag, digest }));
  return { ...identity, implicit: identity.tag === undefined && identity.digest === undefined };
}

function known(repository: string | undefined, tag: string | undefined, digest: string | undefined) {
  return {
    ...(repository === undefined ? {} : { repository }),
    ...(tag === undefined || tag === '' ? {} : { tag }),
    ...(digest === undefined || digest === '' ? {} : { digest }),
  };
}

function withError(error: ReferenceErrorClass | undefined) {
  return error === undefined ? {} : { error };
}

/** A piece's text, empty when YAML reads it as null. */
export function textOf(piece: Piece | undefined): string {
  return piece === undefined || isNull(piece) ? '' : piece.value;
}

function isNull(piece: Piece): boolean {
  return piece.nonString && /^(?:~|null|Null|NULL)$/.test(piece.value);
}

/** The state that the reports count. No tag and no digest is what runtimes read as `latest`. */
export function stateOf(effective: Effective, isChannel: (tag: string) => boolean): ReferenceState {
  const { tag, digest, unresolved } = effective;
  if (unresolved) return 'unresolved';
  const pinned = digest !== undefined && checkDigest(digest) === undefined;
  if (tag === undefined) return pinned ? 'digest' : 'channel';
  if (isChannel(tag)) return 'channel';
  return pinned ? 'tag+digest' : 'tag';
}
