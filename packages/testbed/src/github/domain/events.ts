import type { RepositoryEvent } from '../host.js';
import { simpleUser } from '../represent/account.js';
import { fullRepository } from '../represent/repository.js';
import type { Account } from '../state/accounts.js';
import type { Repository } from '../state/repositories.js';
import { type Actor, isActionsToken } from '../state/tokens.js';
import type { World } from '../state/world.js';

/** Who caused an event, and whether with a GITHUB_TOKEN. */
export interface Cause {
  readonly account: Account;
  readonly byActionsToken: boolean;
}

export function causeOf(actor: Actor): Cause {
  return { account: actor.account, byActionsToken: isActionsToken(actor) };
}

export interface EventFacts {
  readonly name: string;
  readonly action?: string;
  readonly ref: string;
  readonly sha: string;
  readonly payload: Readonly<Record<string, unknown>>;
}

/**
 * docs: concepts/security/github_token: events caused by GITHUB_TOKEN start no workflow, but for workflow_dispatch
 * and repository_dispatch; since the changelog of 2026-06-11 its pull_request opened, synchronize and reopened create
 * runs that wait for a person's approval.
 */
export function runsOf(name: string, action: string | undefined, cause: Cause): RepositoryEvent['runs'] {
  if (!cause.byActionsToken || name === 'workflow_dispatch' || name === 'repository_dispatch') return 'start';
  const waits = name === 'pull_request' && ['opened', 'synchronize', 'reopened'].includes(action ?? '');
  return waits ? 'approval' : 'none';
}

/** Notes an event; it is raised when the write that caused it is complete. */
export function note(world: World, repository: Repository, cause: Cause, facts: EventFacts): void {
  repository.outbox.push({
    name: facts.name,
    ...(facts.action === undefined ? {} : { action: facts.action }),
    repository: repository.fullName,
    ref: facts.ref,
    sha: facts.sha,
    actor: cause.account.login,
    runs: runsOf(facts.name, facts.action, cause),
    payload: {
      ...(facts.action === undefined ? {} : { action: facts.action }),
      ...facts.payload,
      repository: fullRepository(world, repository, { kind: 'anonymous' }),
      sender: simpleUser(world, cause.account),
    },
  });
}

/** Raises what was noted, in order. */
export function flush(world: World, repository: Repository): void {
  for (const event of repository.outbox.splice(0)) for (const listener of world.listeners) listener(event);
}
