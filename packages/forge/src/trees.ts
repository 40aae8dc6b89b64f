import { type TreeFile, WaybillError } from '@waybill/core';
import type { Client } from './client.js';

/** Levels of folders that one query descends. Deeper ones cost another query, however many folders there are. */
const LEVELS_PER_QUERY = 4;
/** Objects asked for in one query; GitHub bounds a query by its cost and time, not by a documented count. */
const TREES_PER_QUERY = 50;
/** A tree no repository should have; a loop that the forge never ends must end here. */
const MOST_QUERIES = 64;

interface EntryNode {
  readonly name: string;
  readonly mode: number;
  readonly type: string;
  readonly oid: string;
  readonly object?: { readonly entries?: readonly EntryNode[] | null } | null;
}

interface Pending {
  readonly path: string;
  readonly expression: string;
}

/** Lists the files below each root, folders pruned by `enters`. A root that is not there, or is a file, lists as nothing or itself. */
export async function listFiles(
  client: Client,
  commit: string,
  roots: readonly string[],
  enters: (folder: string) => boolean,
): Promise<readonly TreeFile[]> {
  const files = new Map<string, TreeFile>();
  let pending: readonly Pending[] = roots.map((path) => ({ path, expression: `${commit}:${path}` }));
  for (let queries = 0; pending.length > 0; queries++) {
    if (queries >= MOST_QUERIES) throw truncated(pending[0]?.path ?? '');
    const batch = pending.slice(0, TREES_PER_QUERY);
    const answer = await readTrees(client, batch);
    const deeper: Pending[] = [];
    for (const [index, { path }] of batch.entries()) {
      const tree = answer[`tree${index}`];
      if (tree?.entries) collect(path, tree.entries, LEVELS_PER_QUERY, { files, deeper, enters });
    }
    pending = [...pending.slice(TREES_PER_QUERY), ...deeper];
  }
  return [...files.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
}

interface Walk {
  readonly files: Map<string, TreeFile>;
  readonly deeper: Pending[];
  readonly enters: (folder: string) => boolean;
}

function collect(folder: string, entries: readonly EntryNode[], levels: number, walk: Walk): void {
  for (const entry of entries) {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
    if (entry.type !== 'tree') {
      walk.files.set(path, { path, oid: entry.oid, mode: entry.mode.toString(8).padStart(6, '0') });
    } else if (walk.enters(path)) {
      if (levels === 1) walk.deeper.push({ path, expression: entry.oid });
      else if (entry.object?.entries) collect(path, entry.object.entries, levels - 1, walk);
      else throw truncated(path);
    }
  }
}

function readTrees(
  client: Client,
  batch: readonly Pending[],
): Promise<Readonly<Record<string, { readonly entries?: readonly EntryNode[] } | null>>> {
  const aliases = batch.map(
    (_, index) => `tree${index}: object(expression: $tree${index}) { ${entriesTo(LEVELS_PER_QUERY)} }`,
  );
  const variables = Object.fromEntries(batch.map(({ expression }, index) => [`tree${index}`, expression]));
  const names = Object.keys(variables).map((name) => `$${name}: String!`);
  return client
    .query<{ readonly repository: Readonly<Record<string, { readonly entries?: readonly EntryNode[] } | null>> }>(
      `list the files of ${client.owner}/${client.name}`,
      `query Trees($owner: String!, $name: String!, ${names.join(', ')}) {
  repository(owner: $owner, name: $name) {
    ${aliases.join('\n    ')}
  }
}`,
      variables,
    )
    .then((answer) => answer.repository);
}

function entriesTo(levels: number): string {
  const object = levels === 1 ? '' : ` object { ${entriesTo(levels - 1)} }`;
  return `... on Tree { entries { name mode type oid${object} } }`;
}

function truncated(path: string): WaybillError {
  return new WaybillError('tree-truncated', {
    what: 'GitHub did not list this folder whole',
    where: { file: path },
    remedy: "Narrow the Stage's globs to a smaller folder.",
  });
}
