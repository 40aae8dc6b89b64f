import { coverage, judge, type PolicyInput, type PolicyReport, type StateCounts } from '@waybill/core';
import type { GitOddity, GitRepository } from '@waybill/forge';
import type { Judged } from './commits.js';
import { type PolicyTree, readPolicyTree } from './read-tree.js';
import type { Rules } from './settings.js';

export interface Verdict {
  readonly report: PolicyReport;
  readonly tree: PolicyTree;
  /** What the environments held before; undefined without a base or environments. */
  readonly baseEnvironments: ReadonlyMap<string, StateCounts> | undefined;
}

/** Reads the tree, and its base as far as it differs, and judges. */
export async function judgeTrees(
  git: GitRepository,
  judged: Judged,
  rules: Rules,
  changedOnly: boolean,
  now: Date,
): Promise<Verdict> {
  const { settings, environmentOf, baseline } = rules;
  const tree = await readPolicyTree(git, judged.tree, settings);
  const { base } = judged;
  const changed =
    changedOnly && base !== undefined
      ? new Set((await git.changes(base, judged.tree)).map(({ path }) => path))
      : undefined;
  const report = judge({
    files: tree.files,
    fileCount: tree.fileCount,
    paths: tree.paths,
    settings,
    environmentOf,
    ...(changed === undefined ? {} : { changed }),
    ...(baseline === undefined ? {} : { baseline }),
    others: tree.oddities.filter(({ path }) => coverage(settings, path) === 'enforced').map(oddityFinding),
    now,
  });
  if (base === undefined || report.counts.environments.size === 0) return { report, tree, baseEnvironments: undefined };
  const before = await readPolicyTree(git, { kind: 'commit', oid: base }, settings, tree);
  const baseReport = judge({ files: before.files, paths: before.paths, settings, environmentOf, now });
  return { report, tree, baseEnvironments: baseReport.counts.environments };
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

function oddityFinding(oddity: GitOddity): NonNullable<PolicyInput['others']>[number] {
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
