import type { Warehouse } from '../config/types.js';
import type { WaybillError } from '../errors.js';
import type { Freight, FreightImage } from '../freight/types.js';
import { normalizeRepository } from '../image/reference.js';
import { gitBlobOid } from '../ledger/blob.js';
import type { RecordedEdit } from '../ledger/state.js';
import type { FileChange } from '../ports/forge.js';
import { decodeUtf8, type ReferenceSite, refusalError, rewriteImages } from '../yaml/index.js';
import type { StageFile, StageTree } from './tree.js';

/** An image and the digest that every reference to it gets. */
export type ImageTarget = Pick<FreightImage, 'repoURL' | 'tag' | 'digest' | 'revision' | 'source'>;

/** One image that changes, and where. */
export interface ImageChange {
  readonly repoURL: string;
  readonly image: ImageTarget;
  readonly places: readonly { readonly path: string; readonly line: number }[];
  /** What stood there, each once. */
  readonly before: readonly { readonly tag: string | undefined; readonly digest: string | undefined }[];
}

export interface StageEdits {
  readonly kind: 'edits';
  readonly files: readonly FileChange[];
  readonly edits: readonly RecordedEdit[];
  readonly changes: readonly ImageChange[];
  /** `repoURL` of the images that no file refers to. */
  readonly unreferenced: readonly string[];
  /** Files that could not be read, and name none of the images. */
  readonly unread: readonly { readonly path: string; readonly why: string }[];
}

export type EditResult =
  | StageEdits
  | { readonly kind: 'refused'; readonly refusals: readonly [WaybillError, ...WaybillError[]] };

/** The edits that put a Freight into a Stage: every reference to any of its images, or none. */
export function promotionEdits(tree: StageTree, freight: Freight, warehouse: Warehouse): EditResult {
  const tracked = new Set(
    warehouse.subscriptions.filter(({ trackOnly }) => trackOnly).map(({ repoURL }) => repoURL),
  );
  return imageEdits(
    tree.files,
    freight.images.filter((image) => !tracked.has(image.repoURL)),
  );
}

/** The edits that give every reference to the images its digest, over all of the files; or every reason why not. */
export function imageEdits(files: readonly StageFile[], images: readonly ImageTarget[]): EditResult {
  const wanted = images.map((image) => ({
    repository: normalizeRepository(image.repoURL),
    digest: image.digest,
    ...(image.tag === '' ? {} : { tag: image.tag }),
  }));
  const refusals: WaybillError[] = [];
  const changed: FileChange[] = [];
  const edits: RecordedEdit[] = [];
  for (const file of files) {
    const text = decodeUtf8(file.bytes) ?? '';
    const result = rewriteImages({ path: file.path, text }, wanted, file.scan);
    if (!result.ok) {
      refusals.push(...result.refusals.map((refusal) => refusalError(refusal)));
      continue;
    }
    if (result.edits.length === 0) continue;
    const content = new TextEncoder().encode(result.text);
    changed.push({ path: file.path, mode: file.mode, content });
    edits.push({ path: file.path, mode: file.mode, before: file.oid, after: gitBlobOid(content) });
  }
  const [first, ...rest] = refusals;
  if (first !== undefined) return { kind: 'refused', refusals: [first, ...rest] };
  return {
    kind: 'edits',
    files: changed,
    edits,
    changes: images.flatMap((image) => changeOf(image, files)),
    unreferenced: images.filter((image) => sitesOf(image, files).length === 0).map((image) => image.repoURL),
    unread: files.flatMap(({ scan }) => scan.unread.map(({ path, detail }) => ({ path, why: detail }))),
  };
}

interface SiteAt {
  readonly path: string;
  readonly site: ReferenceSite;
}

function sitesOf(image: ImageTarget, files: readonly StageFile[]): readonly SiteAt[] {
  const repository = normalizeRepository(image.repoURL);
  return files.flatMap((file) =>
    file.scan.references
      .filter((site) => site.repository === repository)
      .map((site) => ({ path: file.path, site })),
  );
}

function changeOf(image: ImageTarget, files: readonly StageFile[]): readonly ImageChange[] {
  const differing = sitesOf(image, files).filter(({ site }) => site.digest !== image.digest);
  if (differing.length === 0) return [];
  const before = new Map(
    differing.map(({ site }) => [`${site.tag ?? ''}@${site.digest ?? ''}`, { tag: site.tag, digest: site.digest }]),
  );
  return [
    {
      repoURL: image.repoURL,
      image,
      places: differing.map(({ path, site }) => ({ path, line: site.line })),
      before: [...before.values()],
    },
  ];
}
