import { type Draft, type Forge, inventoryRows, WaybillError } from '@waybill/core';
import { CONFIG_FILE, type InventoryReport, readInventory } from '@waybill/engine';
import type { Outcome, Run } from '@waybill/runtime';
import type { inventory } from './definition.js';
import { problemOutput, summarize } from './summary.js';
import { writeDraft } from './write-draft.js';

export type InventoryRun = Run<typeof inventory>;

/**
 * Takes the inventory, tells it, and writes the draft if asked to.
 * @throws WaybillError path-refused, tree-ambiguous, input-invalid: nothing was written, and the inventory is told
 */
export async function takeStock(run: InventoryRun, forge: Forge): Promise<Outcome> {
  const { inputs, log } = run;
  const schemaUrl = schemaOf(run);
  const report = await readInventory(
    { forge, log },
    {
      files: inputs.files,
      firstParty: inputs['first-party'],
      ...(schemaUrl === undefined ? {} : { schemaUrl }),
    },
  );
  run.output('inventory', inventoryRows(report.inventory));
  run.output('problems', report.inventory.problems.map(problemOutput));
  if (report.draft.kind === 'draft') run.output('config', report.draft.text);
  summarize(report, run.summary);
  await tell(run, report);
  return inputs.write ? await write(run, report) : { decision: 'done', reasonCode: 'inventory-taken' };
}

/** The log has all of it, however long; the summary may have to leave something out. */
async function tell(run: InventoryRun, { inventory: taken, draft }: InventoryReport): Promise<void> {
  const { log } = run;
  await log.group(`${taken.images.length} first-party images`, async () => {
    for (const row of inventoryRows(taken)) {
      log.info(`${row.image}  ${row.stage ?? '(shared)'}  ${row.file}:${row.line}  ${row.key}`);
    }
  });
  await log.group(`${taken.problems.length} problems`, async () => {
    for (const { kind, text, places } of taken.problems) {
      log.info([`${kind}: ${text}`, ...places.map(({ path, line }) => `  ${path}:${line}`)].join('\n'));
    }
  });
  if (draft.kind === 'draft') await log.group(`Draft of ${CONFIG_FILE}`, async () => log.info(draft.text));
}

async function write(run: InventoryRun, { draft, inventory: taken }: InventoryReport): Promise<Outcome> {
  if (taken.source === 'configuration') throw existing();
  const text = draftText(draft);
  if (run.inputs['dry-run']) return { decision: 'planned', reasonCode: 'dry-run' };
  const outcome = await writeDraft(run.env.GITHUB_WORKSPACE ?? '', CONFIG_FILE, text);
  if (outcome === 'exists') throw existing();
  run.log.info(`Wrote ${CONFIG_FILE}; read it, then commit it.`);
  return { decision: 'done', reasonCode: 'draft-written' };
}

function draftText(draft: Draft): string {
  if (draft.kind === 'draft') return draft.text;
  throw new WaybillError('tree-ambiguous', {
    what: `No ${CONFIG_FILE} can be drafted: ${draft.why}`,
    remedy: 'Name the repositories that are yours in `first-party` and narrow `files`, or write it by hand.',
  });
}

function existing(): WaybillError {
  return new WaybillError('path-refused', {
    what: `There is a ${CONFIG_FILE} already, and inventory overwrites nothing`,
    where: { file: CONFIG_FILE },
    remedy: 'Leave `write` out to take the inventory; remove the file first to have it drafted anew.',
  });
}

/** Where the release of this action publishes the schema; unknown for an action that is used by path. */
function schemaOf({ context }: InventoryRun): string | undefined {
  const { actionRepository, serverUrl } = context;
  if (actionRepository === undefined || serverUrl !== 'https://github.com') return undefined;
  return `https://raw.githubusercontent.com/${actionRepository}/v1/schema/waybill.schema.json`;
}
