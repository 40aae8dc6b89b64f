import { describe, expect, it } from '@jest/globals';
import {
  type Commit,
  type Comparison,
  type Effect,
  loadConfig,
  loadPolicies,
  type Plan,
  type Snapshot,
  type World,
} from '@waybill/core';
import type { Ports, RunFacts } from './ports.js';
import { preflight } from './preflight.js';

const FACTS: RunFacts = { ref: 'refs/heads/main', runUrl: '', dryRun: false };
const OPEN: Effect = { kind: 'open-pull-request', branch: 'x', title: 'x', body: 'x' };
const PLAN: Plan = { ledger: undefined, effects: [OPEN], notes: [], refusals: [] };

function world(facts: {
  readonly viewer?: string;
  readonly autoMergeAllowed?: boolean;
  readonly protection?: World['ledger']['protection'];
  readonly ledger?: Snapshot['ledger'];
  readonly histories?: World['histories'];
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
    histories: facts.histories ?? new Map(),
    snapshot: {
      head: { oid: 'head' },
      ledger: facts.ledger,
      viewer: facts.viewer ?? 'waybill[bot]',
      repository: { defaultBranch: 'main', autoMergeAllowed: facts.autoMergeAllowed ?? true },
    },
  } as unknown as World;
}

function portsWhere(actionsMay: boolean | undefined): Ports {
  return {
    forge: { actionsMayCreatePullRequests: async () => actionsMay, history: async () => [] },
  } as unknown as Ports;
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

  it('tells when the ruleset covers the ledger and not the promotion branches', async () => {
    const branch = 'waybill/promote/dev.x';
    const plan: Plan = { ...PLAN, effects: [{ kind: 'create-branch', branch, oid: oid('a') }, OPEN] };
    const warnings = async (rules: readonly string[]) => {
      const protection = async (asked: string) => ({ known: true, rules: asked === branch ? rules : [] });
      const forge = { ...portsWhere(undefined).forge, protection };
      return (await preflight({ forge } as unknown as Ports, FACTS, world({}), plan)).warnings;
    };
    expect(await warnings(['creation', 'update', 'deletion', 'non_fast_forward'])).toEqual([]);
    expect(await warnings(['update'])).toEqual([expect.stringContaining('waybill/**/*')]);
  });

  it('does not speak of pull requests when none is opened', async () => {
    const found = await preflight(portsWhere(false), FACTS, world({ viewer: 'github-actions[bot]' }), {
      ...PLAN,
      effects: [],
    });
    expect(found).toEqual({ problems: [], warnings: [] });
  });
});

const oid = (digit: string) => digit.repeat(40);

/** A promotion's commit that was recorded in this commit of the ledger. */
function promotion(recorded: string, given: Partial<Commit> = {}): Commit {
  return {
    oid: oid('c'),
    parents: [],
    tree: oid('d'),
    message: `promote(dev): x\n\nWaybill-Stage: dev\nWaybill-Ledger: ${recorded}\n`,
    author: 'waybill[bot]',
    committedDate: '2026-11-20T12:00:00Z',
    verified: true,
    url: 'https://github.com/o/r/commit/c',
    ...given,
  };
}

/** A ledger with these newest commits. */
function ledgerOf(...oids: readonly string[]): Snapshot['ledger'] {
  return { commits: oids.map((one) => promotion('', { oid: one })), files: new Map() };
}

describe('the ledger, held against what landed', () => {
  const NEVER = () => Promise.reject(new Error('not asked'));

  async function found(
    main: readonly Commit[],
    facts: Parameters<typeof world>[0],
    related: Comparison['status'] | 'unknown' | undefined = undefined,
  ): Promise<readonly string[]> {
    const forge = {
      history: async (commit: string) => (commit === 'head' ? main : related === 'unknown' ? [] : [promotion('')]),
      compare: async () => (related === undefined ? NEVER() : { status: related, files: [] }),
    };
    const { problems } = await preflight({ forge } as unknown as Ports, FACTS, world(facts), PLAN);
    return problems.map(({ code }) => code);
  }

  it.each<[string, readonly Commit[], Snapshot['ledger'], Comparison['status'] | 'unknown' | undefined]>([
    ['nothing landed, and there is no ledger', [], undefined, undefined],
    ['it was recorded in one of the newest commits', [promotion(oid('1'))], ledgerOf(oid('2'), oid('1')), undefined],
    ['it was recorded long ago', [promotion(oid('1'))], ledgerOf(oid('9')), 'ahead'],
    ['only a person says so', [promotion(oid('1'), { author: 'waybill' })], ledgerOf(oid('9')), undefined],
    ['nobody signed it', [promotion(oid('1'), { verified: false })], ledgerOf(oid('9')), undefined],
    ['it names no commit', [promotion('--upload-pack=x')], ledgerOf(oid('9')), undefined],
  ])('is trusted when %s', async (_, main, ledger, related) => {
    expect(await found(main, { ledger }, related)).toEqual([]);
  });

  it.each<[string, Snapshot['ledger'], Comparison['status'] | 'unknown' | undefined]>([
    ['gone', undefined, undefined],
    ['older', ledgerOf(oid('9')), 'behind'],
    ['another', ledgerOf(oid('9')), 'diverged'],
    ['of another repository', ledgerOf(oid('9')), 'unknown'],
  ])('is not trusted when it is %s', async (_, ledger, related) => {
    expect(await found([promotion(oid('1'))], { ledger }, related)).toEqual(['ledger-untrusted']);
  });

  it('asks the newest of them, wherever it was seen', async () => {
    const newer = promotion(oid('2'), { committedDate: '2026-11-20T13:00:00+01:00' });
    const newest = promotion(oid('3'), { committedDate: '2026-11-20T12:30:00Z' });
    const histories = new Map([['dev/api.yaml', [newest]]]);
    expect(await found([newer], { ledger: ledgerOf(oid('2')), histories }, 'behind')).toEqual(['ledger-untrusted']);
    expect(await found([newer], { ledger: ledgerOf(oid('3')), histories })).toEqual([]);
  });
});
