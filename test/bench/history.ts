import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import {
  aliasPath,
  freightId,
  freightPath,
  gitBlobOid,
  historyPath,
  LEDGER_BRANCH,
  type LedgerState,
  plan,
  printFreight,
  printState,
  STATE_FILE,
  type World,
} from '@waybill/core';
import { type GitOps, REPOSITORY } from './gitops.js';
import { buildContent } from './gitops-content.js';

/** Between two discoveries: an installation token must outlive them all. */
const STEP_MS = 100;

/**
 * A past of so many discoveries, builds 1 to `count`, planned one by one and printed as the engine prints
 * them. They reach the ledger in one commit that GitHub signs for the App; runs look no further back than a few commits.
 */
export async function writeHistory(gitops: GitOps, count: number): Promise<void> {
  let { world } = await gitops.reconcile();
  const head = await headOf(gitops);
  const files = new Map<string, string>();
  for (let build = 1; build <= count; build++) {
    const state = discovered(world, build, files);
    world = { ...world, now: new Date(world.now.getTime() + STEP_MS), ledger: { ...world.ledger, state } };
    // Connections that end meanwhile must be seen to end.
    if (build % 100 === 0) await setImmediate();
  }
  files.set(STATE_FILE, printState({ ...world.ledger.state, base: head }));
  await commitOnLedger(gitops, head, importTree(gitops.github.gitDirectory(REPOSITORY), head, files));
  gitops.wait(count * STEP_MS);
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
  files.set(aliasPath(record.freight.alias, id), '');
  files.set(historyPath(world.now, Buffer.from(id.slice(0, 8), 'hex')), `${JSON.stringify(entries, null, 2)}\n`);
  return ledger.state;
}

async function headOf(gitops: GitOps): Promise<string> {
  const branches = await gitops.ports.forge.branches([LEDGER_BRANCH]);
  const head = branches.get(LEDGER_BRANCH)?.head;
  if (head === undefined) throw new Error('the first run wrote no ledger');
  return head.oid;
}

/** The tree of a commit with the files added; their blobs come as one pack. */
function importTree(directory: string, parent: string, files: ReadonlyMap<string, string>): string {
  const git = (args: readonly string[], input = '') =>
    execFileSync('git', ['--git-dir', directory, ...args], {
      input,
      encoding: 'utf8',
      env: { ...process.env, GIT_INDEX_FILE: join(directory, 'bench-index') },
    }).trim();
  const blobs = [...files.values()].map((text) => `blob\ndata ${Buffer.byteLength(text)}\n${text}\n`);
  git(['-c', 'core.compression=0', 'fast-import', '--quiet', '--depth=0', '--done'], `${blobs.join('')}done\n`);
  const entries = [...files].map(([path, text]) => `100644 ${gitBlobOid(Buffer.from(text))}\t${path}\n`);
  git(['read-tree', parent]);
  git(['update-index', '--add', '--index-info'], entries.sort((a, b) => (a.slice(48) < b.slice(48) ? -1 : 1)).join(''));
  return git(['write-tree']);
}

/** Through the API, with neither author nor committer: so GitHub signs it. */
async function commitOnLedger(gitops: GitOps, parent: string, tree: string): Promise<void> {
  const body = { message: 'discover platform many times', tree, parents: [parent] };
  const { sha } = await sent(gitops, 'POST', '/git/commits', body);
  await sent(gitops, 'PATCH', `/git/refs/heads/${LEDGER_BRANCH}`, { sha, force: false });
}

async function sent(gitops: GitOps, method: string, route: string, body: object): Promise<{ readonly sha?: string }> {
  const response = await fetch(`${gitops.github.apiUrl}/repos/${REPOSITORY}${route}`, {
    method,
    headers: { authorization: `Bearer ${gitops.token}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${method} ${route}: ${response.status} ${await response.text()}`);
  return (await response.json()) as { readonly sha?: string };
}
