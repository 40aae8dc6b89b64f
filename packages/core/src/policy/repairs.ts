import { isDigest } from '../image/digest.js';
import { type Edit, editPiece } from '../yaml/edit.js';
import type { Piece, ReferenceSite } from '../yaml/index.js';
import type { Effective } from './effective.js';

/** The edits that mend something without asking a registry, or why there are none. */
export type LocalRepair = readonly Edit[] | string;

/** Writes a tag's own text as a string. Without a piece: why a better tag can't be told. */
export function retag(site: ReferenceSite, piece?: Piece, value?: string): LocalRepair {
  if (piece === undefined || value === undefined) return 'which tag the digest belongs to is for a person to say';
  return write(site, piece, value, { ignoresIdentity: true });
}

/** Takes a branch-like tag from a reference that has a digest. */
export function withoutTag(site: ReferenceSite, digest: string): LocalRepair {
  const { shape } = site;
  if (site.needsTag)
    return `the ${site.object?.kind ?? 'operator'} reads its version from the tag, which has to be a version`;
  if (shape.kind === 'whole' || shape.kind === 'argocd-kustomize-image') {
    return write(site, shape.piece, `${shape.prefix}${shape.written}@${digest}`);
  }
  // An empty newTag is none to kustomize.
  if (shape.kind === 'kustomize-image') return shape.newTag === undefined ? retag(site) : write(site, shape.newTag, '');
  if (shape.digest !== undefined && shape.tag !== undefined && !shape.tag.value.includes('@')) {
    return write(site, shape.tag, '');
  }
  return 'the shape needs a tag, and which version the digest belongs to is for a person to say';
}

/** Writes `repo:sha256-<hex>` as the digest that it spells. */
export function tagToDigest(site: ReferenceSite, { tag = '', digest }: Effective): LocalRepair {
  const spelled = tag.replace('-', ':').toLowerCase();
  const { shape } = site;
  if (digest !== undefined) return withoutTag(site, digest);
  if (!isDigest(spelled)) return 'the tag is that of a signature or attestation, or no whole digest';
  if (shape.kind === 'whole' || shape.kind === 'argocd-kustomize-image') {
    return write(site, shape.piece, `${shape.prefix}${shape.written}@${spelled}`);
  }
  return 'the digest belongs into a field of its own';
}

/** Writes an upper-case digest as the one it is. */
export function lowerCaseDigest(site: ReferenceSite, digest: string): LocalRepair {
  const lowered = digest.toLowerCase();
  if (!isDigest(lowered)) return 'the whole digest has to be asked of the registry';
  const { shape } = site;
  const replace = (piece: Piece) =>
    write(
      site,
      piece,
      piece.value.replace(hexOf(digest), hexOf(lowered)).replace(algorithmOf(digest), algorithmOf(lowered)),
    );
  if (shape.kind === 'whole' || shape.kind === 'argocd-kustomize-image') return replace(shape.piece);
  if (shape.digest !== undefined && shape.digest.value !== '') return replace(shape.digest);
  if (shape.kind === 'split' && shape.tag !== undefined) return replace(shape.tag);
  return 'it stands in the name';
}

function hexOf(digest: string): string {
  return digest.slice(digest.indexOf(':') + 1);
}

function algorithmOf(digest: string): string {
  return `${digest.slice(0, digest.indexOf(':'))}:`;
}

/** One value written, if its bytes can be. */
export function write(
  site: Pick<ReferenceSite, 'path' | 'keyPath' | 'editable'>,
  piece: Piece,
  value: string,
  { ignoresIdentity = false } = {},
): LocalRepair {
  if (!site.editable.ok && (!ignoresIdentity || site.editable.code === 'duplicate-key')) return site.editable.why;
  if (piece.obstacle !== undefined) return OBSTACLES[piece.obstacle];
  const edit = editPiece({ path: site.path, keyPath: site.keyPath }, piece, value);
  if (edit === undefined) return 'the value can not be written in the style that stands there';
  return edit === 'unchanged' ? 'nothing would change' : [edit];
}

const OBSTACLES: Readonly<Record<NonNullable<Piece['obstacle']>, string>> = {
  'multi-line': 'the value spans several lines',
  'inline-inexact': "it stands in a string whose characters don't map to the file's",
  tagged: 'the value carries a tag or anchor that an edit would lose',
  template: 'the value holds a template expression or a variable',
};
