import { parseDigest } from '../image/digest.js';
import { normalizeRepository } from '../image/reference.js';
import { isImmutableTag } from '../image/tag-class.js';
import { type Edit, editPiece, inOrder } from './edit.js';
import { splitReference } from './identity.js';
import { mentionsRepository } from './mentions.js';
import type { Refusal, RefusalCode } from './refusal.js';
import type { DigestPiece, EditObstacle, FileScan, Piece, ReferenceSite, Shape } from './site.js';

/** What an image shall be wherever it stands. */
export interface ImageEdit {
  readonly repository: string;
  readonly digest: string;
  /**
   * The tag that the artifact was found by, known to resolve to `digest`. It is written where the shape asks for one, and
   * only if it is a version, a build's SHA or a date: a branch-like tag is never written.
   */
  readonly tag?: string;
}

export type EditPlan =
  | { readonly ok: true; readonly edits: readonly Edit[] }
  | { readonly ok: false; readonly refusals: readonly [Refusal, ...Refusal[]] };

/**
 * The edits that give every site of a file the digests asked for, or every reason why not: then nothing may be written.
 * A site that has its digest is left alone, whatever else stands there.
 * @throws WaybillError reference-invalid: for a request that is no repository and digest
 */
export function planEdits(scan: FileScan, request: ImageEdit | readonly ImageEdit[]): EditPlan {
  const edits = new Map<string, Edit>();
  const refusals: Refusal[] = [];
  for (const image of [request].flat()) {
    const wanted = wantedOf(image);
    refusals.push(...unreadRefusals(scan, wanted.repository));
    for (const site of scan.references) {
      if (site.repository !== wanted.repository || site.digest === wanted.digest) continue;
      const planned = planSite(site, wanted);
      if (!Array.isArray(planned)) {
        refusals.push(planned);
        continue;
      }
      for (const edit of planned) {
        const place = edit.range.join('-');
        const other = edits.get(place);
        if (other !== undefined && other.newText !== edit.newText) {
          refusals.push(
            refuse(site, 'conflict', 'two images want different values here', 'Give each image a value of its own'),
          );
        }
        edits.set(place, edit);
      }
    }
  }
  const [first, ...rest] = refusals;
  if (first !== undefined) return { ok: false, refusals: [first, ...rest] };
  return { ok: true, edits: inOrder([...edits.values()]) };
}

/** What was asked for, checked: once for all the files that get it. */
const WANTED = new WeakMap<ImageEdit, Wanted>();

/** @throws WaybillError reference-invalid */
export function wantedOf(image: ImageEdit): Wanted {
  const known = WANTED.get(image);
  if (known !== undefined) return known;
  const wanted = {
    repository: normalizeRepository(image.repository),
    digest: parseDigest(image.digest),
    given: image.tag,
    tag: image.tag !== undefined && isImmutableTag(image.tag) ? image.tag : undefined,
  };
  WANTED.set(image, wanted);
  return wanted;
}

export interface Wanted {
  readonly repository: string;
  readonly digest: string;
  /** As it was asked for: what stands there already may be left standing. */
  readonly given: string | undefined;
  /** Only if it may be written. */
  readonly tag: string | undefined;
}

function planSite(site: ReferenceSite, wanted: Wanted): Edit[] | Refusal {
  if (!site.editable.ok)
    return refuse(site, site.editable.code, site.editable.why, OBSTACLE_REMEDIES[site.editable.code]);
  switch (site.shape.kind) {
    case 'whole':
    case 'argocd-kustomize-image':
      return planWhole(site, site.shape, wanted);
    case 'split':
      return planSplit(site, site.shape, wanted);
    case 'kustomize-image':
      return planKustomize(site, site.shape, wanted);
  }
}

/** The repository keeps its spelling; a tag stays only beside a digest it is known to resolve to. */
function planWhole(
  site: ReferenceSite,
  shape: { readonly piece: Piece; readonly prefix: string; readonly written: string },
  wanted: Wanted,
): Edit[] | Refusal {
  if (site.needsTag && wanted.tag === undefined) {
    return refuse(
      site,
      'tag-needed',
      `the ${site.object?.kind ?? 'operator'} reads its version from the tag`,
      TAG_REMEDY,
    );
  }
  const keepsTag = site.needsTag || site.tag !== undefined;
  const tag = keepsTag && wanted.tag !== undefined ? `:${wanted.tag}` : '';
  return toEdits(site, [[shape.piece, `${shape.prefix}${shape.written}${tag}@${wanted.digest}`]]);
}

