import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect } from '@jest/globals';
import {
  type ActionResult,
  type Bed,
  type BedOptions,
  type LogEntry,
  type PullRequest,
  pushExampleImage,
  startBed,
} from '@waybill/testbed';

const run = promisify(execFile);

/** The ledger's state as far as these tests look into it. */
export interface LedgerView {
  readonly freight: Readonly<Record<string, FreightView>>;
  readonly stages: Readonly<Record<string, Readonly<Record<string, StageView>>>>;
  readonly requests: Readonly<Record<string, string>>;
}

export interface FreightView {
  readonly freight: {
    readonly id: string;
    readonly alias: string;
    readonly found?: unknown;
    readonly images: readonly { readonly repoURL: string; readonly digest: string }[];
  };
}

export interface StageView {
  readonly current?: { readonly freight: string; readonly promotion?: string; readonly commit?: string };
  readonly open?: { readonly name: string; readonly freight: string; readonly pullRequest?: number };
  readonly closing?: readonly { readonly name: string }[];
  readonly hold?: { readonly kind: string; readonly author: string; readonly commit?: string };
  readonly last?: { readonly name: string; readonly outcome: string };
}

/** Digest by service. */
export type Digests = Readonly<Record<string, string>>;

export const CONFIG = `apiVersion: waybill/v1
firstParty: [ghcr.io/ameideio/*]
warehouses:
  platform:
    images: {strategy: Digest, constraint: main, repos: [ghcr.io/ameideio/api, ghcr.io/ameideio/web]}
stages:
  dev:        {from: platform,  promotion: {via: pull-request}, updates: [{images: "env/dev/**"}]}
  staging:    {from: [dev],     promotion: {via: pull-request}, updates: [{images: "env/staging/**"}]}
  production: {from: [staging], promotion: {via: pull-request}, updates: [{images: "env/production/**"}]}
`;

export const POLICIES = `apiVersion: waybill/v1
stages:
  dev: {autoPromotion: NewestFreight, autoMerge: true}
  production:
    floor: {paths: ["env/production/**"], from: [staging]}
`;

export const SERVICES = ['api', 'web'] as const;
export const STAGES = ['dev', 'staging', 'production'] as const;
/** Where no test ever pushed an image to. */
export const OLD: Digests = { api: `sha256:${'a'.repeat(64)}`, web: `sha256:${'b'.repeat(64)}` };

export function valuesFile(service: string, digest: string): string {
  return `image:\n  ref: ghcr.io/ameideio/${service}@${digest}\nreplicas: 1\n`;
}

/** A small GitOps repository: two images, three Stages, no workflows. What it pins is in no registry. */
export function smallRepository(extra: Readonly<Record<string, string>> = {}): Readonly<Record<string, string>> {
  const values = STAGES.flatMap((stage) =>
    SERVICES.map((service) => [`env/${stage}/${service}.yaml`, valuesFile(service, OLD[service] ?? '')]),
  );
  return {
    'waybill.yaml': CONFIG,
    'waybill.policies.yaml': POLICIES,
    'README.md': '# gitops\n',
    ...Object.fromEntries(values),
    ...extra,
  };
}

/** Runs one scenario on a bed of its own, and holds it to what GitHub describes and the test bed has. */
export async function onBed(options: Partial<BedOptions>, scenario: (bed: Bed) => Promise<void>): Promise<void> {
  const bed = await startBed({ identity: 'app', files: smallRepository(), ...options });
  try {
    await scenario(bed);
    await bed.github.settled();
    expect({ unhandled: bed.github.unhandled, violations: bed.github.violations }).toEqual({
      unhandled: [],
      violations: [],
    });
  } finally {
    await bed.close();
  }
}

/** Pushes one generation; gives the digests that its channel tags point at. */
export async function pushImages(
  bed: Bed,
  generation: number,
  services: readonly string[] = SERVICES,
): Promise<Digests> {
  const digests: Record<string, string> = {};
  for (const service of services) {
    digests[service] = (await pushExampleImage({ url: bed.registry.url }, service, generation)).digest;
  }
  return digests;
}

/** The digests a Stage's files pin on a branch. */
export async function pinned(bed: Bed, stage: string, branch = 'main'): Promise<Digests> {
  const digests: Record<string, string> = {};
  for (const service of SERVICES) {
    const text = (await bed.github.readText(bed.repository, branch, `env/${stage}/${service}.yaml`)) ?? '';
    digests[service] = /@(sha256:[0-9a-f]{64})/.exec(text)?.[1] ?? 'not pinned';
  }
  return digests;
}

