import { type Config, loadConfig, loadPolicies, type Policies, type Snapshot, WaybillError } from '@waybill/core';

export const CONFIG_FILE = 'waybill.yaml';
export const POLICIES_FILE = 'waybill.policies.yaml';

export interface Loaded {
  readonly config: Config;
  readonly policies: Policies;
}

/**
 * The configuration of the one commit this run reads.
 * @throws WaybillErrors with every error of both files; WaybillError config-missing
 */
export function load(snapshot: Snapshot): Loaded {
  const text = snapshot.files.get(CONFIG_FILE);
  if (text === undefined) {
    throw new WaybillError('config-missing', {
      what: `There is no ${CONFIG_FILE} on ${snapshot.repository.defaultBranch} (${snapshot.head.oid.slice(0, 7)})`,
      remedy: 'Write one: the inventory action with `write: true` drafts it from what the repository holds.',
    });
  }
  const config = loadConfig({ path: CONFIG_FILE, text });
  const policies = snapshot.files.get(POLICIES_FILE);
  return {
    config,
    policies: loadPolicies(policies === undefined ? undefined : { path: POLICIES_FILE, text: policies }, config),
  };
}
