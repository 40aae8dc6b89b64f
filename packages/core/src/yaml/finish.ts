import { isDigest } from '../image/digest.js';
import { type Draft, piecesOf, type Scanner } from './draft.js';
import type { Editable, Piece, ReferenceSite, RelatedPlace } from './site.js';
import type { YamlNode } from './tree.js';

/** Sites in the file's order, each once; a value that several images share can't be edited for one. */
export function finishSites(scanner: Scanner): readonly ReferenceSite[] {
  const bySpot = new Map<string, { draft: Draft; aliases: RelatedPlace[] }>();
  for (const draft of scanner.drafts) {
    const spot = piecesOf(draft.shape)
      .map((piece) => piece.range[0])
      .join(',');
    const known = bySpot.get(spot);
    if (known === undefined) bySpot.set(spot, { draft, aliases: [] });
    else if (known.draft.keyPath !== draft.keyPath) {
      const isSurer = draft.tier < known.draft.tier;
      known.aliases.push(aliasPlace(isSurer ? known.draft : draft));
      if (isSurer) bySpot.set(spot, { draft, aliases: known.aliases });
    }
  }
  const shared = sharedPieces(scanner);
  return [...bySpot.values()]
    .map(({ draft, aliases }) => toSite(scanner, draft, aliases, shared))
    .sort((left, right) => startOf(left) - startOf(right));
}

function startOf(site: ReferenceSite): number {
  return Math.min(...piecesOf(site.shape).map((piece) => piece.range[0]));
}

function aliasPlace(draft: Draft): RelatedPlace {
  const [piece] = piecesOf(draft.shape);
  return { role: 'alias', keyPath: draft.keyPath, line: piece?.line ?? 1, column: piece?.column ?? 1 };
}

/** Starts of the pieces that give their value to images of different repositories, or, by an alias, to no image. */
function sharedPieces(scanner: Scanner): ReadonlySet<number> {
  const users = new Map<number, string>();
  const shared = new Set<number>();
  for (const { shape, identity } of scanner.drafts) {
    const repository = identity.repository ?? '';
    for (const piece of piecesOf(shape)) {
      const [start] = piece.range;
      const known = users.get(start);
      if (known !== undefined && known !== repository) shared.add(start);
      users.set(start, repository);
    }
  }
  const strangers = new Set<YamlNode>();
  for (const alias of scanner.aliases) if (!scanner.usedAliases.has(alias)) strangers.add(alias.target);
  for (const [start, node] of scanner.pieceNodes) if (strangers.has(node)) shared.add(start);
  return shared;
}

function toSite(
  scanner: Scanner,
  draft: Draft,
  aliases: readonly RelatedPlace[],
  shared: ReadonlySet<number>,
): ReferenceSite {
  const { identity, shape } = draft;
  const { repository, tag, digest, error, unresolved } = identity;
  const deciding = decidingPiece(draft);
  return {
    path: scanner.path,
    document: draft.document,
    keyPath: draft.keyPath,
    shape,
    zone: draft.zone,
    tier: draft.tier,
    ...(draft.object === undefined ? {} : { object: draft.object }),
    ...(repository === undefined ? {} : { repository }),
    ...(tag === undefined ? {} : { tag }),
    ...(digest === undefined ? {} : { digest }),
    ...(error === undefined ? {} : { error }),
    unresolved,
    needsTag: draft.needsTag,
    line: deciding?.line ?? 1,
    column: deciding?.column ?? 1,
    ...(draft.pullPolicy === undefined ? {} : { pullPolicy: draft.pullPolicy }),
    related: [...relatedPieces(draft, deciding), ...aliases],
    editable: editableOf(draft, shared),
  };
}

/** image-policy §3c: the digest if it is what is wrong, else the tag, else the repository. */
function decidingPiece(draft: Draft): Piece | undefined {
  const { shape, identity } = draft;
  if (shape.kind === 'whole' || shape.kind === 'argocd-kustomize-image') return shape.piece;
  const written = (piece: Piece | undefined) => (piece === undefined || piece.value === '' ? undefined : piece);
  const digest = written(shape.digest);
  if (digest !== undefined && !identity.unresolved && !isDigest(identity.digest ?? '')) return digest;
  if (shape.kind === 'split') return written(shape.tag) ?? written(shape.repository) ?? digest ?? shape.repository;
  return written(shape.newTag) ?? written(shape.newName) ?? shape.name;
}

function relatedPieces(draft: Draft, deciding: Piece | undefined): readonly RelatedPlace[] {
  const { shape, keyPath } = draft;
  const parts: readonly (readonly [RelatedPlace['role'], Piece | undefined])[] =
    shape.kind === 'split'
      ? [
          ['registry', shape.registry],
          ['repository', shape.repository],
          ['tag', shape.tag],
          ['digest', shape.digest],
        ]
      : shape.kind === 'kustomize-image'
        ? [
            ['repository', shape.newName ?? shape.name],
            ['tag', shape.newTag],
            ['digest', shape.digest],
          ]
        : [];
  return parts.flatMap(([role, piece]) =>
    piece === undefined || piece === deciding ? [] : [{ role, keyPath, line: piece.line, column: piece.column }],
  );
}

const WHY = {
  'multi-line': 'the value spans several lines',
  'inline-inexact': "it stands in a string whose characters don't map to the file's",
  tagged: 'the value carries a tag or anchor that an edit would lose',
  template: 'the value holds a template expression or a variable',
} as const;

function editableOf(draft: Draft, shared: ReadonlySet<number>): Editable {
  const { identity, shape } = draft;
  if (draft.obstacle !== undefined) return { ok: false, ...draft.obstacle };
  for (const piece of piecesOf(shape)) {
    if (piece.obstacle !== undefined) return { ok: false, code: piece.obstacle, why: WHY[piece.obstacle] };
  }
  if (identity.unresolved) return { ok: false, code: 'template', why: WHY.template };
  if (identity.repository === undefined && identity.error !== undefined) {
    return { ok: false, code: 'invalid-reference', why: 'it is no image reference' };
  }
  if (identity.repository === undefined) {
    return { ok: false, code: 'no-repository', why: 'no repository stands here: another file gives it' };
  }
  const isWhole = shape.kind === 'whole' || shape.kind === 'argocd-kustomize-image';
  for (const piece of piecesOf(shape)) {
    if (isWhole || !shared.has(piece.range[0])) continue;
    // Only what an edit writes to must be the image's own.
    if (shape.kind === 'split' && piece !== shape.tag && piece !== shape.digest) continue;
    if (shape.kind === 'kustomize-image' && piece !== shape.newTag && piece !== shape.digest) continue;
    return {
      ok: false,
      code: 'shared-value',
      why: `an anchor gives ${JSON.stringify(piece.value)} to something else, too`,
    };
  }
  return { ok: true };
}
