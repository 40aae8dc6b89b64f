import type { FileScan } from '../yaml/index.js';
import { scanBytes } from '../yaml/index.js';
import { applyBaseline, type Baseline } from './baseline.js';
import { type FindingDraft, toFinding } from './draft.js';
import { type ReferenceState, stateOf } from './effective.js';
import { exceptionFor, expiredExceptions } from './exceptions.js';
import { byPlace, type Finding } from './finding.js';
import { judgeArgoCdIdentity } from './judge-argocd.js';
import { judgePullPolicy } from './judge-pull-policy.js';
import { judgeReference } from './judge-reference.js';
import { type Layered, layer } from './layers.js';
import { duplicateKeys, judgeUnread, type NotChecked } from './not-checked.js';
import { scanScope } from './scan-scope.js';
import { type FileScope, scopeOf } from './scopes.js';
import { coverage, type PolicySettings } from './settings.js';
import { judgeTag } from './tags.js';

/** A file of the tree that is judged. */
export type PolicyFile =
  | { readonly path: string; readonly bytes: Uint8Array }
  /** Scanned already, with the policy's own `fields`. */
  | { readonly path: string; readonly scan: FileScan };

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
  const scans = readFiles(input);
  const paths = new Set(input.paths ?? []);
  for (const { path } of scans) paths.add(path);
  const layered = layer(scans, paths, settings);
  const drafts = [...judgeScans(scans, settings), ...judgeImages(layered, settings), ...(input.others ?? [])];
  const unread = scans.flatMap(({ scan }) => judgeUnread(scan.unread, settings));
  drafts.push(...unread.flatMap(({ draft }) => (draft === undefined ? [] : [draft])));
  const touched = input.changed === undefined ? undefined : touchedBy(input.changed, layered);
  const found = drafts
    .filter(({ path }) => touched === undefined || touched.has(path))
    .flatMap((draft) => toFinding(draft, settings) ?? [])
    .concat(expiredExceptions(settings, now))
    .sort(byPlace);
  const { findings, suppressed } = suppress(found, input);
  return {
    findings,
    suppressed,
    notChecked: unread.map(({ entry }) => entry),
    counts: { ...countStates(layered, input), files: input.fileCount ?? scans.length, parsed: scans.length },
    decision: findings.some(({ severity }) => severity === 'error') ? 'fail' : 'pass',
  };
}

/** A file that is judged, and as what. */
export interface ScannedFile {
  readonly path: string;
  readonly scope: FileScope;
  readonly scan: FileScan;
}

function readFiles({ files, settings }: PolicyInput): readonly ScannedFile[] {
  const { fields, scopes } = settings.policy;
  const scans: ScannedFile[] = [];
  for (const file of files) {
    const { path } = file;
    const scope = scopeOf(path);
    if (scope === undefined || coverage(settings, path) === 'outside') continue;
    if (scope !== 'deployed' && !scopes.includes(scope)) continue;
    const scan =
      'scan' in file ? file.scan : scope === 'deployed' ? scanBytes(file, { fields }) : scanScope(scope, file);
    scans.push({ path, scope, scan: withinScopes(scan, settings) });
  }
  return scans;
}

/** Without arguments and environment variables, unless they are asked for. */
function withinScopes(scan: FileScan, { policy }: PolicySettings): FileScan {
  if (policy.scopes.includes('args') || !scan.references.some(({ tier }) => tier === 'C')) return scan;
  return { ...scan, references: scan.references.filter(({ tier }) => tier !== 'C') };
}

function judgeScans(scans: readonly ScannedFile[], settings: PolicySettings): readonly FindingDraft[] {
  return scans.flatMap(({ path, scan }) => [
    ...scan.pullPolicies.flatMap((site) => judgePullPolicy(path, site) ?? []),
    ...scan.references.flatMap((site) => judgeArgoCdIdentity(site) ?? []),
    ...duplicateKeys(scan, settings),
  ]);
}

function judgeImages(layered: Layered, settings: PolicySettings): readonly FindingDraft[] {
  return layered.images.flatMap((judged) => (judged.isOverridden ? [] : judgeReference(judged, settings)));
}

/** The changed files, and those whose images a changed base layer has a part in. */
function touchedBy(changed: ReadonlySet<string>, layered: Layered): ReadonlySet<string> {
  const touched = new Set(changed);
  for (const [path, bases] of layered.basesOf) if (bases.some((base) => changed.has(base))) touched.add(path);
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

function countStates(layered: Layered, { settings, environmentOf }: PolicyInput) {
  const states = noStates();
  const environments = new Map<string, Record<ReferenceState, number>>();
  for (const { site, effective } of layered.images) {
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
