import { globMatch } from '../config/glob.js';
import type { ImagePolicy } from '../config/types.js';
import { type RuleId, ruleOf, type Severity } from './rules.js';

/** The policy as it holds for one run: the `images` section, and what `waybill.yaml` says where that is silent. */
export interface PolicySettings {
  readonly policy: ImagePolicy;
  /** Globs over normalised repositories. */
  readonly firstParty: readonly string[];
  /** The file that the section stands in, which expired exceptions are reported in. */
  readonly file?: string;
}

const NO_POLICY: ImagePolicy = {
  thirdPartyCharts: [],
  registries: [],
  platforms: [],
  scopes: [],
  tagPatterns: [],
  tagInLabels: [],
  tagSuffix: [],
  severities: new Map(),
  pullPolicy: 'absent-or-if-not-present',
  fields: [],
  environments: [],
  mixed: 'refused',
  exceptions: [],
};

/** The settings of a run. Without any, Rules 1 and 3 hold over the whole tree. */
export function policySettings(
  policies: { readonly file?: string; readonly images?: ImagePolicy } = {},
  config: { readonly firstParty: readonly string[] } = { firstParty: [] },
): PolicySettings {
  const policy = policies.images ?? NO_POLICY;
  return {
    policy,
    firstParty: policy.firstParty ?? config.firstParty,
    ...(policies.file === undefined ? {} : { file: policies.file }),
  };
}

/** Folders whose images nobody deploys, unless the policies say what to exclude or enforce. */
const NOT_DEPLOYED = /(?:^|\/)(?:testdata|test-data|crds|docs|node_modules|\.git)\//;

export function matchesAny(globs: readonly string[], text: string): boolean {
  return globs.some((glob) => globMatch(glob, text));
}

/** Whether a file is judged at all, and whether what can't be read in it fails the check. */
export function coverage({ policy }: PolicySettings, path: string): 'enforced' | 'judged' | 'outside' {
  const { enforce, exclude } = policy;
  if (exclude === undefined ? enforce === undefined && NOT_DEPLOYED.test(path) : matchesAny(exclude, path))
    return 'outside';
  if (enforce === undefined) return 'judged';
  return matchesAny(enforce, path) ? 'enforced' : 'outside';
}

/** Whether an image is ours. */
export function isOurs(settings: PolicySettings, repository: string | undefined): boolean {
  return repository !== undefined && matchesAny(settings.firstParty, repository);
}

/** Rules that no severity and no exception touches: floating tags have no allowlist in any lane (seed 002). */
export const WITHOUT_EXCEPTION: ReadonlySet<RuleId> = new Set(['channel-tag', 'expired-exception']);

/** How severe a finding of the rule is, at most `most`; `off` when the policies don't want to hear of it. */
export function severityOf({ policy }: PolicySettings, rule: RuleId, most: Severity = 'error'): Severity | 'off' {
  const chosen = WITHOUT_EXCEPTION.has(rule) ? undefined : policy.severities.get(rule);
  const severity = chosen ?? ruleOf(rule).severity;
  if (severity === 'off') return 'off';
  return RANK[severity] < RANK[most] ? most : severity;
}

const RANK: Readonly<Record<Severity, number>> = { error: 0, warning: 1, note: 2 };
