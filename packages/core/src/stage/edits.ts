import type { KeyUpdate, Warehouse } from '../config/types.js';
import { WaybillError } from '../errors.js';
import type { Freight, FreightImage } from '../freight/types.js';
import { normalizeRepository } from '../image/reference.js';
import { gitBlobOid } from '../ledger/blob.js';
import type { RecordedEdit } from '../ledger/state.js';
import type { FileChange } from '../ports/forge.js';
import { decodeUtf8, type ReferenceSite, type Rewrite, refusalError, rewriteImages, setScalar } from '../yaml/index.js';
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
  const tracked = new Set(warehouse.subscriptions.filter(({ trackOnly }) => trackOnly).map(({ repoURL }) => repoURL));
  const keys = tree.stage.updates.filter((update) => update.kind === 'key');
  return imageEdits(
    tree.files,
    freight.images.filter((image) => !tracked.has(image.repoURL)),
    keys,
  );
}

/**
 * The edits that give every reference to the images its digest, and every named key its image, over all of the files;
 * or every reason why not.
 */
export function imageEdits(
  files: readonly StageFile[],
  images: readonly ImageTarget[],
  keys: readonly KeyUpdate[] = [],
): EditResult {
  const wanted = images.map((image) => ({
    repository: normalizeRepository(image.repoURL),
    digest: image.digest,
    ...(image.tag === '' ? {} : { tag: image.tag }),
  }));
  const refusals: WaybillError[] = missingFiles(files, keys);
  const changed: FileChange[] = [];
  const edits: RecordedEdit[] = [];
  for (const file of files) {
    const text = decodeUtf8(file.bytes) ?? '';
    const rewritten = rewriteImages({ path: file.path, text }, wanted, file.scan);
    const result = rewritten.ok ? withKeys(file.path, rewritten, keys, images) : rewritten;
    if (!result.ok) {
      refusals.push(...result.refusals.map((refusal) => refusalError(refusal)));
      continue;
    }
    if (result.text === text) continue;
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

/** The file with its named keys set, one after the other. */
function withKeys(
  path: string,
  rewritten: Extract<Rewrite, { readonly ok: true }>,
  keys: readonly KeyUpdate[],
  images: readonly ImageTarget[],
): Rewrite {
  let result: Extract<Rewrite, { readonly ok: true }> = rewritten;
  for (const update of keys.filter(({ file }) => file === path)) {
    const image = images.find(({ repoURL }) => normalizeRepository(repoURL) === update.repository);
    if (image === undefined) continue;
    const next = setScalar({ path, text: result.text }, update.key, `${image.repoURL}@${image.digest}`);
    if (!next.ok) return next;
    result = next;
  }
  return result;
}

function missingFiles(files: readonly StageFile[], keys: readonly KeyUpdate[]): WaybillError[] {
  return keys
    .filter(({ file }) => !files.some(({ path }) => path === file))
    .map(
      ({ file, key, at }) =>
        new WaybillError('edit-unsafe', {
          what: `${at.file}:${at.line} sets ${key} in ${file}, and there is no such YAML file`,
          where: { file },
          remedy: 'Create the file with the key in it, or correct the update.',
        }),
    );
}

interface SiteAt {
  readonly path: string;
  readonly site: ReferenceSite;
}

function sitesOf(image: ImageTarget, files: readonly StageFile[]): readonly SiteAt[] {
  const repository = normalizeRepository(image.repoURL);
  return files.flatMap((file) =>
    file.scan.references.filter((site) => site.repository === repository).map((site) => ({ path: file.path, site })),
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
