import { createHash } from 'node:crypto';
import {
  type BranchState,
  type Commit,
  commitMessage,
  type ImageTarget,
  imageEdits,
  type PullRequest,
  type Snapshot,
  type StageEdits,
  type StageFile,
  sameActor,
  WaybillError,
  WaybillErrors,
} from '@waybill/core';
import type { Ports, RunFacts } from './ports.js';
import { readFiles } from './trees.js';

/** A change of pinned images without configuration and without a ledger: edits, a branch, a pull request. */
export interface Proposal {
  /** Names the branch: `waybill/<kind>/<what it changes>`. */
  readonly kind: 'bump' | 'copy';
  /** Globs of the files to write. */
  readonly files: readonly string[];
  /** What to write, once the files that are there are known. */
  readonly targets: (
    read: (globs: readonly string[]) => Promise<readonly StageFile[]>,
  ) => Promise<readonly ImageTarget[]>;
  readonly title: (edits: StageEdits) => string;
  readonly body: (edits: StageEdits, snapshot: Snapshot) => string;
  readonly autoMerge: boolean;
}

export interface Proposed {
  readonly snapshot: Snapshot;
  readonly edits: StageEdits;
  readonly outcome: 'unchanged' | 'planned' | 'opened' | 'already-open';
  readonly branch: string;
  readonly pullRequest: number | undefined;
}

/**
 * Makes one pull request with all of the edits, or finds the one that an earlier run made. The branch is named by
 * what it changes, so that the same change is never proposed twice.
 * @throws WaybillErrors edit-unsafe, with nothing written; WaybillError input-invalid, wrong-ref, branch-not-ours, forge-*
 */
export async function propose(ports: Ports, facts: RunFacts, proposal: Proposal): Promise<Proposed> {
  for (let tries = 1; ; tries++) {
    try {
      return await proposeOnce(ports, facts, proposal);
    } catch (error) {
      const isMoved = error instanceof WaybillError && error.code === 'head-moved';
      if (!isMoved || tries >= MOST_TRIES) throw error;
      ports.log.info(`${error.what}: planning again`);
    }
  }
}

/** Runs that race for the same change find each other's branch; past this something else is the matter. */
const MOST_TRIES = 4;

async function proposeOnce(ports: Ports, facts: RunFacts, proposal: Proposal): Promise<Proposed> {
  const { forge, log } = ports;
  const snapshot = await forge.snapshot({
    files: [],
    ledgerBranch: 'waybill/ledger',
    ledgerFiles: [],
    ledgerCommits: 1,
  });
  const read = async (globs: readonly string[]) => {
    const files = await readFiles(forge, snapshot.head.oid, globs);
    if (files.length === 0) throw nothingThere(globs, snapshot);
    return files;
  };
  const targets = await proposal.targets(read);
  const edits = imageEdits(await read(proposal.files), targets);
  if (edits.kind === 'refused') throw new WaybillErrors(edits.refusals);
  const branch = branchOf(proposal.kind, edits);
  const result = { snapshot, edits, branch } as const;
  if (edits.edits.length === 0) return { ...result, outcome: 'unchanged', pullRequest: undefined };
  if (facts.dryRun) return { ...result, outcome: 'planned', pullRequest: undefined };
  checkRef(facts, snapshot);

  const state = (await forge.branches([branch])).get(branch);
  const open = openPullRequest(state, snapshot, branch);
  const found = open === undefined ? await unlessLeftover(ports, snapshot, branch, state?.head) : state?.head;
  const message = commitMessage(proposal.title(edits), [], []);
  const head = await committed(ports, snapshot, branch, found, { edits, message });
  const pullRequest =
    open?.number ??
    (
      await forge.createPullRequest({
        head: branch,
        base: snapshot.repository.defaultBranch,
        title: proposal.title(edits),
        body: proposal.body(edits, snapshot),
      })
    ).number;
  log.info(`Pull request #${pullRequest}: ${proposal.title(edits)}`);
  if (proposal.autoMerge) await mergeByItself(ports, snapshot, branch, { number: pullRequest, head });
  return { ...result, outcome: open === undefined ? 'opened' : 'already-open', pullRequest };
}

/** The branch's head, unless all its commits are on the default branch already: then the branch is deleted. */
async function unlessLeftover(
  ports: Ports,
  snapshot: Snapshot,
  branch: string,
  head: Commit | undefined,
): Promise<Commit | undefined> {
  // Of a run that died before its commit, which can be made now.
  if (head === undefined || head.oid === snapshot.head.oid) return undefined;
  const { status } = await ports.forge.compare(snapshot.head.oid, head.oid);
  if (status !== 'behind' && status !== 'identical') return head;
  // Of a pull request that merged. The same change may be made again.
  await ports.forge.deleteBranch(branch);
  return undefined;
}

