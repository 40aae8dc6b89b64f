import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Account } from './access.js';
import { startTokenServer, type TokenServer } from './token-server.js';
import { findTool, optionalServerAbsent } from './tools.js';

/** The only account an htpasswd registry knows: it wants bcrypt, which Node can't make, so the hash is this password's. */
export const HTPASSWD_ACCOUNT = { username: 'ci', password: 'secret' } as const;
const HTPASSWD_HASH = '$2y$05$abcdefghijklmnopqrstuuOQiyCxlgf/oeuTqixKmWdcYUh4Hjl0a';

export type DockerRegistryAuth =
  | { readonly kind: 'none' }
  | { readonly kind: 'htpasswd' }
  | {
      readonly kind: 'token';
      readonly accounts: readonly Account[];
      /** As in the in-process registry's token auth. */
      readonly anonymousPull?: boolean | readonly string[];
      /** Seconds; 300 when left out. */
      readonly expiresIn?: number;
    };

export interface DockerRegistry {
  /** `http://127.0.0.1:PORT`. */
  readonly url: string;
  readonly host: string;
  readonly close: () => Promise<void>;
}

/**
 * Starts Debian's `docker-registry` (distribution 2.8) on a free loopback port with a temporary store.
 * @throws Error `optional server absent: docker-registry`, or with what the registry said when it didn't start
 */
export async function startDockerRegistry(auth: DockerRegistryAuth = { kind: 'none' }): Promise<DockerRegistry> {
  const program = findTool('docker-registry');
  if (program === undefined) throw new Error(optionalServerAbsent('docker-registry'));
  const folder = await mkdtemp(join(tmpdir(), 'waybill-registry-'));
  const tokens = auth.kind === 'token' ? await startTokenServer({ ...auth, issuer: 'waybill-testbed' }) : undefined;
  const release = async () => {
    await tokens?.close();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const config = join(folder, 'config.json');
    await writeFile(config, JSON.stringify(await configuration(folder, auth, tokens)));
    const { child, host } = await launch(program, config);
    return {
      url: `http://${host}`,
      host,
      async close() {
        await stop(child);
        await release();
      },
    };
  } catch (error) {
    await release();
    throw error;
  }
}

/** distribution's docs/configuration; JSON is YAML. */
async function configuration(folder: string, auth: DockerRegistryAuth, tokens: TokenServer | undefined) {
  const base = {
    version: '0.1',
    log: { level: 'info', accesslog: { disabled: true } },
    storage: { filesystem: { rootdirectory: join(folder, 'store') }, delete: { enabled: true } },
    // Port 0: the registry takes a free one and logs which.
    http: { addr: '127.0.0.1:0' },
  };
  if (auth.kind === 'htpasswd') {
    const path = join(folder, 'htpasswd');
    await writeFile(path, `${HTPASSWD_ACCOUNT.username}:${HTPASSWD_HASH}\n`);
    return { ...base, auth: { htpasswd: { realm: 'registry', path } } };
  }
  if (tokens === undefined) return base;
  const rootcertbundle = join(folder, 'token.crt');
  await writeFile(rootcertbundle, tokens.certificate);
  const token = { realm: tokens.realm, service: 'waybill-registry', issuer: tokens.issuer, rootcertbundle };
  return { ...base, auth: { token } };
}

async function launch(
  program: string,
  config: string,
): Promise<{ readonly child: ChildProcess; readonly host: string }> {
  const child = spawn(program, ['serve', config], { stdio: ['ignore', 'ignore', 'pipe'], env: {} });
  const killWithUs = () => child.kill('SIGKILL');
  process.once('exit', killWithUs);
  child.once('exit', () => process.off('exit', killWithUs));
  const said: string[] = [];
  const host = await new Promise<string>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', () => reject(new Error(`docker-registry did not start: ${said.join('\n')}`)));
    createInterface({ input: child.stderr }).on('line', (line) => {
      const address = /listening on (127\.0\.0\.1:\d+)/.exec(line)?.[1];
      if (address === undefined) said.push(line);
      else resolve(address);
    });
  });
  return { child, host };
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
  });
  child.kill('SIGKILL');
  await ended;
}
