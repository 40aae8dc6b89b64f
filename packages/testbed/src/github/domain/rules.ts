import { branchRef, hasProtectionFeatures, type Repository, roleAtLeast, roleOf } from '../state/repositories.js';
import type { BranchProtection, BypassActor, ChecksRule, PullRequestRule, Rule, Ruleset } from '../state/rules.js';
import { type Actor, isActionsToken } from '../state/tokens.js';
import { fnmatch } from './fnmatch.js';

/** A rule in force for a ref, with where it comes from. */
export interface AppliedRule {
  readonly rule: Rule;
  readonly ruleset: Ruleset | undefined;
  readonly protection: BranchProtection | undefined;
}

/** How the ref is about to change: a push (or API write), or the merge of a pull request. */
export type Way = 'push' | 'pull_request';

/** The rules in force for a ref; with an actor, those that actor may not bypass. */
export function rulesFor(repository: Repository, ref: string, actor?: Actor, way: Way = 'push'): AppliedRule[] {
  if (!hasProtectionFeatures(repository)) return [];
  const applied: AppliedRule[] = [];
  for (const ruleset of repository.rulesets) {
    if (ruleset.enforcement !== 'active' || !targets(repository, ruleset, ref)) continue;
    if (actor !== undefined && mayBypass(repository, ruleset, actor, way)) continue;
    applied.push(...ruleset.rules.map((rule) => ({ rule, ruleset, protection: undefined })));
  }
  const protection = protectionFor(repository, ref);
  if (protection !== undefined && !(actor !== undefined && bypassesProtection(repository, protection, actor))) {
    const allowed = actor !== undefined && mayPush(protection, actor);
    applied.push(...protectionRules(protection, allowed).map((rule) => ({ rule, ruleset: undefined, protection })));
  }
  return applied;
}

export function targets(repository: Repository, ruleset: Ruleset, ref: string): boolean {
  const kind = ref.startsWith('refs/heads/') ? 'branch' : ref.startsWith('refs/tags/') ? 'tag' : undefined;
  if (kind !== ruleset.target) return false;
  const matches = (pattern: string) =>
    pattern === '~ALL' ||
    (pattern === '~DEFAULT_BRANCH' ? ref === branchRef(repository.defaultBranch) : fnmatch(pattern, ref));
  return ruleset.include.some(matches) && !ruleset.exclude.some(matches);
}

/** The classic protection of a branch: an exact name goes before a pattern, then the older rule. */
export function protectionFor(repository: Repository, ref: string): BranchProtection | undefined {
  if (!ref.startsWith('refs/heads/') || !hasProtectionFeatures(repository)) return undefined;
  const branch = ref.slice('refs/heads/'.length);
  return (
    repository.protections.find((one) => one.pattern === branch) ??
    repository.protections.find((one) => fnmatch(one.pattern, branch))
  );
}

function protectionRules(protection: BranchProtection, mayPushHere: boolean): Rule[] {
  const rules: Rule[] = [];
  if (protection.reviews !== undefined) rules.push(protection.reviews);
  if (protection.checks !== undefined) rules.push(protection.checks);
  if (!protection.allowForcePushes) rules.push({ type: 'non_fast_forward' });
  if (!protection.allowDeletions) rules.push({ type: 'deletion' });
  if (protection.linearHistory) rules.push({ type: 'required_linear_history' });
  if (protection.restrictions !== undefined && !mayPushHere) rules.push({ type: 'update' });
  return rules;
}

/** "Do not allow bypassing the above settings" off lets administrators through; Apps are never administrators. */
function bypassesProtection(repository: Repository, protection: BranchProtection, actor: Actor): boolean {
  return !protection.enforceAdmins && actor.kind === 'user' && roleOf(repository, actor.account) === 'admin';
}

function mayPush(protection: BranchProtection, actor: Actor): boolean {
  const allowed = protection.restrictions;
  if (allowed === undefined) return true;
  return actor.kind === 'user' ? allowed.users.includes(actor.account.login) : allowed.apps.includes(actor.app.slug);
}

/**
 * GITHUB_TOKEN never bypasses: the `github-actions` App can't be made a bypass actor (API 422 "Actor GitHub Actions
 * integration must be part of the ruleset source or owner organization").
 */
export function mayBypass(repository: Repository, ruleset: Ruleset, actor: Actor, way: Way): boolean {
  if (isActionsToken(actor)) return false;
  return ruleset.bypass.some(
    (bypass) => (bypass.mode === 'always' || way === 'pull_request') && isActor(repository, bypass, actor),
  );
}

export function isActor(repository: Repository, bypass: BypassActor, actor: Actor): boolean {
  if ('app' in bypass) return actor.kind === 'installation' && actor.app.id === bypass.app;
  if (actor.kind !== 'user') return false;
  if ('user' in bypass) return actor.account.id === bypass.user;
  return roleAtLeast(roleOf(repository, actor.account), bypass.role);
}

export function checksRules(applied: readonly AppliedRule[]): ChecksRule[] {
  return applied.map(({ rule }) => rule).filter((rule) => rule.type === 'required_status_checks');
}

export function pullRequestRules(applied: readonly AppliedRule[]): PullRequestRule[] {
  return applied.map(({ rule }) => rule).filter((rule) => rule.type === 'pull_request');
}
