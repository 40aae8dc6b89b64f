/** What a request wants to do to a repository. */
export type Action = 'pull' | 'push' | 'delete';

/** A scope of the token protocol: `repository:<name>:<action>,<action>`. */
export interface Scope {
  readonly repository: string;
  readonly actions: readonly Action[];
}

/** Who may do what. Patterns are repository names; a final `*` matches any rest. */
export interface Account {
  /** `*` for any name, as ghcr.io takes a token with whatever user name. */
  readonly username: string;
  readonly password: string;
  /** All repositories when left out. */
  readonly pull?: readonly string[];
  /** All repositories when left out. Pushing includes deleting. */
  readonly push?: readonly string[];
}

export interface Credentials {
  readonly username: string;
  readonly password: string;
}

/** How the registry knows its users. */
export type RegistryAuth =
  | { readonly kind: 'none' }
  /** htpasswd: every request carries Basic. */
  | { readonly kind: 'basic'; readonly realm?: string; readonly accounts: readonly Account[] }
  | TokenAuth;

/** The distribution token protocol: a Bearer challenge, a token endpoint, tokens with scopes that expire. */
export interface TokenAuth {
  readonly kind: 'token';
  readonly accounts: readonly Account[];
  /** Accounts that come and go, as a job's token does; asked when none of `accounts` fits. */
  readonly authenticate?: (credentials: Credentials) => Account | undefined;
  /** Repositories that can be pulled without an account: all, none, or those matching. */
  readonly anonymousPull?: boolean | readonly string[];
  /** Seconds; 300 when left out. */
  readonly expiresIn?: number;
  /** `expires_in` is left out of answers: clients must then assume 60 s. */
  readonly omitExpiry?: boolean;
  /** What `service` says; the registry's own host name when left out. */
  readonly service?: string;
  /** The POST form of the token endpoint (`grant_type=refresh_token` and `password`); 404 without. */
  readonly refreshTokens?: boolean;
}

/** The account these credentials are, or undefined. */
export function findAccount(accounts: readonly Account[], credentials: Credentials): Account | undefined {
  return accounts.find(
    (account) =>
      (account.username === '*' || account.username === credentials.username) &&
      account.password === credentials.password,
  );
}

/** What a token for an account (undefined: anonymous) gets of the wanted scopes; scopes without any action are left out. */
export function grantedScopes(
  settings: Pick<TokenAuth, 'anonymousPull'>,
  account: Account | undefined,
  wanted: readonly Scope[],
): readonly Scope[] {
  const open = settings.anonymousPull ?? false;
  return wanted
    .map(({ repository, actions }): Scope => {
      const anonymous = open === true || (open !== false && matchesAny(open, repository));
      const granted = actions.filter(
        (action) => (anonymous && action === 'pull') || (account !== undefined && mayDo(account, action, repository)),
      );
      return { repository, actions: granted };
    })
    .filter((scope) => scope.actions.length > 0);
}

export function mayDo(account: Account, action: Action, repository: string): boolean {
  const patterns = action === 'pull' ? account.pull : account.push;
  return patterns === undefined || matchesAny(patterns, repository);
}

function matchesAny(patterns: readonly string[], repository: string): boolean {
  return patterns.some((pattern) =>
    pattern.endsWith('*') ? repository.startsWith(pattern.slice(0, -1)) : pattern === repository,
  );
}

/** The user and password of a Basic header, or undefined when it is something else. */
export function parseBasic(header: string | undefined): Credentials | undefined {
  const encoded = /^basic +(\S+)$/i.exec(header ?? '')?.[1];
  if (encoded === undefined) return undefined;
  const text = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  return colon < 0 ? undefined : { username: text.slice(0, colon), password: text.slice(colon + 1) };
}

/**
 * The repository scopes of a token request's `scope` parameters: one a parameter, or several in one separated by
 * spaces, since clients do both. Other kinds of scope are left out.
 */
export function parseScopes(parameters: readonly string[]): readonly Scope[] {
  return parameters
    .flatMap((parameter) => parameter.split(' '))
    .map(parseScope)
    .filter((scope) => scope !== undefined);
}

export function formatScope(scope: Scope): string {
  return `repository:${scope.repository}:${scope.actions.join(',')}`;
}

function parseScope(text: string): Scope | undefined {
  // The name may hold a colon (host:port), so only the first and the last one separate.
  const match = /^repository(?:\([^)]*\))?:(.+):([^:]*)$/.exec(text);
  const repository = match?.[1];
  const actions = match?.[2];
  if (repository === undefined || actions === undefined) return undefined;
  return { repository, actions: actions.split(',').flatMap(toActions) };
}

function toActions(text: string): readonly Action[] {
  if (text === '*') return ['pull', 'push', 'delete'];
  return text === 'pull' || text === 'push' || text === 'delete' ? [text] : [];
}
