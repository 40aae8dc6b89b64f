import { existsSync } from 'node:fs';
import { chmod, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join, resolve, sep } from 'node:path';
import type { GitHubHost, RepositoryEvent } from '../github/host.js';
import { RunnerError } from './errors.js';
import { nested } from './workflow-events.js';

/**
 * Writes the files of a commit below `folder`. The host knows no file modes, so a file that starts with `#!` is
 * made executable. Throws RunnerError for a path that would leave the folder.
 */
export async function writeCommitFiles(
  host: GitHubHost,
  repository: string,
  commit: string,
  folder: string,
): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const path of await listAll(host, repository, commit, '')) {
    const target = resolve(folder, path);
    if (!target.startsWith(resolve(folder) + sep)) throw new RunnerError(`${path} is outside ${repository}`);
    const bytes = await host.readFile(repository, commit, path);
    if (bytes === undefined) continue;
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, bytes);
    if (bytes[0] === 0x23 && bytes[1] === 0x21) await chmod(target, 0o755);
  }
}

/** The files of a commit, written once per commit below `work`, to be read only. */
export async function cachedCommit(
  host: GitHubHost,
  repository: string,
  commit: string,
  work: string,
): Promise<string> {
  const folder = join(work, '_actions', repository, commit);
  if (existsSync(folder)) return folder;
  const draft = `${folder}.${process.pid}.${Math.random().toString(36).slice(2)}`;
  await writeCommitFiles(host, repository, commit, draft);
  try {
    await rename(draft, folder);
  } catch (error) {
    await rm(draft, { recursive: true, force: true });
    if (!existsSync(folder)) throw error;
  }
  return folder;
}

/** Paths below a folder, from the repository's root, whichever way the host spells them. */
export async function listAll(
  host: GitHubHost,
  repository: string,
  commit: string,
  folder: string,
): Promise<readonly string[]> {
  const paths = await host.listFiles(repository, commit, folder);
  if (folder === '') return paths;
  return paths.map((path) => (path.startsWith(`${folder}/`) ? path : `${folder}/${path}`));
}

/**
 * The paths an event's change touches, by comparing the two trees (a push's `before` with its commit, a pull request's
 * base with its merge commit). Undefined when there is nothing to compare with.
 */
export async function changedPaths(host: GitHubHost, event: RepositoryEvent): Promise<readonly string[] | undefined> {
  const before = nested(event.payload, 'before') ?? nested(event.payload, 'pull_request', 'base', 'sha');
  if (before === undefined || /^0+$/.test(before)) return undefined;
  const [old, now] = await Promise.all([
    listAll(host, event.repository, before, ''),
    listAll(host, event.repository, event.sha, ''),
  ]);
  const changed: string[] = [];
  for (const path of new Set([...old, ...now])) {
    const [a, b] = await Promise.all([
      host.readFile(event.repository, before, path),
      host.readFile(event.repository, event.sha, path),
    ]);
    if (a === undefined || b === undefined || Buffer.compare(a, b) !== 0) changed.push(path);
  }
  return changed;
}
