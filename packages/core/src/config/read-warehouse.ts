import { compileTagPattern } from '../freight/tag-pattern.js';
import { TAG } from '../image/grammar.js';
import { normalizeRepository } from '../image/reference.js';
import { parseConstraint } from '../semver/constraint.js';
import { parseDuration } from './duration.js';
import { nameProblem } from './names.js';
import type { ImageSelectionStrategy, ImageSubscription, Warehouse } from './types.js';
import {
  type Fields,
  isList,
  type NamedValue,
  readBoolean,
  readChoice,
  readFields,
  readInteger,
  readList,
  readListOrOne,
  readString,
  report,
  reportCause,
  reportUnsupported,
  required,
  type Value,
} from './yaml-reader.js';

const DEFAULT_DISCOVERY_LIMIT = 20;
const MAX_DISCOVERY_LIMIT = 100;
const PLATFORM = /^[a-z0-9]+\/[a-z0-9_]+(?:\/[a-z0-9.]+)?$/;
// What Kargo's API server fills in where nothing was asked for.
const KARGO_DEFAULT_INTERVAL = 5 * 60_000;

const SELECTION_FIELDS = [
  'constraint',
  'strictSemvers',
  'allowTagsRegexes',
  'ignoreTagsRegexes',
  'platform',
  'discoveryLimit',
] as const;

const WAREHOUSE_UNSUPPORTED: ReadonlyMap<string, string> = new Map([
  ['freightCreationCriteria', 'Remove it: Freight is made of the newest of each subscription'],
  ['shard', 'Remove it: there are no shards here'],
]);

/** Fields that Kargo had, with what to write today. */
const RENAMED: ReadonlyMap<string, (text: string) => string> = new Map([
  ['allowTags', (text) => `allowTagsRegexes: [${JSON.stringify(text)}]`],
  ['ignoreTags', (text) => `ignoreTagsRegexes: [${JSON.stringify(`^${escapePattern(text)}$`)}]`],
  ['semverConstraint', (text) => `constraint: ${JSON.stringify(text)}`],
]);

/** A Warehouse in the short form (`images`) or as Kargo's spec (`subscriptions`). Undefined when it has none to use. */
export function readWarehouse({ key: name, at, value }: NamedValue): Warehouse | undefined {
  const fields = readFields(value, {
    known: ['images', 'subscriptions', 'interval', 'freightCreationPolicy'],
    unsupported: WAREHOUSE_UNSUPPORTED,
  });
  if (fields === undefined) return undefined;
  checkKargoDefaults(fields);
  const images = fields.get('images');
  const subscriptions = fields.get('subscriptions');
  if ((images === undefined) === (subscriptions === undefined)) {
    return report(
      value,
      images === undefined ? 'has no subscriptions' : 'has both images and subscriptions',
      'Write images: {strategy, constraint, repos}, or subscriptions as in Kargo',
    );
  }
  const found = [
    ...(images === undefined ? [] : (readListOrOne(images, 1) ?? []).flatMap(readImages)),
    ...(subscriptions === undefined ? [] : (readList(subscriptions, 1) ?? []).flatMap(readSubscription)),
  ];
  return { name, subscriptions: found.filter((each, index) => isFirst(value, found, each, index)), at };
}

function checkKargoDefaults(fields: Fields): void {
  const interval = fields.get('interval');
  const text = interval === undefined ? undefined : readString(interval);
  if (interval !== undefined && text !== undefined && parseDuration(text) !== KARGO_DEFAULT_INTERVAL) {
    reportUnsupported(interval, "Remove it: the workflow's schedule says how often to look");
  }
  const policy = fields.get('freightCreationPolicy');
  if (policy !== undefined) readChoice(policy, ['Automatic'], ['Manual']);
}

