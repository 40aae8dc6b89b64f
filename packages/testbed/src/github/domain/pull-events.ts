import { readCommit, writeCommit } from '../git/commit.js';
import { mergeTrees } from '../git/history.js';
import { compareAndSwapRef, resolveRefName } from '../git/refs.js';
import { fullPull, review as representReview } from '../represent/pull.js';
import type { PullRequest, Review } from '../state/pulls.js';
import { branchRef, type Repository } from '../state/repositories.js';
import type { World } from '../state/world.js';
import { type Cause, note } from './events.js';
import { githubCommitter } from './identities.js';

/** Moves one of the server's own refs (`refs/pull/…`), whatever it was. */
async function setRef(repository: Repository, ref: string, oid: string): Promise<void> {
  await compareAndSwapRef(repository.store, ref, await resolveRefName(repository.store, ref), oid);
}

/** Writes `refs/pull/N/head` and, when the merge works, `refs/pull/N/merge`; gives the latter's oid. */
export async function writePullRefs(
  world: World,
  repository: Repository,
  pull: PullRequest,
): Promise<string | undefined> {
  const { store } = repository;
  await setRef(repository, `refs/pull/${pull.number}/head`, pull.headOid);
  const base = await resolveRefName(store, branchRef(pull.baseRef));
  if (base === undefined) return undefined;
  const tree = await mergeTrees(store, base, pull.headOid);
  if (tree === undefined) {
    pull.testMerge = undefined;
    return undefined;
  }
  const head = await readCommit(store, pull.headOid);
  const who = githubCommitter(world.clock());
  const merge = await writeCommit(store, {
    tree,
    parents: [base, pull.headOid],
    author: head?.author ?? who,
    committer: who,
    message: `Merge ${pull.headOid} into ${base}`,
  });
  await setRef(repository, `refs/pull/${pull.number}/merge`, merge);
  pull.testMerge = merge;
  return merge;
}

/**
 * Notes `pull_request` (on the merge ref) and `pull_request_target` (on the base branch).
 * docs: events-that-trigger-workflows: pull_request workflows don't run when there is a merge conflict.
 */
export async function notePull(
  world: World,
  repository: Repository,
  cause: Cause,
  pull: PullRequest,
  action: string,
  extra: Readonly<Record<string, unknown>> = {},
): Promise<void> {
  const body = await fullPull(world, repository, pull, { mergeable: undefined, state: 'UNKNOWN' });
  const payload = { number: pull.number, pull_request: body, ...extra };
  const mergeRef = `refs/pull/${pull.number}/merge`;
  const merge =
    pull.state === 'open'
      ? await writePullRefs(world, repository, pull)
      : (pull.mergeCommit ?? (await resolveRefName(repository.store, mergeRef)) ?? pull.headOid);
  if (merge !== undefined) {
    note(world, repository, cause, { name: 'pull_request', action, ref: mergeRef, sha: merge, payload });
  }
  const base = await resolveRefName(repository.store, branchRef(pull.baseRef));
  note(world, repository, cause, {
    name: 'pull_request_target',
    action,
    ref: branchRef(pull.baseRef),
    sha: base ?? pull.baseOid,
    payload,
  });
}

export async function noteReview(
  world: World,
  repository: Repository,
  cause: Cause,
  pull: PullRequest,
  review: Review,
  action: 'submitted' | 'dismissed',
): Promise<void> {
  const body = await fullPull(world, repository, pull, { mergeable: undefined, state: 'UNKNOWN' });
  const mergeRef = `refs/pull/${pull.number}/merge`;
  note(world, repository, cause, {
    name: 'pull_request_review',
    action,
    ref: mergeRef,
    sha: (await resolveRefName(repository.store, mergeRef)) ?? pull.headOid,
    payload: {
      number: pull.number,
      pull_request: body,
      review: { ...representReview(world, repository, pull, review), state: review.state.toLowerCase() },
    },
  });
}
