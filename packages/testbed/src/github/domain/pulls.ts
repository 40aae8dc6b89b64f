import { isAncestor } from '../git/history.js';
import { resolveRefName } from '../git/refs.js';
import { Refusal, unprocessable } from '../refusal.js';
import type { PullRequest } from '../state/pulls.js';
import { branchRef, type Repository } from '../state/repositories.js';
import { type Actor, isActionsToken } from '../state/tokens.js';
import type { World } from '../state/world.js';
import { type Cause, causeOf } from './events.js';
import { notePull } from './pull-events.js';
import type { RefMove } from './ref-writes.js';
import { pullRequestRules, rulesFor } from './rules.js';

export interface NewPull {
  readonly title: string;
  readonly body: string;
  /** A branch, or `owner:branch` of the same repository (forks are not in the test bed). */
  readonly head: string;
  readonly base: string;
  readonly draft: boolean;
}

const ERROR_RESOURCE = { resource: 'PullRequest', code: 'custom' } as const;

function invalid(message: string): Refusal {
  return unprocessable('Validation Failed', [{ ...ERROR_RESOURCE, message }]);
}

/** Settings → Actions → General: GITHUB_TOKEN opens pull requests only where it is allowed. */
export function refuseActionsToken(repository: Repository, actor: Actor): void {
  if (isActionsToken(actor) && !repository.settings.actionsCanCreatePullRequests) {
    throw new Refusal({
      status: 403,
      type: 'FORBIDDEN',
      message: 'GitHub Actions is not permitted to create or approve pull requests.',
    });
  }
}

export async function createPull(
  world: World,
  repository: Repository,
  actor: Actor,
  facts: NewPull,
): Promise<PullRequest> {
  refuseActionsToken(repository, actor);
  const [owner, ...rest] = facts.head.split(':');
  const headRef = rest.length === 0 ? facts.head : rest.join(':');
  if (rest.length > 0 && owner?.toLowerCase() !== repository.owner.login.toLowerCase()) {
    throw unprocessable('Validation Failed', [{ resource: 'PullRequest', field: 'head', code: 'invalid' }]);
  }
  const headOid = await resolveRefName(repository.store, branchRef(headRef));
  const baseOid = await resolveRefName(repository.store, branchRef(facts.base));
  for (const [field, oid] of [
    ['head', headOid],
    ['base', baseOid],
  ] as const) {
    if (oid === undefined)
      throw unprocessable('Validation Failed', [{ resource: 'PullRequest', field, code: 'invalid' }]);
  }
  if (headOid === undefined || baseOid === undefined) throw unprocessable('Validation Failed');
  const twin = [...repository.pulls.values()].find(
    (pull) => pull.state === 'open' && pull.headRef === headRef && pull.baseRef === facts.base,
  );
  if (twin !== undefined) throw invalid(`A pull request already exists for ${repository.owner.login}:${headRef}.`);
  if (await isAncestor(repository.store, headOid, baseOid)) {
    throw invalid(`No commits between ${facts.base} and ${headRef}`);
  }
  const now = world.clock();
  const pull: PullRequest = {
    id: world.ids.next('pull'),
    number: repository.nextNumber++,
    author: actor.account,
    createdAt: now,
    headRef,
    title: facts.title,
    body: facts.body,
    baseRef: facts.base,
    headOid,
    baseOid,
    state: 'open',
    draft: facts.draft,
    merged: false,
    mergedAt: undefined,
    mergedBy: undefined,
    mergeCommit: undefined,
    testMerge: undefined,
    closedAt: undefined,
    updatedAt: now,
    autoMerge: undefined,
    labels: new Set(),
    reviews: [],
    comments: [],
    mergeability: undefined,
    mergeabilityReads: { key: '', count: 0 },
  };
  repository.pulls.set(pull.number, pull);
  await notePull(world, repository, causeOf(actor), pull, 'opened');
  return pull;
}

export async function closePull(world: World, repository: Repository, cause: Cause, pull: PullRequest): Promise<void> {
  if (pull.state === 'closed') return;
  pull.state = 'closed';
  pull.closedAt = world.clock();
  pull.updatedAt = pull.closedAt;
  pull.autoMerge = undefined;
  await notePull(world, repository, cause, pull, 'closed');
}

