import {
  aliasPath,
  BOARD_FILE,
  EMPTY_LEDGER,
  type FileChange,
  freightPath,
  type HistoryEntry,
  type HistoryFile,
  historyPath,
  LEDGER_BRANCH,
  type LedgerState,
  parseState,
  printFreight,
  printState,
  renderBoard,
  type Snapshot,
  STATE_FILE,
  trustCommits,
  trustState,
  untrusted,
  type World,
} from '@waybill/core';
import type { Ports, RunFacts } from './ports.js';

/**
 * The ledger's state, trusted, or an empty one before the first run.
 * @throws WaybillError ledger-untrusted, ledger-invalid
 */
export function readLedger(snapshot: Snapshot): LedgerState {
  const { ledger, viewer } = snapshot;
  if (ledger === undefined) return EMPTY_LEDGER;
  // Whose it is comes first: what someone else wrote is not even read.
  const head = trustCommits(ledger.commits, viewer);
  const text = ledger.files.get(STATE_FILE);
  if (text === undefined) throw untrusted(`its head ${head.oid} has no ${STATE_FILE}`);
  const state = parseState(text);
  trustState(head, state);
  return state;
}

/**
 * Writes a state and what led to it as one commit on the head that was read.
 * @returns the commit. @throws WaybillError head-moved when another run was first
 */
export async function writeLedger(
  ports: Ports,
  facts: RunFacts,
  world: World,
  next: LedgerState,
  entries: readonly HistoryEntry[],
): Promise<string> {
  const { head } = world.ledger;
  const state: LedgerState = { ...next, base: head ?? null };
  const files = ledgerFiles(ports, facts, world, state, entries);
  const message = ledgerMessage(entries);
  const commit =
    head === undefined
      ? await ports.forge.createOrphan({ branch: LEDGER_BRANCH, message, files })
      : await ports.forge.commit({ branch: LEDGER_BRANCH, expectedHead: head, message, files });
  return commit.oid;
}

function ledgerFiles(
  ports: Ports,
  facts: RunFacts,
  world: World,
  state: LedgerState,
  entries: readonly HistoryEntry[],
): readonly FileChange[] {
  const history: HistoryFile = {
    version: 1,
    at: world.now.toISOString(),
    actor: world.snapshot.viewer,
    run: facts.runUrl,
    config: world.snapshot.head.oid,
    entries,
  };
  const before = world.ledger.state.freight;
  // Freight has its own file from the start, and again with all that is known of it when the state forgets it.
  const written = new Map(
    Object.entries(state.freight).filter(([id, record]) => before[id]?.freight !== record.freight),
  );
  for (const [id, record] of Object.entries(before)) if (state.freight[id] === undefined) written.set(id, record);
  const files: [string, string][] = [
    [STATE_FILE, printState(state)],
    [BOARD_FILE, renderBoard(world, state)],
    ...[...written].map(([id, record]): [string, string] => [freightPath(id), printFreight(record)]),
    ...[...written].map(([id, record]): [string, string] => [aliasPath(record.freight.alias, id), '']),
  ];
  if (entries.length > 0) {
    files.push([historyPath(world.now, ports.entropy(4)), `${JSON.stringify(history, null, 2)}\n`]);
  }
  return files.map(([path, text]) => ({ path, mode: '100644', content: new TextEncoder().encode(text) }));
}

/** One line a person can scan in `git log waybill/ledger`. */
function ledgerMessage(entries: readonly HistoryEntry[]): string {
  const lines = entries.map(describeEntry);
  const [first, ...rest] = lines;
  if (first === undefined) return 'ledger: note what is open';
  return rest.length === 0 ? first : `${first} (+${rest.length})\n\n${lines.map((line) => `- ${line}`).join('\n')}`;
}

function describeEntry(entry: HistoryEntry): string {
  switch (entry.kind) {
    case 'freight-discovered':
      return `discover ${entry.freight.origin.name} ${entry.freight.id.slice(0, 7)} (${entry.freight.alias})`;
    case 'freight-found':
      return `find ${entry.freight.origin.name} ${entry.freight.id.slice(0, 7)} in ${entry.stages.join(', ')}`;
    case 'promotion-requested':
      return `request ${entry.promotion.name}`;
    case 'promotion-ended':
      return `${entry.outcome} ${entry.promotion}`;
    case 'held':
      return `hold ${entry.warehouse} in ${entry.stage}`;
    case 'hold-lifted':
      return `lift the hold of ${entry.warehouse} in ${entry.stage}`;
  }
}
