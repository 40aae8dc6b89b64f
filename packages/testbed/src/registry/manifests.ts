import type { RegistryDialect } from './dialect.js';
import { isSha256, sha256 } from './digest.js';
import {
  DOCKER_MANIFEST,
  DOCKER_MANIFEST_LIST,
  DOCKER_SCHEMA1,
  DOCKER_SCHEMA1_SIGNED,
  OCI_INDEX,
  OCI_MANIFEST,
} from './media-types.js';
import { bytesReply, emptyReply, errorReply, type Reply } from './reply.js';
import type { RegistryRequest } from './request.js';
import type { RegistryStore, StoredManifest, StoredRepository } from './store.js';

/** `GET` and `HEAD /v2/<name>/manifests/<reference>`. */
export function readManifest(
  request: RegistryRequest,
  repository: StoredRepository,
  reference: string,
  dialect: RegistryDialect,
): Reply {
  if (request.method === 'HEAD' && dialect.head === 'refused') return emptyReply(405);
  const stored = find(repository, reference);
  if (stored === undefined) return errorReply('MANIFEST_UNKNOWN', 'manifest unknown', { detail: { Tag: reference } });
  if (dialect.schema1 && !isSha256(reference)) return schema1Reply(reference);
  const chosen = dialect.accept === 'ignored' ? stored : negotiate(request, repository, reference, stored);
  if (!('digest' in chosen)) return chosen;
  const etag = `"${chosen.digest}"`;
  if (request.headers['if-none-match'] === etag)
    return emptyReply(304, { ETag: etag, ...digestHeader(chosen, dialect) });
  return bytesReply(
    200,
    { 'Content-Type': dialect.manifestContentType ?? chosen.mediaType, ETag: etag, ...digestHeader(chosen, dialect) },
    chosen.bytes,
  );
}

/** `PUT /v2/<name>/manifests/<reference>`: parsed, its parts looked for, stored by the digest of the very bytes. */
export function writeManifest(
  request: RegistryRequest,
  store: RegistryStore,
  name: string,
  reference: string,
): { readonly reply: Reply; readonly stored?: StoredManifest } {
  const mediaType = (request.headers['content-type'] ?? '').split(';', 1)[0]?.trim() ?? '';
  const digest = sha256(request.body);
  if (reference.includes(':') && reference !== digest) {
    return { reply: errorReply('DIGEST_INVALID', 'provided digest did not match uploaded content') };
  }
  if (!reference.includes(':') && !/^[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}$/.test(reference)) {
    return { reply: errorReply('MANIFEST_INVALID', 'manifest tag invalid') };
  }
  const repository = store.ensure(name);
  const manifest = parseManifest(request.body);
  const problem = manifest === undefined ? 'manifest is not a JSON object' : checkShape(manifest, mediaType);
  if (manifest === undefined || problem !== undefined) {
    return { reply: errorReply('MANIFEST_INVALID', 'manifest invalid', { detail: problem }) };
  }
  const missing = missingParts(manifest, repository);
  if (missing.length > 0) {
    return { reply: errorReply('MANIFEST_BLOB_UNKNOWN', 'blob unknown to registry', { detail: { digests: missing } }) };
  }
  const stored: StoredManifest = { digest, mediaType, bytes: request.body };
  repository.manifests.set(digest, stored);
  if (reference !== digest) repository.tags.set(reference, digest);
  const headers = { Location: `${request.base}/v2/${name}/manifests/${digest}`, 'Docker-Content-Digest': digest };
  return { reply: emptyReply(201, headers), stored };
}

/** `DELETE /v2/<name>/manifests/<reference>`: a digest goes with its tags, a tag alone (distribution spec, "Content Management"). */
export function deleteManifest(repository: StoredRepository, reference: string): Reply {
  const unknown = errorReply('MANIFEST_UNKNOWN', 'manifest unknown');
  if (!reference.includes(':')) return repository.tags.delete(reference) ? emptyReply(202) : unknown;
  if (!repository.manifests.delete(reference)) return unknown;
  for (const [tag, digest] of repository.tags) if (digest === reference) repository.tags.delete(tag);
  return emptyReply(202);
}

function find(repository: StoredRepository, reference: string): StoredManifest | undefined {
  const digest = reference.includes(':') ? reference : repository.tags.get(reference);
  return digest === undefined ? undefined : repository.manifests.get(digest);
}

