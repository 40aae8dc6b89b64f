import type { MergeMethod } from './pulls.js';

export interface RequiredCheck {
  readonly context: string;
  /** Only this App's check run or status counts (`integration_id`). */
  readonly appId?: number;
}

export interface PullRequestRule {
  readonly type: 'pull_request';
  readonly approvals: number;
  readonly dismissStale: boolean;
  readonly lastPushApproval: boolean;
  readonly methods?: readonly MergeMethod[];
}

export interface ChecksRule {
  readonly type: 'required_status_checks';
  readonly checks: readonly RequiredCheck[];
  /** The head must contain the base's tip. */
  readonly strict: boolean;
}

/** A rule of a ruleset; classic branch protection is expressed in the same words. */
export type Rule =
  | {
      readonly type:
        | 'creation'
        | 'update'
        | 'deletion'
        | 'non_fast_forward'
        | 'required_linear_history'
        | 'required_signatures';
    }
  | PullRequestRule
  | ChecksRule;

export type BypassActor =
  | { readonly app: number; readonly mode: 'always' | 'pull_request' }
  | { readonly user: number; readonly mode: 'always' | 'pull_request' }
  | { readonly role: 'write' | 'maintain' | 'admin'; readonly mode: 'always' | 'pull_request' };

export interface Ruleset {
  readonly id: number;
  readonly name: string;
  readonly target: 'branch' | 'tag';
  readonly enforcement: 'active' | 'disabled' | 'evaluate';
  /** `~ALL`, `~DEFAULT_BRANCH` or fnmatch patterns of full ref names. */
  readonly include: readonly string[];
  readonly exclude: readonly string[];
  readonly rules: readonly Rule[];
  readonly bypass: readonly BypassActor[];
  readonly createdAt: Date;
}

export interface BranchProtection {
  readonly id: number;
  /** fnmatch pattern of the branch's short name. */
  readonly pattern: string;
  readonly checks: ChecksRule | undefined;
  readonly reviews: PullRequestRule | undefined;
  readonly enforceAdmins: boolean;
  readonly allowForcePushes: boolean;
  readonly allowDeletions: boolean;
  readonly linearHistory: boolean;
  /** Who alone may push; undefined: everyone with write access. */
  readonly restrictions: { readonly users: readonly string[]; readonly apps: readonly string[] } | undefined;
}