export async function reopenPull(world: World, repository: Repository, actor: Actor, pull: PullRequest): Promise<void> {
  if (pull.state === 'open') return;
  if (pull.merged) throw invalid('The pull request cannot be reopened: it was merged.');
  const head = await resolveRefName(repository.store, branchRef(pull.headRef));
  if (head === undefined) throw invalid(`The ${pull.headRef} branch was deleted.`);
  if (!(await isAncestor(repository.store, pull.headOid, head))) {
    throw invalid(`The ${pull.headRef} branch was force-pushed or recreated.`);
  }
  pull.state = 'open';
  pull.closedAt = undefined;
  pull.headOid = head;
  pull.updatedAt = world.clock();
  await notePull(world, repository, causeOf(actor), pull, 'reopened');
}

export interface PullChanges {
  readonly title?: string;
  readonly body?: string;
  readonly base?: string;
}

export async function editPull(
  world: World,
  repository: Repository,
  actor: Actor,
  pull: PullRequest,
  changes: PullChanges,
): Promise<void> {
  const before: Record<string, unknown> = {};
  if (changes.title !== undefined && changes.title !== pull.title) before.title = { from: pull.title };
  if (changes.body !== undefined && changes.body !== pull.body) before.body = { from: pull.body };
  if (changes.base !== undefined && changes.base !== pull.baseRef) {
    const base = await resolveRefName(repository.store, branchRef(changes.base));
    if (base === undefined)
      throw unprocessable('Validation Failed', [{ resource: 'PullRequest', field: 'base', code: 'invalid' }]);
    before.base = { ref: { from: pull.baseRef }, sha: { from: pull.baseOid } };
    pull.baseRef = changes.base;
    pull.baseOid = base;
    // docs: automatically-merging-a-pull-request: a switched base branch disables auto-merge.
    pull.autoMerge = undefined;
  }
  pull.title = changes.title ?? pull.title;
  pull.body = changes.body ?? pull.body;
  pull.updatedAt = world.clock();
  if (Object.keys(before).length > 0) {
    await notePull(world, repository, causeOf(actor), pull, 'edited', { changes: before });
  }
}

/**
 * What a branch's move does to open pull requests: its own are synchronized, or closed when nothing is left of them
 * (changesets/ghcommit, core.ts: a head reset to its base is closed by GitHub); those onto it are merged when it now
 * holds their head.
 */
export async function followMove(world: World, repository: Repository, cause: Cause, move: RefMove): Promise<void> {
  for (const pull of repository.pulls.values()) {
    if (pull.state === 'open' && branchRef(pull.headRef) === move.ref)
      await followHead(world, repository, cause, pull, move);
    if (pull.state === 'open' && branchRef(pull.baseRef) === move.ref)
      await followBase(world, repository, cause, pull, move);
  }
}

async function followHead(
  world: World,
  repository: Repository,
  cause: Cause,
  pull: PullRequest,
  move: RefMove,
): Promise<void> {
  if (move.after === undefined) return closePull(world, repository, cause, pull);
  if (move.after === pull.headOid) return;
  const before = pull.headOid;
  pull.headOid = move.after;
  pull.updatedAt = world.clock();
  const base = await resolveRefName(repository.store, branchRef(pull.baseRef));
  if (base !== undefined && (await isAncestor(repository.store, move.after, base))) {
    return closePull(world, repository, cause, pull);
  }
  pull.baseOid = base ?? pull.baseOid;
  if (pullRequestRules(rulesFor(repository, branchRef(pull.baseRef))).some((rule) => rule.dismissStale)) {
    for (const review of pull.reviews) if (review.state === 'APPROVED') review.state = 'DISMISSED';
  }
  await notePull(world, repository, cause, pull, 'synchronize', { before, after: move.after });
}

async function followBase(
  world: World,
  repository: Repository,
  cause: Cause,
  pull: PullRequest,
  move: RefMove,
): Promise<void> {
  if (move.after === undefined) return closePull(world, repository, cause, pull);
  if (await isAncestor(repository.store, pull.headOid, move.after)) {
    await markMerged(world, repository, cause, pull, move.after);
  }
}

export async function markMerged(
  world: World,
  repository: Repository,
  cause: Cause,
  pull: PullRequest,
  mergeCommit: string,
): Promise<void> {
  const now = world.clock();
  pull.state = 'closed';
  pull.merged = true;
  pull.mergedAt = now;
  pull.mergedBy = cause.account;
  pull.mergeCommit = mergeCommit;
  pull.closedAt = now;
  pull.updatedAt = now;
  pull.autoMerge = undefined;
  await notePull(world, repository, cause, pull, 'closed');
}

export function expectPull(repository: Repository, number: number): PullRequest {
  const pull = repository.pulls.get(number);
  if (pull === undefined) throw new Refusal({ status: 404, message: 'Not Found' });
  return pull;
}
