import { randomBytes } from 'node:crypto';
import {
  type Account,
  type Credentials,
  findAccount,
  grantedScopes,
  parseBasic,
  parseScopes,
  type Scope,
  type TokenAuth,
} from './access.js';
import type { RegistryDialect } from './dialect.js';
import { emptyReply, errorReply, jsonReply, type Reply } from './reply.js';
import type { RegistryRequest } from './request.js';

/** The token endpoint and the memory of what it gave out. */
export interface TokenDesk {
  /** Answers a request to `/token` (distribution docs, "Token Authentication Specification" and "OAuth2 Token Authentication"). */
  readonly answer: (request: RegistryRequest, dialect: RegistryDialect) => Reply;
  /** What a token grants for a service, or undefined when it is unknown, expired or for another service. */
  readonly read: (token: string, service: string) => readonly Scope[] | undefined;
  /** Ends every token given out so far, as if its time were over. Refresh tokens live on. */
  readonly expireAll: () => void;
}

interface Issued {
  readonly service: string;
  readonly scopes: readonly Scope[];
  readonly expiresAt: number;
}

/** @param now milliseconds since 1970, by which tokens expire */
export function createTokenDesk(auth: TokenAuth | undefined, now: () => number): TokenDesk {
  const issued = new Map<string, Issued>();
  const refreshTokens = new Map<string, Credentials>();

  const accountOf = (settings: TokenAuth, credentials: Credentials): Account | undefined =>
    findAccount(settings.accounts, credentials) ?? settings.authenticate?.(credentials);

  const grant = (
    settings: TokenAuth,
    dialect: RegistryDialect,
    account: Account | undefined,
    service: string,
    wanted: readonly Scope[],
    extra: Readonly<Record<string, unknown>> = {},
  ): Reply => {
    const scopes = grantedScopes(settings, account, wanted);
    if (wanted.length > 0 && scopes.length === 0 && dialect.ungranted === 'refusal') {
      return account === undefined
        ? errorReply('UNAUTHORIZED', 'authentication required')
        : errorReply('DENIED', 'requested access to the resource is denied');
    }
    const token = randomBytes(24).toString('base64url');
    const expiresIn = settings.expiresIn ?? 300;
    issued.set(token, { service, scopes, expiresAt: now() + expiresIn * 1000 });
    return jsonReply(200, {
      token,
      access_token: token,
      ...(settings.omitExpiry === true ? {} : { expires_in: expiresIn, issued_at: new Date(now()).toISOString() }),
      ...extra,
    });
  };

  const answerGet = (settings: TokenAuth, request: RegistryRequest, dialect: RegistryDialect): Reply => {
    const header = request.headers.authorization;
    const credentials = parseBasic(header);
    const account = credentials === undefined ? undefined : accountOf(settings, credentials);
    if (header !== undefined && account === undefined)
      return errorReply('UNAUTHORIZED', 'incorrect username or password');
    const scopes = parseScopes(request.query.getAll('scope'));
    const offline = request.query.get('offline_token') === 'true' && credentials !== undefined;
    const extra = offline && settings.refreshTokens === true ? { refresh_token: newRefreshToken(credentials) } : {};
    return grant(settings, dialect, account, request.query.get('service') ?? '', scopes, extra);
  };

  const answerPost = (settings: TokenAuth, request: RegistryRequest, dialect: RegistryDialect): Reply => {
    if (settings.refreshTokens !== true) return emptyReply(404);
    const form = new URLSearchParams(Buffer.from(request.body).toString('utf8'));
    const service = form.get('service') ?? '';
    const scopes = parseScopes(form.getAll('scope'));
    const refresh = form.get('refresh_token') ?? '';
    const credentials =
      form.get('grant_type') === 'password'
        ? { username: form.get('username') ?? '', password: form.get('password') ?? '' }
        : refreshTokens.get(refresh);
    const account = credentials === undefined ? undefined : accountOf(settings, credentials);
    if (credentials === undefined || account === undefined) return jsonReply(401, { error: 'invalid_grant' });
    const next = form.get('grant_type') === 'password' ? newRefreshToken(credentials) : refresh;
    return grant(settings, dialect, account, service, scopes, { refresh_token: next });
  };

  const newRefreshToken = (credentials: Credentials): string => {
    const token = randomBytes(24).toString('base64url');
    refreshTokens.set(token, credentials);
    return token;
  };

  return {
    answer(request, dialect) {
      if (auth === undefined) return emptyReply(404);
      if (request.method === 'GET') return answerGet(auth, request, dialect);
      return request.method === 'POST' ? answerPost(auth, request, dialect) : emptyReply(405);
    },
    read(token, service) {
      const found = issued.get(token);
      return found !== undefined && found.service === service && found.expiresAt > now() ? found.scopes : undefined;
    },
    expireAll() {
      issued.clear();
    },
  };
}
