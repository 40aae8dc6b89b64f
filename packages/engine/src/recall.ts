import {
  aliasPath,
  type Forge,
  type FreightRecord,
  freightPath,
  type LedgerState,
  parseFreight,
  type Snapshot,
} from '@waybill/core';

/** The state with Freight that was asked for and that the state has forgotten, from its own file. Two requests at most. */
export async function recall(
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
  return record === undefined ? state : { ...state, freight: { ...state.freight, [record.freight.id]: record } };
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
  const folder = await forge.folder(head, 'aliases');
  const file = folder.find((candidate) => candidate.path === aliasPath(alias));
  if (file === undefined) return undefined;
  const id = decode((await forge.blobs([file.oid])).get(file.oid)).trim();
  return /^[0-9a-f]{40}$/.test(id) ? recallById(forge, head, id) : undefined;
}

async function readRecord(forge: Forge, oid: string, path: string): Promise<FreightRecord> {
  const id = path.slice(path.lastIndexOf('/') + 1).replace(/\.json$/, '');
  return parseFreight(id, decode((await forge.blobs([oid])).get(oid)));
}

function decode(bytes: Uint8Array | undefined): string {
  return new TextDecoder().decode(bytes ?? new Uint8Array());
}
