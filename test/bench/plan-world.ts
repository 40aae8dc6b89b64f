import {
  type FreightContent,
  type FreightRecord,
  freightAlias,
  freightId,
  type Intent,
  type LedgerState,
  loadConfig,
  loadPolicies,
  type StageTree,
  scanBytes,
  type World,
} from '@waybill/core';

const WAREHOUSE = 'platform';
const REPOSITORY = 'ghcr.io/acme/api';
/** Stages stand in chains of so many: the first takes Freight straight from the Warehouse, each other from the one before. */
const CHAIN = 10;
const NOW = new Date('2026-11-20T15:02:03.123Z');

export const FULL_INTENT: Intent = { discover: true, bump: true };

/**
 * A World in which one Warehouse offers new Freight and every Stage requests its Freight: the densest there can be.
 * All Freight is verified everywhere; every other Stage is one behind, so that there is something to promote.
 */
export function planWorld(freightCount: number, stageCount: number): World {
  const names = Array.from({ length: stageCount }, (_, index) => `stage-${index}`);
  const config = loadConfig({ path: 'waybill.yaml', text: configText(names) });
  const policies = loadPolicies(
    {
      path: 'waybill.policies.yaml',
      text: 'apiVersion: waybill/v1\nstages:\n  "stage-*": {autoPromotion: NewestFreight, autoMerge: true}\n',
    },
    config,
  );
  const records = freightRecords(freightCount, names);
  const [behind, newest] = records.slice(-2);
  if (behind === undefined || newest === undefined) throw new RangeError('a World needs two Freight');
  const trees = new Map<string, StageTree>();
  const stages: Record<string, LedgerState['stages'][string]> = {};
  for (const [index, stage] of config.stages.entries()) {
    const { freight } = index % 2 === 0 ? behind : newest;
    trees.set(stage.name, { stage, files: [stageFile(stage.name, freight.images[0]?.digest ?? '')] });
    stages[stage.name] = { [WAREHOUSE]: { current: { freight: freight.id, since: freight.discoveredAt } } };
  }
  // The ledger is read from a file whose keys are sorted: by ID, which is no order of time.
  const freight = Object.fromEntries(
    records.map((record) => [record.freight.id, record] as const).sort(([a], [b]) => (a < b ? -1 : 1)),
  );
  const content = contentOf(freightCount);
  return {
    now: NOW,
    seed: new Uint8Array(32),
    snapshot: snapshot(),
    config,
    policies,
    ledger: {
      state: { version: 1, base: null, freight, stages, requests: {} },
      head: 'a'.repeat(40),
      protection: { kind: 'protected' },
    },
    discoveries: new Map([[WAREHOUSE, { kind: 'freight', id: freightId(content), content }]]),
    trees,
    branches: new Map(),
    histories: new Map(),
  };
}

function configText(stages: readonly string[]): string {
  const lines = stages.map((name, index) => {
    const from = index % CHAIN === 0 ? WAREHOUSE : `[stage-${index - 1}]`;
    return `  ${name}: {from: ${from}, promotion: {via: pull-request}, updates: [{images: "env/${name}/**"}]}`;
  });
  return `apiVersion: waybill/v1
firstParty: [ghcr.io/acme/*]
warehouses:
  ${WAREHOUSE}:
    images: {strategy: Digest, constraint: main, repos: [${REPOSITORY}]}
stages:
${lines.join('\n')}
`;
}

function freightRecords(count: number, stages: readonly string[]): readonly FreightRecord[] {
  const aliases = new Set<string>();
  const verifiedIn = Object.fromEntries(stages.map((stage) => [stage, { at: NOW.toISOString(), longestSoak: 0 }]));
  return Array.from({ length: count }, (_, index) => {
    const content = contentOf(index);
    const id = freightId(content);
    const alias = freightAlias(id, aliases);
    aliases.add(alias);
    const discoveredAt = new Date(NOW.getTime() - (count - index) * 60_000).toISOString();
    return { freight: { ...content, id, alias, discoveredAt }, verifiedIn, approvedFor: {} };
  });
}

function contentOf(index: number): FreightContent {
  const digest = `sha256:${index.toString(16).padStart(64, '0')}`;
  return { origin: { kind: 'Warehouse', name: WAREHOUSE }, images: [{ repoURL: REPOSITORY, tag: 'main', digest }] };
}

function stageFile(stage: string, digest: string): StageTree['files'][number] {
  const path = `env/${stage}/api.yaml`;
  const bytes = new TextEncoder().encode(`image:\n  ref: ${REPOSITORY}@${digest}\n`);
  return { path, oid: 'b'.repeat(40), mode: '100644', bytes, scan: scanBytes({ path, bytes }) };
}

function snapshot(): World['snapshot'] {
  return {
    repository: {
      owner: 'acme',
      name: 'gitops',
      url: 'https://github.com/acme/gitops',
      visibility: 'private',
      defaultBranch: 'main',
      autoMergeAllowed: true,
      mergeMethods: ['merge'],
      deletesBranchOnMerge: false,
    },
    viewer: 'waybill[bot]',
    head: {
      oid: 'c'.repeat(40),
      parents: [],
      tree: 'd'.repeat(40),
      message: 'first',
      author: 'waybill[bot]',
      committedDate: NOW.toISOString(),
      verified: true,
      url: 'https://github.com/acme/gitops/commit/c',
    },
    files: new Map(),
    ledger: undefined,
  };
}
