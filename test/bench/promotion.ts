import { expectFreight, startGitOps } from './gitops.js';
import { type Benchmark, judged, type Row, type Target } from './row.js';
import { type Traffic, trafficOf } from './traffic.js';

const REQUESTS: Target = { row: 'promotion requests', atMost: 1.2, unit: '× of the small repository' };
const BYTES: Target = { row: 'promotion bytes', atMost: 1.2, unit: '× of the small repository' };
const MUTATING: Target = { row: 'promotion mutating requests', atMost: 12, unit: 'requests' };
const SMALL = 1_000;
const LARGE = 100_000;

/** One promotion, from what raises it to its landing noted in the ledger, in a small and in a large repository. */
export const promotion: Benchmark = { targets: [REQUESTS, BYTES, MUTATING], needs: [], measure };

interface Promotions {
  /** Automation's: discovered, promoted, merged by auto-merge or at once, and its landing noted, in one run. */
  readonly automatic: Traffic;
  /** A person's: asked for in one run, merged by a person, its landing noted in the next. */
  readonly requested: Traffic;
}

async function measure(): Promise<readonly Row[]> {
  const small = await promotionsIn(SMALL);
  const large = await promotionsIn(LARGE);
  const worst = (of: (traffic: Traffic) => number) =>
    Math.max(of(large.automatic) / of(small.automatic), of(large.requested) / of(small.requested));
  const each = (of: (traffic: Traffic) => number) =>
    `by automation ${of(small.automatic)} and ${of(large.automatic)}, by a person ${of(small.requested)} and ${of(large.requested)}`;
  const where = `${SMALL} and ${LARGE} files, the same Stages`;
  const mutating = (traffic: Traffic) => traffic.mutating;
  const all = [small, large].flatMap(({ automatic, requested }) => [automatic, requested]);
  return [
    judged(
      REQUESTS,
      worst(({ requests }) => requests),
      `${where}: ${each(({ requests }) => requests)}`,
    ),
    judged(
      BYTES,
      worst(({ bytes }) => bytes),
      `${where}: ${each(({ bytes }) => bytes)}`,
    ),
    judged(MUTATING, Math.max(...all.map(mutating)), `the most of: ${each(mutating)}`),
  ];
}

async function promotionsIn(fileCount: number): Promise<Promotions> {
  const gitops = await startGitOps(fileCount);
  try {
    await gitops.reconcile();
    gitops.push(1);
    const automatic = await trafficOf(gitops, () => gitops.reconcile());
    await expectFreight(gitops, 'dev', 1);
    const requested = await trafficOf(gitops, async () => {
      await gitops.promote('staging');
      await gitops.mergeAll();
      await gitops.reconcile();
    });
    await expectFreight(gitops, 'staging', 1);
    return { automatic, requested };
  } finally {
    await gitops.close();
  }
}
