import { WaybillError } from '@waybill/core';
import { type DockerConfig, dockerCredential } from './docker-config.js';

/** What to show a registry, and where it came from. */
export type Credential =
  | { readonly kind: 'anonymous' }
  | {
      readonly kind: 'basic';
      readonly origin: CredentialOrigin;
      readonly username: string;
      readonly password: string;
    }
  /** An OAuth2 refresh token, as `docker login` stores it for Azure and others. */
  | { readonly kind: 'identity-token'; readonly origin: CredentialOrigin; readonly token: string };

export type CredentialOrigin = 'input' | 'docker-config' | 'github-token';

/** Finds the credential for a registry. */
export interface Credentials {
  /** `host` as references name it: `ghcr.io`, `docker.io`, `localhost:5000`. */
  forHost(host: string): Promise<Credential>;
}

export interface ExplicitCredential {
  /** The registry's host, exactly as references name it (`docker.io` for Docker Hub). */
  readonly host: string;
  readonly username: string;
  readonly password: string;
}

export interface CredentialSources {
  readonly explicit?: readonly ExplicitCredential[];
  /** From `loadDockerConfig`. */
  readonly docker?: DockerConfig;
  /** A token of github.com with `packages: read`. Goes to ghcr.io and nowhere else; leave it out on other GitHub hosts. */
  readonly githubToken?: string;
}

const ANONYMOUS: Credential = { kind: 'anonymous' };

/** No credentials at all. */
export const anonymousCredentials: Credentials = { forHost: async () => ANONYMOUS };

/**
 * Credentials in the order: given explicitly for the host, `docker login`'s, the GitHub token for ghcr.io, none.
 * Hosts are compared exactly; a credential is handed out for the one host it is for.
 * @throws WaybillError input-invalid (a user name with a colon cannot be sent, RFC 7617 §2)
 */
export function createCredentials(sources: CredentialSources): Credentials {
  const explicit = new Map<string, Credential>();
  for (const given of sources.explicit ?? []) {
    if (given.username.includes(':')) {
      throw new WaybillError('input-invalid', {
        what: `The user name for ${given.host} holds a colon`,
        remedy: 'Give the user name alone, and the password or token as registry-token',
      });
    }
    const host = dockerHubName(given.host.toLowerCase());
    explicit.set(host, { kind: 'basic', origin: 'input', username: given.username, password: given.password });
  }
  return {
    async forHost(host) {
      const key = dockerHubName(host.toLowerCase());
      const given = explicit.get(key);
      if (given !== undefined) return given;
      const fromDocker = sources.docker === undefined ? undefined : await dockerCredential(sources.docker, key);
      if (fromDocker !== undefined) return fromDocker;
      if (key === 'ghcr.io' && sources.githubToken !== undefined && sources.githubToken !== '') {
        // GHCR takes any user name beside a token.
        return { kind: 'basic', origin: 'github-token', username: 'x-access-token', password: sources.githubToken };
      }
      return ANONYMOUS;
    },
  };
}

/** Docker Hub goes by several names; references use `docker.io`. */
function dockerHubName(host: string): string {
  return host === 'index.docker.io' || host === 'registry-1.docker.io' ? 'docker.io' : host;
}
