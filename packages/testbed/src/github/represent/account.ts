import type { Account, App } from '../state/accounts.js';
import { nodeId } from '../state/ids.js';
import type { World } from '../state/world.js';

/** OpenAPI `simple-user`. */
export function simpleUser(world: World, account: Account): Record<string, unknown> {
  const login = encodeURIComponent(account.login);
  const url = `${world.urls.api}/users/${login}`;
  return {
    login: account.login,
    id: account.id,
    node_id: nodeId(account.type, account.id),
    avatar_url: `${world.urls.server}/avatars/u/${account.id}`,
    gravatar_id: '',
    url,
    html_url: `${world.urls.server}/${account.appId === undefined ? login : `apps/${login.replace('%5Bbot%5D', '')}`}`,
    followers_url: `${url}/followers`,
    following_url: `${url}/following{/other_user}`,
    gists_url: `${url}/gists{/gist_id}`,
    starred_url: `${url}/starred{/owner}{/repo}`,
    subscriptions_url: `${url}/subscriptions`,
    organizations_url: `${url}/orgs`,
    repos_url: `${url}/repos`,
    events_url: `${url}/events{/privacy}`,
    received_events_url: `${url}/received_events`,
    type: account.type,
    site_admin: false,
  };
}

/** OpenAPI `public-user`. */
export function publicUser(world: World, account: Account): Record<string, unknown> {
  return {
    ...simpleUser(world, account),
    name: account.name ?? null,
    company: null,
    blog: '',
    location: null,
    email: null,
    hireable: null,
    bio: null,
    public_repos: 0,
    public_gists: 0,
    followers: 0,
    following: 0,
    created_at: account.createdAt.toISOString(),
    updated_at: account.createdAt.toISOString(),
  };
}

/** OpenAPI `integration`. */
export function integration(world: World, app: App): Record<string, unknown> {
  return {
    id: app.id,
    slug: app.slug,
    node_id: nodeId('App', app.id),
    client_id: app.clientId,
    owner: simpleUser(world, app.owner),
    name: app.name,
    description: null,
    external_url: `${world.urls.server}/apps/${app.slug}`,
    html_url: `${world.urls.server}/apps/${app.slug}`,
    created_at: app.createdAt.toISOString(),
    updated_at: app.createdAt.toISOString(),
    permissions: Object.fromEntries(Object.entries(app.permissions).filter(([, level]) => level !== 'none')),
    events: [],
  };
}
