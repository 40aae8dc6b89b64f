import {
  type Config,
  type Draft,
  draftConfig,
  type Forge,
  type Inventory,
  type Log,
  loadConfig,
  type Snapshot,
  takeInventory,
  WaybillError,
} from '@waybill/core';
import { CONFIG_FILE } from './load.js';
import { readFiles } from './trees.js';

export interface InventoryRequest {
  /** Globs of the files to look at. */
  readonly files: readonly string[];
  /** Globs over repositories; empty: the configuration's, else a guess. */
  readonly firstParty: readonly string[];
  /** For the draft's first line. */
  readonly schemaUrl?: string;
}

export interface InventoryReport {
  /** The one commit that was read. */
  readonly snapshot: Snapshot;
  readonly inventory: Inventory;
  readonly draft: Draft;
}

/**
 * Takes the inventory of the default branch's head; with its `waybill.yaml` if there is one. Reads only, and needs no
 * registry.
 * @throws WaybillErrors config-invalid, not-supported; WaybillError input-invalid, forge-*, tree-truncated
 */
export async function readInventory(
  ports: { readonly forge: Forge; readonly log: Log },
  request: InventoryRequest,
): Promise<InventoryReport> {
  checkFirstParty(request.firstParty);
  const { forge, log } = ports;
  const snapshot = await forge.snapshot({
    files: [CONFIG_FILE],
    ledgerBranch: 'waybill/ledger',
    ledgerFiles: [],
    ledgerCommits: 1,
  });
  const config = readConfig(snapshot);
  const files = await log.group(`Reading ${request.files.join(', ')} at ${snapshot.head.oid}`, () =>
    readFiles(forge, snapshot.head.oid, request.files),
  );
  const taken = takeInventory({
    files,
    ...(config === undefined ? {} : { config }),
    firstParty: request.firstParty,
    owner: snapshot.repository.owner,
  });
  const { schemaUrl } = request;
  return { snapshot, inventory: taken, draft: draftConfig(taken, schemaUrl === undefined ? {} : { schemaUrl }) };
}

function readConfig(snapshot: Snapshot): Config | undefined {
  const text = snapshot.files.get(CONFIG_FILE);
  return text === undefined ? undefined : loadConfig({ path: CONFIG_FILE, text });
}

/** Without a host a glob would match nothing, and all would look foreign. */
function checkFirstParty(globs: readonly string[]): void {
  const bare = globs.find((glob) => !/^(?:localhost|[^/]*[.:][^/]*)\//.test(glob));
  if (bare === undefined) return;
  throw new WaybillError('input-invalid', {
    what: `\`first-party\` has ${JSON.stringify(bare)}, which names no registry`,
    remedy: 'Start it with the host: ghcr.io/OWNER/*, docker.io/OWNER/*.',
  });
}
