import { type BuiltImage, type BuiltManifest, buildImage, type ImageSpec } from './image.js';
import { connectRaw, type PushTarget, type RawClient, type RawResponse } from './raw-client.js';

export interface PushOptions extends ImageSpec {
  /** Tags for what was built; none pushes by digest only. */
  readonly tags?: readonly string[];
}

export interface PushedChild {
  readonly platform: string;
  readonly digest: string;
  readonly mediaType: string;
  readonly attestation: boolean;
  readonly configDigest: string;
}

export interface PushedImage {
  readonly repository: string;
  /** Of what the tags point at: the index, or the single manifest. */
  readonly digest: string;
  readonly mediaType: string;
  /** Bytes of that manifest. */
  readonly size: number;
  readonly tags: readonly string[];
  readonly children: readonly PushedChild[];
}

/**
 * Builds an image and pushes it by the registry's own HTTP API: blobs, manifests by digest, then tags.
 * @throws Error naming the request that the registry refused
 */
export async function pushImage(target: PushTarget, options: PushOptions): Promise<PushedImage> {
  const { tags = [], ...spec } = options;
  return pushBuilt(target, buildImage(spec), tags);
}

/** Pushes what `buildImage` made, as `pushImage` does. */
export async function pushBuilt(target: PushTarget, image: BuiltImage, tags: readonly string[]): Promise<PushedImage> {
  const client = connectRaw(target);
  const { repository, top } = image;
  for (const [digest, bytes] of image.blobs) await pushBlob(client, repository, digest, bytes);
  for (const child of image.children) await pushManifest(client, repository, child.digest, child);
  for (const reference of tags.length === 0 ? [top.digest] : tags)
    await pushManifest(client, repository, reference, top);
  return {
    repository,
    digest: top.digest,
    mediaType: top.mediaType,
    size: top.bytes.length,
    tags,
    children: image.children.map(({ platform, digest, mediaType, attestation, configDigest }) => ({
      platform,
      digest,
      mediaType,
      attestation,
      configDigest,
    })),
  };
}

/** Points further tags at a manifest that is there already, by pushing its bytes again. */
export async function tagImage(
  target: PushTarget,
  repository: string,
  reference: string,
  tags: readonly string[],
): Promise<void> {
  const client = connectRaw(target);
  const path = `/v2/${repository}/manifests/${reference}`;
  const { headers, body } = expectStatus(await client(path), 200, `GET ${path}`);
  const manifest = { mediaType: headers.get('content-type') ?? '', bytes: body };
  for (const tag of tags) await pushManifest(client, repository, tag, manifest);
}

/** Uploads a blob in one go unless it is there. */
export async function pushBlob(
  client: RawClient,
  repository: string,
  digest: string,
  bytes: Uint8Array,
): Promise<void> {
  const blob = `/v2/${repository}/blobs/${digest}`;
  const known = await client(blob, { method: 'HEAD' });
  if (known.status === 200) return;
  expectStatus(known, 404, `HEAD ${blob}`);
  const uploads = `/v2/${repository}/blobs/uploads/`;
  const started = expectStatus(await client(uploads, { method: 'POST' }), 202, `POST ${uploads}`);
  const location = started.headers.get('location') ?? '';
  const url = `${location}${location.includes('?') ? '&' : '?'}digest=${encodeURIComponent(digest)}`;
  const headers = { 'Content-Type': 'application/octet-stream' };
  expectStatus(await client(url, { method: 'PUT', headers, body: bytes }), 201, `PUT ${blob}`);
}

async function pushManifest(
  client: RawClient,
  repository: string,
  reference: string,
  manifest: Pick<BuiltManifest, 'mediaType' | 'bytes'>,
): Promise<void> {
  const path = `/v2/${repository}/manifests/${reference}`;
  const headers = { 'Content-Type': manifest.mediaType };
  expectStatus(await client(path, { method: 'PUT', headers, body: manifest.bytes }), 201, `PUT ${path}`);
}

function expectStatus(response: RawResponse, status: number, what: string): RawResponse {
  if (response.status === status) return response;
  throw new Error(`${what} answered ${response.status}: ${Buffer.from(response.body).toString('utf8').slice(0, 500)}`);
}
