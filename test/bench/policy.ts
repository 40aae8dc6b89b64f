import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { policySettings } from '@waybill/core';
import { openGit } from '@waybill/forge';
import type * as JudgeTrees from '../../actions/image-policy/src/judge-trees.js';
import { bareStart, grepCandidates, policyAction } from './policy-process.js';
import { copies, corpusArchives, type PolicyRepository, readCorpus, writeRepository } from './policy-repository.js';
import { type Benchmark, judged, notMeasured, type Row, type Target } from './row.js';
import { median, rounded, takeTurns } from './samples.js';

const IN_PROCESS: Target = { row: 'policy, 4,000 files', atMost: 8, unit: '× git grep' };
const WHOLE: Target = { row: 'policy, 50,000 files', atMost: 8, unit: '× git grep' };
const MEMORY: Target = { row: 'policy, 50,000 files, memory', atMost: 400, unit: 'MB' };
const CHANGE: Target = { row: 'policy, pull request of 20 files', atMost: 2, unit: '× bare start' };

const COPIED_FILES = 50_000;
const CHANGED_FILES = 20;
/** The action is not exported for others; this is what its package's compiler made of it. */
const ACTION = join(import.meta.dirname, '..', '..', '..', 'actions', 'lib', 'image-policy', 'src');

/** The image policy over a real tree, from Git's objects, against `git grep` for the files that may hold images. */
export const policy: readonly Benchmark[] = [
  overCorpus([IN_PROCESS], async (corpus) => [await inProcess(await corpus.small())]),
  overCorpus([WHOLE, MEMORY], wholeProcess),
  overCorpus([CHANGE], pullRequest),
];

interface Corpus {
  /** For the runner's files. */
  readonly temp: string;
  /** The tree as it is. */
  small(): Promise<PolicyRepository>;
  /** Copies of it. */
  large(): Promise<PolicyRepository>;
}

function overCorpus(targets: readonly Target[], work: (corpus: Corpus) => Promise<readonly Row[]>): Benchmark {
  const measure = async (): Promise<readonly Row[]> => {
    const archives = corpusArchives();
    if (archives.length === 0) return targets.map((target) => notMeasured(target, 'not run: corpus absent'));
    const temp = mkdtempSync(join(tmpdir(), 'waybill-bench-policy-'));
    try {
      const files = await readCorpus(archives);
      return await work({
        temp,
        small: () => writeRepository(join(temp, 'small.git'), files, CHANGED_FILES),
        large: () => writeRepository(join(temp, 'large.git'), copies(files, COPIED_FILES), CHANGED_FILES),
      });
    } finally {
      rmSync(temp, { recursive: true, force: true });
    }
  };
  return { targets, needs: ['git', 'tar'], measure };
}

async function inProcess(repository: PolicyRepository): Promise<Row> {
  const rounds = 9;
  const { firstLook, judgeTrees } = (await import(
    pathToFileURL(join(ACTION, 'judge-trees.js')).href
  )) as typeof JudgeTrees;
  const git = await openGit(repository.folder, process.env);
  const commit: Parameters<typeof judgeTrees>[1] = {
    tree: { kind: 'commit', oid: repository.base },
    commit: repository.base,
    base: undefined,
    configuration: undefined,
    remarks: [],
  };
  const rules = {
    settings: policySettings(),
    baseline: undefined,
    environmentOf: () => undefined,
    hasEnvironments: false,
    files: [],
  };
  const judge = () =>
    judgeTrees(git, commit, rules, firstLook(git, commit, false), { registry: undefined, now: new Date() });
  const verdict = await judge();
  const candidates = await grepCandidates(repository);
  // Whoever searches for less has an easier time.
  const listed = new Set(candidates);
  for (const file of verdict.tree.files) {
    const isFound = 'scan' in file && file.scan.references.length > 0;
    if (isFound && !listed.has(file.path)) throw new Error(`git grep does not search for what ${file.path} has`);
  }
  const samples = await takeTurns([judge, () => grepCandidates(repository)], { rounds, warmUp: 2 });
  const [ours = Number.NaN, grep = Number.NaN] = samples.map(median);
  const { counts } = verdict.report;
  return judged(
    IN_PROCESS,
    ours / grep,
    `${repository.fileCount} files, ${counts.references} references: ${rounded(ours)} ms to read and judge (in-process, ` +
      `git's processes included), git grep ${rounded(grep)} ms for ${candidates.length} candidates (the policy's: ` +
      `${verdict.tree.files.length}); medians of ${rounds}`,
  );
}

async function wholeProcess(corpus: Corpus): Promise<readonly Row[]> {
  const rounds = 3;
  const [small, large] = [await corpus.small(), await corpus.large()];
  const [smallAction, action] = [policyAction(small, corpus.temp), policyAction(large, corpus.temp)];
  const { references } = await action.whole();
  const works = [action.whole, () => grepCandidates(large), smallAction.whole, () => grepCandidates(small)];
  const samples = await takeTurns(works, { rounds });
  const [ours, grep, oursSmall, grepSmall] = samples.map(median) as [number, number, number, number];
  const peak = (await action.peakMemory()) / 1e6;
  return [
    judged(
      WHOLE,
      ours / grep,
      `${large.fileCount} files, ${references} references: ${rounded(ours)} ms, git grep ${rounded(grep)} ms, whole ` +
        `processes, medians of ${rounds}; of ${small.fileCount} files ${rounded(oursSmall)} ms and ${rounded(grepSmall)} ms`,
    ),
    judged(MEMORY, peak, `the most resident memory that the action's Node had over ${large.fileCount} files`),
  ];
}

async function pullRequest(corpus: Corpus): Promise<readonly Row[]> {
  const rounds = 9;
  const [small, large] = [await corpus.small(), await corpus.large()];
  const [action, largeAction] = [policyAction(small, corpus.temp), policyAction(large, corpus.temp)];
  const works = [bareStart, action.pullRequest, largeAction.pullRequest];
  const samples = await takeTurns(works, { rounds, warmUp: 2 });
  const [bare, ours, oursLarge] = samples.map(median) as [number, number, number];
  return [
    judged(
      CHANGE,
      ours / bare,
      `changed-only, whole processes: ${rounded(ours)} ms in a tree of ${small.fileCount} files (${rounded(oursLarge)} ms of ` +
        `${large.fileCount}), the action up to the refusal of a missing input ${rounded(bare)} ms; medians of ${rounds}`,
    ),
  ];
}
