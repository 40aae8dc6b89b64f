import { globMatch } from '../config/glob.js';
import type { ImageEnvironment } from '../config/types.js';
import { shortDigest } from '../image/digest.js';
import { familiarRepository } from '../image/reference.js';
import type { FindingDraft } from './draft.js';
import type { FindingPlace } from './finding.js';
import type { RuleId } from './rules.js';
import type { Standing } from './standings.js';

/** What lineage without a ledger is told from. */
export interface TreeLineage {
  /** In order; `after` names the environments a digest must have stood in. */
  readonly environments: readonly ImageEnvironment[];
  /** What stands at the commit that the change is based on, fetched by its ID. */
  readonly base: readonly Standing[];
  /** What would stand after the change. */
  readonly head: readonly Standing[];
}

/**
 * Rule 4 where there is no ledger: a digest that is new to an environment must stand, at the change's base, in every
 * environment before it; one that is new to files outside all environments, which all of them share, in the last ones. Where a
 * digest stood in the same environment before, it may stand elsewhere in it, too.
 */
export function judgeTreeLineage({ environments, base, head }: TreeLineage): readonly FindingDraft[] {
  const placeOf = (path: string) => environments.find(({ paths }) => paths.some((glob) => globMatch(glob, path)));
  const before = groupStandings(base, placeOf);
  const after = groupStandings(head, placeOf);
  // The ends of the chains; an environment that follows none and that none follows is nobody's proof.
  const last = environments.filter(
    ({ name, after: above }) => above.length > 0 && !environments.some((each) => each.after.includes(name)),
  );
  const drafts: FindingDraft[] = [];
  for (const standing of head) {
    const environment = placeOf(standing.path);
    const name = environment?.name ?? SHARED;
    if (before.get(name)?.has(keyOf(standing)) === true) continue;
    const demanded = environment === undefined ? last.map((each) => each.name) : environment.after;
    const missing = demanded.filter((upstream) => before.get(upstream)?.has(keyOf(standing)) !== true);
    if (missing.length === 0) continue;
    const moved = missing.filter((upstream) => after.get(upstream)?.has(keyOf(standing)) === true);
    const rule = ruleFor(environment, moved);
    const chain = chainOf(standing, environments, before, environment);
    const reason = `${wordsFor(rule, standing, name, missing)} (at the base: ${chain})`;
    const related = demanded.flatMap((upstream) => upstreamPlaces(standing, upstream, base, placeOf));
    drafts.push(lineageDraft(rule, standing, reason, related));
  }
  return drafts;
}

/** Not a name that an environment can have: those come from the policies as strings that are not empty. */
const SHARED = '';

function ruleFor(environment: ImageEnvironment | undefined, moved: readonly string[]): RuleId {
  if (moved.length > 0) return 'lineage-self-approved';
  return environment === undefined ? 'lineage-shared' : 'lineage-unknown';
}

function wordsFor(rule: RuleId, standing: Standing, name: string, missing: readonly string[]): string {
  const digest = shortDigest(standing.digest);
  const where = missing.join(', ');
  switch (rule) {
    case 'lineage-self-approved':
      return `${digest} would enter ${name === SHARED ? 'shared files' : name} in the same change as ${where}, which is no proof that it works there`;
    case 'lineage-shared':
      return `${digest} in shared files would reach every environment at once, and does not stand in ${where} yet`;
    default:
      return `${digest} would enter ${name}, and does not stand in ${where} yet`;
  }
}

/** `local abc…, dev abc…, staging def…`: what each environment up to this one has of the image. */
function chainOf(
  { repository }: Standing,
  environments: readonly ImageEnvironment[],
  before: ReadonlyMap<string, ReadonlyMap<string, Standing>>,
  until: ImageEnvironment | undefined,
): string {
  const end = until === undefined ? environments.length : environments.indexOf(until) + 1;
  return environments
    .slice(0, end)
    .map(({ name }) => {
      const standings = [...(before.get(name)?.values() ?? [])].filter((each) => each.repository === repository);
      const digests = [...new Set(standings.map(({ digest }) => shortDigest(digest)))];
      return `${name} ${digests.length === 0 ? 'none' : digests.slice(0, 3).join(' and ')}`;
    })
    .join(' → ');
}

function upstreamPlaces(
  { repository }: Standing,
  upstream: string,
  base: readonly Standing[],
  placeOf: (path: string) => ImageEnvironment | undefined,
): readonly FindingPlace[] {
  const found = base.find((each) => each.repository === repository && placeOf(each.path)?.name === upstream);
  if (found === undefined) return [];
  const { path, region, digest } = found;
  return [{ path, line: region.line, column: region.column, what: `${upstream} has ${shortDigest(digest)}` }];
}

function groupStandings(
  standings: readonly Standing[],
  placeOf: (path: string) => ImageEnvironment | undefined,
): ReadonlyMap<string, ReadonlyMap<string, Standing>> {
  const groups = new Map<string, Map<string, Standing>>();
  for (const standing of standings) {
    const name = placeOf(standing.path)?.name ?? SHARED;
    const group = groups.get(name) ?? new Map<string, Standing>();
    group.set(keyOf(standing), standing);
    groups.set(name, group);
  }
  return groups;
}

function keyOf({ repository, digest }: Standing): string {
  return `${repository}@${digest}`;
}

/** A finding of lineage at the digest. */
export function lineageDraft(
  rule: RuleId,
  standing: Standing,
  reason: string,
  related: readonly FindingPlace[] = [],
): FindingDraft {
  const { path, document, keyPath, region, repository, digest } = standing;
  return {
    rule,
    path,
    document,
    keyPath,
    region,
    current: `${familiarRepository(repository)}@${digest}`,
    reason,
    repository,
    related,
    repair: 'digests enter an environment by promotion from the one before it',
  };
}
