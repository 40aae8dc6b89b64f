import { canSee } from '../domain/access.js';
import { readCommit } from '../git/commit.js';
import { Refusal } from '../refusal.js';
import { parseNodeId } from '../state/ids.js';
import { findRepository, type Repository } from '../state/repositories.js';
import { commitNode } from './git-objects.js';
import { type PullNode, pullNode } from './pull-node.js';
import { refNode } from './ref-node.js';
import { type Context, repositoryNode } from './types.js';

const unresolved = (id: string): Refusal =>
  new Refusal({ status: 404, type: 'NOT_FOUND', message: `Could not resolve to a node with the global id of '${id}'` });

export function repositoryNamed(context: Context, fullName: string): Repository {
  const repository = findRepository(context.world, fullName);
  if (repository === undefined || !canSee(context.caller, repository)) {
    throw new Refusal({
      status: 404,
      type: 'NOT_FOUND',
      message: `Could not resolve to a Repository with the name '${fullName}'.`,
    });
  }
  return repository;
}

function visible(context: Context, matches: (repository: Repository) => boolean): Repository | undefined {
  return [...context.world.repositories.values()].find((one) => matches(one) && canSee(context.caller, one));
}

export function repositoryById(context: Context, id: string): Repository {
  const parsed = parseNodeId(id);
  const found = parsed?.prefix === 'R' ? visible(context, (one) => String(one.id) === parsed.parts[0]) : undefined;
  if (found === undefined) throw unresolved(id);
  return found;
}

export function pullById(context: Context, id: string): PullNode {
  const parsed = parseNodeId(id);
  if (parsed?.prefix === 'PR') {
    for (const repository of context.world.repositories.values()) {
      const pull = [...repository.pulls.values()].find((one) => String(one.id) === parsed.parts[0]);
      if (pull !== undefined && canSee(context.caller, repository)) return pullNode(repository, pull);
    }
  }
  throw unresolved(id);
}

export function refById(context: Context, id: string): { readonly repository: Repository; readonly name: string } {
  const parsed = parseNodeId(id);
  const repository =
    parsed?.prefix === 'REF' ? visible(context, (one) => String(one.id) === parsed.parts[0]) : undefined;
  if (parsed === undefined || repository === undefined) throw unresolved(id);
  return { repository, name: parsed.parts.slice(1).join(':') };
}

/** `Query.node` for the kinds that clients look up again. */
export async function nodeById(context: Context, id: string): Promise<unknown> {
  const prefix = parseNodeId(id)?.prefix;
  if (prefix === 'R') return repositoryNode(repositoryById(context, id));
  if (prefix === 'PR') return pullById(context, id);
  if (prefix === 'REF') {
    const { repository, name } = refById(context, id);
    return refNode(repository, name);
  }
  if (prefix === 'C') {
    const parts = parseNodeId(id)?.parts ?? [];
    const repository = visible(context, (one) => String(one.id) === parts[0]);
    const commit = repository === undefined ? undefined : await readCommit(repository.store, parts[1] ?? '');
    if (repository !== undefined && commit !== undefined) return commitNode(repository, commit);
  }
  throw unresolved(id);
}
