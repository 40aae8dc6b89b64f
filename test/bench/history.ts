import {
  aliasPath,
  type FileChange,
  freightId,
  freightPath,
  historyPath,
  LEDGER_BRANCH,
  type LedgerState,
  plan,
  printFreight,
  printState,
  STATE_FILE,
  type World,
} from '@waybill/core';
import { buildContent, type GitOps } from './gitops.js';

/** Discoveries that one commit of the history holds. A run makes a commit each; no reader looks that far back. */
const PER_COMMIT = 500;

/**
 * A past of so many discoveries, builds 1 to `count`: planned one by one, and written to the ledger by the forge as the
 * engine writes them, but many a commit.
 */
export async function writeHistory(gitops: GitOps, count: number): Promise<void> {
  let { world } = await gitops.reconcile();
  let head = await headOf(gitops);
  let files = new Map<string, string>();
  for (let build = 1; build <= count; build++) {
    const state = discovered(world, build, files);
    world = { ...world, now: new Date(world.now.getTime() + 1_000), ledger: { ...world.ledger, state } };
    if (build % PER_COMMIT !== 0 && build !== count) continue;
    files.set(STATE_FILE, printState({ ...state, base: head }));
    const message = `discover platform up to build ${build}`;
    head = (await gitops.ports.forge.commit({ branch: LEDGER_BRANCH, expectedHead: head, message, files: changes(files) })).oid;
    files = new Map();
  }
  gitops.wait(count * 1_000);
}

/** The ledger's state after one more discovery; what it writes besides is added to `files`. */
function discovered(world: World, build: number, files: Map<string, string>): LedgerState {
  const content = buildContent(build);
  const id = freightId(content);
  const discoveries = new Map([[content.origin.name, { kind: 'freight', id, content } as const]]);
  const { ledger } = plan({ ...world, discoveries }, { discover: true, bump: false });
  const record = ledger?.state.freight[id];
  if (ledger === undefined || record === undefined) throw new Error(`build ${build} was not discovered`);
  const entries = {
    version: 1,
    at: world.now.toISOString(),
    actor: world.snapshot.viewer,
    run: 'https://github.com/acme/gitops/actions/runs/1',
    config: world.snapshot.head.oid,
    entries: ledger.entries,
  };
  files.set(freightPath(id), printFreight(record));
  files.set(aliasPath(record.freight.alias), `${id}\n`);
  files.set(historyPath(world.now, Buffer.from(id.slice(0, 8), 'hex')), `${JSON.stringify(entries, null, 2)}\n`);
  return ledger.state;
}

async function headOf(gitops: GitOps): Promise<string> {
  const branches = await gitops.ports.forge.branches([LEDGER_BRANCH]);
  const head = branches.get(LEDGER_BRANCH)?.head;
  if (head === undefined) throw new Error('the first run wrote no ledger');
  return head.oid;
}

function changes(files: ReadonlyMap<string, string>): readonly FileChange[] {
  return [...files].map(([path, text]) => ({ path, mode: '100644', content: new TextEncoder().encode(text) }));
}
