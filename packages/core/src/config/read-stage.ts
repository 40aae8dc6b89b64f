import { parseDuration } from './duration.js';
import { isPlainPath } from './glob.js';
import { parseGlob } from './glob-syntax.js';
import { isProtectedGlob } from './protected-paths.js';
import { readRepository } from './read-warehouse.js';
import type { ImagesUpdate, KeyUpdate, RequestedFreight, SourcePlace, Update } from './types.js';
import {
  type Fields,
  isList,
  type NamedValue,
  readBoolean,
  readChoice,
  readFields,
  readList,
  readListOrOne,
  readString,
  report,
  reportCause,
  reportUnsupported,
  required,
  type Value,
} from './yaml-reader.js';

/** A name written somewhere, to be looked up once all names are known. */
export interface NameUse {
  readonly text: string;
  readonly value: Value;
}

/** Where a Stage's Freight comes from, before its names are looked up. */
export type DraftSource =
  | { readonly kind: 'warehouse'; readonly warehouse: NameUse }
  | { readonly kind: 'stages'; readonly stages: readonly NameUse[] }
  | { readonly kind: 'requests'; readonly requests: readonly DraftRequest[] };

export interface DraftRequest extends Omit<RequestedFreight, 'warehouse' | 'stages'> {
  readonly warehouse: NameUse;
  readonly stages: readonly NameUse[];
}

export interface DraftStage {
  readonly name: string;
  readonly value: Value;
  readonly at: SourcePlace;
  readonly source: DraftSource | undefined;
  readonly updates: readonly DraftUpdate[];
}

/** An update with the values it was read from, in the order of its globs. */
export interface DraftUpdate {
  readonly update: Update;
  readonly globs: readonly { readonly glob: string; readonly value: Value }[];
}

const STAGE_UNSUPPORTED: ReadonlyMap<string, string> = new Map([
  ['promotionTemplate', 'Write promotion: {via: pull-request} and updates: [{images: GLOB}]'],
  ['verification', 'Remove it: a Stage is verified when its promotion has landed'],
  ['verifications', 'Remove it: a Stage is verified when its promotion has landed'],
  ['vars', 'Remove it'],
  ['targets', 'Write one Stage for each target'],
  ['shard', 'Remove it: there are no shards here'],
]);

/** A Stage in the short form (`from`) or with Kargo's `requestedFreight`. */
export function readStage({ key: name, at, value }: NamedValue): DraftStage {
  const fields = readFields(value, {
    known: ['from', 'requestedFreight', 'promotion', 'updates'],
    unsupported: STAGE_UNSUPPORTED,
  });
  if (fields === undefined) return { name, value, at, source: undefined, updates: [] };
  const promotion = fields.get('promotion');
  if (promotion !== undefined) checkPromotion(promotion);
  const updates = required(fields, value, 'updates', 'Say what it writes: updates: [{images: "env/dev/**"}]');
  return {
    name,
    value,
    at,
    source: readSource(value, fields),
    updates: updates === undefined ? [] : (readList(updates, 1) ?? []).flatMap((each) => readUpdate(each) ?? []),
  };
}

function checkPromotion(value: Value): void {
  const via = readFields(value, { known: ['via'] })?.get('via');
  if (via !== undefined) readChoice(via, ['pull-request'], ['push']);
}

function readSource(owner: Value, fields: Fields): DraftSource | undefined {
  const from = fields.get('from');
  const requested = fields.get('requestedFreight');
  if ((from === undefined) === (requested === undefined)) {
    const what = from === undefined ? 'takes Freight from nowhere' : 'has both from and requestedFreight';
    return report(owner, what, 'Write from: WAREHOUSE, from: [STAGE], or requestedFreight as in Kargo');
  }
  if (requested !== undefined) {
    const requests = (readList(requested, 1) ?? []).flatMap((each) => readRequest(each) ?? []);
    return { kind: 'requests', requests };
  }
  if (from === undefined) return undefined;
  if (isList(from)) return { kind: 'stages', stages: readNames(from, 1) };
  const text = readString(from);
  return text === undefined ? undefined : { kind: 'warehouse', warehouse: { text, value: from } };
}

function readRequest(value: Value): DraftRequest | undefined {
  const fields = readFields(value, { known: ['origin', 'sources'] });
  if (fields === undefined) return undefined;
  const origin = required(fields, value, 'origin', 'Write origin: {kind: Warehouse, name: WAREHOUSE}');
  const sources = required(fields, value, 'sources', 'Write sources: {direct: true}, or {stages: [STAGE]}');
  const warehouse = origin === undefined ? undefined : readOrigin(origin);
  const read = sources === undefined ? undefined : readSources(sources);
  return warehouse === undefined || read === undefined ? undefined : { warehouse, ...read, at: value.at };
}

function readOrigin(value: Value): NameUse | undefined {
  const fields = readFields(value, { known: ['kind', 'name'] });
  if (fields === undefined) return undefined;
  const kind = required(fields, value, 'kind', 'Write kind: Warehouse');
  if (kind !== undefined) readChoice(kind, ['Warehouse']);
  const name = required(fields, value, 'name', 'Name a Warehouse');
  const text = name === undefined ? undefined : readString(name);
  return name === undefined || text === undefined ? undefined : { text, value: name };
}

