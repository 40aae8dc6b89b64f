import { applyBaseline, type Baseline } from './baseline.js';
import { type FindingDraft, toFinding } from './draft.js';
import { type ReferenceState, stateOf } from './effective.js';
import { exceptionFor, expiredExceptions } from './exceptions.js';
import { byPlace, type Finding } from './finding.js';
import { judgeArgoCdIdentity } from './judge-argocd.js';
import { judgePullPolicy } from './judge-pull-policy.js';
import { judgeReference } from './judge-reference.js';
import { type LayerFinder, layerFinder } from './layer-finder.js';
import { joinLayers, type LayeredImage } from './layers.js';
import { duplicateKeys, judgeUnread, type NotChecked } from './not-checked.js';
import { type PolicyFile, readFiles, type ScannedFile } from './read-files.js';
import type { PolicySettings } from './settings.js';
import { judgeTag } from './tags.js';

export interface PolicyInput {
  /** Read once, in any order. Files whose bytes can hold no image may be left out: see `mightHoldImages`. */
  readonly files: Iterable<PolicyFile>;
  /** How many files were looked at, those left out included; absent: as many as given. */
  readonly fileCount?: number;
  /** Further paths of the tree, for telling charts and layers; those of `files` need not be repeated. */
  readonly paths?: Iterable<string>;
  readonly settings: PolicySettings;
  /** The environment a path belongs to, for counting. */
  readonly environmentOf?: (path: string) => string | undefined;
  /** Only findings in these files, and what they change elsewhere, are reported. */
  readonly changed?: ReadonlySet<string>;
  readonly baseline?: Baseline;
  /** Findings of other judges (lineage, online), which exceptions and baseline hold for, too. */
  readonly others?: readonly FindingDraft[];
  readonly now: Date;
}

export type StateCounts = Readonly<Record<ReferenceState, number>>;

/** A finding that does not count, and why. */
export interface Suppressed {
  readonly finding: Finding;
  readonly by:
    | { readonly kind: 'baseline' }
    | { readonly kind: 'exception'; readonly owner: string; readonly reason: string; readonly expires: string };
}

export interface PolicyReport {
  /** By path and place. */
  readonly findings: readonly Finding[];
  readonly suppressed: readonly Suppressed[];
  readonly notChecked: readonly NotChecked[];
  readonly counts: {
    readonly references: number;
    readonly states: StateCounts;
    /** By environment, in the order of their names. */
    readonly environments: ReadonlyMap<string, StateCounts>;
    /** Looked at. */
    readonly files: number;
    /** Read as YAML because they may hold images. */
    readonly parsed: number;
  };
  /** `fail` with at least one error. */
  readonly decision: 'pass' | 'fail';
}

/** Judges a tree, or a part of it, by the policy's rules. Pure: what it says depends on its input alone. Never throws for what a file holds. */
export function judge(input: PolicyInput): PolicyReport {
  const { settings, now } = input;
  const { scans, count, images, drafts, unread } = inspect(input);
  const found = drafts
    .flatMap((draft) => toFinding(draft, settings) ?? [])
    .concat(expiredExceptions(settings, now))
    .sort(byPlace);
  const { findings, suppressed } = suppress(found, input);
  return {
    findings,
    suppressed,
    notChecked: unread,
    counts: { ...countStates(images, input), files: input.fileCount ?? count, parsed: scans.length },
    decision: findings.some(({ severity }) => severity === 'error') ? 'fail' : 'pass',
  };
}

export interface Inspection {
  readonly scans: readonly ScannedFile[];
  readonly count: number;
  readonly images: readonly LayeredImage[];
  /** In files that the change has a part in. */
  readonly drafts: readonly FindingDraft[];
  readonly unread: readonly NotChecked[];
}

/** All that the rules find, before severities, exceptions and the baseline have their say. */
export function inspect(input: PolicyInput): Inspection {
  const { settings, changed } = input;
  const paths = new Set(input.paths ?? []);
  const { scans, count } = readFiles(input.files, settings, paths);
  const layers = layerFinder(paths, settings);
  const images = joinLayers(scans, paths, layers);
  const unread = scans.flatMap(({ scan }) => judgeUnread(scan.unread, settings));
  const all = [
    ...judgeScans(scans, settings),
    ...images.flatMap((judged) => judgeReference(judged, settings)),
    ...(input.others ?? []),
    ...unread.flatMap(({ draft }) => (draft === undefined ? [] : [draft])),
  ];
  const touched = changed === undefined ? undefined : touchedBy(changed, scans, layers);
  const drafts = touched === undefined ? all : all.filter(({ path }) => touched.has(path));
  return { scans, count, images, drafts, unread: unread.map(({ entry }) => entry) };
}

function judgeScans(scans: readonly ScannedFile[], settings: PolicySettings): readonly FindingDraft[] {
  return scans.flatMap(({ path, scan }) => [
    ...scan.pullPolicies.flatMap((site) => judgePullPolicy(path, site) ?? []),
    ...scan.references.flatMap((site) => judgeArgoCdIdentity(site) ?? []),
    ...duplicateKeys(scan, settings),
  ]);
}

/** The changed files, those laid over a changed one, and those that a changed one is laid over. */
function touchedBy(
  changed: ReadonlySet<string>,
  scans: readonly ScannedFile[],
  layers: LayerFinder,
): ReadonlySet<string> {
  const touched = new Set(changed);
  for (const { path } of scans) if (layers.basesOf(path).some((base) => changed.has(base))) touched.add(path);
  for (const path of changed) for (const base of layers.basesOf(path)) touched.add(base);
  return touched;
}

function suppress(
  found: readonly Finding[],
  { settings, baseline, now }: PolicyInput,
): { readonly findings: readonly Finding[]; readonly suppressed: readonly Suppressed[] } {
  const open: Finding[] = [];
  const suppressed: Suppressed[] = [];
  for (const finding of found) {
    const exception = exceptionFor(finding, settings, now);
    if (exception === undefined) open.push(finding);
    else {
      const { owner, reason, expires } = exception;
      suppressed.push({ finding, by: { kind: 'exception', owner, reason, expires } });
    }
  }
  if (baseline === undefined) return { findings: open, suppressed };
  const { fresh, known } = applyBaseline(open, baseline);
  const byBaseline = known.map((finding): Suppressed => ({ finding, by: { kind: 'baseline' } }));
  return { findings: fresh, suppressed: [...suppressed, ...byBaseline] };
}

function countStates(images: readonly LayeredImage[], { settings, environmentOf }: PolicyInput) {
  const states = noStates();
  const environments = new Map<string, Record<ReferenceState, number>>();
  for (const { site, effective } of images) {
    if (site.shape.kind === 'kustomize-image' && effective.tag === undefined && effective.digest === undefined)
      continue;
    const state = stateOf(effective, (tag) => judgeTag(tag, effective.repository, settings).kind === 'channel');
    states[state] += 1;
    const environment = environmentOf?.(site.path);
    if (environment === undefined) continue;
    const counts = environments.get(environment) ?? noStates();
    counts[state] += 1;
    environments.set(environment, counts);
  }
  const references = Object.values(states).reduce((sum, count) => sum + count, 0);
  const sorted = new Map([...environments].sort(([left], [right]) => (left < right ? -1 : 1)));
  return { references, states, environments: sorted };
}

function noStates(): Record<ReferenceState, number> {
  return { digest: 0, 'tag+digest': 0, tag: 0, channel: 0, unresolved: 0 };
}
