import {
  ACTIONS_LOGIN,
  type BranchState,
  type BranchView,
  type Commit,
  type Config,
  compareWithFreight,
  type Forge,
  type Intent,
  LEDGER_BRANCH,
  type LedgerProtection,
  type LedgerState,
  type OpenPromotion,
  openPromotions,
  type PromotionView,
  promotionBranch,
  type Snapshot,
  STATE_FILE,
  type StageTree,
  sameActor,
  type WarehouseDiscovery,
  WaybillError,
  type World,
} from '@waybill/core';
import { discoverAll } from './discover.js';
import { readLedger } from './ledger.js';
import { CONFIG_FILE, load, POLICIES_FILE } from './load.js';
import type { Ports } from './ports.js';
import { whyUnprotected } from './protection.js';
import { recallAsked, recallDiscovered } from './recall.js';
import { readTrees, type TreeMemory } from './trees.js';

/** What one run need not ask twice: contents by their hash, and what the registry said when it was asked first. */
export interface Memory {
  readonly trees: TreeMemory;
  discoveries: ReadonlyMap<string, WarehouseDiscovery> | undefined;
}

/** How many of the ledger's newest commits each run checks. */
const LEDGER_COMMITS = 20;
const HISTORY_DEPTH = 10;
/** A change by hand may touch every file of a Stage; a few of them tell whose it is. */
const MOST_HISTORIES = 10;

/** Reads, and only reads, all that a plan is made from. */
export async function observe(ports: Ports, intent: Intent, memory: Memory): Promise<World> {
  const { forge } = ports;
  const { snapshot, known } = await readTrusted(forge);
  const { config, policies } = load(snapshot);
  const open = openPromotions(known);
  const asked = await recallAsked(forge, snapshot, known, intent.promote?.freight);
  const [branches, protection, trees, discoveries] = await Promise.all([
    open.length === 0
      ? new Map<string, BranchState>()
      : forge.branches(open.map((promotion) => promotionBranch(promotion.name))),
    readProtection(ports, snapshot),
    readTrees(forge, snapshot.head.oid, config.stages, memory.trees),
    memory.discoveries ?? (intent.discover ? discoverAll(ports, config, known) : new Map<string, WarehouseDiscovery>()),
  ]);
  memory.discoveries = discoveries;
  const state = await recallDiscovered(forge, snapshot, asked, discoveries);
  return {
    now: ports.clock.now(),
    seed: ports.entropy(32),
    snapshot,
    config,
    policies,
    ledger: { state, head: snapshot.ledger?.commits[0]?.oid, protection },
    discoveries,
    trees,
    branches: await viewPromotions(ports, snapshot, open, branches),
    histories: await readHistories(ports, snapshot, config, state, trees),
  };
}

/**
 * The default branch and the ledger, which is trusted. One query reads a branch's commits and its files one after the
 * other, and another run may write in between: a ledger that does not fit together is looked at once more.
 */
async function readTrusted(forge: Forge): Promise<{ readonly snapshot: Snapshot; readonly known: LedgerState }> {
  for (let looks = 1; ; looks++) {
    const snapshot = await forge.snapshot({
      files: [CONFIG_FILE, POLICIES_FILE],
      ledgerBranch: LEDGER_BRANCH,
      ledgerFiles: [STATE_FILE],
      ledgerCommits: LEDGER_COMMITS,
    });
    try {
      return { snapshot, known: readLedger(snapshot) };
    } catch (error) {
      if (!(error instanceof WaybillError && error.code === 'ledger-untrusted') || looks === 2) throw error;
    }
  }
}

/**
 * GITHUB_TOKEN can't be told from other workflows' tokens and can't bypass a ruleset, so that nothing it writes to is
 * its own. An App's ledger is protected when the rules restrict everyone else.
 */
async function readProtection(ports: Ports, snapshot: Snapshot): Promise<LedgerProtection> {
  if (sameActor(snapshot.viewer, ACTIONS_LOGIN)) {
    return { kind: 'unprotected', why: 'GITHUB_TOKEN is shared by all workflows of the repository' };
  }
  const why = await whyUnprotected(ports.forge, LEDGER_BRANCH);
  return why === undefined ? { kind: 'protected' } : { kind: 'unprotected', why };
}

