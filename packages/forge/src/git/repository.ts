import { existsSync, mkdirSync, realpathSync } from 'node:fs';
import { dirname, join, resolve as resolvePath, sep } from 'node:path';
import { WaybillError } from '@waybill/core';
import { type GitBlob, readGitBlobs } from './blobs.js';
import { type GitChange, type GitListing, type GitTree, parseChanges, parseIndex, parseTree } from './entries.js';
import type { GitEnvironment } from './environment.js';
import { firstLine, type GitSetting, readGit, runGit } from './process.js';
import { fetchOid, type GitRemote, isOid, remoteHead } from './remote.js';

/** A repository on this machine, read by `git` from its objects: no file of a work tree is opened. */
export interface GitRepository {
  /** The top of the work tree, or of a bare repository. */
  readonly top: string;
  /** The commit that a revision names here; undefined when there is none. */
  resolve(revision: string): Promise<string | undefined>;
  /** The parents that the commit names, whether they are here or not. */
  parents(commit: string): Promise<readonly string[]>;
  /** The commit's ID; it and its tree are fetched when they are not here. */
  ensure(oid: string, remote: GitRemote): Promise<string>;
  /** The head of a branch of the remote, which then is here. */
  branchHead(branch: string, remote: GitRemote): Promise<string>;
  list(tree: GitTree): Promise<GitListing>;
  /** What differs between a commit and a tree; a rename is a deletion and an addition. */
  changes(base: string, tree: GitTree): Promise<readonly GitChange[]>;
  /** One after the other, in the order asked for; what is above `limit` bytes is not kept. */
  blobs<K>(requests: readonly { readonly key: K; readonly oid: string }[], limit: number): AsyncIterable<GitBlob<K>>;
  /** Files of a commit by their path; those that the tree has no regular file for are left out. */
  files(commit: string, paths: readonly string[], limit: number): Promise<ReadonlyMap<string, Buffer>>;
}

/**
 * The repository that holds `directory`.
 * @throws WaybillError input-invalid: there is no directory, repository or git
 */
export async function openGit(directory: string, env: GitEnvironment): Promise<GitRepository> {
  const setting: GitSetting = { top: findTop(directory), env };
  const index = indexEnvironment(setting);
  const resolve = async (revision: string): Promise<string | undefined> => {
    const found = await runGit(setting, [
      'rev-parse',
      '--verify',
      '--quiet',
      '--end-of-options',
      `${revision}^{commit}`,
    ]);
    const oid = found.stdout.toString('latin1').trim();
    return found.exitCode === 0 && isOid(oid) ? oid : undefined;
  };
  const list = async (tree: GitTree): Promise<GitListing> =>
    tree.kind === 'commit'
      ? parseTree(await readGit(setting, ['ls-tree', '-r', '-z', '--full-tree', oidOf(tree.oid)]))
      : parseIndex(await readGit(setting, ['ls-files', '--stage', '-z', '--full-name'], index));
  const ensure = async (oid: string, remote: GitRemote): Promise<string> => {
    if ((await resolve(oidOf(oid))) === undefined) await fetchOid(setting, remote, oid);
    return oid;
  };
  return {
    top: setting.top,
    resolve,
    list,
    ensure,
    parents: async (commit) => {
      const text = (await readGit(setting, ['cat-file', 'commit', oidOf(commit)])).toString('latin1');
      const head = text.slice(0, text.indexOf('\n\n'));
      return [...head.matchAll(/^parent ([0-9a-f]+)$/gm)].flatMap(([, oid]) => oid ?? []);
    },
    branchHead: async (branch, remote) => ensure(await remoteHead(setting, remote, branch), remote),
    changes: async (base, tree) => {
      const options = ['-r', '-z', '--raw', '--no-abbrev', '--no-renames', '--no-ext-diff', '--no-textconv'];
      return parseChanges(
        tree.kind === 'commit'
          ? await readGit(setting, ['diff-tree', ...options, oidOf(base), oidOf(tree.oid), '--'])
          : await readGit(setting, ['diff-index', '--cached', ...options, oidOf(base), '--'], index),
      );
    },
    blobs: (requests, limit) => readGitBlobs(setting, requests, limit),
    files: async (commit, paths, limit) => {
      const args = ['ls-tree', '-z', '--full-tree', oidOf(commit), '--', ...paths];
      const { files } = parseTree(await readGit(setting, ['--literal-pathspecs', ...args]));
      const wanted = files.filter(({ path }) => paths.includes(path)).map(({ path, oid }) => ({ key: path, oid }));
      const found = new Map<string, Buffer>();
      for await (const blob of readGitBlobs(setting, wanted, limit)) {
        if (blob.kind === 'bytes') {
          found.set(blob.key, Buffer.from(blob.bytes));
          continue;
        }
        throw new WaybillError('not-supported', {
          what: `The file has ${blob.size} bytes, more than the ${limit} that are read`,
          where: { file: blob.key },
          remedy: 'Make it smaller.',
        });
      }
      return found;
    },
  };
}

/**
 * An empty repository for objects that are fetched, in an empty or new folder: a checkout is not needed.
 * @throws WaybillError input-invalid: it can't be made there
 */
export async function createGitStore(folder: string, env: GitEnvironment): Promise<GitRepository> {
  mkdirSync(folder, { recursive: true });
  const { exitCode, stderr } = await runGit({ top: realpathSync(folder), env }, ['init', '--quiet', '--bare']);
  if (exitCode === 0) return openGit(folder, env);
  throw new WaybillError('input-invalid', {
    what: `No repository can be made in ${folder}: ${firstLine(stderr)}`,
    remedy: 'Check the repository out first (actions/checkout).',
  });
}

/** The folder that Git would find, so that it can be told by name that this one is safe. */
function findTop(directory: string): string {
  let folder: string;
  try {
    folder = realpathSync(directory);
  } catch (cause) {
    throw new WaybillError('input-invalid', {
      what: `There is no directory ${directory}`,
      remedy: 'Check the repository out first, and name a folder of it.',
      cause,
    });
  }
  for (let top = folder; ; top = dirname(top)) {
    if (existsSync(join(top, '.git')) || (existsSync(join(top, 'objects')) && existsSync(join(top, 'HEAD'))))
      return top;
    if (top === dirname(top)) throw noRepository(directory);
  }
}

/** Whether a folder is within a repository that is not above `ceiling`, a folder around it. */
export function isInGit(directory: string, ceiling: string): boolean {
  try {
    const top = findTop(directory);
    const limit = realpathSync(ceiling);
    return top === limit || top.startsWith(limit.endsWith(sep) ? limit : `${limit}${sep}`);
  } catch {
    return false;
  }
}

/** Git names the index that is being committed to its hooks; `git commit --all` has another than the usual one. */
function indexEnvironment({ top, env }: GitSetting): Readonly<Record<string, string>> {
  const file = env.GIT_INDEX_FILE;
  return file === undefined || file === '' ? {} : { GIT_INDEX_FILE: resolvePath(top, file) };
}

function oidOf(text: string): string {
  if (isOid(text)) return text;
  throw new WaybillError('input-invalid', {
    what: `${JSON.stringify(text.slice(0, 80))} is no commit ID`,
    remedy: 'Give the whole ID of a commit, in lower-case hexadecimal digits.',
  });
}

function noRepository(directory: string): WaybillError {
  return new WaybillError('input-invalid', {
    what: `${directory} is in no Git repository`,
    remedy: 'Check the repository out first (actions/checkout), and name a folder of it.',
  });
}
