import type { Account, Credentials } from './access.js';
import { HTPASSWD_ACCOUNT, startDockerRegistry } from './docker-registry.js';
import { startRegistry } from './server.js';
import { optionalServerAbsent } from './tools.js';

/** A registry that a contract suite runs against. */
export interface RegistryTarget {
  /** `in-process, token auth`, `docker-registry, open`. */
  readonly name: string;
  readonly server: 'in-process' | 'docker-registry';
  readonly auth: 'none' | 'token' | 'basic';
  /** Why it can't be started here (`optional server absent: docker-registry`), else undefined. */
  readonly absent: string | undefined;
  readonly start: () => Promise<RunningRegistry>;
}

export interface RunningRegistry {
  readonly url: string;
  /** `127.0.0.1:PORT`, what an image reference begins with. */
  readonly host: string;
  /** May pull and push everything; undefined for an open registry. */
  readonly writer: Credentials | undefined;
  /** May pull everything and push nothing; only with token auth. */
  readonly reader: Credentials | undefined;
  /** Without credentials: everything, repositories under `public/` only, or nothing can be pulled. */
  readonly anonymousPull: 'all' | 'public' | 'none';
  readonly close: () => Promise<void>;
}

const WRITER: Account = { username: HTPASSWD_ACCOUNT.username, password: HTPASSWD_ACCOUNT.password };
const READER: Account = { username: 'reader', password: 'looks', push: [] };
const TOKEN_AUTH = { kind: 'token', accounts: [WRITER, READER], anonymousPull: ['public/*'] } as const;
const WHO = {
  none: { writer: undefined, reader: undefined, anonymousPull: 'all' },
  token: { writer: WRITER, reader: READER, anonymousPull: 'public' },
  basic: { writer: WRITER, reader: undefined, anonymousPull: 'none' },
} as const;

/** The in-process registry and Debian's docker-registry: open, with token auth, with Basic auth. */
export function registryTargets(): readonly RegistryTarget[] {
  const absent = optionalServerAbsent('docker-registry');
  const inProcess = { server: 'in-process', absent: undefined } as const;
  const debian = { server: 'docker-registry', absent } as const;
  return [
    {
      ...inProcess,
      name: 'in-process, open',
      auth: 'none',
      start: async () => ({ ...WHO.none, ...(await startRegistry()) }),
    },
    {
      ...inProcess,
      name: 'in-process, token auth',
      auth: 'token',
      start: async () => ({ ...WHO.token, ...(await startRegistry({ auth: TOKEN_AUTH })) }),
    },
    {
      ...inProcess,
      name: 'in-process, Basic auth',
      auth: 'basic',
      start: async () => ({ ...WHO.basic, ...(await startRegistry({ auth: { kind: 'basic', accounts: [WRITER] } })) }),
    },
    {
      ...debian,
      name: 'docker-registry, open',
      auth: 'none',
      start: async () => ({ ...WHO.none, ...(await startDockerRegistry()) }),
    },
    {
      ...debian,
      name: 'docker-registry, token auth',
      auth: 'token',
      start: async () => ({ ...WHO.token, ...(await startDockerRegistry(TOKEN_AUTH)) }),
    },
    {
      ...debian,
      name: 'docker-registry, Basic auth',
      auth: 'basic',
      start: async () => ({ ...WHO.basic, ...(await startDockerRegistry({ kind: 'htpasswd' })) }),
    },
  ];
}