/** `{strategy, constraint, repos: […]}`: one subscription for each repository. */
function readImages(value: Value): readonly ImageSubscription[] {
  const fields = readFields(value, { known: ['strategy', 'repos', 'trackOnly', ...SELECTION_FIELDS] });
  if (fields === undefined) return [];
  const selection = readSelection(value, fields, fields.get('strategy'));
  const trackOnly = fields.get('trackOnly');
  const isTrackOnly = trackOnly !== undefined && readBoolean(trackOnly) === true;
  const repos = required(fields, value, 'repos', 'List the repositories: repos: [ghcr.io/OWNER/NAME]');
  const list = repos === undefined ? undefined : readList(repos, 1);
  if (list === undefined || selection === undefined) return [];
  return list.flatMap((repo) => {
    const repository = readRepository(repo);
    return repository === undefined
      ? []
      : [{ kind: 'image', ...repository, ...selection, trackOnly: isTrackOnly, at: repo.at }];
  });
}

/** `{image: {…}, name?, trackOnly?}`. */
function readSubscription(value: Value): readonly ImageSubscription[] {
  const fields = readFields(value, { known: ['image', 'git', 'chart', 'name', 'trackOnly'] });
  if (fields === undefined) return [];
  const planned = fields.get('git') ?? fields.get('chart');
  if (planned !== undefined) {
    reportUnsupported(planned, 'Subscribe to images only');
    return [];
  }
  const image = required(fields, value, 'image', 'Write image: {repoURL: …}');
  if (image === undefined) return [];
  const selection = readFields(image, {
    known: [
      'repoURL',
      'imageSelectionStrategy',
      'insecureSkipTLSVerify',
      'cacheByTag',
      ...SELECTION_FIELDS,
      ...RENAMED.keys(),
    ],
  });
  if (selection === undefined) return [];
  for (const [key, translate] of RENAMED) refuseRenamed(selection.get(key), translate);
  refuseWhenTrue(selection.get('insecureSkipTLSVerify'), 'Remove it: certificates are always verified');
  refuseWhenTrue(selection.get('cacheByTag'), 'Remove it: tags are read anew at each look');
  const read = readSelection(image, selection, selection.get('imageSelectionStrategy'));
  const repoURL = required(selection, image, 'repoURL', 'Write repoURL: ghcr.io/OWNER/NAME');
  const repository = repoURL === undefined ? undefined : readRepository(repoURL);
  const name = fields.get('name');
  const subscriptionName = name === undefined ? undefined : readName(name);
  const trackOnly = fields.get('trackOnly');
  const isTrackOnly = trackOnly !== undefined && readBoolean(trackOnly) === true;
  if (read === undefined || repository === undefined) return [];
  return [
    {
      kind: 'image',
      ...repository,
      ...(subscriptionName === undefined ? {} : { name: subscriptionName }),
      ...read,
      trackOnly: isTrackOnly,
      at: value.at,
    },
  ];
}

type Selection = Omit<ImageSubscription, 'kind' | 'repoURL' | 'repository' | 'name' | 'trackOnly' | 'at'>;

function readSelection(owner: Value, fields: Fields, strategyField: Value | undefined): Selection | undefined {
  const strategy = readStrategy(strategyField);
  const strict = fields.get('strictSemvers');
  const limit = fields.get('discoveryLimit');
  const platform = fields.get('platform');
  const strictSemvers = strict === undefined ? true : readBoolean(strict);
  const discoveryLimit = limit === undefined ? DEFAULT_DISCOVERY_LIMIT : readInteger(limit, 1, MAX_DISCOVERY_LIMIT);
  const platformText = platform === undefined ? undefined : readPlatform(platform);
  const allowTagsRegexes = readPatterns(fields.get('allowTagsRegexes'), strategy);
  const ignoreTagsRegexes = readPatterns(fields.get('ignoreTagsRegexes'), strategy);
  if (strategy === undefined) return undefined;
  const constraintField = fields.get('constraint');
  const constraint = constraintField === undefined ? undefined : readConstraint(constraintField, strategy);
  if (strategy === 'Digest' && constraintField === undefined) {
    return report(owner, 'lacks constraint', 'Name the mutable tag that Digest follows: constraint: main');
  }
  if (strictSemvers === undefined || discoveryLimit === undefined) return undefined;
  if (strategy === 'Digest' && constraint === undefined) return undefined;
  return {
    imageSelectionStrategy: strategy,
    ...(constraint === undefined ? {} : { constraint }),
    strictSemvers,
    allowTagsRegexes,
    ignoreTagsRegexes,
    ...(platformText === undefined ? {} : { platform: platformText }),
    discoveryLimit,
  };
}

