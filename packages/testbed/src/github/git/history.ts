import { type Commit, readCommit, writeCommit } from './commit.js';
import { gitLines, runGit } from './process.js';
import type { GitStore } from './store.js';

/** Answers about oids never change, so each question is put to Git once. */
const ANSWERS = new WeakMap<GitStore, Map<string, Promise<unknown>>>();

function once<T>(store: GitStore, question: string, ask: () => Promise<T>): Promise<T> {
  const answers = ANSWERS.get(store) ?? new Map<string, Promise<unknown>>();
  ANSWERS.set(store, answers);
  const known = answers.get(question) as Promise<T> | undefined;
  if (known !== undefined) return known;
  const answer = ask();
  answers.set(question, answer);
  answer.catch(() => answers.delete(question));
  return answer;
}

export interface LogOptions {
  readonly path?: string;
  readonly since?: string;
  readonly until?: string;
  readonly skip?: number;
  readonly limit?: number;
}

/** Oids of the commits reachable from the heads and not from the excluded ones, newest first. */
export async function listCommits(
  store: GitStore,
  heads: readonly string[],
  excluded: readonly string[] = [],
  options: LogOptions = {},
): Promise<string[]> {
  return gitLines(store.directory, [
    'rev-list',
    ...(options.limit === undefined ? [] : [`--max-count=${options.limit}`]),
    ...(options.skip === undefined ? [] : [`--skip=${options.skip}`]),
    ...(options.since === undefined ? [] : [`--since=${options.since}`]),
    ...(options.until === undefined ? [] : [`--until=${options.until}`]),
    ...heads,
    ...excluded.map((oid) => `^${oid}`),
    '--',
    ...(options.path === undefined || options.path === '' ? [] : [`:(literal)${options.path}`]),
  ]);
}

export function countCommits(store: GitStore, from: string, to: string): Promise<number> {
  return once(store, `count ${from} ${to}`, async () => {
    const [count = '0'] = await gitLines(store.directory, ['rev-list', '--count', to, `^${from}`]);
    return Number(count);
  });
}

export function mergeBase(store: GitStore, a: string, b: string): Promise<string | undefined> {
  return once(store, `merge-base ${a} ${b}`, async () => {
    const result = await runGit(store.directory, ['merge-base', a, b], { accept: [1] });
    return result.code === 0 ? result.stdout.toString('utf8').trim() : undefined;
  });
}

export function isAncestor(store: GitStore, ancestor: string, descendant: string): Promise<boolean> {
  return once(store, `ancestor ${ancestor} ${descendant}`, async () => {
    if (ancestor === descendant) return true;
    const near = await nearAncestor(store, ancestor, descendant);
    if (near !== undefined) return near;
    const result = await runGit(store.directory, ['merge-base', '--is-ancestor', ancestor, descendant], {
      accept: [1],
    });
    return result.code === 0;
  });
}

/** Looks through the nearest commits in process; undefined when the history is longer than that. */
async function nearAncestor(store: GitStore, ancestor: string, descendant: string): Promise<boolean | undefined> {
  const seen = new Set([descendant]);
  for (const oid of seen) {
    if (seen.size > 200) return undefined;
    for (const parent of (await readCommit(store, oid))?.parents ?? []) {
      if (parent === ancestor) return true;
      seen.add(parent);
    }
  }
  return false;
}

export interface FileDiff {
  readonly status: 'added' | 'removed' | 'modified' | 'renamed' | 'changed';
  readonly path: string;
  readonly previousPath?: string;
  /** Of the new side; of the old side when the file is removed. */
  readonly oid: string;
  readonly additions: number;
  readonly deletions: number;
}

const STATUS: Readonly<Record<string, FileDiff['status']>> = {
  A: 'added',
  D: 'removed',
  M: 'modified',
  R: 'renamed',
  T: 'changed',
};

/** What changed between two trees or commits, with renames found. */
export function diffTrees(store: GitStore, from: string, to: string): Promise<FileDiff[]> {
  return once(store, `diff ${from} ${to}`, async () => {
    const { stdout } = await runGit(store.directory, ['diff-tree', '-r', '-z', '-M', '--raw', '--numstat', from, to]);
    const fields = stdout.toString('utf8').split('\0');
    const raw: Omit<FileDiff, 'additions' | 'deletions'>[] = [];
    const counts = new Map<string, readonly [number, number]>();
    for (let at = 0; at < fields.length; at++) {
      const field = fields[at] ?? '';
      if (field.startsWith(':')) {
        const [, , oldOid = '', newOid = '', letters = ''] = field.split(' ');
        const status = STATUS[letters.charAt(0)] ?? 'modified';
        const first = fields[++at] ?? '';
        if (status === 'renamed') raw.push({ status, path: fields[++at] ?? '', previousPath: first, oid: newOid });
        else raw.push({ status, path: first, oid: status === 'removed' ? oldOid : newOid });
      } else if (field !== '') {
        const [added = '0', deleted = '0', path = ''] = field.split('\t');
        const numbers = [Number(added) || 0, Number(deleted) || 0] as const;
        if (path === '') {
          at += 2;
          counts.set(fields[at] ?? '', numbers);
        } else counts.set(path, numbers);
      }
    }
    return raw.map((diff) => {
      const [additions, deletions] = counts.get(diff.path) ?? [0, 0];
      return { ...diff, additions, deletions };
    });
  });
}

/** The unified diff of one file, without its header: what the `patch` field holds. */
export function patchOf(store: GitStore, from: string, to: string, path: string): Promise<string> {
  return once(store, `patch ${from} ${to} ${path}`, async () => {
    const { stdout } = await runGit(store.directory, ['diff-tree', '-p', from, to, '--', `:(literal)${path}`]);
    const text = stdout.toString('utf8');
    const start = text.indexOf('\n@@');
    return start < 0 ? '' : text.slice(start + 1).replace(/\n$/, '');
  });
}

/** The tree of a real three-way merge (`git merge-tree --write-tree`), or undefined when it conflicts. */
export function mergeTrees(store: GitStore, ours: string, theirs: string): Promise<string | undefined> {
  return once(store, `merge ${ours} ${theirs}`, async () => {
    const result = await runGit(
      store.directory,
      ['merge-tree', '--write-tree', '--allow-unrelated-histories', ours, theirs],
      {
        accept: [1],
      },
    );
    return result.code === 0 ? (result.stdout.toString('utf8').split('\n')[0] ?? '').trim() : undefined;
  });
}

/**
 * The tree of one commit's change applied on a new base, or undefined when it conflicts. Git 2.38 has no
 * `merge-tree --merge-base`, so the new base's tree is put on a passing commit whose parent is the commit's parent.
 */
export async function cherryPickTree(store: GitStore, commit: Commit, onto: Commit): Promise<string | undefined> {
  const parent = commit.parents[0];
  if (parent === undefined) return undefined;
  const passing = await writeCommit(store, { ...onto, parents: [parent], message: 'rebase' });
  return mergeTrees(store, passing, commit.oid);
}

export async function readCommits(store: GitStore, oids: readonly string[]): Promise<Commit[]> {
  const commits = await Promise.all(oids.map((oid) => readCommit(store, oid)));
  return commits.filter((commit) => commit !== undefined);
}
