import {
  type ImageReference,
  type Log,
  type Resolution,
  type ResolvedImage,
  type ResolveOptions,
  WaybillError,
} from '@waybill/core';
import { codeOf, type ImageName } from './errors.js';
import type { JsonObject } from './json.js';
import { mapLimited } from './limiter.js';
import {
  type Descriptor,
  type ImageManifest,
  type IndexManifest,
  isAttestation,
  isIndexType,
  type Manifest,
  parsePlatform,
} from './manifest.js';
import { formatPlatform, missingPlatforms } from './platform.js';
import { firstKnown, isComplete, type Provenance, readConfigProvenance, readProvenance } from './provenance.js';
import { getConfig, getManifest, imageName, targetOf } from './repository.js';
import type { Session } from './session.js';

export interface ResolveContext {
  readonly session: Session;
  readonly log: Log;
  /** References worked on at once; the requests themselves are limited elsewhere. */
  readonly workers: number;
}

/** An index in an index is legal; deeper than this, or more of them, is not an image anyone built. */
const INDEX_DEPTH = 3;
const INDEX_COUNT = 16;

/**
 * Resolves references, each distinct one once, and answers in their order. A failure is that reference's alone.
 * Anything but a WaybillError is a defect, and thrown.
 */
export async function resolveAll(
  context: ResolveContext,
  references: readonly ImageReference[],
  options: ResolveOptions,
): Promise<readonly Resolution[]> {
  const distinct = new Map<string, ImageReference>();
  for (const reference of references) {
    const key = keyOf(reference);
    if (!distinct.has(key)) distinct.set(key, reference);
  }
  const keys = [...distinct.keys()];
  const found = await mapLimited([...distinct.values()], context.workers, (one) => resolveOne(context, one, options));
  const resolutions = new Map(keys.map((key, index) => [key, found[index]]));
  return references.map((reference) => {
    const resolution = resolutions.get(keyOf(reference));
    if (resolution === undefined) throw new Error(`No resolution for ${reference.text}`);
    return readdress(resolution, reference);
  });
}

function keyOf(reference: ImageReference): string {
  return `${reference.domain}/${reference.path} ${targetOf(reference)}`;
}

/** The same resolution, for the reference as this caller wrote it. */
function readdress(resolution: Resolution, reference: ImageReference): Resolution {
  if (resolution.kind === 'resolved') return { kind: 'resolved', image: { ...resolution.image, reference } };
  return { ...resolution, reference };
}

async function resolveOne(
  context: ResolveContext,
  reference: ImageReference,
  options: ResolveOptions,
): Promise<Resolution> {
  try {
    const image = imageName(reference);
    const lookup = await getManifest(context.session, image, targetOf(reference));
    if (lookup.kind === 'absent') return { kind: 'absent', reference };
    return { kind: 'resolved', image: await describe(context, reference, lookup.manifest, options) };
  } catch (error) {
    if (error instanceof WaybillError) return { kind: 'failed', reference, error };
    throw error;
  }
}

async function describe(
  context: ResolveContext,
  reference: ImageReference,
  manifest: Manifest,
  options: ResolveOptions,
): Promise<ResolvedImage> {
  const image = imageName(reference);
  const required = options.platforms ?? [];
  const described =
    manifest.kind === 'index'
      ? await describeIndex(context, image, manifest, options)
      : await describeImage(context, image, manifest, options);
  const missing = missingPlatforms(required, described.platforms);
  if (missing.length > 0) {
    const there = described.platforms.length === 0 ? 'names no platform' : `is for ${described.platforms.join(', ')}`;
    throw new WaybillError('platform-missing', {
      what: `The image ${there}; ${missing.join(', ')} is missing`,
      where: { image: reference.text },
      remedy: 'Build and push the image for every required platform under this tag',
    });
  }
  const { digest, mediaType, annotations } = manifest;
  return { reference, digest, mediaType, annotations, platforms: described.platforms, ...described.provenance };
}

interface Description {
  readonly platforms: readonly string[];
  readonly provenance: Provenance;
}

