import { freightAlias, freightId } from '@waybill/core';
import { expectFreight, startGitOps } from './gitops.js';
import { buildContent } from './gitops-content.js';
import { writeHistory } from './history.js';
import { type Benchmark, judged, type Row, type Target } from './row.js';
import { type Traffic, trafficOf } from './traffic.js';

const TICKS: Target = { row: 'ledger bytes', atMost: 1.2, unit: '× of the short history' };
const RECALLS: Target = { row: 'ledger bytes, old Freight', atMost: 1.2, unit: '× of the short history' };
const SHORT = 100;
const LONG = 10_000;
/** Real runs at the end of each history, so that the newest commits, which every run reads, are alike. */
const LAST_RUNS = 7;

/** What the forge is asked, in requests and bytes, as the ledger grows. */
export const ledger: Benchmark = { targets: [TICKS, RECALLS], needs: [], measure };

interface Runs {
  /** Reconciles: one with nothing to do, and one that discovers Freight and promotes it. */
  readonly ticks: Readonly<Record<'idle' | 'discovering', Traffic>>;
  /** Promotions of Freight that the state no longer holds, so that it is looked up in the history. */
  readonly recalls: Readonly<Record<'by ID' | 'by alias', Traffic>>;
}

async function measure(): Promise<readonly Row[]> {
  const short = await runsAfter(SHORT);
  const long = await runsAfter(LONG);
  return [compared(TICKS, short.ticks, long.ticks), compared(RECALLS, short.recalls, long.recalls)];
}

function compared(
  target: Target,
  short: Readonly<Record<string, Traffic>>,
  long: Readonly<Record<string, Traffic>>,
): Row {
  const kinds = Object.entries(short).map(([kind, { bytes }]) => ({
    kind,
    before: bytes,
    after: long[kind]?.bytes ?? Number.NaN,
  }));
  const each = kinds.map(({ kind, before, after }) => `${kind} ${before} and ${after}`).join(', ');
  const note = `bytes read and written with ${SHORT} and ${LONG} Freight in the history: ${each}; the worst counts`;
  return judged(target, Math.max(...kinds.map(({ before, after }) => after / before)), note);
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
    const byAlias = await trafficOf(gitops, () =>
      gitops.promote('local', freightAlias(freightId(buildContent(2)), new Set())),
    );
    return { ticks: { idle, discovering }, recalls: { 'by ID': byId, 'by alias': byAlias } };
  } finally {
    await gitops.close();
  }
}
