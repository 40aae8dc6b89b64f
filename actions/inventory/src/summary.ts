import {
  fixedPrefix,
  INVENTORY_PROBLEMS,
  type Inventory,
  type InventoryImage,
  type InventoryPlace,
  type InventoryProblem,
  type InventoryProblemKind,
  type InventoryStage,
  type InventoryUnread,
  shortDigest,
} from '@waybill/core';
import type { InventoryReport } from '@waybill/engine';
import {
  blocks,
  code,
  codeBlock,
  details,
  heading,
  joined,
  linksTo,
  list,
  longTable,
  type Markdown,
  markdown,
  raw,
  type Summary,
  table,
} from '@waybill/runtime';

/** In one cell, and for one problem; all places stand in the folded table below. */
const PLACES_SHOWN = 3;
const ROWS_SHOWN = 2_000;
const NOTHING = raw('–');

/** A link to a place at the commit that was read; the label leaves out what the column says already. */
type LinkPlace = (place: Pick<InventoryPlace, 'path' | 'line'>, base?: string) => Markdown;

/** What a person reads: the matrix first, then what is wrong, the draft, and what was not read. */
export function summarize(report: InventoryReport, summary: Summary): void {
  const { inventory, snapshot, draft } = report;
  const { repository, head } = snapshot;
  const link = placeLinks(repository.url, head.oid);
  summary.lead(
    'Verdict',
    blocks([
      heading(2, `Waybill inventory: ${verdict(inventory)}`),
      markdown`${counted(inventory.filesRead, 'YAML file')} of ${code(repository.defaultBranch)} at ${code(head.oid.slice(0, 7))}.`,
      origin(inventory),
    ]),
  );
  if (inventory.images.length > 0) summary.add('Images and Stages', matrix(inventory, link));
  for (const section of problemSections(inventory.problems, link)) summary.add(section.title, section.content);
  if (inventory.source === 'guess') {
    const content = draft.kind === 'draft' ? codeBlock('yaml', draft.text) : markdown`There is no draft: ${draft.why}.`;
    summary.add('Draft', blocks([heading(3, 'Draft of waybill.yaml'), content]));
  }
  summary.add('What was not read', blocks([heading(3, 'What was not read'), list(notRead(inventory, link))]));
  if (inventory.images.length > 0) summary.add('All places', everyPlace(inventory, link));
}

/** A problem as the output gives it. */
export function problemOutput(problem: InventoryProblem): Readonly<Record<string, unknown>> {
  const { kind, repository, stage, text, places } = problem;
  return {
    kind,
    image: repository,
    stage: stage ?? null,
    text,
    places: places.map(({ path, line, keyPath }) => ({ file: path, line, key: keyPath })),
  };
}

function verdict({ images, stages, problems }: Inventory): string {
  const problem = problems.length === 0 ? 'no problems' : counted(problems.length, 'problem');
  return `${counted(images.length, 'image')} in ${counted(stages.length, 'Stage')}, ${problem}`;
}

function origin({ source, firstParty, guesses }: Inventory): Markdown {
  if (source === 'guess') {
    return blocks([
      raw('There is no waybill.yaml, so this is guessed:'),
      list(guesses.map((line) => markdown`${line}`)),
    ]);
  }
  const ours = joined(firstParty.map(code));
  const grounds = guesses.length === 0 ? raw('') : markdown` ${guesses.join(' ')}`;
  return markdown`Stages and Warehouses are those of waybill.yaml; first party is ${ours}.${grounds}`;
}

function matrix({ images, stages }: Inventory, link: LinkPlace): Markdown {
  const cells = (image: InventoryImage) =>
    stages.map((stage) => cell(image, stage.name, link, baseOf(stage), image.keyedIn.includes(stage.name)));
  const hasShared = images.some(({ places }) => places.some(({ stage }) => stage === undefined));
  return blocks([
    heading(3, 'Images and Stages'),
    table(
      ['Image', ...stages.map(({ name }) => code(name)), ...(hasShared ? ['Shared'] : [])],
      images.map((image) => [code(image.name), ...cells(image), ...(hasShared ? [cell(image, undefined, link)] : [])]),
    ),
  ]);
}

