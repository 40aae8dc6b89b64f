import { globMatch, loadConfig, loadPolicies, writableGlobs } from '../config/index.js';
import type { Config, Stage } from '../config/types.js';
import { createFreight, freightId } from '../freight/index.js';
import type { FreightContent, FreightImage } from '../freight/types.js';
import { gitBlobOid } from '../ledger/blob.js';
import { EMPTY_LEDGER, type FreightRecord, type LedgerState, type StageRecord } from '../ledger/state.js';
import type { Commit, PullRequest } from '../ports/forge.js';
import type { StageFile, StageTree } from '../stage/tree.js';
import { scanBytes } from '../yaml/index.js';
import type { LedgerProtection, PromotionView, WarehouseDiscovery, World } from './world.js';

/** Builders of Worlds for the planner's tests. */

export const WAYBILL = `apiVersion: waybill/v1
warehouses:
  platform: {images: {strategy: Digest, constraint: main, repos: [ghcr.io/acme/api, ghcr.io/acme/web]}}
stages:
  dev: {from: platform, promotion: {via: pull-request}, updates: [{images: "env/dev/**"}]}
  staging: {from: [dev], promotion: {via: pull-request}, updates: [{images: "env/staging/**"}]}
  production: {from: [staging], promotion: {via: pull-request}, updates: [{images: "env/production/**"}]}
`;

export const POLICIES = `apiVersion: waybill/v1
stages:
  dev: {autoPromotion: NewestFreight, autoMerge: true}
`;

export const NOW = '2026-11-20T12:00:00.000Z';
export const VIEWER = 'waybill[bot]';

/** `sha256:` and the hex digits repeated: `a1a1a1…`. */
export function digest(hex: string): string {
  return `sha256:${hex.repeat(64).slice(0, 64)}`;
}

/** A values file with one image: pinned to a digest (hex digits, repeated), at a tag when it starts with `:`. */
export function values(image: string, version: string): string {
  const pin = version.startsWith(':') ? version : `@${digest(version)}`;
  return `# ${image}\nimage:\n  ref: ghcr.io/acme/${image}${pin} # the one place\nreplicas: 2\n`;
}

/** Hex digits, or all that is known of an image. */
export type Images = Readonly<Record<string, string | Partial<FreightImage>>>;

export function content(images: Images, warehouse = 'platform'): FreightContent {
  return {
    origin: { kind: 'Warehouse', name: warehouse },
    images: Object.entries(images).map(([name, given]) => ({
      repoURL: `ghcr.io/acme/${name}`,
      tag: 'main',
      digest: digest(typeof given === 'string' ? given : '0'),
      ...(typeof given === 'string' ? {} : given),
    })),
  };
}

export interface GivenFreight {
  readonly warehouse?: string;
  readonly at?: string;
  /** The Stages it was found in. */
  readonly found?: readonly string[];
  /** Verified in these, and for how long it stood there. */
  readonly verified?: Readonly<Record<string, number>>;
  readonly approved?: readonly string[];
}

export function freight(images: Images, given: GivenFreight = {}): FreightRecord {
  const at = given.at ?? '2026-11-20T08:00:00.000Z';
  const made = createFreight(content(images, given.warehouse), {
    discoveredAt: new Date(at),
    taken: new Set(),
    ...(given.found === undefined ? {} : { found: { stages: given.found } }),
  });
  return {
    freight: made,
    verifiedIn: Object.fromEntries(
      Object.entries(given.verified ?? {}).map(([stage, longestSoak]) => [stage, { at, longestSoak }]),
    ),
    approvedFor: Object.fromEntries(
      [...(given.found ?? []), ...(given.approved ?? [])].map((stage) => [stage, { at, by: 'ada' }]),
    ),
  };
}

/** A ledger that knows this Freight; Stages by name, each with its share of the Warehouse `platform`. */
export function ledger(
  records: readonly FreightRecord[] = [],
  stages: Readonly<Record<string, StageRecord>> = {},
): LedgerState {
  return {
    ...EMPTY_LEDGER,
    freight: Object.fromEntries(records.map((record) => [record.freight.id, record])),
    stages: Object.fromEntries(Object.entries(stages).map(([name, record]) => [name, { platform: record }])),
  };
}

