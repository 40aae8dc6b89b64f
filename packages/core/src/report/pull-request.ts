import type { Stage } from '../config/types.js';
import { shortId } from '../freight/index.js';
import type { Freight, FreightImage } from '../freight/types.js';
import { shortDigest } from '../image/digest.js';
import { type LedgerState, type OpenPromotion, stageRecord } from '../ledger/state.js';
import type { World } from '../plan/world.js';
import type { ImageChange, StageEdits } from '../stage/edits.js';
import { blocks, code, heading, type LinkTo, linksTo, list, timestamp } from './blocks.js';
import { fitSections, longTable, type Section } from './budget.js';
import { joined, type Markdown, markdown, raw, render } from './markdown.js';

/** `production ← platform a1b2c3d: api, web (2 of 6)` */
export function pullRequestTitle(stage: Stage, freight: Freight, edits: StageEdits): string {
  const names = edits.changes.map((change) => shortName(change.repoURL));
  const shown = names.length > 4 ? `${names.slice(0, 3).join(', ')} and ${names.length - 3} more` : names.join(', ');
  return `${stage.name} ← ${freight.origin.name} ${shortId(freight.id)}: ${shown} (${names.length} of ${freight.images.length})`;
}

export interface PullRequestFacts {
  readonly world: World;
  readonly state: LedgerState;
  readonly stage: Stage;
  readonly freight: Freight;
  readonly promotion: OpenPromotion;
  readonly edits: StageEdits;
}

/** GitHub's limit for a body, in characters. */
const BODY_LIMIT = 65_536;

/** What a reviewer needs to decide: what changes, who asked, what it has been through, what is not in it, how to go back. */
export function pullRequestBody(facts: PullRequestFacts): string {
  const { promotion, freight, stage } = facts;
  const link = linksTo(new URL(facts.world.snapshot.repository.url).origin);
  const intro = blocks([
    raw(`<!-- waybill:promotion=${promotion.name} -->`),
    markdown`Puts Freight ${code(shortId(freight.id))} (${freight.alias}) of Warehouse ${code(freight.origin.name)} into Stage ${code(stage.name)}, by digest.`,
    askedBy(promotion),
  ]);
  const sections: readonly Section[] = [
    { title: 'Promotion', content: intro },
    { title: 'What changes', content: titled('What changes', changesTable(facts, link)) },
    { title: 'What it has been through', content: titled('What it has been through', history(facts)) },
    ...notInIt(facts).map((content) => ({ title: 'What is not in it', content: titled('What is not in it', content) })),
    { title: 'How to roll back', content: titled('How to roll back', rollBack(facts)) },
    { title: 'Merging', content: raw(`Promotion \`${promotion.name}\`. ${merging(promotion)}`) },
  ];
  return render(
    fitSections(sections, BODY_LIMIT, (source) => source.length, 'The ledger and the diff have everything.'),
  );
}

function titled(title: string, content: Markdown): Markdown {
  return blocks([heading(3, title), content]);
}

function askedBy({ requestedBy, requestedAt, reason }: OpenPromotion): Markdown {
  const who = requestedBy.kind === 'automation' ? raw('auto-promotion') : code(requestedBy.login);
  const why = reason === undefined || reason === '' ? raw('') : markdown`: ${reason}`;
  return markdown`Asked for by ${who} at ${timestamp(requestedAt)}${why}`;
}

function changesTable(facts: PullRequestFacts, link: LinkTo): Markdown {
  const rows = facts.edits.changes.map((change) => [
    code(change.repoURL),
    joined(change.before.map((before) => version(before.tag, before.digest))),
    version(change.image.tag, change.image.digest),
    commits(facts, change, link),
    joined(change.places.map((place) => code(`${place.path}:${place.line}`))),
  ]);
  return longTable(['Image', 'From', 'To', 'Commits', 'Where'], rows, 100);
}

function version(tag: string | undefined, digest: string | undefined): Markdown {
  const pinned = digest === undefined ? markdown`not pinned` : code(shortDigest(digest));
  return tag === undefined || tag === '' ? pinned : markdown`${code(tag)} ${pinned}`;
}