/** The commit with the edits: made here, or found and held against what is planned. */
async function committed(
  ports: Ports,
  snapshot: Snapshot,
  branch: string,
  head: Commit | undefined,
  wanted: { readonly edits: StageEdits; readonly message: string },
): Promise<string> {
  if (head !== undefined) {
    await checkBranch(ports, snapshot, branch, head, wanted.edits);
    return head.oid;
  }
  const expectedHead = snapshot.head.oid;
  await ports.forge.createBranch(branch, expectedHead);
  return (await ports.forge.commit({ branch, expectedHead, message: wanted.message, files: wanted.edits.files })).oid;
}

function branchOf(kind: Proposal['kind'], edits: StageEdits): string {
  const hash = createHash('sha256');
  for (const edit of edits.edits) hash.update(`${edit.path}\0${edit.before}\0${edit.after}\n`);
  return `waybill/${kind}/${hash.digest('hex').slice(0, 12)}`;
}

function nothingThere(globs: readonly string[], snapshot: Snapshot): WaybillError {
  return new WaybillError('input-invalid', {
    what: `No YAML file of ${snapshot.repository.defaultBranch} matches ${globs.join(', ')}`,
    remedy: 'Write globs from the root of the repository, like `values/dev/**`.',
  });
}

function checkRef(facts: RunFacts, snapshot: Snapshot): void {
  const { defaultBranch } = snapshot.repository;
  if (facts.ref === `refs/heads/${defaultBranch}`) return;
  throw new WaybillError('wrong-ref', {
    what: `This run is on ${facts.ref}, and Waybill writes only from ${defaultBranch}`,
    remedy: `Run the workflow on ${defaultBranch}, or with \`dry-run: true\`.`,
  });
}

/** The one into the default branch. Forks may have a branch of the same name; what they open is none of ours. */
function openPullRequest(state: BranchState | undefined, snapshot: Snapshot, branch: string): PullRequest | undefined {
  const open = state?.pullRequests.find(
    (pull) => pull.state === 'open' && pull.sameRepository && pull.baseBranch === snapshot.repository.defaultBranch,
  );
  if (open !== undefined && !sameActor(open.author, snapshot.viewer)) {
    throw notOurs(branch, `pull request #${open.number} from it is by ${open.author}`);
  }
  return open;
}

async function checkBranch(
  ports: Ports,
  snapshot: Snapshot,
  branch: string,
  head: Commit,
  edits: StageEdits,
): Promise<void> {
  if (!sameActor(head.author, snapshot.viewer) || !head.verified)
    throw notOurs(branch, `its head is by ${head.author}`);
  const { files } = await ports.forge.compare(snapshot.head.oid, head.oid);
  const made = new Map(files.map((file) => [file.path, file.oid]));
  const isSame = made.size === edits.edits.length && edits.edits.every((edit) => made.get(edit.path) === edit.after);
  if (!isSame) throw notOurs(branch, 'its changes are not the planned ones');
}

function notOurs(branch: string, why: string): WaybillError {
  return new WaybillError('branch-not-ours', {
    what: `${branch} is not Waybill's: ${why}`,
    remedy: 'Find out who made it and delete it, then run again. Waybill neither adopts nor overwrites it.',
  });
}

const MERGE_TRIES = 5;

/** Auto-merge, or a merge of the expected head where nothing is pending; the forge takes a moment to know which. */
async function mergeByItself(
  ports: Ports,
  snapshot: Snapshot,
  branch: string,
  { number, head }: { readonly number: number; readonly head: string },
): Promise<void> {
  const [first = 'merge'] = snapshot.repository.mergeMethods;
  const method = snapshot.repository.mergeMethods.includes('merge') ? 'merge' : first;
  for (let tries = 1; tries <= MERGE_TRIES; tries++) {
    const pulls = (await ports.forge.branches([branch])).get(branch)?.pullRequests ?? [];
    const pull = pulls.find((one) => one.number === number && one.sameRepository);
    if (pull === undefined || pull.state !== 'open' || pull.autoMerge) return;
    if (pull.headOid !== head) throw notOurs(branch, `somebody pushed ${pull.headOid.slice(0, 7)} to it`);
    if ((await ports.forge.enableAutoMerge(pull, method)) === 'armed') return;
    const outcome = await ports.forge.merge(pull, method);
    if (outcome.kind === 'merged') {
      await ports.forge.deleteBranch(branch);
      return;
    }
    ports.log.info(`GitHub does not merge pull request #${pull.number} yet: ${outcome.why}`);
    await ports.clock.sleep(1_000);
  }
}
