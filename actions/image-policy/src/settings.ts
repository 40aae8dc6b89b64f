import {
  type Baseline,
  type Config,
  globMatch,
  loadConfig,
  loadPolicies,
  type PolicySettings,
  parseBaseline,
  policySettings,
  WaybillError,
} from '@waybill/core';
import { CONFIG_FILE, POLICIES_FILE } from '@waybill/engine';
import type { GitRepository } from '@waybill/forge';

/** What a run judges by. */
export interface Rules {
  readonly settings: PolicySettings;
  readonly baseline: Baseline | undefined;
  /** The environment of a path: the policies' own, else the Stage that writes it. */
  readonly environmentOf: (path: string) => string | undefined;
  /** Whether there is any environment to compare. */
  readonly hasEnvironments: boolean;
  /** The files of configuration that were found. */
  readonly files: readonly string[];
}

const LIMIT = 16 * 1024 * 1024;
const NO_CONFIG: Config = {
  file: CONFIG_FILE,
  apiVersion: 'waybill/v1',
  firstParty: [],
  warehouses: new Map(),
  stages: [],
};

/**
 * The policies, the configuration and the baseline as they stand at one commit; none of them need exist, except for
 * a baseline that was asked for.
 * @throws WaybillErrors of config-invalid and not-supported; WaybillError config-missing, config-invalid
 */
export async function rulesAt(
  commit: string | undefined,
  baselinePath: string | undefined,
  git: GitRepository,
): Promise<Rules> {
  const wanted = [CONFIG_FILE, POLICIES_FILE, ...(baselinePath === undefined ? [] : [baselinePath])];
  const found = commit === undefined ? new Map<string, Buffer>() : await git.files(commit, wanted, LIMIT);
  const textOf = (path: string): string | undefined => found.get(path)?.toString('utf8');
  const [configText, policiesText] = [textOf(CONFIG_FILE), textOf(POLICIES_FILE)];
  const config = configText === undefined ? NO_CONFIG : loadConfig({ path: CONFIG_FILE, text: configText });
  const policies = loadPolicies(
    policiesText === undefined ? undefined : { path: POLICIES_FILE, text: policiesText },
    config,
  );
  const environments = policies.images?.environments ?? [];
  return {
    settings: policySettings(policies, config),
    baseline: baselinePath === undefined ? undefined : readBaseline(baselinePath, textOf(baselinePath)),
    environmentOf: environmentsOf(config, environments),
    hasEnvironments: environments.length > 0 || config.stages.length > 0,
    files: [...(configText === undefined ? [] : [CONFIG_FILE]), ...(policiesText === undefined ? [] : [POLICIES_FILE])],
  };
}

function readBaseline(path: string, text: string | undefined): Baseline {
  if (text !== undefined) return parseBaseline({ path, text });
  throw new WaybillError('config-missing', {
    what: 'The baseline is not in the commit that the configuration is read from',
    where: { file: path },
    remedy: 'Write it with `new-baseline` and merge it first, or leave `baseline` away.',
  });
}

function environmentsOf(
  config: Config,
  environments: readonly { readonly name: string; readonly paths: readonly string[] }[],
): Rules['environmentOf'] {
  const named =
    environments.length > 0
      ? environments
      : config.stages.map(({ name, updates }) => ({
          name,
          paths: updates.flatMap((update) => (update.kind === 'images' ? update.globs : [update.file])),
        }));
  const known = new Map<string, string | undefined>();
  return (path) => {
    if (named.length > 0 && !known.has(path)) {
      known.set(path, named.find(({ paths }) => paths.some((glob) => globMatch(glob, path)))?.name);
    }
    return known.get(path);
  };
}
