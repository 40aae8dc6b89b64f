import { shortId } from '../freight/index.js';
import { type FreightRecord, type LedgerState, stageRecord } from '../ledger/state.js';
import type { World } from '../plan/world.js';
import { newestFirst } from '../stage/availability.js';
import { blocks, code, heading, type LinkTo, linksTo, list, table, timestamp } from './blocks.js';
import { joined, type Markdown, markdown, raw, render } from './markdown.js';

/** The ledger's README: what each Stage has, what is on its way, what is held. Absolute times only, for nobody redraws it. */
export function renderBoard(world: World, state: LedgerState): string {
  const link = linksTo(new URL(world.snapshot.repository.url).origin);
  return `${render(
    blocks([
      heading(1, 'Waybill'),
      markdown`What each Stage of ${world.snapshot.repository.owner}/${world.snapshot.repository.name} has. Written at ${timestamp(world.now.toISOString())}; this branch is the ledger, and only Waybill writes to it.`,
      ...protection(world),
      stages(world, state, link),
      ...holds(world, state),
      heading(2, 'Freight'),
      freight(world, state),
    ]),
  )}\n`;
}

function protection(world: World): readonly Markdown[] {
  const { protection } = world.ledger;
  if (protection.kind === 'protected') return [];
  return [markdown`**The ledger is unprotected**: ${protection.why}. Stages with a floor refuse.`];
}

function stages(world: World, state: LedgerState, link: LinkTo): Markdown {
  const rows = world.config.stages.flatMap((stage) =>
    stage.requestedFreight.map(({ warehouse }) => {
      const record = stageRecord(state, stage.name, warehouse);
      return [
        code(stage.name),
        code(warehouse),
        record.current === undefined ? raw('–') : freightName(state, record.current.freight),
        record.current === undefined ? raw('–') : timestamp(record.current.since),
        record.open === undefined
          ? raw('–')
          : markdown`${freightName(state, record.open.freight)}${pullRequest(world, link, record.open.pullRequest)}`,
        record.hold === undefined ? raw('–') : markdown`held since ${timestamp(record.hold.since)}`,
      ];
    }),
  );
  return table(['Stage', 'Warehouse', 'Freight', 'Since', 'On its way', 'Hold'], rows);
}

function pullRequest(world: World, link: LinkTo, number: number | undefined): Markdown {
  if (number === undefined) return raw('');
  return markdown` ${link(`pull request ${number}`, `${world.snapshot.repository.url}/pull/${number}`)}`;
}

function holds(world: World, state: LedgerState): readonly Markdown[] {
  const lines = world.config.stages.flatMap((stage) =>
    stage.requestedFreight.flatMap(({ warehouse }) => {
      const { hold } = stageRecord(state, stage.name, warehouse);
      if (hold === undefined) return [];
      return hold.kind === 'hand-made'
        ? [markdown`${code(stage.name)}: changed by hand by ${hold.author} in ${code(hold.commit.slice(0, 7))}`]
        : [
            markdown`${code(stage.name)}: ${hold.author} promoted other Freight than the newest (${code(hold.promotion)})`,
          ];
    }),
  );
  if (lines.length === 0) return [];
  return [heading(2, 'Held'), markdown`Promoting the newest Freight lifts a hold.`, list(lines)];
}

function freight(world: World, state: LedgerState): Markdown {
  const records = Object.values(state.freight).sort(newestFirst);
  return table(
    ['Freight', 'Warehouse', 'Discovered', 'Images', 'Verified in'],
    records.map(({ freight: one, verifiedIn }) => [
      markdown`${code(shortId(one.id))} ${one.alias}`,
      code(one.origin.name),
      one.found === undefined ? timestamp(one.discoveredAt) : markdown`found in ${joined(one.found.stages.map(code))}`,
      String(one.images.length),
      verifiedStages(world, verifiedIn),
    ]),
  );
}

function verifiedStages(world: World, verifiedIn: FreightRecord['verifiedIn']): Markdown {
  const names = world.config.stages.map(({ name }) => name).filter((name) => verifiedIn[name] !== undefined);
  return names.length === 0 ? raw('–') : joined(names.map(code));
}

function freightName(state: LedgerState, id: string): Markdown {
  return markdown`${code(shortId(id))} ${state.freight[id]?.freight.alias ?? ''}`;
}
