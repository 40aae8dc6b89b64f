import { describe, expect, it } from '@jest/globals';
import { type Effect, loadConfig, loadPolicies, type Plan, type World } from '@waybill/core';
import type { Ports, RunFacts } from './ports.js';
import { preflight } from './preflight.js';

const FACTS: RunFacts = { ref: 'refs/heads/main', runUrl: '', dryRun: false };
const OPEN: Effect = { kind: 'open-pull-request', branch: 'x', title: 'x', body: 'x' };
const PLAN: Plan = { ledger: undefined, effects: [OPEN], notes: [], refusals: [] };

function world(facts: {
  readonly viewer?: string;
  readonly autoMergeAllowed?: boolean;
  readonly protection?: World['ledger']['protection'];
}): World {
  const config = loadConfig({
    path: 'waybill.yaml',
    text: `apiVersion: waybill/v1
warehouses: {app: {images: {strategy: Digest, constraint: main, repos: [ghcr.io/o/api]}}}
stages: {dev: {from: app, promotion: {via: pull-request}, updates: [{images: "dev/**"}]}}
`,
  });
  const policies = loadPolicies(
    {
      path: 'waybill.policies.yaml',
      text: 'apiVersion: waybill/v1\nstages: {dev: {autoPromotion: NewestFreight, autoMerge: true}}\n',
    },
    config,
  );
  return {
    config,
    policies,
    ledger: { protection: facts.protection ?? { kind: 'protected' } },
    snapshot: {
      viewer: facts.viewer ?? 'waybill[bot]',
      repository: { defaultBranch: 'main', autoMergeAllowed: facts.autoMergeAllowed ?? true },
    },
  } as unknown as World;
}

function portsWhere(actionsMay: boolean | undefined): Ports {
  return { forge: { actionsMayCreatePullRequests: async () => actionsMay } } as unknown as Ports;
}

describe('preflight', () => {
  it('finds nothing where an App has all it needs', async () => {
    expect(await preflight(portsWhere(undefined), FACTS, world({}), PLAN)).toEqual({ problems: [], warnings: [] });
  });

  it('refuses to write from another ref than the default branch', async () => {
    const found = await preflight(portsWhere(true), { ...FACTS, ref: 'refs/heads/fix' }, world({}), PLAN);
    expect(found.problems.map(({ code }) => code)).toEqual(['wrong-ref']);
  });

  it('names the setting that keeps Actions from opening pull requests', async () => {
    const found = await preflight(portsWhere(false), FACTS, world({ viewer: 'github-actions[bot]' }), PLAN);
    expect(found.problems).toMatchObject([{ code: 'preflight-failed', remedy: expect.stringContaining('Settings') }]);
  });

  it('says what GITHUB_TOKEN, an open ledger and missing auto-merge mean', async () => {
    const facts = {
      viewer: 'github-actions[bot]',
      autoMergeAllowed: false,
      protection: { kind: 'unprotected', why: 'shared' },
    } as const;
    const { problems, warnings } = await preflight(portsWhere(undefined), FACTS, world(facts), PLAN);
    expect(problems).toEqual([]);
    expect(warnings).toEqual([
      expect.stringContaining('Approve workflows to run'),
      expect.stringContaining('unprotected: shared'),
      expect.stringContaining('Auto-merge is off'),
    ]);
  });

  it('does not speak of pull requests when none is opened', async () => {
    const found = await preflight(portsWhere(false), FACTS, world({ viewer: 'github-actions[bot]' }), {
      ...PLAN,
      effects: [],
    });
    expect(found).toEqual({ problems: [], warnings: [] });
  });
});
