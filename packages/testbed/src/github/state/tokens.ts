import { createPublicKey, randomBytes, verify } from 'node:crypto';
import type { Permissions } from '../host.js';
import { Refusal } from '../refusal.js';
import { ACTIONS_APP, type Account, type App, findAccount, type Installation } from './accounts.js';
import type { World } from './world.js';

/** Who makes a request, as far as a credential tells. */
export type Caller =
  | { readonly kind: 'anonymous' }
  | { readonly kind: 'user'; readonly account: Account }
  /** An App by its JWT: may only look at itself and make installation tokens. */
  | { readonly kind: 'app'; readonly app: App }
  | {
      readonly kind: 'installation';
      readonly app: App;
      readonly account: Account;
      readonly installation: Installation | undefined;
      /** Repository ids. */
      readonly repositories: ReadonlySet<number> | undefined;
      readonly permissions: Permissions;
    };

/** A caller that can act, and in whose name. */
export type Actor = Extract<Caller, { kind: 'user' | 'installation' }>;

interface Token {
  readonly value: string;
  readonly caller: Actor;
  readonly expiresAt: Date | undefined;
}

export type TokenTable = Map<string, Token>;

const HOUR = 3_600_000;

function secret(prefix: string): string {
  return `${prefix}_${randomBytes(18).toString('hex')}`;
}

export function issueUserToken(world: World, account: Account): string {
  const value = secret('ghp');
  world.tokens.set(value, { value, caller: { kind: 'user', account }, expiresAt: undefined });
  return value;
}

/** Installation tokens live for one hour (docs: generating-an-installation-access-token). */
export function issueInstallationToken(
  world: World,
  app: App,
  grant: {
    readonly installation?: Installation;
    readonly repositories: ReadonlySet<number> | undefined;
    readonly permissions: Permissions;
    readonly lifetime?: number;
  },
): { readonly token: string; readonly expiresAt: Date } {
  const token = secret('ghs');
  const expiresAt = new Date(world.clock().getTime() + (grant.lifetime ?? HOUR));
  world.tokens.set(token, {
    value: token,
    expiresAt,
    caller: {
      kind: 'installation',
      app,
      account: app.bot,
      installation: grant.installation,
      repositories: grant.repositories,
      permissions: grant.permissions,
    },
  });
  return { token, expiresAt };
}

export function revokeToken(world: World, token: string): void {
  world.tokens.delete(token);
}

/** GITHUB_TOKEN is an installation token of the `github-actions` App. */
export function isActionsToken(caller: Caller): boolean {
  return caller.kind === 'installation' && caller.app.id === ACTIONS_APP.id;
}

const badCredentials = (message = 'Bad credentials'): Refusal => new Refusal({ status: 401, message });

/**
 * Reads the Authorization header: `token`/`bearer` with a token or an App's JWT, or basic with the token as password
 * (how Git sends it). Throws 401 for a credential that is there and not valid.
 */
export function authenticate(world: World, header: string | undefined): Caller {
  if (header === undefined || header === '') return { kind: 'anonymous' };
  const value = credentialOf(header);
  if (value === undefined) throw badCredentials();
  if (value.split('.').length === 3) return { kind: 'app', app: verifyJwt(world, value) };
  const token = world.tokens.get(value);
  if (token === undefined) throw badCredentials();
  if (token.expiresAt !== undefined && token.expiresAt <= world.clock()) throw badCredentials();
  return token.caller;
}

export function credentialOf(header: string): string | undefined {
  const found = /^(token|bearer|basic)\s+(\S+)$/i.exec(header.trim());
  if (found === null) return undefined;
  if (found[1]?.toLowerCase() !== 'basic') return found[2];
  const pair = Buffer.from(found[2] ?? '', 'base64').toString('utf8');
  return pair.slice(pair.indexOf(':') + 1);
}

/** docs: generating-a-json-web-token-jwt-for-a-github-app (RS256, `iss` = App or client id, at most ten minutes). */
function verifyJwt(world: World, jwt: string): App {
  const [head = '', body = '', signature = ''] = jwt.split('.');
  const unreadable = badCredentials('A JSON web token could not be decoded');
  let claims: Record<string, unknown>;
  try {
    const header = JSON.parse(Buffer.from(head, 'base64url').toString('utf8')) as Record<string, unknown>;
    if (header.alg !== 'RS256') throw unreadable;
    claims = JSON.parse(Buffer.from(body, 'base64url').toString('utf8')) as Record<string, unknown>;
  } catch {
    throw unreadable;
  }
  const issuer = String(claims.iss);
  const app = [...world.apps.values()].find((one) => String(one.id) === issuer || one.clientId === issuer);
  if (app === undefined) throw new Refusal({ status: 404, message: 'Integration not found' });
  const valid = verify(
    'RSA-SHA256',
    Buffer.from(`${head}.${body}`),
    createPublicKey(app.keys().publicKey),
    Buffer.from(signature, 'base64url'),
  );
  if (!valid) throw unreadable;
  const now = world.clock().getTime() / 1000;
  const expires = Number(claims.exp);
  if (!(expires > now)) {
    throw badCredentials(
      "'Expiration time' claim ('exp') must be a numeric value representing the future time at which the assertion expires",
    );
  }
  if (expires > now + 660) throw badCredentials("'Expiration time' claim ('exp') is too far in the future");
  if (!(Number(claims.iat) <= now + 60)) {
    throw badCredentials(
      "'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued",
    );
  }
  return app;
}

/** The caller as somebody who acts; throws 401 when anonymous, 403 for an App's JWT. */
export function actorOf(caller: Caller): Actor {
  if (caller.kind === 'user' || caller.kind === 'installation') return caller;
  if (caller.kind === 'anonymous') throw new Refusal({ status: 401, message: 'Requires authentication' });
  throw new Refusal({ status: 403, message: 'Resource not accessible by integration' });
}

export function userActor(world: World, login: string): Actor {
  const account = findAccount(world, login);
  if (account === undefined) throw new Error(`no user ${login} in the test bed: createUser first`);
  return { kind: 'user', account };
}
