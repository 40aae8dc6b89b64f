import { globMatch, globsOverlap } from '../config/glob.js';
import type { EnvironmentRoot } from './environment-roots.js';
import { grouped, sorted } from './grouped.js';

/**
 * For each environment the globs that cover its roots. Folders that vary become `*` where that keeps every two
 * environments apart, so that a new service is covered, too; else each root is written out. The first folder stays
 * literal: trees are read below a glob's fixed prefix.
 */
export function environmentGlobs(
  roots: readonly EnvironmentRoot[],
  paths: readonly string[],
): ReadonlyMap<string, readonly string[]> {
  const wide = generalised(roots);
  return keepsApart(wide, roots, paths) ? wide : byEnvironment(roots, ({ path }) => path);
}

type Globs = ReadonlyMap<string, readonly string[]>;

function generalised(roots: readonly EnvironmentRoot[]): Globs {
  // Where any root's own name stands a `*` might stand for another environment.
  const nameDepths = new Set(roots.map(({ path }) => segmentsOf(path).length - 1));
  const alike = grouped(roots, ({ path, kind }) => {
    const segments = segmentsOf(path).slice(0, -1);
    const fixed = segments.map((segment, index) => (index === 0 || nameDepths.has(index) ? segment : '*'));
    return [kind, ...fixed].join('/');
  });
  const patterns = new Map<EnvironmentRoot, string>();
  for (const group of alike.values()) {
    const parents = group.map(({ path }) => segmentsOf(path).slice(0, -1));
    const pattern = (parents[0] ?? []).map((segment, index) =>
      parents.every((other) => other[index] === segment) ? escapeSegment(segment) : '*',
    );
    for (const root of group) {
      patterns.set(root, [...pattern, escapeSegment(segmentsOf(root.path).at(-1) ?? '')].join('/'));
    }
  }
  return byEnvironment(roots, (root) => patterns.get(root) ?? root.path, true);
}

function byEnvironment(
  roots: readonly EnvironmentRoot[],
  patternOf: (root: EnvironmentRoot) => string,
  escaped = false,
): Globs {
  return new Map(
    [...grouped(roots, ({ environment }) => environment)].map(([environment, group]) => [
      environment,
      sorted(
        group.map((root) => {
          const pattern = escaped ? patternOf(root) : segmentsOf(patternOf(root)).map(escapeSegment).join('/');
          return root.kind === 'folder' ? `${pattern}/**` : pattern;
        }),
      ),
    ]),
  );
}

/** No two environments share a path, and no file gets into an environment that it isn't of. */
function keepsApart(globs: Globs, roots: readonly EnvironmentRoot[], paths: readonly string[]): boolean {
  const all = [...globs].flatMap(([environment, each]) => each.map((glob) => ({ environment, glob })));
  const disjoint = all.every((one, index) =>
    all.slice(index + 1).every((other) => one.environment === other.environment || !globsOverlap(one.glob, other.glob)),
  );
  if (!disjoint) return false;
  const owner = rootFinder(roots);
  return paths.every((path) => {
    const expected = owner(path)?.environment;
    return all.every(
      ({ environment, glob }) => environment === expected || !globMatch(glob, path) || expected === undefined,
    );
  });
}

/** The root that a path lies in. */
export function rootFinder(roots: readonly EnvironmentRoot[]): (path: string) => EnvironmentRoot | undefined {
  const byPath = new Map(roots.map((root) => [root.path, root]));
  return (path) => {
    const segments = segmentsOf(path);
    for (let length = 1; length <= segments.length; length++) {
      const root = byPath.get(segments.slice(0, length).join('/'));
      if (root !== undefined) return root;
    }
    return undefined;
  };
}

/** What globs would read as their own becomes `?`. */
function escapeSegment(segment: string): string {
  return segment.replaceAll(/[*?{}[\]\\!@+()]/g, '?');
}

function segmentsOf(path: string): readonly string[] {
  return path.split('/');
}
