import { sha256 } from './digest.js';
import { DOCKER_MANIFEST, DOCKER_MANIFEST_LIST, OCI_INDEX, OCI_MANIFEST } from './media-types.js';
import { storedGzip, tarOf } from './tar.js';

export interface ImageSpec {
  /** `org/name`, as it stands after /v2/. */
  readonly repository: string;
  /** `os/arch[/variant]`; linux/amd64 and linux/arm64 when left out. */
  readonly platforms?: readonly string[];
  /** `index` (default): an index over one manifest a platform. `manifest`: the one platform's manifest alone. */
  readonly shape?: 'index' | 'manifest';
  /** `oci` (default), or Docker's manifest list and schema2, which carry no annotations. */
  readonly format?: 'oci' | 'docker';
  /** On what the tag points at: the index, or the single manifest. */
  readonly annotations?: Readonly<Record<string, string>>;
  /** On each platform's manifest below an index. */
  readonly manifestAnnotations?: Readonly<Record<string, string>>;
  /** Labels in each platform's config. */
  readonly labels?: Readonly<Record<string, string>>;
  /** RFC 3339: the config's `created`, and `org.opencontainers.image.created` where `metadata` says. 1970 when left out. */
  readonly created?: string;
  /** `org.opencontainers.image.revision` where `metadata` says. */
  readonly revision?: string;
  /** Where `created` and `revision` are written besides `annotations` and `labels`; both when left out. */
  readonly metadata?: 'annotations' | 'labels' | 'both';
  /** Adds a buildx attestation manifest per platform to an OCI index. */
  readonly attestations?: boolean;
  /** Different seeds give different content: another build of the same image. */
  readonly seed?: string;
  /** Leaves `mediaType` out of OCI manifests, as the image spec allows. */
  readonly omitMediaType?: boolean;
}

export interface BuiltManifest {
  readonly digest: string;
  readonly mediaType: string;
  readonly bytes: Uint8Array;
}

export interface ImageChild extends BuiltManifest {
  /** `os/arch[/variant]`; `unknown/unknown` for an attestation. */
  readonly platform: string;
  readonly attestation: boolean;
  readonly configDigest: string;
}

export interface BuiltImage {
  readonly repository: string;
  /** What a tag points at. */
  readonly top: BuiltManifest;
  /** The manifests below the index, attestations last; for a single manifest, itself. */
  readonly children: readonly ImageChild[];
  /** Config and layer bytes by digest. */
  readonly blobs: ReadonlyMap<string, Uint8Array>;
}

const EPOCH = '1970-01-01T00:00:00Z';

/** Builds an image in memory: the same spec always gives the same digests, on every machine. */
export function buildImage(spec: ImageSpec): BuiltImage {
  const blobs = new Map<string, Uint8Array>();
  const platforms = spec.platforms ?? ['linux/amd64', 'linux/arm64'];
  const single = spec.shape === 'manifest';
  const [first] = platforms;
  if (first === undefined || (single && platforms.length > 1))
    throw new Error('a single manifest is for exactly one platform');
  const topAnnotations = { ...ownMetadata(spec, 'annotations'), ...spec.annotations };

  if (single) {
    const child = buildChild(spec, first, blobs, topAnnotations);
    return { repository: spec.repository, top: child, children: [child], blobs };
  }
  const images = platforms.map((platform) => buildChild(spec, platform, blobs, spec.manifestAnnotations ?? {}));
  const attested = spec.attestations === true && spec.format !== 'docker';
  const attestations = attested ? images.map((image) => buildAttestation(spec, image, blobs)) : [];
  const children = [...images, ...attestations.map(({ child }) => child)];
  const docker = spec.format === 'docker';
  const index = {
    schemaVersion: 2,
    ...mediaTypeField(spec, docker ? DOCKER_MANIFEST_LIST : OCI_INDEX),
    manifests: [
      ...images.map((image) => ({ ...descriptor(image), platform: platformObject(image.platform) })),
      ...attestations.map(({ child, subject }) => ({
        ...descriptor(child),
        // As BuildKit's docs/attestations/attestation-storage.md has it.
        annotations: { 'vnd.docker.reference.digest': subject, 'vnd.docker.reference.type': 'attestation-manifest' },
        platform: platformObject('unknown/unknown'),
      })),
    ],
    ...annotationsField(spec, topAnnotations),
  };
  const top = manifestOf(index, docker ? DOCKER_MANIFEST_LIST : OCI_INDEX);
  return { repository: spec.repository, top, children, blobs };
}

