import type { AppliedRule } from '../domain/rules.js';
import { mayBypass } from '../domain/rules.js';
import { nodeId } from '../state/ids.js';
import type { Repository } from '../state/repositories.js';
import type { BranchProtection, BypassActor, Rule, Ruleset } from '../state/rules.js';
import type { Caller } from '../state/tokens.js';
import type { World } from '../state/world.js';
import { integration, simpleUser } from './account.js';
import { isoSeconds } from './commit.js';
import { repositoryPage, repositoryUrl } from './repository.js';

/** OpenAPI `repository-rule`. */
export function rule(one: Rule): Record<string, unknown> {
  switch (one.type) {
    case 'pull_request':
      return {
        type: one.type,
        parameters: {
          required_approving_review_count: one.approvals,
          dismiss_stale_reviews_on_push: one.dismissStale,
          require_code_owner_review: false,
          require_last_push_approval: one.lastPushApproval,
          required_review_thread_resolution: false,
          allowed_merge_methods: one.methods ?? ['merge', 'squash', 'rebase'],
        },
      };
    case 'required_status_checks':
      return {
        type: one.type,
        parameters: {
          strict_required_status_checks_policy: one.strict,
          do_not_enforce_on_create: false,
          required_status_checks: one.checks.map((check) => ({
            context: check.context,
            ...(check.appId === undefined ? {} : { integration_id: check.appId }),
          })),
        },
      };
    case 'update':
      return { type: one.type, parameters: { update_allows_fetch_and_merge: false } };
    default:
      return { type: one.type };
  }
}

/** OpenAPI `repository-rule-detailed`, for rules of rulesets. */
export function detailedRule(repository: Repository, applied: AppliedRule): Record<string, unknown> {
  return {
    ...rule(applied.rule),
    ruleset_source_type: 'Repository',
    ruleset_source: repository.fullName,
    ruleset_id: applied.ruleset?.id ?? 0,
  };
}

const ROLE_IDS = { maintain: 2, write: 4, admin: 5 } as const;

function bypassActor(one: BypassActor): Record<string, unknown> {
  if ('app' in one) return { actor_id: one.app, actor_type: 'Integration', bypass_mode: one.mode };
  if ('user' in one) return { actor_id: one.user, actor_type: 'User', bypass_mode: one.mode };
  return { actor_id: ROLE_IDS[one.role], actor_type: 'RepositoryRole', bypass_mode: one.mode };
}

/** OpenAPI field `current_user_can_bypass`. */
export function canBypass(repository: Repository, one: Ruleset, caller: Caller): string {
  if (caller.kind !== 'user' && caller.kind !== 'installation') return 'never';
  if (mayBypass(repository, one, caller, 'push')) return 'always';
  return mayBypass(repository, one, caller, 'pull_request') ? 'pull_requests_only' : 'never';
}

/**
 * OpenAPI `repository-ruleset`. docs: rest/repos/rules "Get a repository ruleset": `bypass_actors` is told to those
 * with write access to the ruleset only; `current_user_can_bypass` to all.
 */
export function ruleset(
  world: World,
  repository: Repository,
  one: Ruleset,
  caller: Caller,
  detail: { readonly rules: boolean; readonly bypass: boolean },
): Record<string, unknown> {
  return {
    id: one.id,
    node_id: nodeId('RepositoryRuleset', one.id),
    name: one.name,
    target: one.target,
    source_type: 'Repository',
    source: repository.fullName,
    enforcement: one.enforcement,
    created_at: isoSeconds(one.createdAt),
    updated_at: isoSeconds(one.createdAt),
    _links: {
      self: { href: `${repositoryUrl(world, repository)}/rulesets/${one.id}` },
      html: { href: `${repositoryPage(world, repository)}/rules/${one.id}` },
    },
    ...(detail.rules
      ? {
          conditions: { ref_name: { include: one.include, exclude: one.exclude } },
          rules: one.rules.map(rule),
          current_user_can_bypass: canBypass(repository, one, caller),
        }
      : {}),
    ...(detail.bypass ? { bypass_actors: one.bypass.map(bypassActor) } : {}),
  };
}

/** OpenAPI `branch-protection`. */
export function branchProtection(
  world: World,
  repository: Repository,
  branch: string,
  one: BranchProtection,
): Record<string, unknown> {
  const url = `${repositoryUrl(world, repository)}/branches/${encodeURIComponent(branch)}/protection`;
  const { checks, reviews, restrictions } = one;
  return {
    url,
    ...(checks === undefined
      ? {}
      : {
          required_status_checks: {
            url: `${url}/required_status_checks`,
            strict: checks.strict,
            contexts: checks.checks.map((check) => check.context),
            contexts_url: `${url}/required_status_checks/contexts`,
            checks: checks.checks.map((check) => ({ context: check.context, app_id: check.appId ?? null })),
          },
        }),
    ...(reviews === undefined
      ? {}
      : {
          required_pull_request_reviews: {
            url: `${url}/required_pull_request_reviews`,
            dismiss_stale_reviews: reviews.dismissStale,
            require_code_owner_reviews: false,
            required_approving_review_count: reviews.approvals,
            require_last_push_approval: reviews.lastPushApproval,
          },
        }),
    ...(restrictions === undefined
      ? {}
      : {
          restrictions: {
            url: `${url}/restrictions`,
            users_url: `${url}/restrictions/users`,
            teams_url: `${url}/restrictions/teams`,
            apps_url: `${url}/restrictions/apps`,
            users: restrictions.users.flatMap((login) => {
              const account = world.accounts.get(login.toLowerCase());
              return account === undefined ? [] : [simpleUser(world, account)];
            }),
            teams: [],
            apps: [...world.apps.values()]
              .filter((app) => restrictions.apps.includes(app.slug))
              .map((app) => ({ ...integration(world, app), description: '' })),
          },
        }),
    required_signatures: { url: `${url}/required_signatures`, enabled: false },
    enforce_admins: { url: `${url}/enforce_admins`, enabled: one.enforceAdmins },
    required_linear_history: { enabled: one.linearHistory },
    allow_force_pushes: { enabled: one.allowForcePushes },
    allow_deletions: { enabled: one.allowDeletions },
    block_creations: { enabled: false },
    required_conversation_resolution: { enabled: false },
    lock_branch: { enabled: false },
    allow_fork_syncing: { enabled: false },
  };
}
