import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { mightHoldImages } from '@waybill/core';
import { git } from './policy-process.js';

export interface CorpusFile {
  readonly path: string;
  readonly bytes: Buffer;
}

/** Commits of a bare repository: a tree, and GitHub's test merge of a pull request that changes some of its files. */
export interface PolicyRepository {
  readonly folder: string;
  readonly base: string;
  readonly merge: string;
  /** Of the pull request. */
  readonly head: string;
  readonly fileCount: number;
}

const CORPORA = join(import.meta.dirname, '..', '..', '..', '..', 'shared', 'corpora');

/** The archives of real trees; none where the corpus is absent. */
export function corpusArchives(): readonly string[] {
  if (!existsSync(CORPORA)) return [];
  return readdirSync(CORPORA).flatMap((name) => (name.endsWith('.tar.gz') ? [join(CORPORA, name)] : []));
}

/** Every file of the archives, in a stable order. */
export async function readCorpus(archives: readonly string[]): Promise<readonly CorpusFile[]> {
  const folder = mkdtempSync(join(tmpdir(), 'waybill-bench-corpus-'));
  try {
    for (const archive of archives) await ended('tar', ['-xzf', archive, '-C', folder]);
    return readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .toSorted()
      .map((path) => ({ path: path.slice(folder.length + 1), bytes: readFileSync(path) }));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The tree under as many prefixes as it takes. A comment at the top of each file lets no two have the same bytes. */
export function* copies(files: readonly CorpusFile[], count: number): Generator<CorpusFile> {
  for (let index = 0; index < count; index++) {
    const file = files[index % files.length];
    if (file === undefined) return;
    const folder = `copy-${Math.floor(index / files.length)}`;
    const comment = Buffer.from(`# ${folder}, file ${index}\n`);
    yield { path: `${folder}/${file.path}`, bytes: Buffer.concat([comment, file.bytes]) };
  }
}

/** Writes the files as one commit, and a pull request that adds a line to some of those that may hold images. */
export async function writeRepository(
  folder: string,
  files: Iterable<CorpusFile>,
  changedCount: number,
): Promise<PolicyRepository> {
  await git(['init', '--quiet', '--bare', '--initial-branch=main', folder]);
  const importing = spawn('git', ['--git-dir', folder, 'fast-import', '--quiet'], {
    stdio: ['pipe', 'ignore', 'inherit'],
  });
  let fileCount = 0;
  const importStream = function* (): Generator<Buffer> {
    const candidates: CorpusFile[] = [];
    yield commit('refs/heads/main', []);
    for (const file of files) {
      fileCount++;
      if (/\.ya?ml$/.test(file.path) && mightHoldImages(file.bytes)) candidates.push(file);
      yield modification(file);
    }
    const step = Math.floor(candidates.length / changedCount);
    const changed = Array.from({ length: changedCount }, (_, index) => candidates[index * step]).flatMap((file) =>
      file === undefined ? [] : [{ ...file, bytes: Buffer.concat([file.bytes, Buffer.from('\n# changed\n')]) }],
    );
    if (changed.length < changedCount) throw new Error(`the tree has only ${candidates.length} files with images`);
    yield commit('refs/heads/topic', ['from refs/heads/main']);
    yield* changed.map(modification);
    yield commit('refs/heads/merge', ['from refs/heads/main', 'merge refs/heads/topic']);
    yield* changed.map(modification);
  };
  const exit = once(importing, 'exit');
  await pipeline(Readable.from(importStream()), importing.stdin);
  const [code] = await exit;
  if (code !== 0) throw new Error(`git fast-import ended with ${code}`);
  const oidOf = async (branch: string) => (await git(['--git-dir', folder, 'rev-parse', branch])).trim();
  return { folder, base: await oidOf('main'), head: await oidOf('topic'), merge: await oidOf('merge'), fileCount };
}

function commit(ref: string, parents: readonly string[]): Buffer {
  const lines = [`commit ${ref}`, 'committer Ada <ada@example.com> 1767225600 +0000', 'data 0', ...parents, ''];
  return Buffer.from(lines.join('\n'));
}

function modification({ path, bytes }: CorpusFile): Buffer {
  return Buffer.concat([Buffer.from(`M 100644 inline ${path}\ndata ${bytes.length}\n`), bytes, Buffer.from('\n')]);
}

async function ended(command: string, args: readonly string[]): Promise<void> {
  const [code] = await once(spawn(command, args, { stdio: ['ignore', 'ignore', 'inherit'] }), 'exit');
  if (code !== 0) throw new Error(`${command} ended with ${code}`);
}
