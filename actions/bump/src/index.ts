import { parseReference, WaybillError } from '@waybill/core';
import { propose, run as runPath } from '@waybill/engine';
import { explainUnreadable } from '@waybill/registry';
import { defineAction, flag, lines, type Outcome, type Run, runAction } from '@waybill/runtime';
import { connect } from '../../shared/connect.js';
import { pathInputs } from '../../shared/inputs.js';
import { concludeProposal, imagesOf, proposalBody, targetOf } from '../../shared/proposal.js';
import { conclude, promotionsOf } from '../../shared/report.js';

export const bump = defineAction({
  name: 'bump',
  description:
    'Moves the fast lanes: the newest available Freight into each Stage whose policy auto-promotes. Without waybill.yaml: resolves `images` and pins them in `files`, in one pull request.',
  inputs: {
    images: lines({
      description: 'Without configuration: image references to resolve, one a line (`ghcr.io/o/api:main`).',
    }),
    files: lines({ description: 'Without configuration: globs of the files to write, one a line.' }),
    'auto-merge': flag({
      description: 'Without configuration: merge the pull request by itself once its checks have passed.',
      default: true,
    }),
    ...pathInputs,
  },
  outputs: {
    promotions: {
      description: 'The Promotions that are on their way, as JSON: `[{name, stage, freight, pullRequest}]`.',
    },
    'pull-request': { description: 'Without configuration: the number of the pull request.' },
  },
});

type BumpRun = Run<typeof bump>;

export function runBump(): Promise<void> {
  return runAction(bump, (run) => (isDirect(run) ? bumpDirectly(run) : bumpStages(run)));
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
