import {
  aliasPath,
  type Forge,
  type FreightRecord,
  freightPath,
  type LedgerState,
  parseFreight,
  type Snapshot,
  type WarehouseDiscovery,
} from '@waybill/core';

/** The state with Freight that was asked for and that the state has forgotten, from its own file. Four requests at most. */
export async function recallAsked(
  forge: Forge,
  snapshot: Snapshot,
  state: LedgerState,
  asked: string | undefined,
): Promise<LedgerState> {
  const head = snapshot.ledger?.commits[0]?.oid;
  const wanted = asked?.toLowerCase() ?? '';
  if (head === undefined || wanted === '' || isLive(state, wanted)) return state;
  const record = /^[0-9a-f]{4,40}$/.test(wanted)
    ? await recallById(forge, head, wanted)
    : /^[a-z]+(-[a-z0-9]+)+$/.test(wanted)
      ? await recallByAlias(forge, head, wanted)
      : undefined;
  return record === undefined ? state : withFreight(state, record);
}

/**
 * The state with discovered Freight that it has forgotten: a tag that points again at what it pointed at long ago is
 * that Freight, with its alias and all it has been through. Asked only for what is new to the state.
 */
export async function recallDiscovered(
  forge: Forge,
  snapshot: Snapshot,
  state: LedgerState,
  discoveries: ReadonlyMap<string, WarehouseDiscovery>,
): Promise<LedgerState> {
  const head = snapshot.ledger?.commits[0]?.oid;
  if (head === undefined) return state;
  let recalled = state;
  for (const discovery of discoveries.values()) {
    if (discovery.kind !== 'freight' || recalled.freight[discovery.id] !== undefined) continue;
    const record = await recallById(forge, head, discovery.id);
    if (record !== undefined) recalled = withFreight(recalled, record);
  }
  return recalled;
}

function withFreight(state: LedgerState, record: FreightRecord): LedgerState {
  return { ...state, freight: { ...state.freight, [record.freight.id]: record } };
}

function isLive(state: LedgerState, wanted: string): boolean {
  return Object.values(state.freight).some(
    ({ freight }) => freight.alias === wanted || (wanted.length >= 4 && freight.id.startsWith(wanted)),
  );
}

async function recallById(forge: Forge, head: string, prefix: string): Promise<FreightRecord | undefined> {
  const folder = freightPath(prefix).split('/').slice(0, 2).join('/');
  const matches = (await forge.folder(head, folder)).filter((file) => file.path.startsWith(`${folder}/${prefix}`));
  const [match, second] = matches;
  // An ambiguous prefix finds nothing here and is refused by name where Freight is chosen.
  return match === undefined || second !== undefined ? undefined : readRecord(forge, match.oid, match.path);
}

async function recallByAlias(forge: Forge, head: string, alias: string): Promise<FreightRecord | undefined> {
  // Two forgotten Freight may bear one alias: then it names neither.
  const [file, second] = await forge.folder(head, aliasPath(alias, '').replace(/\/$/, ''));
  const id = file?.path.slice(aliasPath(alias, '').length);
  if (second !== undefined || id === undefined || !/^[0-9a-f]{40}$/.test(id)) return undefined;
  return recallById(forge, head, id);
}

async function readRecord(forge: Forge, oid: string, path: string): Promise<FreightRecord> {
  const id = path.slice(path.lastIndexOf('/') + 1).replace(/\.json$/, '');
  return parseFreight(id, decode((await forge.blobs([oid])).get(oid)));
}

function decode(bytes: Uint8Array | undefined): string {
  return new TextDecoder().decode(bytes ?? new Uint8Array());
}
