import { parseReference, WaybillError } from '@waybill/core';
import { propose, run as runPath } from '@waybill/engine';
import { explainUnreadable } from '@waybill/registry';
import type { Outcome, Run } from '@waybill/runtime';
import { connect } from '../../shared/connect.js';
import { concludeProposal, imagesOf, proposalBody, targetOf } from '../../shared/proposal.js';
import { conclude, promotionsOf } from '../../shared/report.js';
import type { bump } from './definition.js';

type BumpRun = Run<typeof bump>;

export async function perform(run: BumpRun): Promise<Outcome> {
  return isDirect(run) ? bumpDirectly(run) : bumpStages(run);
}

async function bumpStages(run: BumpRun): Promise<Outcome> {
  const { ports, facts } = await connect(run, run.inputs);
  const report = await runPath(ports, facts, { discover: true, bump: true });
  run.output('promotions', promotionsOf(report));
  return conclude(report, facts.dryRun, run.summary);
}

async function bumpDirectly(run: BumpRun): Promise<Outcome> {
  const { inputs } = run;
  const { ports, facts } = await connect(run, inputs);
  const references = inputs.images.map((image) => parseReference(image));
  const resolutions = await ports.registry.resolve(references, { labels: true });
  const unreadable = explainUnreadable(resolutions);
  if (unreadable !== undefined) throw unreadable;
  const targets = resolutions.flatMap((resolution) => {
    if (resolution.kind !== 'resolved') return [];
    const { repository, tag } = resolution.image.reference;
    return [targetOf(repository, tag ?? '', resolution.image.digest)];
  });
  const proposed = await propose(ports, facts, {
    kind: 'bump',
    files: inputs.files,
    targets: async () => targets,
    title: (edits) => `bump: ${imagesOf(edits)}`,
    body: (edits) => proposalBody('Pins what the tags point at now.', edits),
    autoMerge: inputs['auto-merge'],
  });
  run.output('pull-request', proposed.pullRequest);
  return concludeProposal(proposed, 'Waybill bump', run.summary);
}

/** @throws WaybillError input-invalid when only one of the two is given */
function isDirect(run: BumpRun): boolean {
  const { images, files } = run.inputs;
  if (images.length === 0 && files.length === 0) return false;
  if (images.length > 0 && files.length > 0) return true;
  throw new WaybillError('input-invalid', {
    what: `\`${images.length > 0 ? 'files' : 'images'}\` is empty and its sibling is not`,
    remedy: 'Give both `images` and `files`, or neither and a waybill.yaml.',
  });
}
