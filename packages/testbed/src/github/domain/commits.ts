import { type Commit, readCommit, type Signature, writeCommit } from '../git/commit.js';
import { resolveRefName } from '../git/refs.js';
import { editTree, type TreeChange } from '../git/tree.js';
import { Refusal, unprocessable } from '../refusal.js';
import { branchRef, type Repository } from '../state/repositories.js';
import type { Actor } from '../state/tokens.js';
import type { World } from '../state/world.js';
import { authorOf, githubCommitter, markVerified } from './identities.js';
import { updateRef } from './ref-updates.js';

export interface CommitFacts {
  readonly message: string;
  readonly tree: string;
  readonly parents: readonly string[];
  readonly author: Readonly<Record<string, unknown>> | undefined;
  readonly committer: Readonly<Record<string, unknown>> | undefined;
}

function signature(facts: Readonly<Record<string, unknown>>, fallback: Signature): Signature {
  return {
    name: typeof facts.name === 'string' ? facts.name : fallback.name,
    email: typeof facts.email === 'string' ? facts.email : fallback.email,
    date: typeof facts.date === 'string' ? new Date(facts.date) : fallback.date,
  };
}

/**
 * POST /git/commits. docs: about-commit-signature-verification, "Signature verification for bots": GitHub signs when
 * an App's token makes the request and author and committer are left out; a user's commit stays unsigned
 * (peter-evans/create-pull-request, "Commit signature verification for bots"; nearform/lastlight #268).
 */
export async function writeNewCommit(
  world: World,
  repository: Repository,
  actor: Actor,
  facts: CommitFacts,
): Promise<Commit> {
  const { store } = repository;
  const tree = await store.info(`${facts.tree}^{tree}`);
  if (tree?.type !== 'tree') throw unprocessable('Tree SHA does not exist');
  for (const parent of facts.parents) {
    if ((await store.info(parent))?.type !== 'commit')
      throw unprocessable('Parent SHA does not exist or is not a commit object');
  }
  const date = world.clock();
  const self = authorOf(actor.account, date);
  const signed = actor.kind === 'installation' && facts.author === undefined && facts.committer === undefined;
  const author = facts.author === undefined ? self : signature(facts.author, self);
  const committer =
    facts.committer === undefined ? (signed ? githubCommitter(date) : author) : signature(facts.committer, author);
  const oid = await writeCommit(store, {
    tree: tree.oid,
    parents: facts.parents,
    author,
    committer,
    message: facts.message,
  });
  if (signed) markVerified(world, repository, oid);
  return { oid, tree: tree.oid, parents: facts.parents, author, committer, message: facts.message };
}

export interface BranchCommit {
  readonly branch: string;
  readonly expectedHead: string;
  readonly message: string;
  readonly changes: ReadonlyMap<string, TreeChange>;
}

/**
 * createCommitOnBranch: one commit by the caller, signed by GitHub, on a branch that must still be where expected
 * (docs: graphql/reference/mutations#createcommitonbranch; message as in ministryofjustice/modernisation-platform #11985).
 */
export async function commitOnBranch(
  world: World,
  repository: Repository,
  actor: Actor,
  facts: BranchCommit,
): Promise<string> {
  const ref = branchRef(facts.branch);
  const head = await resolveRefName(repository.store, ref);
  if (head === undefined) {
    throw new Refusal({
      status: 404,
      type: 'NOT_FOUND',
      message: `Could not resolve to a branch with the name '${facts.branch}'.`,
    });
  }
  const stale = new Refusal({
    status: 409,
    type: 'STALE_DATA',
    message: `Expected branch to point to "${facts.expectedHead}" but it did not. Pull and try again.`,
  });
  if (head !== facts.expectedHead) throw stale;
  const parent = await readCommit(repository.store, head);
  if (parent === undefined) throw stale;
  for (const [path, change] of facts.changes) {
    if (change === undefined && (await repository.store.info(`${parent.tree}:${path}`)) === undefined) {
      throw unprocessable(
        `A path was requested for deletion which does not exist as of commit oid \`${head}\`: ${path}`,
      );
    }
  }
  const tree = await editTree(repository.store, parent.tree, facts.changes);
  const date = world.clock();
  const oid = await writeCommit(repository.store, {
    tree,
    parents: [head],
    author: authorOf(actor.account, date),
    committer: githubCommitter(date),
    message: facts.message,
  });
  markVerified(world, repository, oid);
  await updateRef(world, repository, actor, { ref, before: head, after: oid }).catch((error: unknown) => {
    throw error instanceof Refusal && error.type === 'STALE_DATA' ? stale : error;
  });
  return oid;
}
