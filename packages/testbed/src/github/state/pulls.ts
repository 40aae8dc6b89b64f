import type { Account, App } from './accounts.js';
import type { Actor } from './tokens.js';

export type MergeMethod = 'merge' | 'squash' | 'rebase';

/** GitHub's mergeStateStatus; lower case it is REST's mergeable_state. */
export type MergeState = 'UNKNOWN' | 'CLEAN' | 'BLOCKED' | 'BEHIND' | 'DIRTY' | 'UNSTABLE' | 'DRAFT';

export interface Review {
  readonly id: number;
  readonly author: Account;
  readonly commit: string;
  readonly submittedAt: Date;
  readonly body: string;
  state: 'APPROVED' | 'CHANGES_REQUESTED' | 'COMMENTED' | 'DISMISSED';
}

export interface Comment {
  readonly id: number;
  readonly author: Account;
  readonly app: App | undefined;
  readonly createdAt: Date;
  body: string;
  updatedAt: Date;
}

export interface AutoMerge {
  readonly enabledBy: Account;
  /** Caused by a GITHUB_TOKEN: the merge's events start nothing. */
  readonly byActionsToken: boolean;
  readonly enabledAt: Date;
  readonly method: MergeMethod;
  readonly title: string | undefined;
  readonly message: string | undefined;
  /** In whose name it merges. */
  readonly actor: Actor;
}

export interface PullRequest {
  readonly id: number;
  readonly number: number;
  readonly author: Account;
  readonly createdAt: Date;
  readonly headRef: string;
  title: string;
  body: string;
  baseRef: string;
  /** The head branch's tip while open, its last one after. */
  headOid: string;
  /** The base branch's tip while open, its last one after. */
  baseOid: string;
  state: 'open' | 'closed';
  draft: boolean;
  merged: boolean;
  mergedAt: Date | undefined;
  mergedBy: Account | undefined;
  mergeCommit: string | undefined;
  /** The trial merge on `refs/pull/N/merge`, which an open pull request gives as its merge_commit_sha. */
  testMerge: string | undefined;
  closedAt: Date | undefined;
  updatedAt: Date;
  autoMerge: AutoMerge | undefined;
  readonly labels: Set<string>;
  readonly reviews: Review[];
  readonly comments: Comment[];
  /** Head and base for which the merge was tried; another pair reads as `unknown` until it is tried again. */
  mergeability: { readonly key: string; readonly mergeable: boolean } | undefined;
  /** How often the present pair was read before it was tried. */
  mergeabilityReads: { readonly key: string; readonly count: number };
}
