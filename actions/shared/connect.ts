import { WaybillError } from '@waybill/core';
import type { Ports, RunFacts } from '@waybill/engine';
import { createForge } from '@waybill/forge';
import {
  createCredentials,
  createNodeFetch,
  createRegistry,
  loadDockerConfig,
  proxiedBy,
  type RealmTable,
  type RegistryClient,
} from '@waybill/registry';
import type { ActionDefinition, Run } from '@waybill/runtime';

export interface RegistryInputs {
  readonly 'registry-token': string | undefined;
  readonly 'registry-username': string | undefined;
  readonly registry: string;
  readonly 'ghcr-token': string;
  readonly 'insecure-registries': readonly string[];
  readonly 'private-registries': readonly string[];
  readonly 'registry-realms': readonly string[];
}

export interface PathInputs extends RegistryInputs {
  readonly token: string;
  readonly repository: string;
  readonly 'dry-run': boolean;
}

type Connected = Pick<Run<ActionDefinition>, 'clock' | 'env' | 'fetch' | 'log' | 'context' | 'entropy'>;

/** A registry client with this run's credentials: the inputs', `docker login`'s, GITHUB_TOKEN for ghcr.io, else none. */
export async function connectRegistry(run: Connected, inputs: RegistryInputs): Promise<RegistryClient> {
  const token = inputs['registry-token'];
  // Another server's GITHUB_TOKEN is no business of ghcr.io's.
  const isOnGitHub = run.context.serverUrl === 'https://github.com';
  const docker = await loadDockerConfig({ env: run.env, log: run.log });
  return createRegistry({
    // Without a proxy that is Node's own, which takes twice the processor time for the same.
    fetch: run.fetch === fetch ? createNodeFetch() : run.fetch,
    clock: run.clock,
    log: run.log,
    insecureHosts: inputs['insecure-registries'],
    privateHosts: inputs['private-registries'],
    realms: realmsOf(inputs['registry-realms']),
    proxied: proxiedBy(run.env),
    credentials: createCredentials({
      ...(token === undefined
        ? {}
        : {
            explicit: [
              { host: inputs.registry, username: inputs['registry-username'] ?? 'x-access-token', password: token },
            ],
          }),
      docker,
      ...(isOnGitHub ? { githubToken: inputs['ghcr-token'] } : {}),
    }),
  });
}

/** @throws WaybillError input-invalid */
function realmsOf(pairs: readonly string[]): RealmTable {
  const realms: Record<string, string[]> = {};
  for (const pair of pairs) {
    const [, registry, realm] = /^([A-Za-z0-9.:-]+)\s*=\s*([A-Za-z0-9.:-]+)$/.exec(pair) ?? [];
    if (registry === undefined || realm === undefined) {
      throw new WaybillError('input-invalid', {
        what: `\`registry-realms\` has a line that is no pair of hosts: ${pair}`,
        remedy: 'Write it like registry.example.com=auth.example.com.',
      });
    }
    realms[registry] = [...(realms[registry] ?? []), realm];
  }
  return realms;
}

/** The outside world for the whole path. */
export async function connect(run: Connected, inputs: PathInputs): Promise<{ ports: Ports; facts: RunFacts }> {
  const { context, clock, log, fetch, entropy } = run;
  return {
    ports: {
      forge: createForge({ repository: inputs.repository, token: inputs.token, apiUrl: context.apiUrl, fetch, clock }),
      registry: await connectRegistry(run, inputs),
      clock,
      log,
      entropy: (count) => entropy.bytes(count),
    },
    facts: { ref: context.ref ?? '', runUrl: context.runUrl, dryRun: inputs['dry-run'] },
  };
}
