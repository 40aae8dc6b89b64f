import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Log } from '@waybill/core';
import type { Credential } from './credentials.js';
import { isObject, type JsonObject, objectOr, parseJsonObject } from './json.js';

/** What `docker login` left behind, and how to ask the helpers it names. */
export interface DockerConfig {
  readonly auths: ReadonlyMap<string, DockerAuth>;
  /** Registry host → suffix of `docker-credential-<suffix>`. */
  readonly helpers: ReadonlyMap<string, string>;
  /** Suffix of the helper for every host without one of its own. */
  readonly store?: string;
  readonly runHelper: RunHelper;
  readonly log: Log;
}

interface DockerAuth {
  readonly username: string;
  readonly password: string;
  readonly identityToken: string;
}

/** Runs `docker-credential-<name> get` with the server's address on its input; gives its output. Rejects when it fails. */
export type RunHelper = (name: string, server: string) => Promise<string>;

export interface DockerConfigOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly log: Log;
  readonly runHelper?: RunHelper;
}

/** The program is `docker-credential-` and this; no path, no option, no shell word can hide in it. */
const HELPER_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
const DOCKER_HUB_KEY = 'https://index.docker.io/v1/';
const HELPER_TIMEOUT_MS = 30_000;

/**
 * Reads `$DOCKER_CONFIG/config.json`, else `~/.docker/config.json`. A file that is missing is an empty one; a file that
 * cannot be read is logged and counts as empty, as in the docker command.
 * Format: https://docs.docker.com/reference/cli/docker/#docker-cli-configuration-file-configjson-properties
 */
export async function loadDockerConfig(options: DockerConfigOptions): Promise<DockerConfig> {
  const { env, log } = options;
  const runHelper = options.runHelper ?? execHelper(env);
  const folder = env.DOCKER_CONFIG || join(env.HOME || env.USERPROFILE || homedir(), '.docker');
  const file = join(folder, 'config.json');
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if (!hasCode(error, 'ENOENT')) log.warning(`Cannot read ${file}; going on without docker's credentials.`);
    return { auths: new Map(), helpers: new Map(), runHelper, log };
  }
  const parsed = parseJsonObject(text);
  if (parsed === undefined) log.warning(`${file} is not a JSON object; going on without docker's credentials.`);
  return readConfig(parsed ?? {}, runHelper, log);
}

function readConfig(config: JsonObject, runHelper: RunHelper, log: Log): DockerConfig {
  const auths = new Map<string, DockerAuth>();
  for (const [key, value] of Object.entries(objectOr(config.auths))) {
    const host = hostOfKey(key);
    const entry = readAuth(objectOr(value));
    if (host !== undefined && entry !== undefined) auths.set(host, entry);
  }
  const helpers = new Map<string, string>();
  for (const [key, value] of Object.entries(objectOr(config.credHelpers))) {
    const host = hostOfKey(key);
    if (host !== undefined && typeof value === 'string') helpers.set(host, value);
  }
  const store = config.credsStore;
  return { auths, helpers, runHelper, log, ...(typeof store === 'string' && store !== '' ? { store } : {}) };
}

/**
 * Docker's credential for a registry host, or undefined. In docker's order: the host's own helper, the store, the
 * file's own entry. A helper that fails is logged, and the search goes on.
 */
export async function dockerCredential(config: DockerConfig, host: string): Promise<Credential | undefined> {
  const name = config.helpers.get(host) ?? config.store;
  const helped = name === undefined ? undefined : await askHelper(config, name, host);
  if (helped !== undefined) return helped;
  const entry = config.auths.get(host);
  if (entry === undefined) return undefined;
  if (entry.identityToken !== '') {
    return { kind: 'identity-token', origin: 'docker-config', token: entry.identityToken };
  }
  return { kind: 'basic', origin: 'docker-config', username: entry.username, password: entry.password };
}

async function askHelper(config: DockerConfig, name: string, host: string): Promise<Credential | undefined> {
  if (!HELPER_NAME.test(name)) {
    config.log.warning(
      `Docker's configuration names a credential helper for ${host} that is no program name; not run.`,
    );
    return undefined;
  }
  let output: string;
  try {
    output = await config.runHelper(name, host === 'docker.io' ? DOCKER_HUB_KEY : host);
  } catch (error) {
    // Helpers say "not found" with a failing exit code and this text, which is their protocol.
    const said = isObject(error) && typeof error.message === 'string' ? error.message : '';
    if (/credentials not found|no credentials/i.test(said)) return undefined;
    config.log.warning(`docker-credential-${name} failed for ${host}; going on without it.`);
    return undefined;
  }
  const answer = parseJsonObject(output);
  const username = answer?.Username;
  const secret = answer?.Secret;
  if (typeof username !== 'string' || typeof secret !== 'string' || secret === '') {
    config.log.warning(`docker-credential-${name} gave no user name and secret for ${host}; going on without it.`);
    return undefined;
  }
  if (username === '<token>') return { kind: 'identity-token', origin: 'docker-config', token: secret };
  return { kind: 'basic', origin: 'docker-config', username, password: secret };
}

/** Without a shell; the output is capped and never logged. */
function execHelper(env: Readonly<Record<string, string | undefined>>): RunHelper {
  return (name, server) =>
    new Promise((resolve, reject) => {
      const options = { env: { ...env }, timeout: HELPER_TIMEOUT_MS, maxBuffer: 65_536, windowsHide: true };
      const child = execFile(`docker-credential-${name}`, ['get'], options, (error, stdout, stderr) => {
        // The protocol's error text comes on standard output.
        if (error !== null) reject(new Error(`${stdout}\n${stderr}`, { cause: error }));
        else resolve(stdout);
      });
      // A helper that ends before reading its input is reported by its exit code, not by the broken pipe.
      child.stdin?.on('error', () => undefined);
      child.stdin?.end(server);
    });
}

/**
 * The host that a key of `auths` is for: keys are hosts, or URLs of the old index protocol. A key with any other path
 * is for something narrower than a host, so it counts for none.
 */
function hostOfKey(key: string): string | undefined {
  const match = /^(?:https?:\/\/)?([^/]+)(?:\/(?:v[12]\/?)?)?$/.exec(key.toLowerCase());
  const host = match?.[1];
  return host === 'index.docker.io' || host === 'registry-1.docker.io' ? 'docker.io' : host;
}

function readAuth(entry: JsonObject): DockerAuth | undefined {
  const text = (key: string): string => (typeof entry[key] === 'string' ? entry[key] : '');
  const decoded = Buffer.from(text('auth'), 'base64').toString('utf8').replace(/\0+$/, '');
  const colon = decoded.indexOf(':');
  const username = colon > 0 ? decoded.slice(0, colon) : text('username');
  const password = colon > 0 ? decoded.slice(colon + 1) : text('password');
  const identityToken = text('identitytoken');
  if (identityToken === '' && password === '') return undefined;
  return { username, password, identityToken };
}

function hasCode(error: unknown, code: string): boolean {
  return isObject(error) && error.code === code;
}
