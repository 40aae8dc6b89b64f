import { createRef, deleteRef, moveRef } from '../domain/ref-updates.js';
import { listRefs, type Ref } from '../git/refs.js';
import { notFound } from '../refusal.js';
import { repositoryUrl } from '../represent/repository.js';
import { gitNodeId } from '../state/ids.js';
import type { Repository } from '../state/repositories.js';
import { actorOf } from '../state/tokens.js';
import type { World } from '../state/world.js';
import { created, flag, noContent, ok, onRepository, type Route, text } from './route.js';

/** OpenAPI `git-ref`. */
export function gitRef(world: World, repository: Repository, ref: Ref): Record<string, unknown> {
  const url = repositoryUrl(world, repository);
  return {
    ref: ref.name,
    node_id: gitNodeId('REF', repository.id, ref.name),
    url: `${url}/git/${ref.name}`,
    object: { sha: ref.oid, type: ref.type, url: `${url}/git/${ref.type}s/${ref.oid}` },
  };
}

async function find(repository: Repository, name: string): Promise<Ref> {
  const object = await repository.store.info(name);
  if (object === undefined) throw notFound();
  return { name, oid: object.oid, type: object.type };
}

export const refRoutes: readonly Route[] = [
  onRepository('GET /git/ref/{ref}', 'contents:read', async ({ world, repository, parameters }) =>
    ok(gitRef(world, repository, await find(repository, `refs/${parameters.ref}`))),
  ),
  onRepository('GET /git/matching-refs/{ref}', 'contents:read', async ({ world, repository, parameters }) => {
    const refs = await listRefs(repository.store, `refs/${parameters.ref}`);
    return ok(refs.map((ref) => gitRef(world, repository, ref)));
  }),
  onRepository('POST /git/refs', 'contents:write', async ({ world, repository, caller, body }) => {
    const name = text(body, 'ref') ?? '';
    await createRef(world, repository, actorOf(caller), name, text(body, 'sha') ?? '');
    return created(gitRef(world, repository, await find(repository, name)));
  }),
  onRepository('PATCH /git/refs/{ref}', 'contents:write', async ({ world, repository, caller, body, parameters }) => {
    const name = `refs/${parameters.ref}`;
    await moveRef(world, repository, actorOf(caller), name, text(body, 'sha') ?? '', flag(body, 'force') ?? false);
    return ok(gitRef(world, repository, await find(repository, name)));
  }),
  onRepository('DELETE /git/refs/{ref}', 'contents:write', async ({ world, repository, caller, parameters }) => {
    await deleteRef(world, repository, actorOf(caller), `refs/${parameters.ref}`);
    return noContent;
  }),
];