async function viewPromotions(
  ports: Ports,
  snapshot: Snapshot,
  open: readonly OpenPromotion[],
  branches: ReadonlyMap<string, BranchState>,
): Promise<ReadonlyMap<string, PromotionView>> {
  const views = new Map<string, PromotionView>();
  for (const promotion of open) {
    const state = branches.get(promotionBranch(promotion.name));
    if (state === undefined) continue;
    const why = foreignPull(snapshot, state);
    const branch: BranchView =
      why === undefined ? await viewBranch(ports, snapshot, promotion, state.head) : { kind: 'foreign', why };
    const pullRequest = state.pullRequests.find(
      (pull) =>
        pull.sameRepository &&
        sameActor(pull.author, snapshot.viewer) &&
        pull.baseBranch === snapshot.repository.defaultBranch,
    );
    views.set(promotion.name, { branch, pullRequest });
  }
  return views;
}

/**
 * Why an open pull request from the branch is not ours: by someone else, or into another branch than we open it into.
 * Closed ones are past. A fork may have a branch of the same name; what comes from there is no matter of ours.
 */
function foreignPull({ repository, viewer }: Snapshot, { pullRequests }: BranchState): string | undefined {
  for (const { author, baseBranch, number, sameRepository, state } of pullRequests) {
    if (!sameRepository || state !== 'open') continue;
    if (!sameActor(author, viewer)) return `pull request #${number} from it is by ${author}`;
    if (baseBranch !== repository.defaultBranch) return `pull request #${number} from it goes into ${baseBranch}`;
  }
  return undefined;
}

/** A branch is ours when its one commit is by our identity, on the recorded base, and is the recorded edits to the byte. */
async function viewBranch(
  ports: Ports,
  snapshot: Snapshot,
  promotion: OpenPromotion,
  head: Commit | undefined,
): Promise<BranchView> {
  if (head === undefined) return { kind: 'absent' };
  if (head.oid === promotion.base) return { kind: 'bare' };
  const foreign = (why: string): BranchView => ({ kind: 'foreign', why });
  if (!sameActor(head.author, snapshot.viewer)) return foreign(`its head ${head.oid.slice(0, 7)} is by ${head.author}`);
  if (!head.verified) return foreign(`its head ${head.oid.slice(0, 7)} is not signed by GitHub`);
  if (head.parents.length !== 1 || head.parents[0] !== promotion.base) {
    return foreign(`its head ${head.oid.slice(0, 7)} does not stand on ${promotion.base.slice(0, 7)}`);
  }
  if (head.oid === promotion.head) return { kind: 'ours', oid: head.oid };
  const { files } = await ports.forge.compare(promotion.base, head.oid);
  const made = new Map(files.map((file) => [file.path, file.oid]));
  const asRecorded =
    made.size === promotion.edits.length && promotion.edits.every((edit) => made.get(edit.path) === edit.after);
  return asRecorded ? { kind: 'ours', oid: head.oid } : foreign('its changes are not the recorded ones');
}

/** Who last touched the files that are not what the ledger says they should be. */
async function readHistories(
  ports: Ports,
  snapshot: Snapshot,
  config: Config,
  state: LedgerState,
  trees: ReadonlyMap<string, StageTree>,
): Promise<ReadonlyMap<string, readonly Commit[]>> {
  const paths = new Set<string>();
  for (const [stage, tree] of trees) {
    for (const [name, record] of Object.entries(state.stages[stage] ?? {})) {
      const freight = record.current === undefined ? undefined : state.freight[record.current.freight]?.freight;
      if (freight === undefined || record.hold !== undefined) continue;
      for (const place of compareWithFreight(tree, freight, config.warehouses.get(name)).differing)
        paths.add(place.file.path);
    }
  }
  const entries = await Promise.all(
    [...paths]
      .slice(0, MOST_HISTORIES)
      .map(async (path) => [path, await ports.forge.history(snapshot.head.oid, path, HISTORY_DEPTH)] as const),
  );
  return new Map(entries);
}