export async function ledger(bed: Bed): Promise<LedgerView> {
  const text = await bed.github.readText(bed.repository, 'waybill/ledger', 'state.json');
  if (text === undefined) throw new Error('waybill/ledger has no state.json');
  return JSON.parse(text) as LedgerView;
}

export async function stageOf(bed: Bed, stage: string): Promise<StageView> {
  return (await ledger(bed)).stages[stage]?.platform ?? {};
}

/** The Freight that holds this digest of a service. */
export async function freightWith(bed: Bed, digest: string | undefined): Promise<FreightView['freight']> {
  const state = await ledger(bed);
  const found = Object.values(state.freight).find(({ freight }) => freight.images.some((one) => one.digest === digest));
  if (found === undefined) throw new Error(`no Freight has ${digest}`);
  return found.freight;
}

/** Every history entry of the ledger, in the order of the files' names. */
export async function history(bed: Bed): Promise<readonly HistoryEntry[]> {
  const files = await bed.github.commits(bed.repository, 'waybill/ledger', 'history');
  const entries: HistoryEntry[] = [];
  for (const commit of [...files].reverse()) entries.push(...(await entriesOf(bed, commit.oid)));
  return entries;
}

export interface HistoryEntry {
  readonly kind: string;
  readonly promotion?: string | { readonly name: string; readonly stage: string };
  readonly stage?: string;
  readonly outcome?: string;
}

async function entriesOf(bed: Bed, commit: string): Promise<readonly HistoryEntry[]> {
  const directory = bed.github.gitDirectory(bed.repository);
  const git = async (...args: string[]) => (await run('git', ['--git-dir', directory, ...args])).stdout;
  const paths = await git('show', '--pretty=format:', '--name-only', '--diff-filter=A', commit, '--', 'history');
  const entries: HistoryEntry[] = [];
  for (const path of paths.split('\n').filter((line) => line !== '')) {
    entries.push(...(JSON.parse(await git('show', `${commit}:${path}`)) as { entries: HistoryEntry[] }).entries);
  }
  return entries;
}

export function pullsInto(bed: Bed, stage: string): readonly PullRequest[] {
  return bed.github.pullRequests(bed.repository).filter((pull) => pull.headRef.startsWith(`waybill/promote/${stage}.`));
}

export function openPullInto(bed: Bed, stage: string): PullRequest {
  const open = pullsInto(bed, stage).filter((pull) => pull.state === 'open');
  const [pull] = open;
  if (pull === undefined || open.length > 1) throw new Error(`${stage} has ${open.length} open pull requests`);
  return pull;
}

/** Promotion branches that are there. */
export async function promotionBranches(bed: Bed): Promise<readonly string[]> {
  return Object.keys(await bed.github.branches(bed.repository)).filter((name) => name.startsWith('waybill/promote/'));
}

export function mutations(bed: Bed): readonly LogEntry[] {
  return bed.github.log.filter((entry) => entry.mutating);
}

/** A run that ended well, or the test fails with its log. */
export function succeeded(result: ActionResult): ActionResult {
  if (result.conclusion !== 'success')
    throw new Error(`The run ended with ${result.conclusion}:\n${result.log.join('\n')}`);
  return result;
}

/** A run that ended in a refusal, or the test fails with its log. */
export function failed(result: ActionResult): ActionResult {
  if (result.conclusion !== 'failure')
    throw new Error(`The run ended with ${result.conclusion}:\n${result.log.join('\n')}`);
  return result;
}

/** What an ended run said on its error annotations. */
export function errorsOf(result: ActionResult): string {
  return result.annotations
    .filter((annotation) => annotation.level === 'error')
    .map((annotation) => annotation.message)
    .join('\n');
}

/** The first run adopts, the pushed generation lands in dev: what most scenarios begin with. Gives its digests. */
export async function landedInDev(bed: Bed, generation = 2): Promise<Digests> {
  const digests = await pushImages(bed, generation);
  succeeded(await bed.act('reconcile'));
  expect(await pinned(bed, 'dev')).toEqual(digests);
  return digests;
}

/** Resolves once the condition holds; what it waits for is another process. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
}
