import type { Config, ImageSubscription } from '../config/types.js';
import { planEdits, type Refusal } from '../yaml/index.js';
import { grouped } from './grouped.js';
import {
  INVENTORY_PROBLEMS,
  type Inventory,
  type InventoryFile,
  type InventoryImage,
  type InventoryPlace,
  type InventoryProblem,
  type InventoryProblemKind,
} from './types.js';

/** Stands for whatever a Freight might bring: no image has it. */
const PROBE_DIGEST = `sha256:${'5afe'.repeat(16)}`;
/** A tag that may stand beside a digest. */
const PROBE_VERSION = '1.2.3';

type Facts = Pick<Inventory, 'stages' | 'images' | 'firstParty' | 'source'>;

/** All that keeps an image from moving through the Stages, by kind as `INVENTORY_PROBLEMS` orders them, then by image. */
export function findProblems(
  facts: Facts,
  files: readonly InventoryFile[],
  stageOf: (path: string) => string | undefined,
  config: Config | undefined,
): readonly InventoryProblem[] {
  const tracked = trackedOnly(config);
  const moved = facts.images.filter(({ repository }) => !tracked.has(repository));
  const problems = [
    ...moved.flatMap((image) => joinedPlaces(unsafe(image, files, stageOf, config))),
    ...moved.flatMap((image) => ofImage(image, facts, config)),
  ];
  const kinds = Object.keys(INVENTORY_PROBLEMS);
  return problems.sort((a, b) => kinds.indexOf(a.kind) - kinds.indexOf(b.kind));
}

function ofImage(image: InventoryImage, facts: Facts, config: Config | undefined): readonly InventoryProblem[] {
  const problem = problemOf(image);
  const inStages = image.places.filter(({ stage }) => stage !== undefined);
  const isWritten = inStages.length > 0 || image.keyedIn.length > 0;
  const problems: InventoryProblem[] = [];
  if (config !== undefined && image.warehouses.length === 0 && image.places.length > 0) {
    problems.push(problem('unsubscribed', `${image.name}: no Warehouse subscribes to it`, image.places));
  }
  if (image.places.length === 0 && image.keyedIn.length === 0 && image.warehouses.length > 0) {
    const where = image.warehouses.join(', ');
    return [...problems, problem('unreferenced', `${image.name}: in Warehouse ${where}, and no file refers to it`)];
  }
  if (!isWritten && image.places.length > 0) {
    const why = 'no Stage can move what all share; give each Stage a reference of its own';
    return [
      ...problems,
      problem('shared-only', `${image.name}: only in files that belong to no Stage; ${why}`, image.places),
    ];
  }
  return isWritten ? [...problems, ...facts.stages.flatMap(({ name }) => inStage(image, name, config))] : problems;
}

function inStage(image: InventoryImage, stage: string, config: Config | undefined): readonly InventoryProblem[] {
  const problem = problemOf(image, stage);
  const places = image.places.filter((place) => place.stage === stage);
  const takes = config?.stages.find(({ name }) => name === stage)?.requestedFreight.map(({ warehouse }) => warehouse);
  const isRequested = takes === undefined || image.warehouses.some((warehouse) => takes.includes(warehouse));
  if (places.length === 0) {
    const isMissing = isRequested && !image.keyedIn.includes(stage);
    return isMissing ? [problem('missing', `${image.name}: not in ${stage}`)] : [];
  }
  const problems: InventoryProblem[] = [];
  if (!isRequested && image.warehouses.length > 0) {
    const text = `${image.name}: ${stage} refers to it and takes no Freight of ${image.warehouses.join(', ')}`;
    problems.push(problem('not-requested', text, places));
  }
  const unpinned = places.filter(({ digest }) => digest === undefined);
  if (unpinned.length > 0)
    problems.push(problem('unpinned', `${image.name}: not pinned to a digest in ${stage}`, unpinned));
  const digests = new Set(places.flatMap(({ digest }) => digest ?? []));
  if (digests.size > 1) {
    problems.push(problem('two-digests', `${image.name}: ${digests.size} digests in ${stage}`, places));
  }
  return problems;
}

/** What an edit would refuse, asked of the very engine that edits: nothing of a Freight is written then. */
function unsafe(
  image: InventoryImage,
  files: readonly InventoryFile[],
  stageOf: (path: string) => string | undefined,
  config: Config | undefined,
): readonly InventoryProblem[] {
  const tag = probeTag(image, config);
  return files.flatMap(({ path, scan }) => {
    const stage = stageOf(path);
    const isConcerned =
      scan.unread.length > 0 || scan.references.some(({ repository }) => repository === image.repository);
    if (stage === undefined || !isConcerned) return [];
    const planned = planEdits(scan, { repository: image.repository, digest: PROBE_DIGEST, tag });
    return planned.ok ? [] : planned.refusals.map((refusal) => refused(image, stage, refusal));
  });
}

/** One problem for all places of a Stage that have it. */
function joinedPlaces(problems: readonly InventoryProblem[]): readonly InventoryProblem[] {
  return [...grouped(problems, ({ stage, text }) => `${stage} ${text}`).values()].flatMap(([first, ...rest]) =>
    first === undefined ? [] : [{ ...first, places: [first, ...rest].flatMap(({ places }) => places) }],
  );
}

function refused(image: InventoryImage, stage: string, refusal: Refusal): InventoryProblem {
  const { path, line, keyPath, why, remedy } = refusal;
  return problemOf(image, stage)('unsafe', `${image.name}: ${why}. ${remedy}`, [{ path, line, keyPath }]);
}

/** As the subscription would find it: a version of SemVer, else a tag that moves and is never written. */
function probeTag(image: InventoryImage, config: Config | undefined): string {
  const subscription = subscriptions(config).find(({ repository }) => repository === image.repository);
  return subscription?.imageSelectionStrategy === 'SemVer' ? PROBE_VERSION : (subscription?.constraint ?? 'main');
}

/** Repositories that every subscription marks `trackOnly`: no Stage writes them. */
function trackedOnly(config: Config | undefined): ReadonlySet<string> {
  const all = subscriptions(config);
  const written = new Set(all.filter(({ trackOnly }) => !trackOnly).map(({ repository }) => repository));
  return new Set(all.map(({ repository }) => repository).filter((repository) => !written.has(repository)));
}

function subscriptions(config: Config | undefined): readonly ImageSubscription[] {
  return [...(config?.warehouses.values() ?? [])].flatMap((warehouse) => warehouse.subscriptions);
}

function problemOf(image: InventoryImage, stage?: string) {
  return (
    kind: InventoryProblemKind,
    text: string,
    places: readonly Pick<InventoryPlace, 'path' | 'line' | 'keyPath'>[] = [],
  ): InventoryProblem => ({
    kind,
    repository: image.repository,
    ...(stage === undefined ? {} : { stage }),
    text,
    places: places.map(({ path, line, keyPath }) => ({ path, line, keyPath })),
  });
}
