import { randomUUID, sign } from 'node:crypto';
import { createServer } from 'node:http';
import {
  type Account,
  findAccount,
  grantedScopes,
  parseBasic,
  parseScopes,
  type Scope,
  type TokenAuth,
} from './access.js';
import { createTokenSigner, type KeyPair } from './certificates.js';
import { closeServer, listenOnLoopback } from './loopback.js';

interface TokenServerOptions extends Pick<TokenAuth, 'accounts' | 'anonymousPull' | 'expiresIn'> {
  readonly issuer: string;
}

/** A token endpoint whose tokens a registry can check by itself: signed with RS256, the certificate in `x5c`. */
export interface TokenServer {
  readonly realm: string;
  readonly issuer: string;
  /** What the registry's `rootcertbundle` must hold, PEM. */
  readonly certificate: string;
  readonly close: () => Promise<void>;
}

/** Starts it on a free loopback port. Token format: distribution's docs/spec/auth/jwt. */
export async function startTokenServer(options: TokenServerOptions): Promise<TokenServer> {
  const signer = await createTokenSigner(options.issuer);
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://token');
    const header = request.headers.authorization;
    const credentials = parseBasic(header);
    const account = credentials === undefined ? undefined : findAccount(options.accounts, credentials);
    if (url.pathname !== '/token' || request.method !== 'GET') {
      response.writeHead(404).end();
      return;
    }
    if (header !== undefined && account === undefined) {
      response.writeHead(401, { 'WWW-Authenticate': 'Basic realm="token"' }).end();
      return;
    }
    const scopes = grantedScopes(options, account, parseScopes(url.searchParams.getAll('scope')));
    const expiresIn = options.expiresIn ?? 300;
    const token = signToken(signer, options.issuer, url.searchParams.get('service') ?? '', account, scopes, expiresIn);
    response.writeHead(200, { 'Content-Type': 'application/json' });
    response.end(
      JSON.stringify({ token, access_token: token, expires_in: expiresIn, issued_at: new Date().toISOString() }),
    );
  });
  const host = await listenOnLoopback(server);
  return {
    realm: `http://${host}/token`,
    issuer: options.issuer,
    certificate: signer.certificate,
    close: () => closeServer(server),
  };
}

function signToken(
  signer: KeyPair,
  issuer: string,
  service: string,
  account: Account | undefined,
  scopes: readonly Scope[],
  expiresIn: number,
): string {
  const der = signer.certificate.replace(/-----[^-]+-----|\s/g, '');
  const now = Math.floor(Date.now() / 1000);
  const claims = {
    iss: issuer,
    sub: account?.username ?? '',
    aud: service,
    exp: now + expiresIn,
    nbf: now - 10,
    iat: now,
    jti: randomUUID(),
    access: scopes.map(({ repository, actions }) => ({ type: 'repository', name: repository, actions })),
  };
  const signed = `${encode({ typ: 'JWT', alg: 'RS256', x5c: [der] })}.${encode(claims)}`;
  return `${signed}.${sign('RSA-SHA256', Buffer.from(signed), signer.privateKey).toString('base64url')}`;
}

function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