function cell(image: InventoryImage, stage: string | undefined, link: LinkPlace, base = '', isKeyed = false): Markdown {
  const places = image.places.filter((place) => place.stage === stage);
  if (places.length === 0) return isKeyed ? raw('set by key') : NOTHING;
  const isUnpinned = stage !== undefined && places.some(({ digest }) => digest === undefined);
  return markdown`${firstPlaces(places, link, base)}${isUnpinned ? raw(' **not pinned**') : raw('')}`;
}

function firstPlaces(places: readonly Pick<InventoryPlace, 'path' | 'line'>[], link: LinkPlace, base = ''): Markdown {
  const shown = joined(places.slice(0, PLACES_SHOWN).map((place) => link(place, base)));
  const more = places.length - PLACES_SHOWN;
  return more > 0 ? markdown`${shown} and ${more} more` : shown;
}

/** The folder that all of a Stage's files lie in. */
function baseOf({ globs }: InventoryStage): string {
  const [only, ...others] = globs;
  return only === undefined || others.length > 0 ? '' : fixedPrefix(only);
}

function placeLinks(repositoryUrl: string, oid: string): LinkPlace {
  const link = linksTo(new URL(repositoryUrl).origin);
  return ({ path, line }, base = '') => {
    const label = base !== '' && path.startsWith(`${base}/`) ? path.slice(base.length + 1) : path;
    const file = path.split('/').map(encodeURIComponent).join('/');
    return link(code(`${label}:${line}`), `${repositoryUrl}/blob/${oid}/${file}#L${line}`);
  };
}

function problemSections(problems: readonly InventoryProblem[], link: LinkPlace) {
  const kinds = Object.entries(INVENTORY_PROBLEMS) as readonly [InventoryProblemKind, string][];
  return kinds.flatMap(([kind, title]) => {
    const ofKind = problems.filter((problem) => problem.kind === kind);
    if (ofKind.length === 0) return [];
    const items = ofKind.map(({ text, places }) =>
      places.length === 0 ? markdown`${text}` : markdown`${text}: ${firstPlaces(places, link)}`,
    );
    return [{ title, content: blocks([heading(3, markdown`${title} (${ofKind.length})`), list(items)]) }];
  });
}

function notRead({ unread, unnamed, others }: Inventory, link: LinkPlace): readonly Markdown[] {
  return [
    ...unread.map((each) => describeUnread(each, link)),
    ...unnamed.map(
      (place) =>
        markdown`${link(place)}: ${code(place.keyPath)} holds a tag or digest, and no repository stands beside it`,
    ),
    ...(others.length === 0
      ? []
      : [markdown`${counted(others.length, 'other image')} that no one here builds: never written`]),
    raw('Files that are not `.yaml` or `.yml`, links and submodules'),
  ];
}

function describeUnread(unread: InventoryUnread, link: LinkPlace): Markdown {
  const names =
    unread.names.length === 0 ? raw('names none of these images') : markdown`names ${joined(unread.names.map(code))}`;
  return markdown`${link(unread)} (${unread.kind}: ${unread.detail}); ${names}`;
}

function everyPlace({ images }: Inventory, link: LinkPlace): Markdown {
  const rows = images.flatMap(({ repository, places }) =>
    places.map((place) => [
      code(repository),
      place.stage === undefined ? NOTHING : code(place.stage),
      link(place),
      code(place.keyPath),
      place.tag === undefined ? NOTHING : code(place.tag),
      place.digest === undefined ? NOTHING : code(shortDigest(place.digest)),
    ]),
  );
  return details(
    `All ${rows.length} places`,
    longTable(['Image', 'Stage', 'Where', 'Key', 'Tag', 'Digest'], rows, ROWS_SHOWN),
  );
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}
