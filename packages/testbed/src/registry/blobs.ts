import { randomUUID } from 'node:crypto';
import type { RegistryDialect } from './dialect.js';
import { isSha256, sha256 } from './digest.js';
import { bytesReply, emptyReply, errorReply, type Reply } from './reply.js';
import type { RegistryRequest } from './request.js';
import type { RegistryStore } from './store.js';

/** `GET`, `HEAD` and `DELETE /v2/<name>/blobs/<digest>`. */
export function answerBlob(
  request: RegistryRequest,
  store: RegistryStore,
  name: string,
  digest: string,
  dialect: RegistryDialect,
): Reply {
  if (!isSha256(digest)) return errorReply('DIGEST_INVALID', 'provided digest did not match uploaded content');
  const bytes = store.blob(name, digest);
  if (bytes === undefined) return errorReply('BLOB_UNKNOWN', 'blob unknown to registry', { detail: digest });
  if (request.method === 'DELETE') {
    store.ensure(name).blobs.delete(digest);
    return emptyReply(202);
  }
  if (dialect.blobs === 'redirect') {
    return emptyReply(307, { Location: `${request.elsewhere}/blobs/${digest}?signature=${digest.slice(7, 15)}` });
  }
  return blobReply(digest, bytes);
}

export function blobReply(digest: string, bytes: Uint8Array): Reply {
  return bytesReply(
    200,
    { 'Content-Type': 'application/octet-stream', 'Docker-Content-Digest': digest, ETag: `"${digest}"` },
    bytes,
  );
}

/** Blob uploads in progress (distribution spec, "Pushing blobs"): monolithic, chunked, and mounted. */
export interface Uploads {
  /** `POST …/blobs/uploads/`, with `?mount=&from=` or `?digest=`. */
  readonly start: (request: RegistryRequest, name: string, mayRead: (repository: string) => boolean) => Reply;
  /** `PATCH`, `PUT`, `GET` and `DELETE` of the upload's own URL. */
  readonly go: (request: RegistryRequest, name: string, id: string) => Reply;
}

export function createUploads(store: RegistryStore): Uploads {
  const running = new Map<string, { readonly repository: string; readonly state: string; bytes: Buffer }>();

  const progress = (request: RegistryRequest, name: string, id: string, status: number): Reply => {
    const upload = running.get(id);
    const end = Math.max(0, (upload?.bytes.length ?? 0) - 1);
    return emptyReply(status, {
      // The query must survive the client's adding `digest`: real registries keep their state there.
      Location: `${request.base}/v2/${name}/blobs/uploads/${id}?_state=${encodeURIComponent(upload?.state ?? '')}`,
      'Docker-Upload-UUID': id,
      Range: `0-${end}`,
    });
  };

  const finish = (request: RegistryRequest, name: string, bytes: Uint8Array): Reply => {
    const digest = request.query.get('digest') ?? '';
    if (!isSha256(digest) || sha256(bytes) !== digest) {
      return errorReply('DIGEST_INVALID', 'provided digest did not match uploaded content');
    }
    store.addBlob(name, bytes);
    return created(request, name, digest);
  };

  return {
    start(request, name, mayRead) {
      const mount = request.query.get('mount');
      const from = request.query.get('from');
      if (mount !== null && from !== null && mayRead(from)) {
        const bytes = store.blob(from, mount);
        if (bytes !== undefined) {
          store.addBlob(name, bytes);
          return created(request, name, mount);
        }
      }
      if (request.query.has('digest')) return finish(request, name, request.body);
      const id = randomUUID();
      running.set(id, { repository: name, state: `${randomUUID()}+/=`, bytes: Buffer.alloc(0) });
      return progress(request, name, id, 202);
    },
    go(request, name, id) {
      const upload = running.get(id);
      if (upload === undefined || upload.repository !== name || request.query.get('_state') !== upload.state) {
        return errorReply('BLOB_UPLOAD_UNKNOWN', 'blob upload unknown to registry');
      }
      if (request.method === 'GET') return progress(request, name, id, 204);
      if (request.method === 'DELETE') {
        running.delete(id);
        return emptyReply(204);
      }
      if (request.method !== 'PATCH' && request.method !== 'PUT') return emptyReply(405);
      const range = /^(\d+)-\d+$/.exec(request.headers['content-range'] ?? '');
      if (range !== null && Number(range[1]) !== upload.bytes.length) {
        return errorReply('BLOB_UPLOAD_INVALID', 'chunk out of order', { status: 416 });
      }
      upload.bytes = Buffer.concat([upload.bytes, request.body]);
      if (request.method === 'PATCH') return progress(request, name, id, 202);
      running.delete(id);
      return finish(request, name, upload.bytes);
    },
  };
}

function created(request: RegistryRequest, name: string, digest: string): Reply {
  return emptyReply(201, { Location: `${request.base}/v2/${name}/blobs/${digest}`, 'Docker-Content-Digest': digest });
}
