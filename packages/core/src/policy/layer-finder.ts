import { globMatch } from '../config/glob.js';
import type { ImageLayer } from '../config/types.js';
import type { PolicySettings } from './settings.js';

/** Which files are laid over which. */
export interface LayerFinder {
  /** The files below one, the lowest first. */
  basesOf(path: string): readonly string[];
}

/** Directories that hold what all environments share. */
const SHARED: ReadonlySet<string> = new Set(['_shared', 'shared', 'base', 'common', 'default', 'defaults']);
/** Directories that hold a directory for each environment. */
const ENVIRONMENTS = new Set(['env', 'envs', 'environment', 'environments', 'overlays', 'clusters', 'stages']);
const OVERLAY_FILE = /^(.*\/)?values[-._][\w.-]+\.(ya?ml)$/;
const MAX_LAYERS = 8;

/**
 * Tells layers by what the policies say, else by the usual names: `values-dev.yaml` over `values.yaml`, and a path below
 * `env/dev`, `overlays/dev` or `dev` over the same path below `_shared`, `base` and the like. Only files that exist count.
 */
export function layerFinder(paths: ReadonlySet<string>, { policy }: PolicySettings): LayerFinder {
  const { layers } = policy;
  const known = new Map<string, readonly string[]>();
  const shared = layers === undefined ? sharedDirectories(paths) : new Map<string, ReadonlySet<string>>();
  const direct = (path: string) =>
    layers === undefined ? usualBases(path, paths, shared) : namedBases(path, layers, paths);
  const find = (path: string, above: readonly string[]): readonly string[] => {
    const found = known.get(path);
    if (found !== undefined) return found;
    const bases: string[] = [];
    for (const base of direct(path)) {
      if (base === path || above.includes(base) || above.length >= MAX_LAYERS) continue;
      for (const each of [...find(base, [...above, path]), base]) if (!bases.includes(each)) bases.push(each);
    }
    if (above.length === 0) known.set(path, bases);
    return bases;
  };
  return { basesOf: (path) => find(path, []) };
}

/** For each directory, the names of shared directories in it: what makes telling layers cheap. */
type SharedIn = ReadonlyMap<string, ReadonlySet<string>>;

function sharedDirectories(paths: Iterable<string>): SharedIn {
  const shared = new Map<string, Set<string>>();
  for (const path of paths) {
    let start = 0;
    for (let end = path.indexOf('/'); end !== -1; end = path.indexOf('/', start)) {
      const segment = path.slice(start, end);
      if (SHARED.has(segment)) {
        const parent = path.slice(0, start);
        const known = shared.get(parent);
        if (known === undefined) shared.set(parent, new Set([segment]));
        else known.add(segment);
      }
      start = end + 1;
    }
  }
  return shared;
}

function usualBases(path: string, paths: ReadonlySet<string>, shared: SharedIn): readonly string[] {
  const bases: string[] = [];
  const add = (parent: string, tail: string) => {
    for (const word of shared.get(parent) ?? []) {
      const base = `${parent}${word}${tail}`;
      if (base !== path && paths.has(base)) bases.push(base);
    }
  };
  let above = '';
  let before = '';
  let start = 0;
  for (let end = path.indexOf('/'); end !== -1; end = path.indexOf('/', start)) {
    const segment = path.slice(start, end);
    if (SHARED.has(segment)) break;
    // `env/dev/a.yaml`: `env/base/a.yaml`, and `base/a.yaml` beside `env`.
    if (ENVIRONMENTS.has(before)) add(above, path.slice(end));
    add(path.slice(0, start), path.slice(end));
    above = path.slice(0, start);
    before = segment;
    start = end + 1;
  }
  return withFile(path, bases, paths);
}

function withFile(path: string, bases: readonly string[], paths: ReadonlySet<string>): readonly string[] {
  const match = OVERLAY_FILE.exec(path);
  if (match === null) return bases;
  const [, folder = '', ending = ''] = match;
  const file = `${folder}values.${ending}`;
  return paths.has(file) ? [...bases, file] : bases;
}

function namedBases(path: string, layers: readonly ImageLayer[], paths: ReadonlySet<string>): readonly string[] {
  return layers.flatMap(({ base, overlays }) => {
    if (paths.has(base)) return overlays.some((glob) => globMatch(glob, path)) ? [base] : [];
    for (let slash = path.indexOf('/'); slash !== -1; slash = path.indexOf('/', slash + 1)) {
      const below = `${base}${path.slice(slash)}`;
      if (paths.has(below) && overlays.some((glob) => globMatch(glob, path.slice(0, slash)))) return [below];
    }
    return [];
  });
}
