import { nameProblem } from '../config/names.js';
import { environmentGlobs, rootFinder } from './environment-globs.js';
import { isFastRank } from './environment-names.js';
import { type EnvironmentRoot, environmentRoots } from './environment-roots.js';
import { type FirstPartyGuess, guessFirstParty, matchesAny } from './first-party.js';
import { grouped, sorted } from './grouped.js';
import type { InventoryFile, InventoryStage } from './types.js';

export type GuessedStage = Omit<InventoryStage, 'files'>;

export interface Guess {
  readonly stages: readonly GuessedStage[];
  readonly firstParty: readonly string[];
  /** What was guessed and why; sentences. */
  readonly grounds: readonly string[];
}

/** Stages and first-party globs of a repository that has no configuration. `given` globs stand in for the guess. */
export function guess(files: readonly InventoryFile[], given: readonly string[], owner?: string): Guess {
  const { roots, by } = environmentRoots(files);
  const rootOf = rootFinder(roots);
  const uses = files.flatMap(({ path, scan }) =>
    scan.references.flatMap(({ repository }) =>
      repository === undefined ? [] : [{ repository, environment: rootOf(path)?.environment }],
    ),
  );
  const owners = given.length > 0 ? [] : guessFirstParty(uses, owner);
  const firstParty = given.length > 0 ? given : owners.slice(0, 1).map(({ glob }) => glob);
  const relevant = new Set(
    files.flatMap(({ path, scan }) => {
      const isOurs = scan.references.some(
        ({ repository }) => repository !== undefined && matchesAny(firstParty, repository),
      );
      return isOurs ? (rootOf(path) ?? []) : [];
    }),
  );
  const kept = roots.filter((root) => relevant.has(root));
  const dropped = sorted(roots.map(({ environment }) => environment)).filter(
    (environment) => !kept.some((root) => root.environment === environment),
  );
  const paths = files.map(({ path }) => path);
  const stages = toStages(kept, environmentGlobs(kept, paths));
  return {
    stages,
    firstParty,
    grounds: [...environmentGrounds(stages, kept, by), ...droppedGrounds(dropped), ...ownerGrounds(given, owners)],
  };
}

function toStages(
  roots: readonly EnvironmentRoot[],
  globs: ReadonlyMap<string, readonly string[]>,
): readonly GuessedStage[] {
  const environments = [...grouped(roots, ({ environment }) => environment)].flatMap(([environment, [root]]) =>
    root === undefined ? [] : [{ environment, root }],
  );
  environments.sort((a, b) => (a.root.rank ?? 0) - (b.root.rank ?? 0) || (a.environment < b.environment ? -1 : 1));
  const names = stageNames(environments.map(({ environment }) => environment));
  return environments.map(({ environment, root }) => ({
    name: names.get(environment) ?? environment,
    globs: globs.get(environment) ?? [],
    upstream: upstreamOf(
      root,
      environments.map((each) => each.root),
    ).map((upstream) => names.get(upstream) ?? upstream),
  }));
}

/** The environments of the nearest rank before; of several the one of the same variant (`prod-eu` after `staging-eu`). */
function upstreamOf(root: EnvironmentRoot, all: readonly EnvironmentRoot[]): readonly string[] {
  const { rank, variant } = root;
  if (rank === undefined || isFastRank(rank)) return [];
  // What runs on a person's own machine vouches for nothing.
  const before = all.flatMap((other) =>
    other.rank !== undefined && other.rank > 0 && other.rank < rank ? [other.rank] : [],
  );
  const nearest = Math.max(0, ...before);
  const upstream = nearest === 0 ? [] : all.filter((other) => other.rank === nearest);
  const alike = variant === undefined ? [] : upstream.filter((other) => other.variant === variant);
  return (alike.length > 0 ? alike : upstream).map(({ environment }) => environment);
}

/** Stage names of folder names: what a name may not hold becomes a hyphen. */
function stageNames(environments: readonly string[]): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  const taken = new Set<string>();
  for (const environment of environments) {
    const plain = environment
      .replaceAll(/[^a-z0-9]+/g, '-')
      .replaceAll(/^-+|-+$/g, '')
      .slice(0, 50)
      .replace(/-+$/, '');
    const base = nameProblem(plain) === undefined ? plain : `env-${plain}`.replace(/-+$/, '');
    let name = base;
    for (let count = 2; taken.has(name); count++) name = `${base}-${count}`;
    taken.add(name);
    names.set(environment, name);
  }
  return names;
}

function environmentGrounds(
  stages: readonly GuessedStage[],
  roots: readonly EnvironmentRoot[],
  by: 'names' | 'parallel',
): readonly string[] {
  if (stages.length === 0) return ['No folder or file name was found to stand for an environment.'];
  const names = stages.map(({ name }) => name).join(', ');
  if (by === 'parallel') {
    return [
      `The environments ${names} are folders side by side that hold the same images in the same places; nothing tells their order, so each takes Freight straight from the Warehouse.`,
    ];
  }
  const kinds = new Set(roots.map(({ kind }) => kind));
  const what = kinds.size > 1 ? 'folders and files' : kinds.has('file') ? 'files' : 'folders';
  return [`The environments ${names} are told by the names of ${what}, their order by what such names usually mean.`];
}

function droppedGrounds(dropped: readonly string[]): readonly string[] {
  if (dropped.length === 0) return [];
  return [`No first-party image stands in ${dropped.join(', ')}: left out.`];
}

function ownerGrounds(given: readonly string[], owners: readonly FirstPartyGuess[]): readonly string[] {
  if (given.length > 0) return [];
  const [first, second] = owners;
  if (first === undefined) return ['No environment refers to images that could be first party.'];
  const next = second === undefined ? '' : ` The next candidate is ${describe(second)}.`;
  return [`First party is ${describe(first)}.${next}`];
}

function describe({ glob, repositories, environments }: FirstPartyGuess): string {
  const count = repositories === 1 ? '1 repository' : `${repositories} repositories`;
  return `${glob} (${count}, in ${environments.join(', ')})`;
}
