import { mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { gitLines, runGit } from './process.js';
import type { GitStore } from './store.js';

export const ZERO_OID = '0'.repeat(40);

export interface Ref {
  /** `refs/heads/main`. */
  readonly name: string;
  readonly oid: string;
  readonly type: string;
}

/** Where a full ref name points, or undefined. */
export async function resolveRefName(store: GitStore, name: string): Promise<string | undefined> {
  return isValidRefName(name) ? (await store.info(name))?.oid : undefined;
}

/** git-check-ref-format's rules, for names below `refs/`. */
export function isValidRefName(name: string): boolean {
  return (
    name.startsWith('refs/') &&
    name.split('/').length >= 3 &&
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the rule of git-check-ref-format.
    !/[\u0000-\u0020\u007f~^:?*[\\]|\.\.|@\{|\/\/|\/$|\.$|^@$/.test(name) &&
    name.split('/').every((part) => part !== '' && !part.startsWith('.') && !part.endsWith('.lock'))
  );
}

/** Refs whose full name starts with a prefix, in name order. */
export async function listRefs(store: GitStore, prefix: string): Promise<Ref[]> {
  const lines = await gitLines(store.directory, ['for-each-ref', '--format=%(objectname) %(objecttype) %(refname)']);
  return lines
    .map((line) => {
      const [oid = '', type = '', ...name] = line.split(' ');
      return { oid, type, name: name.join(' ') };
    })
    .filter((ref) => ref.name.startsWith(prefix));
}

/**
 * Moves a ref if it still is where `expected` says (undefined: absent); false when it is not. Takes the ref's lock file
 * as Git does, and leaves to Git itself what is not a plain loose ref's move.
 */
export async function compareAndSwapRef(
  store: GitStore,
  name: string,
  expected: string | undefined,
  next: string | undefined,
): Promise<boolean> {
  if (next !== undefined) {
    const moved = await swapLoose(store, name, expected, next).catch(() => undefined);
    if (moved !== undefined) return moved;
  }
  const args =
    next === undefined
      ? ['update-ref', '-d', name, expected ?? ZERO_OID]
      : ['update-ref', name, next, expected ?? ZERO_OID];
  const result = await runGit(store.directory, args, { accept: [1, 128] });
  return result.code === 0;
}

/** Throws when the file system says that this is no plain loose ref (a folder in the way, a lock held by another). */
async function swapLoose(store: GitStore, name: string, expected: string | undefined, next: string): Promise<boolean> {
  const path = join(store.directory, name);
  await mkdir(dirname(path), { recursive: true });
  const lock = `${path}.lock`;
  const handle = await open(lock, 'wx');
  try {
    await handle.writeFile(`${next}\n`);
    await handle.close();
    const same = (await store.info(name))?.oid === expected;
    if (same) await rename(lock, path);
    else await rm(lock);
    return same;
  } catch (error) {
    await rm(lock, { force: true });
    throw error;
  }
}
