import type { GitStore, ObjectType } from './store.js';

export interface TreeEntry {
  readonly name: string;
  /** Six digits, as GitHub writes them; a tree is `040000`. */
  readonly mode: string;
  readonly oid: string;
}

export interface PathEntry {
  readonly path: string;
  readonly mode: string;
  readonly oid: string;
  readonly type: ObjectType;
}

/** What to put at a path; undefined removes what is there. */
export type TreeChange = { readonly mode: string; readonly oid: string } | undefined;

export const EMPTY_TREE = '4b825dc642cb6eb9a060e54bf8d69288fbee4904';

export function entryType(mode: string): ObjectType {
  if (mode === '040000') return 'tree';
  return mode === '160000' ? 'commit' : 'blob';
}

export function parseTree(content: Buffer): TreeEntry[] {
  const entries: TreeEntry[] = [];
  let at = 0;
  while (at < content.length) {
    const space = content.indexOf(32, at);
    const zero = content.indexOf(0, space);
    entries.push({
      mode: content.subarray(at, space).toString('ascii').padStart(6, '0'),
      name: content.subarray(space + 1, zero).toString('utf8'),
      oid: content.subarray(zero + 1, zero + 21).toString('hex'),
    });
    at = zero + 21;
  }
  return entries;
}

/** Git orders a tree as if the names of its subtrees ended in a slash. */
export function formatTree(entries: readonly TreeEntry[]): Buffer {
  const sorted = entries
    .map((entry) => ({ entry, key: Buffer.from(entry.mode === '040000' ? `${entry.name}/` : entry.name) }))
    .sort((a, b) => Buffer.compare(a.key, b.key));
  return Buffer.concat(
    sorted.flatMap(({ entry }) => [
      Buffer.from(`${entry.mode.replace(/^0+/, '')} ${entry.name}\0`),
      Buffer.from(entry.oid, 'hex'),
    ]),
  );
}

export async function readTree(store: GitStore, oid: string): Promise<TreeEntry[]> {
  if (oid === EMPTY_TREE) return [];
  const object = await store.read(`${oid}^{tree}`);
  return object?.type === 'tree' ? parseTree(object.content) : [];
}

/** Every entry below a tree, depth first in tree order, subtrees before what they hold; stops after `limit` entries. */
export async function walkTree(store: GitStore, oid: string, limit = Number.POSITIVE_INFINITY): Promise<PathEntry[]> {
  const found: PathEntry[] = [];
  async function visit(tree: string, prefix: string): Promise<void> {
    for (const entry of await readTree(store, tree)) {
      if (found.length >= limit) return;
      const path = `${prefix}${entry.name}`;
      found.push({ path, mode: entry.mode, oid: entry.oid, type: entryType(entry.mode) });
      if (entry.mode === '040000') await visit(entry.oid, `${path}/`);
    }
  }
  await visit(oid, '');
  return found;
}

/** A new tree with the changes applied to a base (undefined: the empty tree). Emptied folders vanish. */
export async function editTree(
  store: GitStore,
  base: string | undefined,
  changes: ReadonlyMap<string, TreeChange>,
): Promise<string> {
  const oid = await edit(store, base, [...changes]);
  return oid ?? (await store.write('tree', Buffer.alloc(0)));
}

async function edit(
  store: GitStore,
  base: string | undefined,
  changes: readonly (readonly [string, TreeChange])[],
): Promise<string | undefined> {
  const entries = new Map<string, TreeEntry>();
  if (base !== undefined) for (const entry of await readTree(store, base)) entries.set(entry.name, entry);
  const below = new Map<string, (readonly [string, TreeChange])[]>();
  for (const [path, change] of changes) {
    const slash = path.indexOf('/');
    if (slash >= 0) {
      const folder = path.slice(0, slash);
      below.set(folder, [...(below.get(folder) ?? []), [path.slice(slash + 1), change]]);
    } else if (change === undefined) {
      entries.delete(path);
    } else {
      entries.set(path, { name: path, mode: change.mode, oid: change.oid });
    }
  }
  for (const [folder, inner] of below) {
    const current = entries.get(folder);
    const oid = await edit(store, current?.mode === '040000' ? current.oid : undefined, inner);
    if (oid === undefined) entries.delete(folder);
    else entries.set(folder, { name: folder, mode: '040000', oid });
  }
  return entries.size === 0 ? undefined : store.write('tree', formatTree([...entries.values()]));
}
