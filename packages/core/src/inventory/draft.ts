import { loadConfig } from '../config/load-config.js';
import { WaybillErrors } from '../errors.js';
import { visibleLine } from '../report/text.js';
import type { Inventory, InventoryImage, InventoryStage } from './types.js';

const WAREHOUSE = 'platform';
const CHANNEL = 'main';

export interface DraftOptions {
  /** Where the JSON Schema is published; absent: the line that names it is left out. */
  readonly schemaUrl?: string;
}

export type Draft =
  | { readonly kind: 'draft'; readonly text: string }
  /** One sentence without a final full stop. */
  | { readonly kind: 'none'; readonly why: string };

/**
 * A first `waybill.yaml` in the short form (design §4), with comments on what was guessed. It loads as it is: none is
 * given where there is a configuration already, where no Stage or no first-party image was found, or where it would not load.
 */
export function draftConfig(inventory: Inventory, options: DraftOptions = {}): Draft {
  const images = inventory.images.filter((image) => !isLeftOut(image));
  if (inventory.source === 'configuration') return none('There is a configuration already');
  if (inventory.stages.length === 0 || images.length === 0) return none(inventory.guesses.join(' ').replace(/\.$/, ''));
  const lines = [
    ...(options.schemaUrl === undefined ? [] : [`# yaml-language-server: $schema=${visibleLine(options.schemaUrl)}`]),
    ...comments(inventory).map((line) => `# ${visibleLine(line)}`),
    'apiVersion: waybill/v1',
    `firstParty: [${inventory.firstParty.map(quoted).join(', ')}]`,
    'warehouses:',
    `  ${WAREHOUSE}:`,
    '    images:',
    '      strategy: Digest',
    `      constraint: ${CHANNEL}`,
    '      repos:',
    ...images.map(({ repository }) => `        - ${quoted(repository)}`),
    'stages:',
    ...inventory.stages.flatMap(stageLines),
  ];
  return checked(`${lines.join('\n')}\n`);
}

/** Names of folders may be such that no globs tell them apart: only what can be put to work is handed out. */
function checked(text: string): Draft {
  try {
    loadConfig({ path: 'waybill.yaml', text });
    return { kind: 'draft', text };
  } catch (error) {
    if (!(error instanceof WaybillErrors)) throw error;
    return none(error.errors.map(({ what, remedy }) => `${what}. ${remedy}`).join(' '));
  }
}

function none(why: string): Draft {
  return { kind: 'none', why };
}

function stageLines({ name, globs, upstream }: InventoryStage): readonly string[] {
  const from = upstream.length === 0 ? WAREHOUSE : `[${upstream.join(', ')}]`;
  return [
    `  ${name}:`,
    `    from: ${from}`,
    '    promotion: {via: pull-request}',
    '    updates:',
    ...globs.map((glob) => `      - images: ${JSON.stringify(glob)}`),
  ];
}

function comments(inventory: Inventory): readonly string[] {
  return [
    'Drafted from what the files of this repository refer to. Check what was guessed, then remove these lines:',
    ...inventory.guesses.map((line) => `- ${line}`),
    `- Builds push the channel tag ${CHANNEL}: change constraint if they push another.`,
    '- One Warehouse moves all images together; make several where services shall move on their own.',
    ...inventory.images
      .filter(isLeftOut)
      .map(({ repository }) => `- Left out, since no Stage refers to it: ${repository}`),
  ];
}

function isLeftOut({ places }: InventoryImage): boolean {
  return places.every(({ stage }) => stage === undefined);
}

/** Plain where YAML reads the text as it stands, else double-quoted. */
function quoted(text: string): string {
  return /^[a-z][a-z0-9._/-]*$/.test(text) || /^[a-z][a-z0-9._/-]*\/\*{1,2}$/.test(text) ? text : JSON.stringify(text);
}
