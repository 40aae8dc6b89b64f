import { isEnvironmentContainer, readEnvironmentName, readFileName } from './environment-names.js';
import { grouped } from './grouped.js';
import { parallelRoots } from './parallel-roots.js';
import type { InventoryFile } from './types.js';

/** A folder, or a single file, that belongs to one environment whole. */
export interface EnvironmentRoot {
  /** As it becomes the Stage's name. */
  readonly environment: string;
  /** Of the environments' usual order; absent for a name that says nothing. */
  readonly rank?: number;
  readonly variant?: string;
  readonly path: string;
  readonly kind: 'folder' | 'file';
}

/** A part of a path that may name an environment. */
interface Candidate {
  readonly index: number;
  readonly environment: string;
  readonly rank: number;
  readonly variant?: string;
  readonly kind: 'folder' | 'file';
  /** What its siblings have in common: the parent folder, for a file also its name without the environment. */
  readonly slot: string;
  /** By what it is accepted, wherever it stands. */
  readonly key: string;
}

export interface RootGuess {
  readonly roots: readonly EnvironmentRoot[];
  /** `names`: known names. `parallel`: folders that hold the same images in the same places. */
  readonly by: 'names' | 'parallel';
}

/**
 * Where the environments are, told by the names in the paths of files that carry images: the outermost folder (else the
 * file) whose name is an environment's and stands beside another environment's somewhere. Where no name tells, folders
 * side by side that hold the same images in the same places. No root lies within another.
 */
export function environmentRoots(files: readonly InventoryFile[]): RootGuess {
  const paths = files.filter(({ scan }) => scan.references.length > 0).map(({ path }) => path);
  const candidates = paths.map(candidatesOf);
  const accepted = acceptedKeys(paths, candidates.flat());
  const roots = new Map<string, EnvironmentRoot>();
  candidates.forEach((ofPath, at) => {
    const found = ofPath.find(({ key }) => accepted.has(key));
    if (found === undefined) return;
    const { environment, rank, variant, kind, index } = found;
    const path = (paths[at] ?? '')
      .split('/')
      .slice(0, index + 1)
      .join('/');
    roots.set(path, { environment, rank, ...(variant === undefined ? {} : { variant }), path, kind });
  });
  if (roots.size > 0) return { roots: [...roots.values()], by: 'names' };
  return { roots: parallelRoots(files), by: 'parallel' };
}

function candidatesOf(path: string): readonly Candidate[] {
  const segments = path.split('/');
  const folders = segments.slice(0, -1).flatMap((folder, index): readonly Candidate[] => {
    const read = readEnvironmentName(folder);
    if (read === undefined) return [];
    const slot = segments.slice(0, index).join('/');
    const environment = folder.toLowerCase();
    return [{ index, environment, ...read, kind: 'folder', slot, key: environment }];
  });
  const file = readFileName(segments.at(-1) ?? '');
  const rank = file === undefined ? undefined : readEnvironmentName(file.name)?.rank;
  if (file === undefined || rank === undefined) return folders;
  const index = segments.length - 1;
  const slot = [...segments.slice(0, index), file.template].join('/');
  return [...folders, { index, environment: file.name, rank, kind: 'file', slot, key: file.template }];
}

/** A name counts everywhere once it stands beside another environment's, or in a folder made for environments. */
function acceptedKeys(paths: readonly string[], candidates: readonly Candidate[]): ReadonlySet<string> {
  const slots = grouped(candidates, ({ kind, slot }) => `${kind} ${slot}`);
  const siblings = childFolders(paths);
  const accepted = new Set<string>();
  for (const found of slots.values()) {
    const [first] = found;
    if (first === undefined) continue;
    const inContainer = first.kind === 'folder' && isEnvironmentContainer(first.slot.split('/').at(-1) ?? '');
    const plain = found.filter(({ variant }) => variant === undefined);
    if (differ(plain) || inContainer) for (const { key } of plain) accepted.add(key);
    const names = new Set(found.map(({ environment }) => environment));
    // `dev-portal` beside `api` and `web` is a service; where nearly all are named so, they are environments.
    const mostly = names.size * 3 >= (siblings.get(first.slot)?.size ?? 0) * 2;
    if (first.kind === 'folder' && (inContainer || (mostly && differ(found)))) {
      for (const { key } of found) accepted.add(key);
    }
  }
  return accepted;
}

function differ(candidates: readonly Candidate[]): boolean {
  return new Set(candidates.map(({ rank }) => rank)).size > 1;
}

function childFolders(paths: readonly string[]): ReadonlyMap<string, ReadonlySet<string>> {
  const children = new Map<string, Set<string>>();
  for (const path of paths) {
    const segments = path.split('/');
    for (let index = 0; index < segments.length - 1; index++) {
      const parent = segments.slice(0, index).join('/');
      const known = children.get(parent) ?? new Set();
      children.set(parent, known.add(segments[index] ?? ''));
    }
  }
  return children;
}
