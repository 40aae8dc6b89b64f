import {
  availability,
  freightOf,
  globMatch,
  type ImageTarget,
  type StageFile,
  shortId,
  stageNamed,
  stageRecord,
  WaybillError,
} from '@waybill/core';
import { propose, type RunReport, run as runPath } from '@waybill/engine';
import {
  blocks,
  code,
  heading,
  longTable,
  type Markdown,
  markdown,
  type Outcome,
  type Run,
  raw,
} from '@waybill/runtime';
import { connect } from '../../shared/connect.js';
import { concludeProposal, imagesOf, proposalBody, targetOf } from '../../shared/proposal.js';
import { conclude, promotionsOf } from '../../shared/report.js';
import type { promote } from './definition.js';

type PromoteRun = Run<typeof promote>;

export async function perform(run: PromoteRun): Promise<Outcome> {
  return isCopy(run) ? copyDigests(run) : promoteFreight(run);
}

async function promoteFreight(run: PromoteRun): Promise<Outcome> {
  const { inputs, context } = run;
  const { stage, freight, warehouse, reason } = inputs;
  if (stage === undefined) {
    throw new WaybillError('input-invalid', {
      what: 'No `stage` was given',
      remedy:
        'Name the Stage to promote into; or give `from`, `to` and `first-party` to copy digests without configuration.',
    });
  }
  const { ports, facts } = await connect(run, inputs);
  // A run may ask for several things; started again, it asks for the same.
  const id = [context.runId, stage, warehouse, freight].filter((part) => part !== undefined).join('.');
  const report = await runPath(ports, facts, {
    discover: false,
    bump: false,
    promote: {
      id,
      stage,
      freight: freight ?? '',
      requester: { kind: 'person', login: context.triggeringActor },
      ...(warehouse === undefined ? {} : { warehouse }),
      ...(reason === undefined ? {} : { reason }),
    },
  });
  const promotion = promotionsOf(report).find((one) => one.name === report.state.requests[id]);
  run.output('promotion', promotion?.name);
  run.output('freight', promotion?.freight);
  run.output('pull-request', promotion?.pullRequest ?? undefined);
  run.summary.add('Freight', candidates(report, stage));
  return conclude(report, facts.dryRun, run.summary);
}

/** What the Stage could have, newest first, and why or why not. */
function candidates(report: RunReport, name: string): Markdown {
  const { world, state } = report;
  const stage = stageNamed(world.config, name);
  if (stage === undefined) return raw('');
  const rows = stage.requestedFreight
    .flatMap(({ warehouse }) => freightOf(state, warehouse))
    .map((record) => {
      const { available, why } = availability(record, stage, state, world.now);
      const isCurrent = stageRecord(state, name, record.freight.origin.name).current?.freight === record.freight.id;
      return [
        markdown`${code(shortId(record.freight.id))} ${record.freight.alias}`,
        available ? raw('yes') : raw('no'),
        isCurrent ? markdown`${why}; ${name} has it` : why,
      ];
    });
  return blocks([
    heading(3, markdown`Freight for ${code(name)}`),
    longTable(['Freight', 'Available', 'Why'], rows, 20),
  ]);
}

async function copyDigests(run: PromoteRun): Promise<Outcome> {
  const { inputs } = run;
  const { ports, facts } = await connect(run, inputs);
  const proposed = await propose(ports, facts, {
    kind: 'copy',
    files: inputs.to,
    targets: async (read) => digestsIn(await read(inputs.from), inputs['first-party']),
    title: (edits) => `promote: ${imagesOf(edits)} from ${inputs.from.join(', ')} to ${inputs.to.join(', ')}`,
    body: (edits) =>
      proposalBody(`Copies the exact digests that stand in ${inputs.from.join(', ')}; no tag is resolved.`, edits),
    autoMerge: false,
  });
  run.output('pull-request', proposed.pullRequest);
  return concludeProposal(proposed, 'Waybill promote', run.summary);
}

/** The one digest of each first-party image. @throws WaybillError tree-ambiguous when there are two, or none is pinned; input-invalid when there is no image */
function digestsIn(files: readonly StageFile[], firstParty: readonly string[]): readonly ImageTarget[] {
  const found = new Map<string, { readonly target: ImageTarget; readonly at: string }>();
  for (const file of files) {
    for (const site of file.scan.references) {
      const { repository, digest } = site;
      if (repository === undefined || !firstParty.some((glob) => globMatch(glob, repository))) continue;
      const at = `${file.path}:${site.line}`;
      if (digest === undefined) throw ambiguous(repository, file.path, site.line, 'it is not pinned to a digest');
      const before = found.get(repository);
      if (before !== undefined && before.target.digest !== digest) {
        throw ambiguous(repository, file.path, site.line, `${before.at} has another digest`);
      }
      // Of several places with this digest, one that says the tag knows most.
      if (before === undefined || before.target.tag === '') {
        found.set(repository, { target: targetOf(repository, site.tag ?? '', digest), at });
      }
    }
  }
  if (found.size === 0) throw nothingOurs(firstParty);
  return [...found.values()].map(({ target }) => target);
}

function nothingOurs(firstParty: readonly string[]): WaybillError {
  return new WaybillError('input-invalid', {
    what: `No image in the files of \`from\` matches \`first-party\`: ${firstParty.join(', ')}`,
    remedy: 'Start each glob with the registry, like `ghcr.io/my-org/*`, and correct `from`.',
  });
}

function ambiguous(image: string, file: string, line: number, why: string): WaybillError {
  return new WaybillError('tree-ambiguous', {
    what: `Which digest to copy cannot be told: ${why}`,
    where: { file, line, image },
    remedy: 'Bring the files of `from` to one digest first. Nothing was written.',
  });
}

/** @throws WaybillError input-invalid when some of the three are given and some are not */
function isCopy(run: PromoteRun): boolean {
  const given = (['from', 'to', 'first-party'] as const).filter((name) => run.inputs[name].length > 0);
  if (given.length === 0) return false;
  if (given.length === 3) return true;
  throw new WaybillError('input-invalid', {
    what: `Of \`from\`, \`to\` and \`first-party\` only ${given.map((name) => `\`${name}\``).join(' and ')} is given`,
    remedy: 'Give all three to copy digests, or none and a waybill.yaml.',
  });
}
