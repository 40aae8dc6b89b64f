import { answerBlob, type Uploads } from './blobs.js';
import type { RegistryDialect } from './dialect.js';
import { deleteManifest, readManifest, writeManifest } from './manifests.js';
import { emptyReply, errorReply, jsonReply, type Reply } from './reply.js';
import type { RegistryRequest, Route } from './request.js';
import type { RegistryStore } from './store.js';
import { listTags } from './tags.js';

/** A manifest came in: what a registry's push webhook tells. `tag` is absent for a push by digest. */
export interface ManifestPushed {
  readonly repository: string;
  readonly tag?: string;
  readonly digest: string;
  readonly mediaType: string;
}

interface RouteContext {
  readonly store: RegistryStore;
  readonly uploads: Uploads;
  readonly onPush: (pushed: ManifestPushed) => void;
  /** Whether the request's credentials also reach this repository, for mounting from it. */
  readonly mayRead: (request: RegistryRequest, repository: string) => boolean;
}

/** The answer to a request that the gate let through. */
export function answerRoute(
  context: RouteContext,
  request: RegistryRequest,
  route: Route,
  dialect: RegistryDialect,
): Reply {
  const { method } = request;
  const reading = method === 'GET' || method === 'HEAD';
  switch (route.kind) {
    case 'base':
      return reading ? jsonReply(200, {}) : emptyReply(405);
    case 'invalid-name':
      return errorReply('NAME_INVALID', 'invalid repository name', { detail: route.repository });
    case 'uploads':
      if (method !== 'POST') return emptyReply(405);
      return context.uploads.start(request, route.repository, (from) => context.mayRead(request, from));
    case 'upload':
      return context.uploads.go(request, route.repository, route.id);
    case 'manifest': {
      if (method === 'PUT') return put(context, request, route.repository, route.reference);
      if (!reading && method !== 'DELETE') return emptyReply(405);
      const repository = context.store.repository(route.repository);
      if (repository === undefined) return errorReply('MANIFEST_UNKNOWN', 'manifest unknown');
      if (method === 'DELETE') return deleteManifest(repository, route.reference);
      return readManifest(request, repository, route.reference, dialect);
    }
    case 'blob':
      if (!reading && method !== 'DELETE') return emptyReply(405);
      return answerBlob(request, context.store, route.repository, route.digest, dialect);
    case 'tags': {
      if (!reading) return emptyReply(405);
      const repository = context.store.repository(route.repository);
      return repository === undefined
        ? errorReply('NAME_UNKNOWN', 'repository name not known to registry', { detail: { name: route.repository } })
        : listTags(request, route.repository, repository, dialect);
    }
    case 'referrers':
      if (dialect.referrers === 'redirect') return emptyReply(303, { Location: `${request.elsewhere}/packages` });
      return emptyReply(404, { 'Content-Type': 'text/plain; charset=utf-8' });
    case 'token':
    case 'unknown':
      return emptyReply(404, { 'Content-Type': 'text/plain; charset=utf-8' });
  }
}

function put(context: RouteContext, request: RegistryRequest, repository: string, reference: string): Reply {
  const { reply, stored } = writeManifest(request, context.store, repository, reference);
  if (stored !== undefined) {
    const { digest, mediaType } = stored;
    context.onPush({ repository, digest, mediaType, ...(reference === digest ? {} : { tag: reference }) });
  }
  return reply;
}
