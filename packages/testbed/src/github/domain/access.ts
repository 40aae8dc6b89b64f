import type { Permissions } from '../host.js';
import { notAccessible, notFound, Refusal } from '../refusal.js';
import { findRepository, type Repository, type Role, roleAtLeast, roleOf } from '../state/repositories.js';
import type { Caller } from '../state/tokens.js';
import type { World } from '../state/world.js';

/** `contents:write`, in the API's words (`pull_requests`, not `pull-requests`). */
export type Need = `${string}:${'read' | 'write'}`;

/** Workflow `permissions:` and the API's names differ in their separator only (`id-token` is no API permission). */
export function apiPermissions(permissions: Permissions): Permissions {
  return Object.fromEntries(Object.entries(permissions).map(([name, level]) => [name.replaceAll('-', '_'), level]));
}

/** What a person needs for what an App needs a permission for. */
function roleFor(need: Need): Role {
  const [name = '', level = ''] = need.split(':');
  if (name === 'administration' || name === 'environments') return level === 'write' ? 'admin' : 'read';
  if (level === 'read') return 'read';
  return name === 'issues' || name === 'pull_requests' ? 'read' : 'write';
}

export function permits(caller: Caller, repository: Repository, need: Need): boolean {
  if (caller.kind === 'user') return roleAtLeast(roleOf(repository, caller.account), roleFor(need));
  if (caller.kind === 'installation') {
    const [name = '', level = ''] = need.split(':');
    if (!covers(caller, repository)) return level === 'read' && repository.visibility === 'public';
    if (name === 'metadata') return level === 'read';
    const granted = caller.permissions[name] ?? 'none';
    return granted === 'write' || (granted === 'read' && level === 'read');
  }
  return caller.kind === 'anonymous' && repository.visibility === 'public' && need.endsWith(':read');
}

/** Whether an installation token was made for this repository. */
function covers(caller: Extract<Caller, { kind: 'installation' }>, repository: Repository): boolean {
  if (caller.repositories !== undefined) return caller.repositories.has(repository.id);
  return caller.installation?.account.id === repository.owner.id;
}

/** Whether the caller may know that the repository exists; all others get 404. */
export function canSee(caller: Caller, repository: Repository): boolean {
  if (repository.visibility === 'public') return true;
  if (caller.kind === 'user') return roleOf(repository, caller.account) !== undefined;
  return caller.kind === 'installation' && covers(caller, repository);
}

export function visibleRepository(world: World, caller: Caller, fullName: string): Repository {
  const repository = findRepository(world, fullName);
  if (repository === undefined || !canSee(caller, repository)) throw notFound();
  return repository;
}

/**
 * Demands one of several alternative permissions (`issues=write; pull_requests=write`).
 * docs: troubleshooting-the-rest-api, "Resource not accessible".
 */
export function demand(caller: Caller, repository: Repository, needs: readonly Need[]): void {
  if (needs.length === 0 || needs.some((need) => permits(caller, repository, need))) return;
  if (caller.kind === 'installation') {
    throw notAccessible(needs.map((need) => need.replace(':', '=')).join('; '));
  }
  if (caller.kind === 'app') throw new Refusal({ status: 403, message: 'Resource not accessible by integration' });
  if (caller.kind === 'anonymous') throw new Refusal({ status: 401, message: 'Requires authentication' });
  if (needs.some((need) => need.startsWith('administration'))) {
    throw new Refusal({ status: 403, message: 'Must have admin rights to Repository.' });
  }
  throw notFound();
}