/** The range between the two images' commits, linked where both say the same repository on this forge. */
function commits(facts: PullRequestFacts, change: ImageChange, link: LinkTo): Markdown {
  const to = change.image.revision;
  if (to === undefined) return raw('–');
  const [before] = change.before;
  const from = before?.digest === undefined ? undefined : knownImage(facts.state, change.repoURL, before.digest);
  const range = from?.revision === undefined ? to.slice(0, 7) : `${from.revision.slice(0, 7)}..${to.slice(0, 7)}`;
  const source = change.image.source?.replace(/\.git$/, '').replace(/\/$/, '');
  if (source === undefined || !/^[0-9a-f]{7,64}$/.test(to)) return code(range);
  const page =
    from?.revision !== undefined && from.source === change.image.source && /^[0-9a-f]{7,64}$/.test(from.revision)
      ? `${source}/compare/${from.revision}...${to}`
      : `${source}/commit/${to}`;
  return isOfForge(facts, page) ? link(code(range), page) : code(range);
}

function isOfForge(facts: PullRequestFacts, page: string): boolean {
  const url = URL.canParse(page) ? new URL(page) : undefined;
  return (
    url?.origin === new URL(facts.world.snapshot.repository.url).origin &&
    /^\/[\w.-]+\/[\w.-]+\/(compare|commit)\//.test(url.pathname)
  );
}

function knownImage(state: LedgerState, repoURL: string, digest: string): FreightImage | undefined {
  return Object.values(state.freight)
    .flatMap(({ freight }) => freight.images)
    .find((image) => image.repoURL === repoURL && image.digest === digest && image.revision !== undefined);
}

function history({ state, freight, stage }: PullRequestFacts): Markdown {
  const record = state.freight[freight.id];
  const verified = Object.entries(record?.verifiedIn ?? {}).map(
    ([name, { at }]) => markdown`Verified in ${code(name)} at ${timestamp(at)}`,
  );
  const approved = Object.entries(record?.approvedFor ?? {})
    .filter(([name]) => name === stage.name)
    .map(([name, { at, by }]) => markdown`Approved for ${code(name)} at ${timestamp(at)} (${by})`);
  return list([markdown`Discovered at ${timestamp(freight.discoveredAt)}`, ...verified, ...approved]);
}

function notInIt({ world, freight, edits, stage }: PullRequestFacts): readonly Markdown[] {
  const changed = new Set(edits.changes.map((change) => change.repoURL));
  const tracked = (world.config.warehouses.get(freight.origin.name)?.subscriptions ?? [])
    .filter(({ trackOnly }) => trackOnly)
    .map(({ repoURL }) => repoURL);
  const unchanged = freight.images.filter(
    ({ repoURL }) => !changed.has(repoURL) && !edits.unreferenced.includes(repoURL) && !tracked.includes(repoURL),
  );
  const items = [
    ...(unchanged.length === 0
      ? []
      : [markdown`${stage.name} has these digests already: ${joined(unchanged.map((image) => code(image.repoURL)))}`]),
    ...(edits.unreferenced.length === 0
      ? []
      : [markdown`${stage.name} has no reference to ${joined(edits.unreferenced.map(code))}`]),
    ...(tracked.length === 0 ? [] : [markdown`Only tracked, never written: ${joined(tracked.map(code))}`]),
    ...edits.unread.map((file) => markdown`Not read, and names none of these images: ${code(file.path)} (${file.why})`),
  ];
  return items.length === 0 ? [] : [list(items)];
}

function rollBack({ state, stage, freight }: PullRequestFacts): Markdown {
  const current = stageRecord(state, stage.name, freight.origin.name).current;
  const previous = current === undefined ? undefined : state.freight[current.freight]?.freight;
  if (previous === undefined) {
    return markdown`Revert the merge commit. Waybill sees it as a change by hand and holds ${code(stage.name)} until someone promotes again.`;
  }
  return markdown`Run the promote workflow with stage ${code(stage.name)} and freight ${code(previous.id)} (${previous.alias}), which it has now. Auto-promotion then pauses until someone promotes the newest Freight.`;
}

function merging({ autoMerge }: OpenPromotion): string {
  return autoMerge ? 'It merges by itself once its required checks have passed.' : 'A person reviews and merges it.';
}

function shortName(repoURL: string): string {
  return repoURL.slice(repoURL.lastIndexOf('/') + 1);
}
