import {
  coverage,
  type FindingDraft,
  judge,
  judgeTreeLineage,
  type PolicyInput,
  type PolicyReport,
  type Registry,
  type StateCounts,
  standingsOf,
} from '@waybill/core';
import type { GitChange, GitListing, GitOddity, GitRepository } from '@waybill/forge';
import type { Judged } from './commits.js';
import { judgeByRegistry } from './online.js';
import { type PolicyTree, readPolicyTree } from './read-tree.js';
import type { Rules } from './settings.js';

export interface Verdict {
  readonly report: PolicyReport;
  /** What was judged, for repairs. */
  readonly input: PolicyInput;
  readonly tree: PolicyTree;
  /** What the environments held before; undefined without a base or environments. */
  readonly baseEnvironments: ReadonlyMap<string, StateCounts> | undefined;
  readonly remarks: readonly string[];
}

/** What can be asked of Git while the configuration is read. */
export interface FirstLook {
  readonly listing: Promise<GitListing>;
  /** Undefined unless only the change is to be judged. */
  readonly changes: Promise<readonly GitChange[]> | undefined;
}

export function firstLook(git: GitRepository, { tree, base }: Judged, changedOnly: boolean): FirstLook {
  const listing = git.list(tree);
  const changes = changedOnly && base !== undefined ? git.changes(base, tree) : undefined;
  // Whoever awaits them later hears of it; until then a failure is nobody's.
  for (const promise of [listing, changes]) promise?.catch(() => undefined);
  return { listing, changes };
}

export interface Circumstances {
  /** Undefined when no registry is to be asked. */
  readonly registry: Registry | undefined;
  readonly now: Date;
}

/** Reads the tree, and its base as far as it differs and is needed, and judges. */
export async function judgeTrees(
  git: GitRepository,
  judged: Judged,
  rules: Rules,
  look: FirstLook,
  { registry, now }: Circumstances,
): Promise<Verdict> {
  const { settings, environmentOf, baseline } = rules;
  const { environments } = settings.policy;
  const { base } = judged;
  const listing = await look.listing;
  const changes = await look.changes;
  const changed = changes === undefined ? undefined : new Set(changes.map(({ path }) => path));
  // Lineage looks at other environments, too.
  const isPartial = changed !== undefined && environments.length === 0;
  const tree = await readPolicyTree(git, listing, settings, isPartial ? { only: changed } : {});
  const needsBase = base !== undefined && rules.hasEnvironments && !isPartial;
  const before = needsBase
    ? await readPolicyTree(git, await git.list({ kind: 'commit', oid: base }), settings, { known: tree })
    : undefined;
  const lineage =
    before === undefined || environments.length === 0
      ? []
      : judgeTreeLineage({
          environments,
          base: standingsOf(before.files, settings, before.paths),
          head: standingsOf(tree.files, settings, tree.paths),
        });
  const online = registry === undefined ? undefined : await judgeByRegistry(registry, tree, settings);
  const oddities = tree.oddities.filter(({ path }) => coverage(settings, path) === 'enforced').map(oddityFinding);
  const input: PolicyInput = {
    files: tree.files,
    fileCount: tree.fileCount,
    paths: tree.paths,
    settings,
    environmentOf,
    ...(changed === undefined ? {} : { changed }),
    ...(baseline === undefined ? {} : { baseline }),
    others: [...lineage, ...(online?.drafts ?? []), ...oddities],
    now,
  };
  return {
    report: judge(input),
    input,
    tree,
    baseEnvironments:
      before === undefined
        ? undefined
        : judge({ files: before.files, paths: before.paths, settings, environmentOf, now }).counts.environments,
    remarks: [
      ...lineageRemark(rules, before !== undefined),
      ...(online === undefined || online.refused.length === 0
        ? []
        : [`Not asked, because images.registries does not name them: ${online.refused.join(', ')}.`]),
    ],
  };
}

function lineageRemark({ settings, files }: Rules, hasBase: boolean): readonly string[] {
  const why =
    settings.policy.environments.length === 0
      ? 'images.environments of the policies names no environment'
      : 'there is nothing to compare with';
  // Without any configuration nobody expects it.
  const isJudged = hasBase && settings.policy.environments.length > 0;
  return isJudged || files.length === 0 ? [] : [`Lineage was not judged: ${why}.`];
}

const WHY: Readonly<Record<GitOddity['why'], string>> = {
  symlink: 'a symbolic link to something that is not judged where it stands',
  submodule: 'a submodule, whose files are in another repository',
  'name-not-utf-8': 'a file whose name is not UTF-8',
  unmerged: 'a file in conflict, whose content is not decided yet',
};

/** Why something was not followed, in words. */
export function oddityReason({ why }: GitOddity): string {
  return WHY[why];
}

function oddityFinding(oddity: GitOddity): FindingDraft {
  return {
    rule: 'not-checked',
    path: oddity.path,
    document: 0,
    keyPath: oddity.why,
    region: { line: 1, column: 1, endLine: 1, endColumn: 1 },
    current: oddity.why,
    reason: `this is ${oddityReason(oddity)}`,
    repair: 'it has to be an ordinary file, or excluded by the policies',
  };
}
