import { freightId } from '@waybill/core';
import { expectFreight, REPOSITORY, startGitOps } from './gitops.js';
import { buildContent } from './gitops-content.js';
import { type Benchmark, judged, type Row, type Target } from './row.js';
import { type Traffic, trafficOf } from './traffic.js';

const NOTHING: Target = { row: 'idle tick', atMost: 8, unit: 'forge requests' };
const WAITING: Target = { row: 'idle tick, open pull requests', atMost: 8, unit: 'forge requests' };

/** A reconcile that finds nothing to do: with nothing under way, and with a pull request to every Stage waiting for people. */
export const idle: Benchmark = { targets: [NOTHING, WAITING], needs: [], measure };

async function measure(): Promise<readonly Row[]> {
  const gitops = await startGitOps();
  const tick = async () => {
    await gitops.reconcile();
    const traffic = await trafficOf(gitops, () => gitops.reconcile());
    if (traffic.mutating > 0) throw new Error('a tick with nothing to do wrote something');
    return traffic;
  };
  try {
    await gitops.reconcile();
    gitops.push(1);
    await gitops.reconcile();
    await gitops.promote('staging');
    await gitops.mergeAll();
    const nothing = await tick();
    await expectFreight(gitops, 'staging', 1);
    gitops.push(2);
    await gitops.reconcile();
    for (const stage of ['production', 'staging', 'local']) await gitops.promote(stage);
    await gitops.promote('dev', freightId(buildContent(1)));
    const waiting = await tick();
    const open = gitops.github.pullRequests(REPOSITORY).filter(({ state }) => state === 'open').length;
    return [
      judged(NOTHING, nothing.requests, `4 Stages, no pull request open: ${describe(nothing)}`),
      judged(WAITING, waiting.requests, `4 Stages, ${open} pull requests waiting for a person: ${describe(waiting)}`),
    ];
  } finally {
    await gitops.close();
  }
}

function describe({ log }: Traffic): string {
  return log
    .map(({ kind, operations, method, route }) => (kind === 'graphql' ? operations.join(' ') : `${method} ${route}`))
    .join(', ');
}
