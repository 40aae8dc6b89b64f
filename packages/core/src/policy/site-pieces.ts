import type { Piece, ReferenceSite } from '../yaml/index.js';
import { textOf } from './effective.js';

/** The piece, if it says anything. */
export function filled(piece: Piece | undefined): Piece | undefined {
  return textOf(piece) === '' ? undefined : piece;
}

/** The piece that a finding about the tag stands at; where there is none, the one that lacks it. */
export function tagPiece(site: ReferenceSite): Piece {
  const { shape } = site;
  if (shape.kind === 'split') return filled(shape.tag) ?? decidingPiece(site);
  if (shape.kind === 'kustomize-image') return filled(shape.newTag) ?? filled(shape.tagSuffix) ?? decidingPiece(site);
  return shape.piece;
}

/** Where the digest stands, or what holds it. */
export function digestPiece(site: ReferenceSite): Piece {
  const { shape } = site;
  if (shape.kind === 'split') {
    const tag = filled(shape.tag);
    return filled(shape.digest) ?? (tag?.value.includes('@') === true ? tag : namePiece(site));
  }
  if (shape.kind === 'kustomize-image') return filled(shape.digest) ?? namePiece(site);
  return shape.piece;
}

/** Where the repository stands. */
export function namePiece(site: ReferenceSite): Piece {
  const { shape } = site;
  if (shape.kind === 'split') return filled(shape.repository) ?? decidingPiece(site);
  if (shape.kind === 'kustomize-image') return filled(shape.newName) ?? shape.name;
  return shape.piece;
}

/** Where a finding about the whole image stands: at the tag, else at the repository (image-policy.md §3c). */
export function decidingPiece(site: ReferenceSite): Piece {
  const { shape } = site;
  switch (shape.kind) {
    case 'whole':
    case 'argocd-kustomize-image':
      return shape.piece;
    case 'kustomize-image':
      return filled(shape.newTag) ?? filled(shape.newName) ?? shape.name;
    case 'split': {
      const written = [shape.tag, shape.repository, shape.registry, shape.digest];
      return written.map(filled).find((piece) => piece !== undefined) ?? shape.tag ?? shape.digest ?? NOWHERE;
    }
  }
}

/** A split without any piece: the scanner makes none. */
const NOWHERE: Piece = {
  value: '',
  range: [0, 0],
  raw: '',
  style: 'plain',
  empty: true,
  line: 1,
  column: 1,
  nonString: false,
};
