import { run as runPath } from '@waybill/engine';
import type { Outcome, Run } from '@waybill/runtime';
import { connect } from '../../shared/connect.js';
import { conclude } from '../../shared/report.js';
import type { discover } from './definition.js';

/** The path as far as discovery. */
export async function perform(run: Run<typeof discover>): Promise<Outcome> {
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
}
