import type { Repository } from '../state/repositories.js';

export interface RefNode {
  readonly __typename: 'Ref';
  readonly repository: Repository;
  readonly name: string;
  readonly oid: string;
}

/** A ref by its full name, or the short name of a branch or tag; null when there is none. */
export async function refNode(repository: Repository, name: string): Promise<RefNode | null> {
  const candidates = name.startsWith('refs/') ? [name] : [`refs/heads/${name}`, `refs/tags/${name}`, `refs/${name}`];
  for (const candidate of candidates) {
    const object = await repository.store.info(candidate);
    if (object !== undefined) return { __typename: 'Ref', repository, name: candidate, oid: object.oid };
  }
  return null;
}