function buildChild(
  spec: ImageSpec,
  platform: string,
  blobs: Map<string, Uint8Array>,
  annotations: Readonly<Record<string, string>>,
): ImageChild {
  const docker = spec.format === 'docker';
  const tar = tarOf(
    'app',
    new TextEncoder().encode(`${spec.repository}\n${platform}\n${spec.seed ?? ''}\n${spec.revision ?? ''}\n`),
  );
  const layer = storedGzip(tar);
  const { os, architecture, variant } = platformObject(platform);
  const config = encodeJson({
    created: spec.created ?? EPOCH,
    architecture,
    os,
    ...(variant === undefined ? {} : { variant }),
    config: { Cmd: ['/app'], Labels: { ...ownMetadata(spec, 'labels'), ...spec.labels } },
    rootfs: { type: 'layers', diff_ids: [sha256(tar)] },
    history: [{ created: spec.created ?? EPOCH, created_by: 'COPY app /app' }],
  });
  const manifest = {
    schemaVersion: 2,
    ...mediaTypeField(spec, docker ? DOCKER_MANIFEST : OCI_MANIFEST),
    config: blobDescriptor(
      blobs,
      config,
      docker ? 'application/vnd.docker.container.image.v1+json' : 'application/vnd.oci.image.config.v1+json',
    ),
    layers: [
      blobDescriptor(
        blobs,
        layer,
        docker ? 'application/vnd.docker.image.rootfs.diff.tar.gzip' : 'application/vnd.oci.image.layer.v1.tar+gzip',
      ),
    ],
    ...annotationsField(spec, annotations),
  };
  const built = manifestOf(manifest, docker ? DOCKER_MANIFEST : OCI_MANIFEST);
  return { ...built, platform, attestation: false, configDigest: sha256(config) };
}

function buildAttestation(
  spec: ImageSpec,
  subject: ImageChild,
  blobs: Map<string, Uint8Array>,
): { readonly child: ImageChild; readonly subject: string } {
  const statement = encodeJson({
    _type: 'https://in-toto.io/Statement/v0.1',
    predicateType: 'https://slsa.dev/provenance/v0.2',
    subject: [{ name: spec.repository, digest: { sha256: subject.digest.slice('sha256:'.length) } }],
    predicate: { builder: { id: '' }, buildType: 'https://mobyproject.org/buildkit@v1' },
  });
  const config = encodeJson({
    architecture: 'unknown',
    os: 'unknown',
    config: {},
    rootfs: { type: 'layers', diff_ids: [sha256(statement)] },
  });
  const manifest = manifestOf(
    {
      schemaVersion: 2,
      mediaType: OCI_MANIFEST,
      config: blobDescriptor(blobs, config, 'application/vnd.oci.image.config.v1+json'),
      layers: [
        {
          ...blobDescriptor(blobs, statement, 'application/vnd.in-toto+json'),
          annotations: { 'in-toto.io/predicate-type': 'https://slsa.dev/provenance/v0.2' },
        },
      ],
    },
    OCI_MANIFEST,
  );
  const child = { ...manifest, platform: 'unknown/unknown', attestation: true, configDigest: sha256(config) };
  return { child, subject: subject.digest };
}

/** `created` and `revision` under their OCI names, where the spec wants them in this place. */
function ownMetadata(spec: ImageSpec, place: 'annotations' | 'labels'): Readonly<Record<string, string>> {
  const wanted = spec.metadata ?? 'both';
  if (wanted !== 'both' && wanted !== place) return {};
  return {
    ...(spec.created === undefined ? {} : { 'org.opencontainers.image.created': spec.created }),
    ...(spec.revision === undefined ? {} : { 'org.opencontainers.image.revision': spec.revision }),
  };
}

function annotationsField(spec: ImageSpec, annotations: Readonly<Record<string, string>>) {
  return spec.format === 'docker' || Object.keys(annotations).length === 0 ? {} : { annotations };
}

function mediaTypeField(spec: ImageSpec, mediaType: string) {
  return spec.omitMediaType === true && spec.format !== 'docker' ? {} : { mediaType };
}

function platformObject(platform: string) {
  const [os = 'unknown', architecture = 'unknown', variant] = platform.split('/');
  return { architecture, os, ...(variant === undefined ? {} : { variant }) };
}

function descriptor(manifest: BuiltManifest) {
  return { mediaType: manifest.mediaType, digest: manifest.digest, size: manifest.bytes.length };
}

function blobDescriptor(blobs: Map<string, Uint8Array>, bytes: Uint8Array, mediaType: string) {
  const digest = sha256(bytes);
  blobs.set(digest, bytes);
  return { mediaType, digest, size: bytes.length };
}

function manifestOf(value: unknown, mediaType: string): BuiltManifest {
  const bytes = encodeJson(value);
  return { digest: sha256(bytes), mediaType, bytes };
}

function encodeJson(value: unknown): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value, null, 2));
}
