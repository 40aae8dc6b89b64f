import { readCommit, type Signature, writeCommit } from '../git/commit.js';
import { cherryPickTree, listCommits, mergeBase, mergeTrees, readCommits } from '../git/history.js';
import { resolveRefName } from '../git/refs.js';
import { Refusal } from '../refusal.js';
import type { MergeMethod, PullRequest } from '../state/pulls.js';
import { branchRef, type Repository } from '../state/repositories.js';
import type { Actor } from '../state/tokens.js';
import type { World } from '../state/world.js';
import { type Cause, causeOf } from './events.js';
import { authorOf, githubCommitter, markVerified } from './identities.js';
import { isMergeable, requirementsOf } from './mergeability.js';
import { editPull, followMove, markMerged } from './pulls.js';
import { writeRef } from './ref-writes.js';
import { rulesFor } from './rules.js';

export interface MergeOrder {
  readonly method: MergeMethod;
  /** The head the caller has looked at. */
  readonly sha?: string;
  readonly title?: string;
  readonly message?: string;
  /** The requirements were looked at already (auto-merge acts for whoever armed it). */
  readonly settled?: boolean;
}

const NOT_ALLOWED: Readonly<Record<MergeMethod, string>> = {
  merge: 'Merge commits are not allowed on this repository.',
  squash: 'Squash merges are not allowed on this repository.',
  rebase: 'Rebase merges are not allowed on this repository.',
};

export function allowsMethod(repository: Repository, method: MergeMethod): boolean {
  const { settings } = repository;
  if (method === 'merge') return settings.allowMergeCommit;
  return method === 'squash' ? settings.allowSquashMerge : settings.allowRebaseMerge;
}

const refuse = (message: string, status = 405): Refusal => new Refusal({ status, type: 'UNPROCESSABLE', message });

/** Merges a pull request as the API would (docs: rest/pulls "Merge a pull request"); gives the oid on the base. */
export async function mergePull(
  world: World,
  repository: Repository,
  actor: Actor,
  pull: PullRequest,
  order: MergeOrder,
): Promise<string> {
  if (pull.state === 'closed') throw refuse(pull.merged ? 'Pull Request is not mergeable' : 'Pull Request is closed');
  if (order.sha !== undefined && order.sha !== pull.headOid) {
    throw refuse('Head branch was modified. Review and try the merge again.', 409);
  }
  if (pull.draft) throw refuse('Pull Request is still a draft');
  if (!allowsMethod(repository, order.method)) throw refuse(NOT_ALLOWED[order.method]);
  const applied = rulesFor(repository, branchRef(pull.baseRef), actor, 'pull_request');
  for (const { rule } of applied) {
    if (rule.type === 'required_linear_history' && order.method === 'merge') {
      throw refuse('This branch must not contain merge commits.');
    }
    if (rule.type === 'pull_request' && rule.methods !== undefined && !rule.methods.includes(order.method)) {
      throw refuse(NOT_ALLOWED[order.method].replace('repository', 'branch'));
    }
  }
  if (!(await isMergeable(repository, pull))) throw refuse('Pull Request is not mergeable');
  const { missing, behind, fromRuleset } = await requirementsOf(repository, pull, actor);
  if (missing.length > 0 && order.settled !== true) {
    throw refuse(fromRuleset ? `Repository rule violations found\n\n${missing.join('\n\n')}\n\n` : missing.join(' '));
  }
  if (behind && order.settled !== true)
    throw refuse('Head branch is out of date. Review and try the merge again.', 409);
  return perform(world, repository, actor, pull, order);
}

async function perform(
  world: World,
  repository: Repository,
  actor: Actor,
  pull: PullRequest,
  order: MergeOrder,
): Promise<string> {
  const cause = causeOf(actor);
  const ref = branchRef(pull.baseRef);
  const base = await resolveRefName(repository.store, ref);
  if (base === undefined) throw refuse('Base branch was modified. Review and try the merge again.');
  const merged = await commitMerge(world, repository, cause, pull, order, base);
  if (merged === undefined) throw refuse('Pull Request is not mergeable');
  if (!(await writeRef(world, repository, cause, { ref, before: base, after: merged }))) {
    throw refuse('Base branch was modified. Review and try the merge again.');
  }
  await markMerged(world, repository, cause, pull, merged);
  await followMove(world, repository, cause, { ref, before: base, after: merged });
  if (repository.settings.deleteBranchOnMerge) await deleteHead(world, repository, actor, pull);
  return merged;
}

/**
 * "Automatically delete head branches": unless the rules keep the branch from whoever merges. Pull requests onto it
 * move to the branch it went into (docs: managing-the-automatic-deletion-of-branches).
 */