function planSplit(
  site: ReferenceSite,
  shape: Extract<Shape, { readonly kind: 'split' }>,
  wanted: Wanted,
): Edit[] | Refusal {
  const { tag, digest, repository } = shape;
  if (repository !== undefined && tag !== undefined && hasOwnPin(repository)) {
    const why = 'the repository carries a tag or digest of its own, and more stands beside it';
    return refuse(site, 'invalid-reference', why, 'Keep tag and digest out of the repository');
  }
  if (digest !== undefined) {
    const value = digestText(digest, wanted.digest);
    if (value === undefined) {
      return refuse(
        site,
        'style',
        'the field takes a SHA-256 without its algorithm',
        'Use a chart with a digest field',
      );
    }
    const stays = tag === undefined || tag.value === '' || tag.value === wanted.given;
    if (stays) return toEdits(site, [[digest, value]]);
    if (wanted.tag === undefined) return staleTag(site, tag);
    return toEdits(site, [
      [tag, wanted.tag],
      [digest, value],
    ]);
  }
  if (tag === undefined) {
    return refuse(
      site,
      'no-digest-field',
      'there is no digest or tag to write to',
      'Add digest: "" beside the repository',
    );
  }
  if (wanted.tag === undefined) {
    const why = 'a digest fits here only behind a tag, and no version or SHA tag is known for it';
    return refuse(site, 'tag-needed', why, 'Add digest: "" if the chart knows it, or select the image by SemVer');
  }
  return toEdits(site, [[tag, `${wanted.tag}@${wanted.digest}`]]);
}

function planKustomize(
  site: ReferenceSite,
  shape: Extract<Shape, { readonly kind: 'kustomize-image' }>,
  wanted: Wanted,
): Edit[] | Refusal {
  const { name, newName, newTag, tagSuffix, digest, insertion } = shape;
  if (hasOwnPin(newName === undefined || newName.value === '' ? name : newName)) {
    const why = 'kustomize takes a bare name here, and this one carries a tag or digest';
    return refuse(site, 'invalid-reference', why, 'Write the tag as newTag and the digest as digest');
  }
  if (tagSuffix !== undefined && tagSuffix.value !== '') {
    return refuse(site, 'stale-tag', 'tagSuffix changes a tag that goes with a digest', 'Remove tagSuffix');
  }
  const stays = newTag === undefined || newTag.value === '' || newTag.value === wanted.given;
  if (!stays && wanted.tag === undefined) return staleTag(site, newTag);
  const pieces: [Piece, string][] = stays || wanted.tag === undefined ? [] : [[newTag, wanted.tag]];
  if (digest !== undefined) return toEdits(site, [...pieces, [digest, wanted.digest]]);
  if (insertion === undefined) {
    return refuse(
      site,
      'no-digest-field',
      'there is no digest, and no safe place for one',
      'Add digest: "" to the entry',
    );
  }
  const edits = toEdits(site, pieces);
  if (!Array.isArray(edits)) return edits;
  const { offset, before, line } = insertion;
  const entry: Edit = {
    path: site.path,
    keyPath: `${site.keyPath}.digest`,
    range: [offset, offset],
    oldText: '',
    newText: `${before}digest: ${wanted.digest}`,
    line,
    value: wanted.digest,
    kind: 'entry',
  };
  return [...edits, entry];
}

function digestText(piece: DigestPiece, digest: string): string | undefined {
  if (piece.encoding === 'prefixed') return digest;
  return digest.startsWith('sha256:') ? digest.slice('sha256:'.length) : undefined;
}

/** `o/api@sha256` is the bare half of a pair whose other half is the tag: no pin of its own. */
function hasOwnPin(piece: Piece): boolean {
  const { tag, digest } = splitReference(piece.value);
  return tag !== undefined || (digest !== undefined && digest !== 'sha256');
}

function toEdits(site: ReferenceSite, changes: readonly (readonly [Piece, string])[]): Edit[] | Refusal {
  const edits: Edit[] = [];
  for (const [piece, value] of changes) {
    const edit = editPiece({ path: site.path, keyPath: site.keyPath }, piece, value);
    if (edit === undefined) {
      return refuse(
        site,
        'style',
        `${JSON.stringify(value)} can't be written in the style of this value`,
        'Put it in double quotes',
      );
    }
    if (edit !== 'unchanged') edits.push(edit);
  }
  return edits;
}

function staleTag(site: ReferenceSite, tag: Piece): Refusal {
  const why = `the tag ${JSON.stringify(tag.value)} would stand beside a digest it does not name, and no version or SHA tag is known for that`;
  return { ...refuse(site, 'stale-tag', why, 'Remove the tag or set it to ""'), line: tag.line, column: tag.column };
}

const TAG_REMEDY = 'Select the image by SemVer, or give the build a version or SHA tag';

const OBSTACLE_REMEDIES: Readonly<Record<EditObstacle, string>> = {
  'multi-line': 'Write the value on one line',
  'inline-inexact': 'Write the YAML as a literal block (|), or as a mapping where the field takes one',
  tagged: 'Write the value without tag and anchor',
  template: 'Write the value out, or keep the file out of the Stage',
  'duplicate-key': 'Remove one of the two keys',
  'shared-value': 'Give the image a value of its own',
  'no-repository': 'Write the repository here, too',
  'invalid-reference': 'Write a valid image reference',
};

function unreadRefusals(scan: FileScan, repository: string): readonly Refusal[] {
  return scan.unread
    .filter((unread) => mentionsRepository(unread, repository))
    .map(({ path, line, detail }) => ({
      path,
      line,
      column: 1,
      keyPath: '',
      code: 'unread',
      why: `${detail}, and what can be read of it names ${repository}`,
      remedy: 'Write the image where it can be read and edited, or keep the file out of the Stage',
    }));
}

function refuse(site: ReferenceSite, code: RefusalCode, why: string, remedy: string): Refusal {
  const { path, line, column, keyPath } = site;
  return { path, line, column, keyPath, code, why, remedy };
}
