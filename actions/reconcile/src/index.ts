import { run as runPath } from '@waybill/engine';
import type { Outcome, Run } from '@waybill/runtime';
import { connect } from '../../shared/connect.js';
import { conclude, promotionsOf } from '../../shared/report.js';
import type { reconcile } from './definition.js';

/** The whole path with the full intent. */
export async function perform(run: Run<typeof reconcile>): Promise<Outcome> {
  const { ports, facts } = await connect(run, run.inputs);
  const report = await runPath(ports, facts, { discover: true, bump: true });
  run.output('promotions', promotionsOf(report));
  return conclude(report, facts.dryRun, run.summary);
}
