import type { Commit } from '../git/commit.js';
import { readCommit } from '../git/commit.js';
import { isAncestor, listCommits, readCommits } from '../git/history.js';
import { compareAndSwapRef, ZERO_OID } from '../git/refs.js';
import { isoSeconds } from '../represent/commit.js';
import { repositoryPage } from '../represent/repository.js';
import { noreply } from '../state/accounts.js';
import type { Repository } from '../state/repositories.js';
import type { World } from '../state/world.js';
import { type Cause, note } from './events.js';

/** A ref's move; `before` undefined is a creation, `after` undefined a deletion. */
export interface RefMove {
  readonly ref: string;
  readonly before: string | undefined;
  readonly after: string | undefined;
}

/** Moves a ref by compare-and-swap and notes the push; false when it was not at `before`. */
export async function writeRef(world: World, repository: Repository, cause: Cause, move: RefMove): Promise<boolean> {
  if (move.before !== undefined && move.before === move.after) return true;
  if (!(await compareAndSwapRef(repository.store, move.ref, move.before, move.after))) return false;
  await notePush(world, repository, cause, move);
  return true;
}

/** Notes `push` (and `create` or `delete`) for a branch or tag that has moved. */
export async function notePush(world: World, repository: Repository, cause: Cause, move: RefMove): Promise<void> {
  if (!move.ref.startsWith('refs/heads/') && !move.ref.startsWith('refs/tags/')) return;
  repository.pushedAt = world.clock();
  const { store } = repository;
  const { before, after } = move;
  const created = before === undefined;
  const deleted = after === undefined;
  const forced = before !== undefined && after !== undefined && !(await isAncestor(store, before, after));
  const oids =
    after === undefined
      ? []
      : await listCommits(store, [after], before === undefined ? [] : [before], { limit: created ? 1 : 20 });
  const commits = await readCommits(store, oids.reverse());
  const head = after === undefined ? undefined : await readCommit(store, after);
  const page = repositoryPage(world, repository);
  const refType = move.ref.startsWith('refs/tags/') ? 'tag' : 'branch';
  const shortName = move.ref.split('/').slice(2).join('/');
  if (created || deleted) {
    note(world, repository, cause, {
      name: created ? 'create' : 'delete',
      ref: created ? move.ref : `refs/heads/${repository.defaultBranch}`,
      sha: after ?? before ?? ZERO_OID,
      payload: { ref: shortName, ref_type: refType, master_branch: repository.defaultBranch, pusher_type: 'user' },
    });
  }
  note(world, repository, cause, {
    name: 'push',
    ref: move.ref,
    sha: after ?? ZERO_OID,
    payload: {
      ref: move.ref,
      before: before ?? ZERO_OID,
      after: after ?? ZERO_OID,
      created,
      deleted,
      forced,
      base_ref: null,
      compare: `${page}/compare/${(before ?? after ?? ZERO_OID).slice(0, 12)}...${(after ?? ZERO_OID).slice(0, 12)}`,
      commits: created ? [] : commits.map((commit) => pushedCommit(page, commit)),
      head_commit: head === undefined ? null : pushedCommit(page, head),
      pusher: { name: cause.account.login, email: noreply(cause.account) },
    },
  });
}

function pushedCommit(page: string, commit: Commit): Record<string, unknown> {
  return {
    id: commit.oid,
    tree_id: commit.tree,
    distinct: true,
    message: commit.message,
    timestamp: isoSeconds(commit.committer.date),
    url: `${page}/commit/${commit.oid}`,
    author: { name: commit.author.name, email: commit.author.email },
    committer: { name: commit.committer.name, email: commit.committer.email },
  };
}