/** What the registry has now. */
export function discovered(images: Images, warehouse = 'platform'): WarehouseDiscovery {
  const found = content(images, warehouse);
  return { kind: 'freight', id: freightId(found), content: found };
}

export interface GivenWorld {
  readonly waybill?: string;
  readonly policies?: string | undefined;
  readonly files?: Readonly<Record<string, string>>;
  readonly state?: LedgerState;
  readonly discoveries?: Readonly<Record<string, WarehouseDiscovery>>;
  readonly views?: Readonly<Record<string, PromotionView>>;
  readonly histories?: Readonly<Record<string, readonly Commit[]>>;
  readonly protection?: LedgerProtection;
  readonly now?: string;
  readonly seed?: number;
  readonly head?: Commit;
}

const configs = new Map<string, Config>();

/** The same text is the same configuration: thousands of Worlds are made of a few. */
function configOf(text: string): Config {
  const config = configs.get(text) ?? loadConfig({ path: 'waybill.yaml', text });
  configs.set(text, config);
  return config;
}

export function world(given: GivenWorld = {}): World {
  const config = configOf(given.waybill ?? WAYBILL);
  const policies = 'policies' in given ? given.policies : POLICIES;
  return {
    now: new Date(given.now ?? NOW),
    seed: new Uint8Array(32).fill(given.seed ?? 1),
    snapshot: {
      repository: {
        owner: 'acme',
        name: 'gitops',
        url: 'https://github.com/acme/gitops',
        visibility: 'private',
        defaultBranch: 'main',
        autoMergeAllowed: true,
        mergeMethods: ['merge', 'squash'],
        deletesBranchOnMerge: false,
      },
      viewer: VIEWER,
      head: given.head ?? commit('base'),
      files: new Map(),
      ledger: undefined,
    },
    config,
    policies: loadPolicies(
      policies === undefined ? undefined : { path: 'waybill.policies.yaml', text: policies },
      config,
    ),
    ledger: {
      state: given.state ?? EMPTY_LEDGER,
      head: 'ledger',
      protection: given.protection ?? { kind: 'protected' },
    },
    discoveries: new Map(Object.entries(given.discoveries ?? {})),
    trees: treesOf(config, given.files ?? {}),
    branches: new Map(Object.entries(given.views ?? {})),
    histories: new Map(Object.entries(given.histories ?? {})),
  };
}

export function treesOf(config: Config, files: Readonly<Record<string, string>>): ReadonlyMap<string, StageTree> {
  return new Map(config.stages.map((stage) => [stage.name, treeOf(stage, files)]));
}

function treeOf(stage: Stage, files: Readonly<Record<string, string>>): StageTree {
  const paths = Object.keys(files)
    .filter((path) => writableGlobs(stage).some((glob) => globMatch(glob, path)))
    .sort();
  return {
    stage,
    files: paths.map((path) => fileOf(path, files[path] ?? '')),
  };
}

const scanned = new Map<string, StageFile>();

function fileOf(path: string, text: string): StageFile {
  const key = `${path}\0${text}`;
  const known = scanned.get(key);
  if (known !== undefined) return known;
  const bytes = new TextEncoder().encode(text);
  const file = { path, oid: gitBlobOid(bytes), mode: '100644', bytes, scan: scanBytes({ path, bytes }) };
  scanned.set(key, file);
  return file;
}

export function commit(oid: string, given: Partial<Commit> = {}): Commit {
  return {
    oid,
    parents: [],
    tree: `tree of ${oid}`,
    message: 'a commit',
    author: 'ada',
    committedDate: NOW,
    verified: true,
    url: `https://github.com/acme/gitops/commit/${oid}`,
    ...given,
  };
}

export function pull(number: number, given: Partial<PullRequest> = {}): PullRequest {
  return {
    id: `PR_${number}`,
    number,
    url: `https://github.com/acme/gitops/pull/${number}`,
    state: 'open',
    title: 'promote',
    author: VIEWER,
    headBranch: 'waybill/promote/x',
    headOid: 'head',
    baseBranch: 'main',
    sameRepository: true,
    mergeState: 'blocked',
    autoMerge: false,
    autoMergeBy: undefined,
    mergedAt: undefined,
    mergedBy: undefined,
    closedAt: undefined,
    mergeCommit: undefined,
    ...given,
  };
}
