import { run as runPath } from '@waybill/engine';
import { defineAction, runAction } from '@waybill/runtime';
import { connect } from '../../shared/connect.js';
import { pathInputs } from '../../shared/inputs.js';
import { conclude } from '../../shared/report.js';

export const discover = defineAction({
  name: 'discover',
  description:
    "Looks at each Warehouse's subscriptions and records what it finds as Freight in the ledger, once. Promotes nothing.",
  inputs: pathInputs,
  outputs: {
    freight: {
      description:
        'The Freight that each Warehouse offers now, as JSON: `{warehouse: {id, alias, images: [{repoURL, tag, digest}]}}`. A Warehouse that misses an image is left out.',
    },
  },
});

/** The path as far as discovery. */
export function runDiscover(): Promise<void> {
  return runAction(discover, async (run) => {
    const { ports, facts } = await connect(run, run.inputs);
    const report = await runPath(ports, facts, { discover: true, bump: false });
    const freight: Record<string, unknown> = {};
    for (const [warehouse, discovery] of report.world.discoveries) {
      const record = discovery.kind === 'freight' ? report.state.freight[discovery.id] : undefined;
      if (record === undefined) continue;
      const { id, alias, images } = record.freight;
      freight[warehouse] = { id, alias, images: images.map(({ repoURL, tag, digest }) => ({ repoURL, tag, digest })) };
    }
    run.output('freight', freight);
    return conclude(report, facts.dryRun, run.summary);
  });
}
