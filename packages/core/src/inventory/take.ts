import { globMatch } from '../config/glob.js';
import { writableGlobs } from '../config/lookup.js';
import { isProtectedPath } from '../config/protected-paths.js';
import type { Config } from '../config/types.js';
import { tryParseReference } from '../image/reference.js';
import { mentionsRepository, type ReferenceSite, type Unread } from '../yaml/index.js';
import { matchesAny, ownerOf } from './first-party.js';
import { grouped, sorted } from './grouped.js';
import { type GuessedStage, guess } from './guess.js';
import { findProblems } from './problems.js';
import type { Inventory, InventoryImage, InventoryPlace, InventorySubject, InventoryUnread } from './types.js';

/**
 * Which image stands where, Stage by Stage, and what of it Waybill could not move (design §4). Without a configuration the
 * Stages and the first-party images are guessed, and `guesses` says how. Files that no Stage may ever write are left out.
 * @throws WaybillError input-invalid, not-supported: for a glob of `firstParty` that is none
 */
export function takeInventory(subject: InventorySubject): Inventory {
  const { config, owner } = subject;
  const given = subject.firstParty ?? [];
  const files = subject.files.filter(({ path }) => !isProtectedPath(path));
  const { stages, firstParty, grounds } = config === undefined ? guess(files, given, owner) : declared(config, given);
  const stageOf = stageFinder(stages);
  const all = files.flatMap(({ path, scan }) => {
    const stage = stageOf(path);
    return scan.references.map((site): Sited => ({ site, place: placeOf(path, stage, site) }));
  });
  const byRepository = grouped(
    all.filter(({ site }) => site.repository !== undefined),
    ({ site }) => site.repository ?? '',
  );
  const ours = sorted([
    ...[...byRepository.keys()].filter((repository) => matchesAny(firstParty, repository)),
    ...warehousesByRepository(config).keys(),
  ]);
  const unread = files.flatMap(({ path, scan }) =>
    scan.unread.map((each) => readUnread(each, stageOf(path), ours, firstParty)),
  );
  const images = toImages(
    sorted([...ours, ...unread.flatMap(({ stage, names }) => (stage === undefined ? [] : names))]),
    (repository) => (byRepository.get(repository) ?? []).map(({ place }) => place),
    config,
  );
  const known = new Set(images.map(({ repository }) => repository));
  const inventory = {
    source: config === undefined ? 'guess' : 'configuration',
    stages: stages.map((stage) => ({
      ...stage,
      files: files.filter(({ path }) => stageOf(path) === stage.name).length,
    })),
    firstParty,
    images,
    others: [...byRepository]
      .filter(([repository]) => !known.has(repository))
      .map(([repository, sites]) => ({ repository, places: sites.length }))
      .sort((a, b) => (a.repository < b.repository ? -1 : 1)),
    unread,
    unnamed: all.filter(({ site, place }) => place.stage !== undefined && isUnnamed(site)).map(({ place }) => place),
    filesRead: files.length,
    guesses: grounds,
  } as const;
  return { ...inventory, problems: findProblems(inventory, files, stageOf, config) };
}

interface Sited {
  readonly site: ReferenceSite;
  readonly place: InventoryPlace;
}

/** Stages as configured. Where `firstParty` only lists repositories, their owners' other images are ours as well. */
function declared(config: Config, given: readonly string[]) {
  const stages = config.stages.map(
    (stage): GuessedStage => ({
      name: stage.name,
      globs: writableGlobs(stage),
      upstream: sorted(stage.requestedFreight.flatMap((request) => request.stages)),
    }),
  );
  if (given.length > 0) return { stages, firstParty: given, grounds: [] };
  const { firstParty } = config;
  if (firstParty.some((glob) => /[*?{]/.test(glob))) return { stages, firstParty, grounds: [] };
  const owners = sorted(firstParty.flatMap((repository) => ownerOf(repository) ?? []));
  const globs = owners.map((owner) => `${owner}/**`);
  const grounds =
    globs.length === 0 ? [] : [`firstParty names single repositories; others of ${globs.join(', ')} are listed, too.`];
  return { stages, firstParty: [...firstParty, ...globs], grounds };
}

/** The Stage that writes a path, by its globs, which never overlap. */
function stageFinder(stages: readonly GuessedStage[]): (path: string) => string | undefined {
  const known = new Map<string, string | undefined>();
  return (path) => {
    if (!known.has(path)) {
      known.set(path, stages.find(({ globs }) => globs.some((glob) => globMatch(glob, path)))?.name);
    }
    return known.get(path);
  };
}

function placeOf(path: string, stage: string | undefined, site: ReferenceSite): InventoryPlace {
  const { line, keyPath, tag, digest } = site;
  return {
    ...(stage === undefined ? {} : { stage }),
    path,
    line,
    keyPath,
    ...(tag === undefined ? {} : { tag }),
    ...(digest === undefined ? {} : { digest }),
  };
}

/** A tag or digest alone; what holds a template expression or no valid reference is told elsewhere. */
function isUnnamed({ editable }: ReferenceSite): boolean {
  return !editable.ok && editable.code === 'no-repository';
}

function readUnread(
  unread: Unread,
  stage: string | undefined,
  ours: readonly string[],
  firstParty: readonly string[],
): InventoryUnread {
  const { path, line, kind, detail, mentions } = unread;
  const named = mentions.flatMap((mention) => {
    const parsed = tryParseReference(mention);
    return parsed.ok && matchesAny(firstParty, parsed.reference.repository) ? [parsed.reference.repository] : [];
  });
  const names = sorted([...named, ...ours.filter((repository) => mentionsRepository(unread, repository))]);
  return { path, line, kind, detail, ...(stage === undefined ? {} : { stage }), names };
}

function toImages(
  repositories: readonly string[],
  placesOf: (repository: string) => readonly InventoryPlace[],
  config: Config | undefined,
): readonly InventoryImage[] {
  const names = shortNames(repositories);
  const warehouses = warehousesByRepository(config);
  return repositories.map((repository) => ({
    repository,
    name: names.get(repository) ?? repository,
    warehouses: warehouses.get(repository) ?? [],
    places: placesOf(repository),
    keyedIn: (config?.stages ?? [])
      .filter(({ updates }) => updates.some((update) => update.kind === 'key' && update.repository === repository))
      .map(({ name }) => name),
  }));
}

function warehousesByRepository(config: Config | undefined): ReadonlyMap<string, readonly string[]> {
  const pairs = [...(config?.warehouses.values() ?? [])].flatMap(({ name, subscriptions }) =>
    subscriptions.map(({ repository }) => ({ repository, name })),
  );
  return new Map(
    [...grouped(pairs, ({ repository }) => repository)].map(([repository, group]) => [
      repository,
      group.map(({ name }) => name),
    ]),
  );
}

/** The last part of each repository; of those that share it, as many parts as tell them apart. */
function shortNames(repositories: readonly string[]): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  let left = repositories;
  for (let parts = 1; left.length > 0; parts++) {
    const groups = grouped(left, (repository) => repository.split('/').slice(-parts).join('/'));
    for (const [name, group] of groups) {
      const [only, ...others] = group;
      if (only !== undefined && others.length === 0) names.set(only, name);
    }
    left = left.filter((repository) => !names.has(repository));
  }
  return names;
}
