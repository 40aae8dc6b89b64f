/** `image`, `initImage`, `sidecar-image`, `docker_image`: a key that holds an image, as string or mapping. */
export const IMAGE_KEY = /^(?:image|[A-Za-z0-9_-]*(?:Image|_image|-image|IMAGE))$/;

/** A key that speaks of images without the shape of `IMAGE_KEY`. */
export const MENTIONS_IMAGE = /[iI]mage|IMAGE/;

/** Keys about images that hold no reference. */
export const NOT_A_REFERENCE = /^(?:imagePull(?:Policy|Secrets?)|imageID|.*(?:[pP]ullPolicy|[pP]ullSecrets?))$/;

/** `containers`, `initContainers`, `ephemeralContainers` and the like of custom resources. */
export const CONTAINER_LIST = /[cC]ontainers$/;

/** `imageRepository`, `sidecarImageTag`: pieces of a split in one flat mapping. Groups: prefix, piece. */
export const FLAT_PIECE = /^(.*?[iI]mage)(Registry|Repository|Repo|Name|Tag|Digest|Sha|Sha256)$/;

/** Mappings that describe, and deploy nothing. */
export const DESCRIPTIVE = new Set([
  'annotations',
  'commonAnnotations',
  'labels',
  'commonLabels',
  'managedFields',
  'matchLabels',
  'podAnnotations',
  'podLabels',
]);

/** Pieces of a split by their keys, the first present wins. */
export const PIECE_KEYS = {
  registry: ['registry', 'imageRegistry'],
  repository: ['repository', 'repo', 'imageRepository'],
  tag: ['tag', 'imageTag', 'version'],
  digest: ['digest', 'sha', 'sha256', 'imageDigest'],
} as const;

/** The keys whose entries the rules ask for. */
export const KNOWN_KEYS: ReadonlySet<string> = new Set([
  ...PIECE_KEYS.registry,
  ...PIECE_KEYS.repository,
  ...PIECE_KEYS.tag,
  ...PIECE_KEYS.digest,
  'baseImage',
  'build',
  'hub',
  'image',
  'imagePullPolicy',
  'name',
  'op',
  'path',
  'pullPolicy',
  'value',
]);

/** Siblings that say that a `repository` is Git's or a chart's. */
export const FOREIGN_REPOSITORY = new Set([
  'url',
  'branch',
  'revision',
  'ref',
  'chart',
  'path',
  'targetRevision',
  'git',
]);

/** Parents whose `repository` is Git's or a chart's. */
export const FOREIGN_PARENT = new Set([
  'with',
  'spec',
  'git',
  'github',
  'chart',
  'charts',
  'source',
  'sources',
  'helm',
]);

/** Disk images, pictures and cloud images: an `image` that no container runtime pulls. */
export function isNoContainerImage(value: string): boolean {
  return (
    /^[a-z][a-z0-9+.-]*:\/\//i.test(value) ||
    /^data:/i.test(value) ||
    /^[./~]/.test(value) ||
    /^projects\//.test(value) ||
    /^ami-[0-9a-f]+$/.test(value) ||
    /\.(?:png|jpe?g|svg|gif|webp|ico|bmp|qcow2|img|iso|vmdk|raw|ova|vhdx?)$/i.test(value)
  );
}

/** Template expressions and variables: Go templates, shell and GitHub, Tekton, ERB. */
export const UNRESOLVED = /\{\{|\$\{|\$\(|<%|\{%|\$[A-Z_]/;
