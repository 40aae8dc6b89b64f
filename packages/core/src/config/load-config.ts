import { WaybillError } from '../errors.js';
import { globMatch, globsOverlap } from './glob.js';
import { parseGlob } from './glob-syntax.js';
import { linkStages } from './link-stages.js';
import { nameProblem } from './names.js';
import { type DraftStage, readStage } from './read-stage.js';
import { readWarehouse } from './read-warehouse.js';
import type { Config, ConfigFile, ImageSubscription, Warehouse } from './types.js';
import {
  type Fields,
  type NamedValue,
  readEntries,
  readFields,
  readList,
  readString,
  readYaml,
  report,
  reportCause,
  required,
  throwProblems,
  type Value,
} from './yaml-reader.js';

const API_VERSION = 'waybill/v1';
const HOST = /^(?:localhost|[a-z0-9.-]*[.:][a-z0-9.:-]*)\//;

/**
 * `waybill.yaml`, checked and in one form: Kargo's forms and the short ones give the same.
 * @throws WaybillErrors of config-invalid and not-supported: all that is wrong, each with its place in the file
 */
export function loadConfig(file: ConfigFile): Config {
  const problems: WaybillError[] = [];
  const root = readYaml(file, problems);
  const config = root === undefined ? undefined : readConfig(root);
  throwProblems(problems);
  if (config !== undefined) return config;
  throw new WaybillError('internal', {
    what: 'The configuration could not be read, and nothing says why',
    where: { file: file.path },
    remedy: 'Report this as a bug of Waybill',
  });
}

/** Notes a version that is not this one's. */
export function checkApiVersion(root: Value, fields: Fields): void {
  const value = required(fields, root, 'apiVersion', `Start the file with apiVersion: ${API_VERSION}`);
  const version = value === undefined ? undefined : readString(value);
  if (value === undefined || version === undefined || version === API_VERSION) return;
  report(value, `is ${JSON.stringify(version)}`, `Write ${API_VERSION}`);
}

function readConfig(root: Value): Config | undefined {
  const fields = readFields(root, { known: ['apiVersion', 'firstParty', 'warehouses', 'stages'] });
  if (fields === undefined) return undefined;
  checkApiVersion(root, fields);
  const warehouseEntries = readNamed(root, fields, 'warehouses', 'Write warehouses: {NAME: {images: …}}');
  const stageEntries = readNamed(root, fields, 'stages', 'Write stages: {NAME: {from: WAREHOUSE, updates: …}}');
  const warehouses = new Map<string, Warehouse>();
  for (const entry of warehouseEntries) {
    const warehouse = readWarehouse(entry);
    if (warehouse !== undefined) warehouses.set(entry.key, warehouse);
  }
  const subscriptions = [...warehouses.values()].flatMap((warehouse) => warehouse.subscriptions);
  const firstParty = readFirstParty(root, fields.get('firstParty'), subscriptions);
  const drafts = stageEntries.map(readStage);
  const stages = linkStages(
    drafts,
    warehouses,
    warehouseEntries.map(({ key }) => key),
  );
  checkOverlaps(drafts);
  return { file: root.reading.file, apiVersion: API_VERSION, firstParty, warehouses, stages };
}

function readNamed(root: Value, fields: Fields, key: string, remedy: string): readonly NamedValue[] {
  const value = required(fields, root, key, remedy);
  const entries = value === undefined ? [] : readEntries(value);
  if (value !== undefined && entries?.length === 0) report(value, 'is empty', remedy);
  for (const { key: name, at } of entries ?? []) {
    const problem = nameProblem(name);
    if (problem !== undefined && value !== undefined) {
      report(value, `has the name ${JSON.stringify(name)}: ${problem}`, 'Choose another name', { at });
    }
  }
  return entries ?? [];
}

/** The globs over repositories; without them exactly what is subscribed to and written. */
function readFirstParty(
  root: Value,
  value: Value | undefined,
  subscriptions: readonly ImageSubscription[],
): readonly string[] {
  const written = subscriptions.filter(({ trackOnly }) => !trackOnly);
  if (value === undefined) return [...new Set(written.map(({ repository }) => repository))];
  const items = readList(value, 1) ?? [];
  const globs = items.flatMap((item) => readRepositoryGlob(item) ?? []);
  if (globs.length === 0 || globs.length < items.length) return globs;
  for (const { repository, at } of written) {
    if (globs.some((glob) => globMatch(glob, repository))) continue;
    report(
      root,
      `subscribes to ${repository}, which firstParty does not match`,
      'Add it to firstParty, or mark the subscription trackOnly',
      { at },
    );
  }
  return globs;
}

function readRepositoryGlob(value: Value): string | undefined {
  const glob = readString(value);
  if (glob === undefined) return undefined;
  try {
    parseGlob(glob);
  } catch (error) {
    return reportCause(value, error);
  }
  if (HOST.test(glob)) return glob;
  return report(
    value,
    `${JSON.stringify(glob)} names no registry`,
    'Start it with the host: ghcr.io/OWNER/*, docker.io/OWNER/*',
  );
}

/** No path belongs to two Stages. */
function checkOverlaps(drafts: readonly DraftStage[]): void {
  const all = drafts.flatMap(({ name, updates }) =>
    updates.flatMap(({ globs }) => globs.map(({ glob, value }) => ({ name, glob, value }))),
  );
  for (const [index, later] of all.entries()) {
    const earlier = all.slice(0, index).find((each) => each.name !== later.name && overlap(each.glob, later));
    if (earlier === undefined) continue;
    const where = `line ${earlier.value.at.line}`;
    report(
      later.value,
      `${JSON.stringify(later.glob)} overlaps ${JSON.stringify(earlier.glob)} of Stage ${earlier.name} (${where})`,
      'Write globs that share no path: a file belongs to one Stage',
    );
  }
}

function overlap(glob: string, other: { readonly glob: string; readonly value: Value }): boolean {
  try {
    return globsOverlap(glob, other.glob);
  } catch (error) {
    reportCause(other.value, error);
    return false;
  }
}