function readSources(value: Value): Omit<DraftRequest, 'warehouse' | 'at'> | undefined {
  const fields = readFields(value, {
    known: ['direct', 'stages', 'requiredSoakTime', 'availabilityStrategy', 'autoPromotionOptions'],
  });
  if (fields === undefined) return undefined;
  const directField = fields.get('direct');
  const direct = directField !== undefined && readBoolean(directField) === true;
  const stagesField = fields.get('stages');
  const stages = stagesField === undefined ? [] : readNames(stagesField, 0);
  if (!direct && stages.length === 0) {
    return report(value, 'takes Freight from nowhere', 'Write direct: true, or stages: [STAGE]');
  }
  const availabilityField = fields.get('availabilityStrategy');
  const availability =
    availabilityField === undefined ? 'OneOf' : (readChoice(availabilityField, ['OneOf', 'All']) ?? 'OneOf');
  const options = fields.get('autoPromotionOptions');
  if (options !== undefined) checkAutoPromotionOptions(options);
  const soakField = fields.get('requiredSoakTime');
  const requiredSoakTime = soakField === undefined ? undefined : readSoakTime(soakField, stages.length > 0);
  return { direct, stages, availability, ...(requiredSoakTime === undefined ? {} : { requiredSoakTime }) };
}

function readSoakTime(value: Value, upstream: boolean): number | undefined {
  const text = readString(value);
  if (text === undefined) return undefined;
  const duration = parseDuration(text);
  if (duration === undefined)
    return report(value, `is ${JSON.stringify(text)}`, 'Write a duration such as 30m or 1h30m');
  if (upstream) return duration;
  return report(value, 'has no Stage to soak in', 'Name upstream stages, or remove it');
}

function checkAutoPromotionOptions(value: Value): void {
  const policy = readFields(value, { known: ['selectionPolicy'] })?.get('selectionPolicy');
  if (policy !== undefined) readChoice(policy, ['NewestFreight'], ['MatchUpstream']);
}

function readNames(value: Value, min: number): readonly NameUse[] {
  const uses: NameUse[] = [];
  for (const item of readList(value, min) ?? []) {
    const text = readString(item);
    if (text === undefined) continue;
    if (uses.some((use) => use.text === text)) report(item, `names ${text} a second time`, 'Leave one');
    else uses.push({ text, value: item });
  }
  return uses;
}

function readUpdate(value: Value): DraftUpdate | undefined {
  const fields = readFields(value, {
    known: ['images', 'file', 'key', 'image', 'commit', 'chart'],
  });
  if (fields === undefined) return undefined;
  const planned = fields.get('commit') ?? fields.get('chart');
  if (planned !== undefined) return reportUnsupported(planned, 'Update images only');
  const images = fields.get('images');
  if (images === undefined) return readKeyUpdate(value, fields);
  const stray = fields.get('file') ?? fields.get('key') ?? fields.get('image');
  if (stray !== undefined) {
    return report(value, 'has both images and file', 'Write {images: GLOB} and {file, key, image} as two updates');
  }
  const globs = (readListOrOne(images, 1) ?? []).flatMap((each) => {
    const glob = readGlob(each);
    return glob === undefined ? [] : [{ glob, value: each }];
  });
  const update: ImagesUpdate = { kind: 'images', globs: globs.map(({ glob }) => glob), at: value.at };
  return globs.length === 0 ? undefined : { update, globs };
}

function readKeyUpdate(value: Value, fields: Fields): DraftUpdate | undefined {
  const remedy = 'Write {images: GLOB}, or {file: PATH, key: KEY, image: REPOSITORY}';
  const fileField = required(fields, value, 'file', remedy);
  const keyField = required(fields, value, 'key', remedy);
  const imageField = required(fields, value, 'image', remedy);
  const file = fileField === undefined ? undefined : readPath(fileField);
  const key = keyField === undefined ? undefined : readString(keyField);
  const keyPath = key === undefined || keyField === undefined ? undefined : readKeyPath(keyField, key);
  const image = imageField === undefined ? undefined : readRepository(imageField);
  if (fileField === undefined || file === undefined || key === undefined) return undefined;
  if (keyPath === undefined || image === undefined) return undefined;
  const update: KeyUpdate = {
    kind: 'key',
    file,
    key,
    keyPath,
    image: image.repoURL,
    repository: image.repository,
    at: value.at,
  };
  return { update, globs: [{ glob: file, value: fileField }] };
}

/** Kargo's keys (sjson): dots separate, `\.` is a dot. */
function readKeyPath(value: Value, key: string): readonly string[] | undefined {
  const path = key
    .replaceAll('\\.', '\u0000')
    .split('.')
    .map((part) => part.replaceAll('\u0000', '.'));
  if (!path.includes('')) return path;
  return report(
    value,
    `is ${JSON.stringify(key)}, which has an empty part`,
    'Write it as a.b.c; a dot within a part as \\.',
  );
}

function readPath(value: Value): string | undefined {
  const path = readGlob(value);
  if (path === undefined || isPlainPath(path)) return path;
  return report(value, 'is a glob', 'Name one file');
}

/** A glob that a Stage may write. */
export function readGlob(value: Value): string | undefined {
  const glob = readString(value);
  if (glob === undefined) return undefined;
  try {
    parseGlob(glob);
    if (!isProtectedGlob(glob)) return glob;
    return report(
      value,
      `${JSON.stringify(glob)} is never writable`,
      'Name files that configure no workflow, owner or Waybill',
    );
  } catch (error) {
    return reportCause(value, error);
  }
}
