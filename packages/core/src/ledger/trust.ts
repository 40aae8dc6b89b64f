import { WaybillError } from '../errors.js';
import { sameActor } from '../plan/branch.js';
import type { Commit } from '../ports/forge.js';
import { parseTrailers, trailerValue } from '../report/trailers.js';
import type { LedgerState } from './state.js';

/** The trailer of a promotion's commit that names the ledger commit which recorded it. */
export const LEDGER_TRAILER = 'Waybill-Ledger';

/**
 * A ledger is trusted when the forge signed its newest commits, their author is who we are, and the head stands on
 * the commit its state was planned on (`trustState`). Whatever fails stops every gate, and is named.
 *
 * @param commits the ledger's newest, newest first
 * @returns its head
 * @throws WaybillError ledger-untrusted
 */
export function trustCommits(commits: readonly Commit[], viewer: string): Commit {
  const [head] = commits;
  if (head === undefined) throw untrusted('the branch has no commit');
  for (const commit of commits) {
    if (!commit.verified) throw untrusted(`commit ${commit.oid} by ${commit.author} is not signed by GitHub`);
    if (!sameActor(commit.author, viewer)) {
      throw untrusted(`commit ${commit.oid} is by ${commit.author}, and this run is ${viewer}`);
    }
  }
  return head;
}

/** @throws WaybillError ledger-untrusted when the state was put on another commit than it was planned on */
export function trustState(head: Commit, state: LedgerState): void {
  if ((head.parents[0] ?? null) !== state.base) {
    throw untrusted(
      `commit ${head.oid} stands on ${head.parents[0] ?? 'nothing'}, but was planned on ${state.base ?? 'nothing'}`,
    );
  }
}

/**
 * The ledger commit that the newest promotion commit of ours was recorded in. The ledger has it, or is not the one that
 * was written then: put back to an older head, started anew, or deleted.
 *
 * @param commits of the default branch, newest first
 */
export function lastRecorded(commits: readonly Commit[], viewer: string): string | undefined {
  return commits
    .filter((commit) => commit.verified && sameActor(commit.author, viewer))
    .map((commit) => trailerValue(parseTrailers(commit.message), LEDGER_TRAILER))
    .find((oid) => oid !== undefined && /^[0-9a-f]{40}$/.test(oid));
}

export function untrusted(why: string): WaybillError {
  return new WaybillError('ledger-untrusted', {
    what: `The ledger cannot be trusted: ${why}`,
    remedy:
      'Restore waybill/ledger to the last commit that Waybill made, and protect `waybill/**/*` with a ruleset that only its App bypasses. Until then nothing is promoted.',
  });
}
