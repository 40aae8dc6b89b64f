import type { Permissions } from '../host.js';
import { notFound, Refusal, unprocessable } from '../refusal.js';
import { integration, publicUser, simpleUser } from '../represent/account.js';
import { plainRepository } from '../represent/repository.js';
import { type Account, findAccount, type Installation } from '../state/accounts.js';
import { findRepository } from '../state/repositories.js';
import { type Caller, credentialOf, issueInstallationToken, revokeToken } from '../state/tokens.js';
import type { World } from '../state/world.js';
import { created, noContent, ok, page, plain, type RestRequest, type Route } from './route.js';

function asApp(caller: Caller): Extract<Caller, { kind: 'app' }> {
  if (caller.kind === 'app') return caller;
  throw new Refusal({ status: 401, message: 'A JSON web token could not be decoded' });
}

/** OpenAPI `installation`. */
function installationAnswer(world: World, installation: Installation): Record<string, unknown> {
  const { app, account } = installation;
  return {
    id: installation.id,
    account: simpleUser(world, account),
    repository_selection: installation.repositories === undefined ? 'all' : 'selected',
    access_tokens_url: `${world.urls.api}/app/installations/${installation.id}/access_tokens`,
    repositories_url: `${world.urls.api}/installation/repositories`,
    html_url: `${world.urls.server}/settings/installations/${installation.id}`,
    app_id: app.id,
    client_id: app.clientId,
    app_slug: app.slug,
    target_id: account.id,
    target_type: account.type,
    permissions: granted(app.permissions),
    events: [],
    created_at: installation.createdAt.toISOString(),
    updated_at: installation.createdAt.toISOString(),
    single_file_name: null,
    has_multiple_single_files: false,
    single_file_paths: [],
    suspended_by: null,
    suspended_at: null,
  };
}

function granted(permissions: Permissions): Record<string, string> {
  return {
    metadata: 'read',
    ...Object.fromEntries(Object.entries(permissions).filter(([, level]) => level !== 'none')),
  };
}

/** A token may ask for less than the installation has, never for more (docs: rest/apps, 422). */
function narrowed(installation: Installation, asked: unknown): Permissions {
  const own = granted(installation.app.permissions);
  if (typeof asked !== 'object' || asked === null) return own as Permissions;
  for (const [name, level] of Object.entries(asked)) {
    if (own[name] === undefined || (level === 'write' && own[name] === 'read')) {
      throw unprocessable('The permissions requested are not granted to this installation.');
    }
  }
  return { metadata: 'read', ...(asked as Permissions) };
}

function selectRepositories(
  world: World,
  installation: Installation,
  body: Readonly<Record<string, unknown>>,
): ReadonlySet<number> | undefined {
  const names = Array.isArray(body.repositories) ? body.repositories.map(String) : [];
  const ids = Array.isArray(body.repository_ids) ? body.repository_ids.map(Number) : [];
  if (names.length === 0 && ids.length === 0) return installation.repositories;
  const chosen = new Set(ids);
  for (const name of names) {
    const id = findRepository(world, `${installation.account.login}/${name}`)?.id;
    chosen.add(id ?? -1);
  }
  for (const id of chosen) {
    const exists = [...world.repositories.values()].some(
      (one) => one.id === id && one.owner.id === installation.account.id,
    );
    if (!exists || installation.repositories?.has(id) === false) {
      throw unprocessable(
        'There is at least one repository that does not exist or is not accessible to the parent installation.',
      );
    }
  }
  return chosen;
}

function createToken(request: RestRequest) {
  const { world, caller, parameters, body } = request;
  const { app } = asApp(caller);
  const installation = world.installations.get(Number(parameters.installation_id));
  if (installation === undefined || installation.app.id !== app.id) throw notFound();
  const permissions = narrowed(installation, body.permissions);
  const repositories = selectRepositories(world, installation, body);
  const { token, expiresAt } = issueInstallationToken(world, app, { installation, repositories, permissions });
  return created({
    token,
    expires_at: expiresAt.toISOString().replace(/\.\d{3}Z$/, 'Z'),
    permissions,
    repository_selection: repositories === undefined ? 'all' : 'selected',
    ...(repositories === undefined
      ? {}
      : {
          repositories: [...world.repositories.values()]
            .filter((one) => repositories.has(one.id))
            .map((one) => plainRepository(world, one)),
        }),
  });
}

function viewer(caller: Caller): Account {
  if (caller.kind === 'user') return caller.account;
  if (caller.kind === 'anonymous') throw new Refusal({ status: 401, message: 'Requires authentication' });
  // docs: rest/users "Get the authenticated user" does not work with installation tokens.
  throw new Refusal({ status: 403, message: 'Resource not accessible by integration' });
}

const LIMIT = { limit: 5000, used: 0, remaining: 5000 };

export const appRoutes: readonly Route[] = [
  plain('GET /app', ({ world, caller }) => ok(integration(world, asApp(caller).app))),
  plain('GET /app/installations', (request) => {
    const { app } = asApp(request.caller);
    const own = [...request.world.installations.values()].filter((one) => one.app.id === app.id);
    const { items, headers } = page(request, own);
    return ok(
      items.map((one) => installationAnswer(request.world, one)),
      headers,
    );
  }),
  plain('GET /repos/{owner}/{repo}/installation', ({ world, caller, parameters }) => {
    const { app } = asApp(caller);
    const repository = findRepository(world, `${parameters.owner}/${parameters.repo}`);
    const found = [...world.installations.values()].find(
      (one) =>
        one.app.id === app.id &&
        one.account.id === repository?.owner.id &&
        one.repositories?.has(repository.id) !== false,
    );
    if (found === undefined) throw notFound();
    return ok(installationAnswer(world, found));
  }),
  plain('POST /app/installations/{installation_id}/access_tokens', createToken),
  plain('GET /installation/repositories', (request) => {
    const { world, caller } = request;
    if (caller.kind !== 'installation')
      throw new Refusal({ status: 403, message: 'Resource not accessible by integration' });
    const own = [...world.repositories.values()].filter((one) =>
      caller.repositories === undefined
        ? one.owner.id === caller.installation?.account.id
        : caller.repositories.has(one.id),
    );
    const { items, headers } = page(request, own);
    return ok({ total_count: own.length, repositories: items.map((one) => plainRepository(world, one)) }, headers);
  }),
  plain('DELETE /installation/token', ({ world, caller, authorization }) => {
    if (caller.kind !== 'installation')
      throw new Refusal({ status: 403, message: 'Resource not accessible by integration' });
    revokeToken(world, credentialOf(authorization ?? '') ?? '');
    return noContent;
  }),
  plain('GET /users/{username}', ({ world, parameters }) => {
    const account = findAccount(world, parameters.username ?? '');
    if (account === undefined) throw notFound();
    return ok(publicUser(world, account));
  }),
  plain('GET /user', ({ world, caller }) => ok(publicUser(world, viewer(caller)))),
  plain('GET /rate_limit', ({ world }) => {
    const rate = { ...LIMIT, reset: Math.floor(world.clock().getTime() / 1000) + 3600 };
    return ok({ resources: { core: rate, search: rate, graphql: rate }, rate });
  }),
];
