import { settleLater } from '../domain/auto-merge.js';
import { upgradeNeeded } from '../domain/plans.js';
import type { EnvironmentFacts, ProtectionFacts, RulesetFacts } from '../options.js';
import { unprocessable } from '../refusal.js';
import { ACTIONS_APP } from '../state/accounts.js';
import { hasProtectionFeatures, type Repository } from '../state/repositories.js';
import type { BranchProtection, Rule, Ruleset } from '../state/rules.js';
import type { World } from '../state/world.js';

/** Sets a ruleset, in place of one of the same name. */
export function setRuleset(world: World, repository: Repository, facts: RulesetFacts): Ruleset {
  if (!hasProtectionFeatures(repository)) throw upgradeNeeded();
  // FriendlyInternet/nuxt-crouton #1942, projectbluefin/lab #435: the answer to making GITHUB_TOKEN a bypass actor.
  if (facts.bypass?.some((one) => 'app' in one && one.app === ACTIONS_APP.id) === true) {
    throw unprocessable('Validation Failed', [
      'Actor GitHub Actions integration must be part of the ruleset source or owner organization',
    ]);
  }
  const known = repository.rulesets.findIndex((one) => one.name === facts.name);
  const ruleset: Ruleset = {
    id: repository.rulesets[known]?.id ?? world.ids.next('ruleset'),
    name: facts.name,
    target: facts.target ?? 'branch',
    enforcement: facts.enforcement ?? 'active',
    include: facts.include,
    exclude: facts.exclude ?? [],
    rules: facts.rules.map((rule): Rule => (typeof rule === 'string' ? { type: rule } : rule)),
    bypass: facts.bypass ?? [],
    createdAt: world.clock(),
  };
  if (known >= 0) repository.rulesets.splice(known, 1, ruleset);
  else repository.rulesets.push(ruleset);
  settleLater(world, repository);
  return ruleset;
}

/** Sets classic branch protection, in place of one for the same pattern. */
export function setBranchProtection(world: World, repository: Repository, facts: ProtectionFacts): BranchProtection {
  if (!hasProtectionFeatures(repository)) throw upgradeNeeded();
  const reviews = facts.approvals !== undefined || facts.requirePullRequest === true || facts.dismissStale === true;
  const protection: BranchProtection = {
    id: world.ids.next('protection'),
    pattern: facts.pattern,
    checks:
      facts.checks === undefined
        ? undefined
        : {
            type: 'required_status_checks',
            strict: facts.strict ?? false,
            checks: facts.checks.map((check) => (typeof check === 'string' ? { context: check } : check)),
          },
    reviews: reviews
      ? {
          type: 'pull_request',
          approvals: facts.approvals ?? 0,
          dismissStale: facts.dismissStale ?? false,
          lastPushApproval: false,
        }
      : undefined,
    enforceAdmins: facts.enforceAdmins ?? false,
    allowForcePushes: facts.allowForcePushes ?? false,
    allowDeletions: facts.allowDeletions ?? false,
    linearHistory: facts.linearHistory ?? false,
    restrictions:
      facts.restrictions === undefined
        ? undefined
        : { users: facts.restrictions.users ?? [], apps: facts.restrictions.apps ?? [] },
  };
  const known = repository.protections.findIndex((one) => one.pattern === facts.pattern);
  if (known >= 0) repository.protections.splice(known, 1, protection);
  else repository.protections.push(protection);
  settleLater(world, repository);
  return protection;
}

/**
 * Sets an environment, in place of one of the same name. docs: deployments-and-environments: required reviewers and
 * wait timers need a public repository below the enterprise plan; a private one on the free plan has no environments.
 */
export function setEnvironment(world: World, repository: Repository, facts: EnvironmentFacts): void {
  const gated = (facts.reviewers?.length ?? 0) > 0 || (facts.waitMinutes ?? 0) > 0;
  const isPublic = repository.visibility === 'public';
  if (!isPublic && repository.plan === 'free') throw upgradeNeeded();
  if (gated && !isPublic && repository.plan !== 'enterprise') {
    throw unprocessable(
      'Failed to create the environment protection rule. Please ensure the billing plan supports the required reviewers protection rule.',
    );
  }
  repository.environments.set(facts.name.toLowerCase(), {
    id: repository.environments.get(facts.name.toLowerCase())?.id ?? world.ids.next('environment'),
    name: facts.name,
    createdAt: world.clock(),
    secrets: facts.secrets ?? {},
    variables: facts.variables ?? {},
    ...(facts.branches === undefined ? {} : { branches: facts.branches }),
    protectedBranchesOnly: facts.protectedBranchesOnly ?? false,
    reviewers: facts.reviewers ?? [],
    preventSelfReview: facts.preventSelfReview ?? false,
    waitMinutes: facts.waitMinutes ?? 0,
  });
}