/** Content negotiation as distribution 2.8 does it (registry/handlers/manifests.go): no wildcard is understood. */
function negotiate(
  request: RegistryRequest,
  repository: StoredRepository,
  reference: string,
  stored: StoredManifest,
): StoredManifest | Reply {
  const accepted = acceptedTypes(request.headers.accept);
  if (accepted.has(stored.mediaType)) return stored;
  if (stored.mediaType === OCI_INDEX) return notAccepted('OCI index');
  if (stored.mediaType === OCI_MANIFEST) return notAccepted('OCI manifest');
  if (reference.includes(':')) return stored;
  if (stored.mediaType !== DOCKER_MANIFEST_LIST) return schema1Reply(reference);
  const child = defaultChild(repository, stored);
  if (child === undefined) return errorReply('MANIFEST_UNKNOWN', 'manifest unknown');
  return accepted.has(child.mediaType) ? child : schema1Reply(reference);
}

function notAccepted(what: string): Reply {
  return errorReply('MANIFEST_UNKNOWN', `${what} found, but accept header does not support it`);
}

function acceptedTypes(accept: string | undefined): ReadonlySet<string> {
  return new Set(
    (accept ?? '')
      .split(',')
      .map((part) => part.split(';', 1)[0]?.trim() ?? '')
      .filter((type) => type !== '' && type !== '*/*'),
  );
}

function defaultChild(repository: StoredRepository, list: StoredManifest): StoredManifest | undefined {
  const entries = parseManifest(list.bytes)?.manifests;
  if (!Array.isArray(entries)) return undefined;
  const entry = entries
    .filter(isObject)
    .find(({ platform }) => isObject(platform) && platform.os === 'linux' && platform.architecture === 'amd64');
  return typeof entry?.digest === 'string' ? repository.manifests.get(entry.digest) : undefined;
}

/** A signed schema1 manifest: its digest is that of the payload without the signatures, not of the body. */
function schema1Reply(tag: string): Reply {
  const payload = { schemaVersion: 1, name: 'converted', tag, architecture: 'amd64', fsLayers: [], history: [] };
  const body = new TextEncoder().encode(
    JSON.stringify({ ...payload, signatures: [{ signature: '', protected: '' }] }, null, 3),
  );
  const digest = sha256(new TextEncoder().encode(JSON.stringify(payload, null, 3)));
  return bytesReply(200, { 'Content-Type': DOCKER_SCHEMA1_SIGNED, 'Docker-Content-Digest': digest }, body);
}

function digestHeader(manifest: StoredManifest, dialect: RegistryDialect): Readonly<Record<string, string>> {
  switch (dialect.digestHeader) {
    case 'right':
      return { 'Docker-Content-Digest': manifest.digest };
    case 'lying':
      return { 'Docker-Content-Digest': sha256(new TextEncoder().encode(`not ${manifest.digest}`)) };
    case 'malformed':
      return { 'Docker-Content-Digest': manifest.digest.slice(0, 20) };
    case 'missing':
      return {};
  }
}

type JsonObject = Readonly<Record<string, unknown>>;

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function parseManifest(bytes: Uint8Array): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function checkShape(manifest: JsonObject, mediaType: string): string | undefined {
  const known = [OCI_INDEX, OCI_MANIFEST, DOCKER_MANIFEST_LIST, DOCKER_MANIFEST];
  if (mediaType === DOCKER_SCHEMA1 || mediaType === DOCKER_SCHEMA1_SIGNED) return 'schema1 is not supported';
  if (!known.includes(mediaType)) return `unknown media type ${mediaType}`;
  const said = manifest.mediaType;
  if (said !== undefined && said !== mediaType) return `mediaType in manifest is not ${mediaType}`;
  if ('manifests' in manifest && ('config' in manifest || 'layers' in manifest)) return 'both an index and a manifest';
  const isIndex = mediaType === OCI_INDEX || mediaType === DOCKER_MANIFEST_LIST;
  if (isIndex) return Array.isArray(manifest.manifests) ? undefined : 'no manifests';
  return isObject(manifest.config) && Array.isArray(manifest.layers) ? undefined : 'no config or layers';
}

/** Digests the manifest names and the repository lacks. */
function missingParts(manifest: JsonObject, repository: StoredRepository): readonly string[] {
  const digests = (value: unknown): readonly string[] =>
    (Array.isArray(value) ? value : [value]).filter(isObject).map(({ digest }) => String(digest));
  if ('manifests' in manifest) return digests(manifest.manifests).filter((digest) => !repository.manifests.has(digest));
  return [...digests(manifest.config), ...digests(manifest.layers)].filter((digest) => !repository.blobs.has(digest));
}
