import { run as runPath } from '@waybill/engine';
import { defineAction, runAction } from '@waybill/runtime';
import { connect } from '../../shared/connect.js';
import { pathInputs } from '../../shared/inputs.js';
import { conclude, promotionsOf } from '../../shared/report.js';

export const reconcile = defineAction({
  name: 'reconcile',
  description:
    'Brings a GitOps repository up to date with its registry and its ledger: discovers Freight, auto-promotes it, notices what landed or was closed, and holds what people changed by hand. Idempotent.',
  inputs: pathInputs,
  outputs: {
    promotions: {
      description: 'The Promotions that are on their way, as JSON: `[{name, stage, freight, pullRequest}]`.',
    },
  },
});

/** The whole path with the full intent. */
export function runReconcile(): Promise<void> {
  return runAction(reconcile, async (run) => {
    const { ports, facts } = await connect(run, run.inputs);
    const report = await runPath(ports, facts, { discover: true, bump: true });
    run.output('promotions', promotionsOf(report));
    return conclude(report, facts.dryRun, run.summary);
  });
}
