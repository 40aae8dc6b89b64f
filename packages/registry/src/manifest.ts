import { hash } from 'node:crypto';
import { isDigest, WaybillError } from '@waybill/core';
import { plainText } from './errors.js';
import { isObject, type JsonObject, objectOr, parseJsonObject, stringEntries } from './json.js';

export interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly platform?: Platform;
  readonly annotations: Readonly<Record<string, string>>;
}

export interface Platform {
  readonly os: string;
  readonly architecture: string;
  readonly variant?: string;
}

/** A manifest whose bytes were hashed here. */
export type Manifest = IndexManifest | ImageManifest;

export interface IndexManifest {
  readonly kind: 'index';
  readonly digest: string;
  readonly mediaType: string;
  readonly annotations: Readonly<Record<string, string>>;
  readonly manifests: readonly Descriptor[];
}

export interface ImageManifest {
  readonly kind: 'image';
  readonly digest: string;
  readonly mediaType: string;
  readonly annotations: Readonly<Record<string, string>>;
  readonly config: Descriptor;
}

/** What is known of a manifest besides its bytes. */
export interface ManifestAnswer {
  readonly bytes: Uint8Array;
  readonly contentType: string | null;
  /** `Docker-Content-Digest`. It is compared, never believed. */
  readonly headerDigest: string | null;
  /** The digest that was asked for, when it was one. */
  readonly expected?: string;
  /** As errors should name it. */
  readonly image: string;
}

const OCI_INDEX = 'application/vnd.oci.image.index.v1+json';
const DOCKER_LIST = 'application/vnd.docker.distribution.manifest.list.v2+json';
const OCI_MANIFEST = 'application/vnd.oci.image.manifest.v1+json';
const DOCKER_MANIFEST = 'application/vnd.docker.distribution.manifest.v2+json';
const INDEX_TYPES: readonly string[] = [OCI_INDEX, DOCKER_LIST];
const KNOWN_TYPES: readonly string[] = [OCI_INDEX, DOCKER_LIST, OCI_MANIFEST, DOCKER_MANIFEST];

/** Every type this client can read, in one header: a registry may answer 404 for a type that was left out. */
export const MANIFEST_ACCEPT = KNOWN_TYPES.join(', ');
/** distribution-spec: registries must take manifests up to 4 MiB, and need not take larger ones. */
export const MANIFEST_MAXIMUM_BYTES = 4 * 1024 * 1024;

/** Types that say nothing, from registries and proxies that do not set one. */
const VAGUE_TYPES: readonly string[] = [
  '',
  'application/json',
  'application/octet-stream',
  'text/plain',
  'binary/octet-stream',
];

export function isIndexType(mediaType: string): boolean {
  return INDEX_TYPES.includes(mediaType);
}

/** `sha256:<hex>` of the bytes; with the algorithm of `like` where that is a digest of another. */
export function digestOf(bytes: Uint8Array, like = 'sha256:'): string {
  const algorithm = like.slice(0, like.indexOf(':'));
  return `${algorithm}:${hash(algorithm, bytes)}`;
}

/**
 * Hashes the bytes, holds them against the digest asked for and the one in the header, and reads them.
 * Type, `mediaType` field and shape have to agree: one manifest that two readers read differently is an attack
 * (image-spec 1.0.1, CVE-2021-41190). Schema 1 is refused: its digest is not of its bytes.
 * @throws WaybillError registry-protocol
 */