async function describeIndex(
  context: ResolveContext,
  image: ImageName,
  index: IndexManifest,
  options: ResolveOptions,
): Promise<Description> {
  const children = await runnable(context, image, index);
  const platforms = [...new Set(children.flatMap((child) => (child.platform ? [formatPlatform(child.platform)] : [])))];
  const told = readProvenance(index.annotations);
  const first = children[0];
  if (options.labels !== true || isComplete(told) || first === undefined) return { platforms, provenance: told };
  const fromFirst = await optional(context, image, async () => {
    const beside = firstKnown(told, readProvenance(first.annotations));
    if (isComplete(beside)) return beside;
    const lookup = await getManifest(context.session, image, first.digest);
    if (lookup.kind === 'absent' || lookup.manifest.kind === 'index') return beside;
    const child = lookup.manifest;
    const known = firstKnown(beside, readProvenance(child.annotations));
    if (isComplete(known)) return known;
    const config = await imageConfig(context, image, child);
    return config === undefined ? known : firstKnown(known, readConfigProvenance(config));
  });
  return { platforms, provenance: fromFirst ?? told };
}

async function describeImage(
  context: ResolveContext,
  image: ImageName,
  manifest: ImageManifest,
  options: ResolveOptions,
): Promise<Description> {
  const told = readProvenance(manifest.annotations);
  const needsPlatform = (options.platforms ?? []).length > 0;
  if (!needsPlatform && (options.labels !== true || isComplete(told))) return { platforms: [], provenance: told };
  const read = (): Promise<JsonObject | undefined> => imageConfig(context, image, manifest);
  const config = needsPlatform ? await read() : await optional(context, image, read);
  if (config === undefined) return { platforms: [], provenance: told };
  const platform = parsePlatform(config);
  const platforms = platform === undefined ? [] : [formatPlatform(platform)];
  const provenance = options.labels === true ? firstKnown(told, readConfigProvenance(config)) : told;
  return { platforms, provenance };
}

const CONFIG_TYPES: readonly string[] = [
  'application/vnd.oci.image.config.v1+json',
  'application/vnd.docker.container.image.v1+json',
];

/** The config of an image; undefined for an artifact, whose config says something else. */
async function imageConfig(
  context: ResolveContext,
  image: ImageName,
  manifest: ImageManifest,
): Promise<JsonObject | undefined> {
  if (!CONFIG_TYPES.includes(manifest.config.mediaType)) return undefined;
  return getConfig(context.session, image, manifest.config.digest);
}

/**
 * Where an image comes from is worth telling, not worth failing for: what cannot be reached is logged and left out.
 * Bytes that are not what their digest says still fail.
 */
async function optional<T>(context: ResolveContext, image: ImageName, read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof WaybillError) || codeOf(error) === 'registry-protocol') throw error;
    context.log.warning(`The labels of ${image.text} were not read: ${error.what}.`);
    return undefined;
  }
}

/** The children that can run: no attestations, indexes in the index opened. */
async function runnable(
  context: ResolveContext,
  image: ImageName,
  index: IndexManifest,
): Promise<readonly Descriptor[]> {
  const found: Descriptor[] = [];
  const seen = new Set([index.digest]);
  const open = async (parent: IndexManifest, depth: number): Promise<void> => {
    for (const child of parent.manifests) {
      if (isAttestation(child)) continue;
      if (!isIndexType(child.mediaType)) {
        if (child.platform !== undefined) found.push(child);
        continue;
      }
      if (seen.has(child.digest)) continue;
      seen.add(child.digest);
      if (depth === INDEX_DEPTH || seen.size > INDEX_COUNT) throw nestedTooDeep(image);
      const lookup = await getManifest(context.session, image, child.digest);
      if (lookup.kind === 'found' && lookup.manifest.kind === 'index') await open(lookup.manifest, depth + 1);
    }
  };
  await open(index, 1);
  return found;
}

function nestedTooDeep(image: ImageName): WaybillError {
  return new WaybillError('registry-protocol', {
    what: `The image is an index of indexes, deeper than ${INDEX_DEPTH} or more than ${INDEX_COUNT} of them`,
    where: { image: image.text },
    remedy: 'Push the image as one index of its platforms',
  });
}
