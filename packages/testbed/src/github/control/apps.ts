import type { Permissions } from '../host.js';
import type { AppOptions } from '../options.js';
import { type Account, type App, addApp, type Installation } from '../state/accounts.js';
import { expectRepository, type Repository } from '../state/repositories.js';
import { issueInstallationToken } from '../state/tokens.js';
import type { World } from '../state/world.js';

export interface TestApp {
  readonly appId: number;
  readonly clientId: string;
  readonly slug: string;
  /** `<slug>[bot]`. */
  readonly login: string;
  /** PEM, what the App's secret holds. */
  readonly privateKey: string;
  /** An installation token for one repository, with the App's permissions or fewer. */
  installationToken(repository: string, permissions?: Permissions): string;
}

/** Apps installed on everything, by id: they follow into repositories made later. */
const EVERYWHERE = new WeakMap<World, Set<number>>();

export function createApp(world: World, options: AppOptions): TestApp {
  const app = addApp(world, { slug: options.slug, permissions: options.permissions });
  if (options.repositories === undefined) {
    const everywhere = EVERYWHERE.get(world) ?? new Set<number>();
    EVERYWHERE.set(world, everywhere.add(app.id));
    for (const repository of world.repositories.values()) installOn(world, app, repository.owner, undefined);
  } else {
    const byOwner = new Map<Account, Set<number>>();
    for (const name of options.repositories) {
      const repository = expectRepository(world, name);
      byOwner.set(repository.owner, (byOwner.get(repository.owner) ?? new Set()).add(repository.id));
    }
    for (const [owner, ids] of byOwner) installOn(world, app, owner, ids);
  }
  return {
    appId: app.id,
    clientId: app.clientId,
    slug: app.slug,
    login: app.bot.login,
    get privateKey() {
      return app.keys().privateKey;
    },
    installationToken(fullName, permissions) {
      const repository = expectRepository(world, fullName);
      const installation = [...world.installations.values()].find(
        (one) =>
          one.app.id === app.id &&
          one.account.id === repository.owner.id &&
          one.repositories?.has(repository.id) !== false,
      );
      if (installation === undefined) throw new Error(`App ${app.slug} is not installed on ${fullName}`);
      const grant = {
        installation,
        repositories: new Set([repository.id]),
        permissions: permissions ?? app.permissions,
      };
      return issueInstallationToken(world, app, grant).token;
    },
  };
}

function installOn(world: World, app: App, account: Account, repositories: ReadonlySet<number> | undefined): void {
  const known = [...world.installations.values()].some((one) => one.app.id === app.id && one.account.id === account.id);
  if (known) return;
  const installation: Installation = {
    id: world.ids.next('installation'),
    app,
    account,
    repositories,
    createdAt: world.clock(),
  };
  world.installations.set(installation.id, installation);
}

export function installEverywhere(world: World, repository: Repository): void {
  for (const id of EVERYWHERE.get(world) ?? []) {
    const app = world.apps.get(id);
    if (app !== undefined) installOn(world, app, repository.owner, undefined);
  }
}
