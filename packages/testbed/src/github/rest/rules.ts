import { permits } from '../domain/access.js';
import { upgradeNeeded } from '../domain/plans.js';
import { protectionFor, rulesFor } from '../domain/rules.js';
import { readCommit } from '../git/commit.js';
import { listRefs, resolveRefName } from '../git/refs.js';
import { notFound, Refusal } from '../refusal.js';
import { fullCommit } from '../represent/commit.js';
import { repositoryPage, repositoryUrl } from '../represent/repository.js';
import { branchProtection, detailedRule, ruleset } from '../represent/rules.js';
import { branchRef, hasProtectionFeatures } from '../state/repositories.js';
import { ok, onRepository, page, type RepositoryRequest, type Route } from './route.js';

function isProtected(request: RepositoryRequest, branch: string): boolean {
  return rulesFor(request.repository, branchRef(branch)).length > 0;
}

export const ruleRoutes: readonly Route[] = [
  onRepository('GET /branches', 'contents:read', async (request) => {
    const { world, repository, query } = request;
    const only = query.get('protected');
    const branches = (await listRefs(repository.store, 'refs/heads/'))
      .map((ref) => ({ ...ref, branch: ref.name.slice('refs/heads/'.length) }))
      .filter(({ branch }) => only === null || isProtected(request, branch) === (only === 'true'));
    const { items, headers } = page(request, branches);
    return ok(
      items.map(({ branch, oid }) => ({
        name: branch,
        commit: { sha: oid, url: `${repositoryUrl(world, repository)}/commits/${oid}` },
        protected: isProtected(request, branch),
      })),
      headers,
    );
  }),
  onRepository('GET /branches/{branch}', 'contents:read', async (request) => {
    const { world, repository, parameters } = request;
    const branch = parameters.branch ?? '';
    const commit = await readCommit(repository.store, branchRef(branch));
    if (commit === undefined) throw new Refusal({ status: 404, message: 'Branch not found' });
    const self = `${repositoryUrl(world, repository)}/branches/${encodeURIComponent(branch)}`;
    const classic = protectionFor(repository, branchRef(branch));
    const checks = classic?.checks;
    return ok({
      name: branch,
      commit: fullCommit(world, repository, commit),
      _links: { self, html: `${repositoryPage(world, repository)}/tree/${branch}` },
      protected: isProtected(request, branch),
      protection: {
        enabled: classic !== undefined,
        required_status_checks: {
          enforcement_level: checks === undefined ? 'off' : classic?.enforceAdmins === true ? 'everyone' : 'non_admins',
          contexts: checks?.checks.map((check) => check.context) ?? [],
          checks: checks?.checks.map((check) => ({ context: check.context, app_id: check.appId ?? null })) ?? [],
        },
      },
      protection_url: `${self}/protection`,
    });
  }),
  // docs: rest/branches/branch-protection: needs "Administration" read; 404 "Branch not protected" without any.
  onRepository('GET /branches/{branch}/protection', 'administration:read', async (request) => {
    const { world, repository, parameters, caller } = request;
    const branch = parameters.branch ?? '';
    if (caller.kind === 'user' && !permits(caller, repository, 'administration:write')) throw notFound();
    if (!hasProtectionFeatures(repository)) throw upgradeNeeded();
    if ((await resolveRefName(repository.store, branchRef(branch))) === undefined) {
      throw new Refusal({ status: 404, message: 'Branch not found' });
    }
    const protection = protectionFor(repository, branchRef(branch));
    if (protection === undefined) throw new Refusal({ status: 404, message: 'Branch not protected' });
    return ok(branchProtection(world, repository, branch, protection));
  }),
  onRepository('GET /rules/branches/{branch}', 'metadata:read', (request) => {
    const { repository, parameters } = request;
    if (!hasProtectionFeatures(repository)) throw upgradeNeeded();
    const rules = rulesFor(repository, branchRef(parameters.branch ?? '')).filter((one) => one.ruleset !== undefined);
    const { items, headers } = page(request, rules);
    return ok(
      items.map((one) => detailedRule(repository, one)),
      headers,
    );
  }),
  onRepository('GET /rulesets', 'metadata:read', (request) => {
    const { world, repository, caller } = request;
    if (!hasProtectionFeatures(repository)) throw upgradeNeeded();
    const { items, headers } = page(request, repository.rulesets);
    const detail = { rules: false, bypass: false };
    return ok(
      items.map((one) => ruleset(world, repository, one, caller, detail)),
      headers,
    );
  }),
  onRepository('GET /rulesets/{ruleset_id}', 'metadata:read', ({ world, repository, caller, parameters }) => {
    if (!hasProtectionFeatures(repository)) throw upgradeNeeded();
    const one = repository.rulesets.find((each) => each.id === Number(parameters.ruleset_id));
    if (one === undefined) throw notFound();
    const detail = { rules: true, bypass: permits(caller, repository, 'administration:write') };
    return ok(ruleset(world, repository, one, caller, detail));
  }),
];
