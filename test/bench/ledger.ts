import { freightAlias, freightId } from '@waybill/core';
import { buildContent, expectFreight, startGitOps } from './gitops.js';
import { writeHistory } from './history.js';
import { type Benchmark, judged, type Row, type Target } from './row.js';
import { type Traffic, trafficOf } from './traffic.js';

const BYTES: Target = { row: 'ledger bytes', atMost: 1.2, unit: '× of the short history' };
const SHORT = 100;
const LONG = 10_000;
/** Real runs at the end of each history, so that the newest commits, which every run reads, are alike. */
const LAST_RUNS = 8;

/** What the forge is asked, in requests and bytes, as the ledger grows. */
export const ledger: Benchmark = { targets: [BYTES], needs: [], measure };

/** By what the run had to do. */
type Runs = Readonly<Record<'idle' | 'discovering' | 'by ID' | 'by alias', Traffic>>;

async function measure(): Promise<readonly Row[]> {
  const short = await runsAfter(SHORT);
  const long = await runsAfter(LONG);
  const kinds = Object.keys(short) as readonly (keyof Runs)[];
  const ratio = (kind: keyof Runs) => long[kind].bytes / short[kind].bytes;
  const each = kinds.map((kind) => `${kind} ${short[kind].bytes} and ${long[kind].bytes}`);
  return [
    judged(
      BYTES,
      Math.max(...kinds.map(ratio)),
      `read and written with ${SHORT} and ${LONG} Freight in the history: ${each.join(', ')}; the worst counts`,
    ),
  ];
}

async function runsAfter(freightCount: number): Promise<Runs> {
  const gitops = await startGitOps();
  try {
    await writeHistory(gitops, freightCount - LAST_RUNS);
    for (let build = freightCount - LAST_RUNS + 1; build <= freightCount; build++) {
      gitops.push(build);
      await gitops.reconcile();
    }
    const idle = await trafficOf(gitops, () => gitops.reconcile());
    gitops.push(freightCount + 1);
    const discovering = await trafficOf(gitops, () => gitops.reconcile());
    await expectFreight(gitops, 'dev', freightCount + 1);
    // Freight that the state has forgotten, into a Stage that takes it from the Warehouse: a rollback.
    const byId = await trafficOf(gitops, () => gitops.promote('local', freightId(buildContent(1))));
    const byAlias = await trafficOf(gitops, () => gitops.promote('local', freightAlias(freightId(buildContent(2)), new Set())));
    return { idle, discovering, 'by ID': byId, 'by alias': byAlias };
  } finally {
    await gitops.close();
  }
}