export function parseManifest(answer: ManifestAnswer): Manifest {
  const fail = (what: string, remedy = 'Report this to whoever runs the registry'): WaybillError =>
    new WaybillError('registry-protocol', { what, where: { image: answer.image }, remedy });

  const digest = digestOf(answer.bytes, answer.expected);
  if (answer.expected !== undefined && digest !== answer.expected) {
    throw fail(`The manifest's bytes have the digest ${digest}, not ${answer.expected} as asked for`);
  }
  const claimed = answer.headerDigest?.trim();
  const isAnother = claimed !== undefined && claimed !== digest && isDigest(claimed);
  if (isAnother && digestOf(answer.bytes, claimed) !== claimed) {
    throw fail(`The registry says the digest is ${claimed}, but the manifest's bytes have ${digest}`);
  }

  const contentType = (answer.contentType ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
  if (/manifest\.v1\+(?:json|prettyjws)$/.test(contentType) && contentType.includes('docker')) throw schema1(fail);
  if (contentType === 'text/html') {
    throw fail('A web page came in place of a manifest', 'Check that the address is that of a registry');
  }
  const manifest = parseJsonObject(answer.bytes);
  if (manifest === undefined) throw fail('The manifest is not a JSON object');
  if (manifest.schemaVersion === 1) throw schema1(fail);

  const mediaType = mediaTypeOf(manifest, contentType, fail);
  const annotations = stringEntries(manifest.annotations);
  const isIndex = 'manifests' in manifest;
  if (isIndex === ('layers' in manifest || 'config' in manifest)) {
    throw fail('The manifest can be read as an index and as an image, or as neither');
  }
  if (isIndex !== isIndexType(mediaType)) throw fail(`The manifest does not have the shape of its type ${mediaType}`);
  if (isIndex) {
    const children = manifest.manifests;
    if (!Array.isArray(children)) throw fail('The list of manifests in the index is no list');
    const manifests = children.map((child) => parseDescriptor(child, fail));
    return { kind: 'index', digest, mediaType, annotations, manifests };
  }
  return { kind: 'image', digest, mediaType, annotations, config: parseDescriptor(manifest.config, fail) };
}

function mediaTypeOf(manifest: JsonObject, contentType: string, fail: (what: string) => WaybillError): string {
  const field = manifest.mediaType;
  if (field !== undefined && typeof field !== 'string') throw fail("The manifest's mediaType is no text");
  const vague = VAGUE_TYPES.includes(contentType);
  if (field !== undefined && !vague && field.toLowerCase() !== contentType) {
    throw fail(`The manifest says it is ${plainText(field)}, the registry says ${plainText(contentType)}`);
  }
  // OCI manifests may leave the field out; the shape then tells an index from an image.
  const mediaType = field ?? (vague ? ('manifests' in manifest ? OCI_INDEX : OCI_MANIFEST) : contentType);
  if (!KNOWN_TYPES.includes(mediaType)) throw fail(`Manifests of type ${plainText(mediaType)} are not images`);
  return mediaType;
}

function schema1(fail: (what: string, remedy?: string) => WaybillError): WaybillError {
  return fail(
    'The image has a schema 1 manifest, which is not supported',
    'Build and push the image again with a current builder',
  );
}

function parseDescriptor(value: unknown, fail: (what: string) => WaybillError): Descriptor {
  const descriptor = objectOr(value);
  const { mediaType, digest, platform } = descriptor;
  if (typeof mediaType !== 'string' || typeof digest !== 'string' || !isDigest(digest)) {
    throw fail('The manifest holds a descriptor without a type or digest');
  }
  const parsed = isObject(platform) ? parsePlatform(platform) : undefined;
  const annotations = stringEntries(descriptor.annotations);
  return { mediaType, digest, annotations, ...(parsed === undefined ? {} : { platform: parsed }) };
}

/** A platform from a descriptor or a config blob; undefined when it names none (attestations say `unknown`). */
export function parsePlatform(value: JsonObject): Platform | undefined {
  const os = platformWord(value.os);
  const architecture = platformWord(value.architecture);
  const variant = platformWord(value.variant);
  if (os === undefined || architecture === undefined || os === 'unknown' || architecture === 'unknown')
    return undefined;
  return { os, architecture, ...(variant === undefined ? {} : { variant }) };
}

/** Platforms are printed and compared as `os/arch/variant`, so nothing that is no plain word goes into one. */
function platformWord(value: unknown): string | undefined {
  return typeof value === 'string' && /^[\w.-]{1,64}$/.test(value) ? value : undefined;
}

/** Whether buildx put this child there to say something about another one. */
export function isAttestation(child: Descriptor): boolean {
  return child.annotations['vnd.docker.reference.type'] === 'attestation-manifest';
}
