import { identify, splitReference } from '../yaml/identity.js';
import type { FileScan, Piece, ReferenceSite, Unread } from '../yaml/index.js';

/** One whole reference of a file that is no Kubernetes object: `text` is the piece's value behind `prefix`. */
export function wholeSite(place: {
  readonly path: string;
  readonly document: number;
  readonly keyPath: string;
  readonly piece: Piece;
  readonly prefix?: string;
}): ReferenceSite {
  const { path, document, keyPath, piece, prefix = '' } = place;
  const text = piece.value.slice(prefix.length);
  const identity = identify(text);
  return {
    path,
    document,
    keyPath,
    shape: { kind: 'whole', piece, prefix, written: splitReference(text).name },
    zone: 'values',
    tier: 'A',
    ...identity,
    needsTag: false,
    line: piece.line,
    column: piece.column,
    related: [],
    editable:
      piece.obstacle === undefined
        ? { ok: true }
        : { ok: false, code: piece.obstacle, why: 'the value can not be replaced where it stands' },
  };
}

/** The scan of a file that deploys nothing itself. */
export function scopeScan(
  path: string,
  references: readonly ReferenceSite[],
  unread: readonly Unread[] = [],
): FileScan {
  return { path, references, pullPolicies: [], unread };
}
