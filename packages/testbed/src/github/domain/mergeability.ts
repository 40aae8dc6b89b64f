import { isAncestor, mergeBase, mergeTrees } from '../git/history.js';
import { resolveRefName } from '../git/refs.js';
import type { Account } from '../state/accounts.js';
import type { MergeState, PullRequest, Review } from '../state/pulls.js';
import { branchRef, type Repository, roleAtLeast, roleOf } from '../state/repositories.js';
import type { Actor } from '../state/tokens.js';
import type { World } from '../state/world.js';
import { contextsOf, requiredState } from './contexts.js';
import { checksRules, pullRequestRules, rulesFor } from './rules.js';

/** What stands between a pull request and its merge, for everyone or for one actor who may bypass some of it. */
export interface Requirements {
  /** GitHub's sentences for what is missing. */
  readonly missing: readonly string[];
  /** A strict check rule, and the head lacks the base's tip. */
  readonly behind: boolean;
  /** Some check or status of the head, required or not, is not successful. */
  readonly unstable: boolean;
  readonly fromRuleset: boolean;
}

export type ReviewDecision = 'APPROVED' | 'CHANGES_REQUESTED' | 'REVIEW_REQUIRED';

/** The newest opinion of each reviewer who may write; a comment is none, and takes none back. */
export function opinions(repository: Repository, pull: PullRequest): Review[] {
  const latest = new Map<number, Review>();
  for (const review of pull.reviews) {
    if (review.state === 'COMMENTED' || !reviewCounts(repository, review.author)) continue;
    latest.set(review.author.id, review);
  }
  return [...latest.values()];
}

function reviewCounts(repository: Repository, account: Account): boolean {
  return account.type === 'Bot' || roleAtLeast(roleOf(repository, account), 'write');
}

export function reviewDecision(repository: Repository, pull: PullRequest): ReviewDecision | undefined {
  const rules = pullRequestRules(rulesFor(repository, branchRef(pull.baseRef)));
  const needed = Math.max(0, ...rules.map((rule) => rule.approvals));
  const given = opinions(repository, pull);
  if (given.some((review) => review.state === 'CHANGES_REQUESTED')) return 'CHANGES_REQUESTED';
  if (needed === 0) return undefined;
  return approvalsGiven(
    repository,
    pull,
    rules.some((rule) => rule.lastPushApproval),
  ) >= needed
    ? 'APPROVED'
    : 'REVIEW_REQUIRED';
}

function approvalsGiven(repository: Repository, pull: PullRequest, lastPush: boolean): number {
  return opinions(repository, pull).filter(
    (review) => review.state === 'APPROVED' && (!lastPush || review.commit === pull.headOid),
  ).length;
}

export async function requirementsOf(repository: Repository, pull: PullRequest, actor?: Actor): Promise<Requirements> {
  const ref = branchRef(pull.baseRef);
  const applied = rulesFor(repository, ref, actor, 'pull_request');
  const contexts = contextsOf(repository, pull.headOid);
  const missing: string[] = [];
  const reviews = pullRequestRules(applied);
  const needed = Math.max(0, ...reviews.map((rule) => rule.approvals));
  const given = approvalsGiven(
    repository,
    pull,
    reviews.some((rule) => rule.lastPushApproval),
  );
  const refused = opinions(repository, pull).some((review) => review.state === 'CHANGES_REQUESTED');
  if (needed > 0 && refused) missing.push('Changes have been requested.');
  else if (given < needed) {
    missing.push(
      `At least ${needed} approving review${needed === 1 ? ' is' : 's are'} required by reviewers with write access.`,
    );
  }
  const checks = checksRules(applied);
  missing.push(
    ...missingChecks(
      checks
        .flatMap((rule) => rule.checks)
        .map((check) => ({
          context: check.context,
          state: requiredState(contexts, check),
        })),
    ),
  );
  if (applied.some(({ rule }) => rule.type === 'update')) missing.push('Cannot update this protected ref.');
  const base = await resolveRefName(repository.store, ref);
  const behind =
    checks.some((rule) => rule.strict) &&
    base !== undefined &&
    !(await isAncestor(repository.store, base, pull.headOid));
  return {
    missing,
    behind,
    unstable: contexts.some((context) => context.state !== 'success'),
    fromRuleset: applied.some(({ ruleset }) => ruleset !== undefined),
  };
}

interface CheckResult {
  readonly context: string;
  readonly state: ReturnType<typeof requiredState>;
}

const WORDS = { expected: 'expected', pending: 'in progress', failure: 'failing', success: 'successful' } as const;

/** `Required status check "ci" is expected.`, or `2 of 3 required status checks are expected.` */
export function missingChecks(results: readonly CheckResult[]): string[] {
  const open = results.filter((result) => result.state !== 'success');
  const [first] = open;
  if (first === undefined) return [];
  if (results.length === 1) return [`Required status check "${first.context}" is ${WORDS[first.state]}.`];
  const states = [...new Set(open.map((result) => result.state))];
  return states.map((state) => {
    const count = open.filter((result) => result.state === state).length;
    return `${count} of ${results.length} required status checks ${count === 1 ? 'is' : 'are'} ${WORDS[state]}.`;
  });
}

/** Tries the merge now and tells the state, as GitHub's background job does. */
export async function judge(repository: Repository, pull: PullRequest): Promise<MergeState> {
  if (pull.draft) return 'DRAFT';
  if (!(await isMergeable(repository, pull))) return 'DIRTY';
  const { missing, behind, unstable } = await requirementsOf(repository, pull);
  if (missing.length > 0) return 'BLOCKED';
  if (behind) return 'BEHIND';
  return unstable ? 'UNSTABLE' : 'CLEAN';
}

async function mergeKey(repository: Repository, pull: PullRequest): Promise<string> {
  return `${pull.headOid} ${await resolveRefName(repository.store, branchRef(pull.baseRef))}`;
}

export async function isMergeable(repository: Repository, pull: PullRequest): Promise<boolean> {
  const key = await mergeKey(repository, pull);
  if (pull.mergeability?.key === key) return pull.mergeability.mergeable;
  const base = await resolveRefName(repository.store, branchRef(pull.baseRef));
  const mergeable =
    base !== undefined &&
    (await mergeBase(repository.store, base, pull.headOid)) !== undefined &&
    (await mergeTrees(repository.store, base, pull.headOid)) !== undefined;
  pull.mergeability = { key, mergeable };
  return mergeable;
}

export interface Observed {
  readonly mergeable: boolean | undefined;
  readonly state: MergeState;
}

/**
 * What a reader is told. docs: guides/using-the-rest-api-to-interact-with-your-git-database, "Checking mergeability":
 * a read starts a background job and answers `null` (`unknown`) until it has run, again after each push to either side.
 */
export async function observe(world: World, repository: Repository, pull: PullRequest): Promise<Observed> {
  if (pull.state === 'closed') return { mergeable: undefined, state: 'UNKNOWN' };
  const key = await mergeKey(repository, pull);
  const reads = pull.mergeabilityReads.key === key ? pull.mergeabilityReads.count : 0;
  pull.mergeabilityReads = { key, count: reads + 1 };
  if (reads < world.limits.unknownMergeabilityReads) return { mergeable: undefined, state: 'UNKNOWN' };
  const state = await judge(repository, pull);
  return { mergeable: await isMergeable(repository, pull), state };
}
