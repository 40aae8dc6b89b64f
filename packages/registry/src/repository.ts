import { type ImageReference, WaybillError } from '@waybill/core';
import { answerError, type ImageName, registryErrorCodes, registryMessage } from './errors.js';
import { type JsonObject, parseJsonObject } from './json.js';
import { digestOf, MANIFEST_ACCEPT, MANIFEST_MAXIMUM_BYTES, type Manifest, parseManifest } from './manifest.js';
import type { Session } from './session.js';

export type ManifestLookup =
  | { readonly kind: 'found'; readonly manifest: Manifest }
  /** The repository can be read and has no such tag or digest. */
  | { readonly kind: 'absent' };

/** Configs are kilobytes; a history of many layers makes them tens of them. */
const CONFIG_MAXIMUM_BYTES = MANIFEST_MAXIMUM_BYTES;

/** How errors name a reference. */
export function imageName(reference: ImageReference): ImageName {
  return { domain: reference.domain, path: reference.path, text: reference.text };
}

/** The tag or digest that a reference means; without either it is `latest`, as everywhere. */
export function targetOf(reference: ImageReference): string {
  return reference.digest ?? reference.tag ?? 'latest';
}

/**
 * Gets and checks a manifest by tag or digest.
 * @throws WaybillError registry-denied, registry-not-found (no such repository), registry-unavailable,
 * registry-protocol, registry-untrusted
 */
export async function getManifest(session: Session, image: ImageName, target: string): Promise<ManifestLookup> {
  const response = await session.send(image, {
    resource: `manifests/${target}`,
    method: 'GET',
    accept: MANIFEST_ACCEPT,
    maximumBytes: MANIFEST_MAXIMUM_BYTES,
  });
  if (response.status === 200) {
    const manifest = parseManifest({
      bytes: response.body,
      contentType: response.headers.get('content-type'),
      headerDigest: response.headers.get('docker-content-digest'),
      image: image.text,
      ...(target.includes(':') ? { expected: target } : {}),
    });
    return { kind: 'found', manifest };
  }
  if (response.status === 404 && !response.leftOrigin) {
    const codes = registryErrorCodes(response.body);
    // distribution 2 answers "manifest unknown" for a type that was not in the Accept header: not the same as missing.
    if (/accept header/i.test(registryMessage(response.body))) throw answerError(image, { ...response, status: 406 });
    if (codes.includes('MANIFEST_UNKNOWN')) return { kind: 'absent' };
    const web = response.headers.get('content-type')?.startsWith('text/html') ?? false;
    if (web) throw answerError(image, { ...response, status: 406 });
    if (codes.length === 0 && image.domain !== 'ghcr.io') return { kind: 'absent' };
  }
  throw answerError(image, response);
}

/**
 * Gets the JSON blob with this digest and checks its bytes; undefined when it is no JSON object.
 * @throws WaybillError as getManifest; a missing blob is registry-protocol
 */
export async function getConfig(session: Session, image: ImageName, digest: string): Promise<JsonObject | undefined> {
  const response = await session.send(image, {
    resource: `blobs/${digest}`,
    method: 'GET',
    maximumBytes: CONFIG_MAXIMUM_BYTES,
  });
  if (response.status === 404) {
    throw new WaybillError('registry-protocol', {
      what: `The registry has the manifest but not its config ${digest}`,
      where: { image: image.text },
      remedy: 'Push the image again',
    });
  }
  if (response.status !== 200) throw answerError(image, response);
  const actual = digestOf(response.body, digest);
  if (actual !== digest) {
    throw new WaybillError('registry-protocol', {
      what: `The config's bytes have the digest ${actual}, not ${digest}`,
      where: { image: image.text },
      remedy: 'Report this to whoever runs the registry',
    });
  }
  return parseJsonObject(response.body);
}