async function deleteHead(world: World, repository: Repository, actor: Actor, pull: PullRequest): Promise<void> {
  const ref = branchRef(pull.headRef);
  const cause = causeOf(actor);
  const kept = rulesFor(repository, ref, actor).some(({ rule }) => rule.type === 'deletion');
  const before = await resolveRefName(repository.store, ref);
  if (kept || before !== pull.headOid || pull.headRef === repository.defaultBranch) return;
  for (const other of repository.pulls.values()) {
    if (other.state !== 'open' || other.baseRef !== pull.headRef) continue;
    await editPull(world, repository, actor, other, { base: pull.baseRef });
  }
  await writeRef(world, repository, cause, { ref, before, after: undefined });
  await followMove(world, repository, cause, { ref, before, after: undefined });
}

async function commitMerge(
  world: World,
  repository: Repository,
  cause: Cause,
  pull: PullRequest,
  order: MergeOrder,
  base: string,
): Promise<string | undefined> {
  const { store } = repository;
  if (order.method === 'rebase') return rebase(world, repository, cause, pull, base);
  const tree = await mergeTrees(store, base, pull.headOid);
  if (tree === undefined) return undefined;
  const date = world.clock();
  const squash = order.method === 'squash';
  const oid = await writeCommit(store, {
    tree,
    parents: squash ? [base] : [base, pull.headOid],
    // A squash belongs to who opened the pull request, a merge commit to who merged it.
    author: authorOf(squash ? pull.author : cause.account, date),
    committer: githubCommitter(date),
    message: await messageOf(repository, pull, order, base),
  });
  markVerified(world, repository, oid);
  return oid;
}

async function messageOf(repository: Repository, pull: PullRequest, order: MergeOrder, base: string): Promise<string> {
  if (order.method === 'merge') {
    const title = order.title ?? `Merge pull request #${pull.number} from ${repository.owner.login}/${pull.headRef}`;
    return `${title}\n\n${order.message ?? pull.title}`;
  }
  const { store } = repository;
  const commits = await readCommits(store, (await listCommits(store, [pull.headOid], [base])).reverse());
  const [only] = commits;
  const single = commits.length === 1 && only !== undefined;
  const [subject = '', ...rest] = (only?.message ?? '').trim().split('\n');
  const title = order.title ?? `${single ? subject : pull.title} (#${pull.number})`;
  const body =
    order.message ??
    (single ? rest.join('\n').trim() : commits.map((commit) => `* ${commit.message.trim()}`).join('\n\n'));
  return body === '' ? title : `${title}\n\n${body}`;
}

/**
 * Every commit again on the base, authors kept. docs: about-merge-methods-on-github: the committer becomes who merged
 * and the new commits have no signature verification.
 */
async function rebase(
  world: World,
  repository: Repository,
  cause: Cause,
  pull: PullRequest,
  base: string,
): Promise<string | undefined> {
  const { store } = repository;
  const from = await mergeBase(store, base, pull.headOid);
  const commits = await readCommits(store, (await listCommits(store, [pull.headOid], [from ?? base])).reverse());
  const committer: Signature = authorOf(cause.account, world.clock());
  let tip = base;
  for (const commit of commits) {
    if (commit.parents.length > 1) continue;
    const onto = await readCommit(store, tip);
    if (onto === undefined) return undefined;
    const tree = await cherryPickTree(store, commit, onto);
    if (tree === undefined) return undefined;
    tip = await writeCommit(store, { tree, parents: [tip], author: commit.author, committer, message: commit.message });
  }
  return tip;
}

/** docs: rest/pulls "Update a pull request branch": merges the base into the head. */
export async function updatePullBranch(
  world: World,
  repository: Repository,
  actor: Actor,
  pull: PullRequest,
): Promise<void> {
  const { store } = repository;
  const base = await resolveRefName(store, branchRef(pull.baseRef));
  if (base === undefined) throw refuse('Base branch was modified. Review and try the merge again.', 422);
  const tree = await mergeTrees(store, pull.headOid, base);
  if (tree === undefined) throw refuse('merge conflict between base and head', 422);
  if ((await mergeBase(store, base, pull.headOid)) === base) {
    throw refuse('There are no new commits on the base branch.', 422);
  }
  const date = world.clock();
  const oid = await writeCommit(store, {
    tree,
    parents: [pull.headOid, base],
    author: authorOf(actor.account, date),
    committer: githubCommitter(date),
    message: `Merge branch '${pull.baseRef}' into ${pull.headRef}`,
  });
  markVerified(world, repository, oid);
  const ref = branchRef(pull.headRef);
  const cause = causeOf(actor);
  const move = { ref, before: pull.headOid, after: oid };
  if (!(await writeRef(world, repository, cause, move)))
    throw refuse('expected head sha didn’t match current head ref.', 422);
  await followMove(world, repository, cause, move);
}