/** SemVer unless said otherwise, as in Kargo. */
function readStrategy(value: Value | undefined): ImageSelectionStrategy | undefined {
  return value === undefined ? 'SemVer' : readChoice(value, ['Digest', 'SemVer'], ['Lexical', 'NewestBuild']);
}

function readConstraint(value: Value, strategy: ImageSelectionStrategy): string | undefined {
  const text = readString(value);
  if (text === undefined) return undefined;
  if (strategy === 'Digest') {
    if (TAG.test(text)) return text;
    return report(value, `is ${JSON.stringify(text)}, which is no tag`, 'Name one tag, such as main');
  }
  try {
    return parseConstraint(text).text;
  } catch (error) {
    return reportCause(value, error);
  }
}

function readPatterns(value: Value | undefined, strategy: ImageSelectionStrategy | undefined): readonly string[] {
  if (value === undefined) return [];
  const items = readList(value) ?? [];
  if (strategy === 'Digest' && items.length > 0) {
    report(value, 'does nothing with Digest, which follows one tag', 'Remove it, or use SemVer');
  }
  return items.flatMap((item) => {
    const text = readString(item);
    if (text === undefined) return [];
    try {
      return [compileTagPattern(text).source];
    } catch (error) {
      reportCause(item, error);
      return [];
    }
  });
}

function readPlatform(value: Value): string | undefined {
  const text = readString(value);
  if (text === undefined || PLATFORM.test(text)) return text;
  return report(value, `is ${JSON.stringify(text)}`, 'Write os/arch or os/arch/variant, such as linux/amd64');
}

/** An image's repository, bare: as written and normalised. */
export function readRepository(value: Value): { readonly repoURL: string; readonly repository: string } | undefined {
  const repoURL = readString(value);
  if (repoURL === undefined) return undefined;
  try {
    return { repoURL, repository: normalizeRepository(repoURL) };
  } catch (error) {
    return reportCause(value, error);
  }
}

function readName(value: Value): string | undefined {
  const text = readString(value);
  const problem = text === undefined ? undefined : nameProblem(text);
  if (problem === undefined) return text;
  return report(value, `is ${JSON.stringify(text)}: ${problem}`, 'Choose another name');
}

function refuseRenamed(value: Value | undefined, translate: (text: string) => string): void {
  if (value === undefined) return;
  const first = isList(value) ? readList(value)?.[0] : value;
  const text = first === undefined ? undefined : readString(first);
  if (text !== undefined) report(value, 'is no longer a field of Kargo', `Write ${translate(text)}`);
}

function refuseWhenTrue(value: Value | undefined, remedy: string): void {
  if (value !== undefined && readBoolean(value) === true) reportUnsupported(value, remedy, 'true is not supported');
}

/** One Warehouse subscribes to a repository once: which of two digests a reference got could not be told. */
function isFirst(
  owner: Value,
  all: readonly ImageSubscription[],
  subscription: ImageSubscription,
  index: number,
): boolean {
  const first = all.findIndex(({ repository }) => repository === subscription.repository);
  if (first === index) return true;
  report(owner, `subscribes to ${subscription.repository} twice`, 'Leave one of the subscriptions', {
    at: subscription.at,
  });
  return false;
}

function escapePattern(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}
