import { type Effect, type Note, promotionBranch, shortId, stageRecord, WaybillErrors } from '@waybill/core';
import type { RunReport } from '@waybill/engine';
import {
  blocks,
  code,
  heading,
  joined,
  type LinkTo,
  linksTo,
  list,
  type Markdown,
  markdown,
  type Outcome,
  raw,
  type Summary,
  table,
  timestamp,
} from '@waybill/runtime';

/** A Promotion as outputs give it. */
export interface PromotionOutput {
  readonly name: string;
  readonly stage: string;
  readonly freight: string;
  readonly pullRequest: number | null;
}

/** What is on its way, for the `promotions` output. */
export function promotionsOf(report: RunReport): readonly PromotionOutput[] {
  return report.world.config.stages.flatMap((stage) =>
    stage.requestedFreight.flatMap(({ warehouse }) => {
      const { open } = stageRecord(report.state, stage.name, warehouse);
      if (open === undefined) return [];
      return [{ name: open.name, stage: stage.name, freight: open.freight, pullRequest: open.pullRequest ?? null }];
    }),
  );
}

/**
 * Writes the summary of a run over the whole path, and says how it ended.
 * @throws WaybillErrors what was refused, after everything else was done and written down
 */
export function conclude(report: RunReport, dryRun: boolean, summary: Summary): Outcome {
  const link = linksTo(new URL(report.world.snapshot.repository.url).origin);
  const planned = report.plans.some((plan) => plan.ledger !== undefined || plan.effects.length > 0);
  summary.lead('Verdict', verdict(report, dryRun, planned));
  summary.add('Stages', blocks([heading(3, 'Stages'), stages(report, link)]));
  // What is as it should be stands in the table already.
  const happened = report.notes
    .filter((note) => note.kind !== 'up-to-date')
    .map((note) => describe(note, report, link));
  if (happened.length > 0) summary.add('What happened', blocks([heading(3, 'What happened'), list(happened)]));
  if (dryRun && planned) summary.add('Plan', blocks([heading(3, 'What a real run would do'), list(steps(report))]));
  if (report.warnings.length > 0) {
    summary.add(
      'Worth knowing',
      blocks([heading(3, 'Worth knowing'), list(report.warnings.map((one) => markdown`${one}`))]),
    );
  }
  const [first, ...rest] = report.refusals;
  if (first !== undefined) throw new WaybillErrors([first, ...rest]);
  if (dryRun) return planned ? { decision: 'planned', reasonCode: 'dry-run' } : unchanged();
  if (report.changed) return { decision: 'done', reasonCode: 'converged' };
  return report.notes.some((note) => note.kind === 'waiting')
    ? { decision: 'waiting', reasonCode: 'waiting' }
    : unchanged();
}

function unchanged(): Outcome {
  return { decision: 'unchanged', reasonCode: 'nothing-new' };
}

function verdict(report: RunReport, dryRun: boolean, planned: boolean): Markdown {
  const { repository, head } = report.world.snapshot;
  const count = (kind: Note['kind']) => report.notes.filter((note) => note.kind === kind).length;
  const facts = [
    counted(count('discovered'), 'new Freight'),
    counted(count('promoting'), count('promoting') === 1 ? 'Promotion' : 'Promotions'),
    counted(count('landed'), 'landed'),
    counted(count('waiting'), 'waiting'),
    counted(count('held'), 'held'),
    counted(report.refusals.length, 'refused'),
  ].filter((fact) => fact !== '');
  const said = facts.length === 0 ? (planned ? 'the ledger is brought up to date' : 'nothing to do') : facts.join(', ');
  return blocks([
    heading(2, `Waybill: ${said}`),
    markdown`${dryRun ? 'Dry run, nothing was written. ' : ''}Configuration of ${code(repository.defaultBranch)} at ${code(head.oid.slice(0, 7))}.`,
  ]);
}

function counted(count: number, what: string): string {
  return count === 0 ? '' : `${count} ${what}`;
}

function stages(report: RunReport, link: LinkTo): Markdown {
  const { world, state } = report;
  const name = (id: string | undefined) =>
    id === undefined ? raw('–') : markdown`${code(shortId(id))} ${state.freight[id]?.freight.alias ?? ''}`;
  return table(
    ['Stage', 'Warehouse', 'Freight', 'Since', 'On its way'],
    world.config.stages.flatMap((stage) =>
      stage.requestedFreight.map(({ warehouse }) => {
        const { current, open, hold } = stageRecord(state, stage.name, warehouse);
        return [
          code(stage.name),
          code(warehouse),
          markdown`${name(current?.freight)}${hold === undefined ? raw('') : raw(' **held**')}`,
          current === undefined ? raw('–') : timestamp(current.since),
          open === undefined ? raw('–') : markdown`${name(open.freight)}${pullRequest(report, link, open.pullRequest)}`,
        ];
      }),
    ),
  );
}

function describe(note: Note, report: RunReport, link: LinkTo): Markdown {
  const subject = [note.stage, note.warehouse].filter((part) => part !== undefined).map(code);
  const freight =
    note.freight === undefined ? raw('') : markdown` ${code(shortId(note.freight.id))} (${note.freight.alias})`;
  return markdown`${joined(subject, raw(' ← '))}${freight} **${note.kind.replaceAll('-', ' ')}**${pullRequest(report, link, note.pullRequest)}: ${note.text}`;
}

function pullRequest(report: RunReport, link: LinkTo, number: number | undefined): Markdown {
  if (number === undefined) return raw('');
  return markdown` ${link(`pull request ${number}`, `${report.world.snapshot.repository.url}/pull/${number}`)}`;
}

/** The effects of the first plan, as a person would say them. */
function steps(report: RunReport): readonly Markdown[] {
  const [plan] = report.plans;
  if (plan === undefined) return [];
  const ledger = plan.ledger === undefined ? [] : [markdown`Write ${plan.ledger.entries.length} entries to the ledger`];
  return [...ledger, ...plan.effects.map(step)];
}

function step(effect: Effect): Markdown {
  switch (effect.kind) {
    case 'create-branch':
      return markdown`Create the branch ${code(effect.branch)}`;
    case 'commit':
      return markdown`Commit ${joined(effect.files.map((file) => code(file.path)))} to ${code(promotionBranch(effect.promotion.name))}`;
    case 'open-pull-request':
      return markdown`Open the pull request “${effect.title}”`;
    case 'merge':
      return markdown`Merge pull request ${effect.pullRequest.number}`;
    case 'disable-auto-merge':
      return markdown`Disarm auto-merge of pull request ${effect.pullRequest.number}`;
    case 'close-pull-request':
      return markdown`Close pull request ${effect.number}`;
    case 'delete-branch':
      return markdown`Delete the branch ${code(effect.branch)}`;
  }
}
