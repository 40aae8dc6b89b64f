import { generateKeyPairSync } from 'node:crypto';
import type { Permissions } from '../host.js';
import type { World } from './world.js';

export interface Account {
  readonly id: number;
  readonly login: string;
  readonly type: 'User' | 'Organization' | 'Bot';
  readonly name: string | undefined;
  readonly createdAt: Date;
  /** Set on an App's bot. */
  readonly appId?: number;
}

/** PEM. */
export interface AppKeys {
  readonly publicKey: string;
  readonly privateKey: string;
}

export interface App {
  readonly id: number;
  readonly slug: string;
  readonly name: string;
  readonly clientId: string;
  readonly owner: Account;
  readonly bot: Account;
  /** By the API's names: `contents`, `pull_requests`, … */
  readonly permissions: Permissions;
  /** Made when first asked for: an RSA pair takes long, and most Apps of a test never sign. */
  readonly keys: () => AppKeys;
  readonly createdAt: Date;
}

export interface Installation {
  readonly id: number;
  readonly app: App;
  readonly account: Account;
  /** Repository ids; undefined: all of the account's. */
  readonly repositories: ReadonlySet<number> | undefined;
  readonly createdAt: Date;
}

/** The App behind every GITHUB_TOKEN. Its ids are GitHub's own, as user code knows them (`41898282+github-actions[bot]`). */
export const ACTIONS_APP = { id: 15368, slug: 'github-actions', botId: 41898282 } as const;

export function addAccount(world: World, login: string, type: Account['type'] = 'User', name?: string): Account {
  const known = findAccount(world, login);
  if (known !== undefined) return known;
  const account: Account = { id: world.ids.next('user'), login, type, name, createdAt: world.clock() };
  world.accounts.set(login.toLowerCase(), account);
  return account;
}

export function findAccount(world: World, login: string): Account | undefined {
  return world.accounts.get(login.toLowerCase());
}

export interface AppFacts {
  readonly slug: string;
  readonly permissions: Permissions;
  readonly name?: string;
  /** Login of the account that owns the App; made up when absent. */
  readonly owner?: string;
}

export function addApp(world: World, facts: AppFacts, fixed?: { readonly id: number; readonly botId: number }): App {
  const id = fixed?.id ?? world.ids.next('app');
  const bot: Account = {
    id: fixed?.botId ?? world.ids.next('user'),
    login: `${facts.slug}[bot]`,
    type: 'Bot',
    name: undefined,
    createdAt: world.clock(),
    appId: id,
  };
  world.accounts.set(bot.login.toLowerCase(), bot);
  const app: App = {
    id,
    slug: facts.slug,
    name: facts.name ?? facts.slug,
    clientId: `Iv23${id.toString(36).padStart(16, 'l')}`,
    owner: addAccount(world, facts.owner ?? 'github', 'Organization'),
    bot,
    permissions: facts.permissions,
    keys: lazyKeys(),
    createdAt: world.clock(),
  };
  world.apps.set(id, app);
  return app;
}

function lazyKeys(): () => AppKeys {
  let keys: AppKeys | undefined;
  return () => {
    keys ??= generateKeyPairSync('rsa', {
      modulusLength: 2048,
      publicKeyEncoding: { type: 'spki', format: 'pem' },
      privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
    });
    return keys;
  };
}

/** `login`'s noreply address: `<id>+<login>@users.noreply.github.com`. */
export function noreply(account: Account): string {
  return `${account.id}+${account.login}@users.noreply.github.com`;
}
