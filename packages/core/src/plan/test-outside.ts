import { gitBlobOid } from '../ledger/blob.js';
import type { HistoryEntry } from '../ledger/history.js';
import { EMPTY_LEDGER, type LedgerState, type OpenPromotion, openPromotions } from '../ledger/state.js';
import type { Commit, PullRequest } from '../ports/forge.js';
import { promotionBranch } from './branch.js';
import { plan } from './plan.js';
import { commit, discovered, type GivenWorld, type Images, NOW, pull, VIEWER, world } from './test-world.js';
import type { BranchView, Effect, Intent, Plan, PromotionView, World } from './world.js';

/** A commit with all the files it has, by path. */
interface Snapshot {
  readonly commit: Commit;
  readonly files: Readonly<Record<string, string>>;
}

export const RECONCILE: Intent = { discover: true, bump: true };

/**
 * What is outside of the planner, as small as it can be and still be true: a repository with branches and pull
 * requests, a registry, a ledger that is written by compare-and-swap, a clock. People act on it through its functions.
 */
export function outside(given: GivenWorld) {
  const commits = new Map<string, Snapshot>();
  const branches = new Map<string, string>();
  const pulls: PullRequest[] = [];
  const history: HistoryEntry[] = [];
  let images: Images | undefined;
  let state: LedgerState = given.state ?? EMPTY_LEDGER;
  let ledgerHead = 0;
  let now = Date.parse(NOW);
  let made = 0;

  const at = () => new Date(now).toISOString();
  const headOf = (branch: string) => commits.get(branches.get(branch) ?? '');
  const main = (): Snapshot => headOf('main') ?? { commit: commit('none'), files: {} };

  function addCommit(branch: string, parents: readonly string[], files: Snapshot['files'], author: string): Commit {
    const one = commit(`c${made++}`, { parents, author, committedDate: at() });
    commits.set(one.oid, { commit: one, files });
    branches.set(branch, one.oid);
    return one;
  }
  addCommit('main', [], given.files ?? {}, 'ada');

  function replacePull(number: number, change: Partial<PullRequest>): void {
    const index = pulls.findIndex((one) => one.number === number);
    const one = pulls[index];
    if (one !== undefined) pulls[index] = { ...one, ...change };
  }

  /** Three ways, line by line; undefined when both sides changed the same. */
  function merged(head: Snapshot): Snapshot['files'] | undefined {
    const base = commits.get(head.commit.parents[0] ?? '')?.files ?? {};
    const files = { ...main().files };
    for (const [path, theirs] of Object.entries(head.files)) {
      const before = base[path];
      if (theirs === before || theirs === files[path]) continue;
      const text = before === undefined ? undefined : mergeLines(before, files[path] ?? '', theirs);
      if (text === undefined) return undefined;
      files[path] = text;
    }
    return files;
  }

  function merge(number: number, by: string): boolean {
    const one = pulls.find((candidate) => candidate.number === number);
    const head = one === undefined ? undefined : headOf(one.headBranch);
    const files = head === undefined ? undefined : merged(head);
    if (one?.state !== 'open' || head === undefined || files === undefined) return false;
    const oid = addCommit('main', [main().commit.oid, head.commit.oid], files, by).oid;
    replacePull(number, { state: 'merged', mergedAt: at(), mergedBy: by, mergeCommit: oid, autoMerge: false });
    return true;
  }

  function close(number: number): void {
    if (pulls.find((one) => one.number === number)?.state !== 'open') return;
    replacePull(number, { state: 'closed', closedAt: at(), autoMerge: false });
  }

  function viewOf(promotion: OpenPromotion): PromotionView {
    const name = promotionBranch(promotion.name);
    const newest = pulls.findLast((one) => one.headBranch === name);
    const head = headOf(name);
    const conflicts = head !== undefined && merged(head) === undefined;
    const pullRequest = newest && { ...newest, mergeState: conflicts ? ('dirty' as const) : newest.mergeState };
    return { branch: viewBranch(promotion, head), pullRequest };
  }

  function viewBranch(promotion: OpenPromotion, head: Snapshot | undefined): BranchView {
    if (head === undefined) return { kind: 'absent' };
    if (head.commit.oid === promotion.base) return { kind: 'bare' };
    if (head.commit.author !== VIEWER) return { kind: 'foreign', why: `its head is by ${head.commit.author}` };
    const base = commits.get(promotion.base)?.files ?? {};
    const changed = Object.keys(head.files).filter((path) => head.files[path] !== base[path]);
    const oid = (path: string) => gitBlobOid(new TextEncoder().encode(head.files[path] ?? ''));
    const isRecorded =
      changed.length === promotion.edits.length && promotion.edits.every((edit) => oid(edit.path) === edit.after);
    return isRecorded ? { kind: 'ours', oid: head.commit.oid } : { kind: 'foreign', why: 'not the recorded edits' };
  }

  /** Newest first, the commits of the default branch that touched the path. */
  function historyOf(path: string): readonly Commit[] {
    const touched: Commit[] = [];
    for (let one: Snapshot | undefined = main(); one !== undefined; ) {
      const parent: Snapshot | undefined = commits.get(one.commit.parents[0] ?? '');
      if (parent?.files[path] !== one.files[path]) {
        const theirs: Snapshot | undefined = commits.get(one.commit.parents[1] ?? '');
        touched.push(theirs !== undefined && theirs.files[path] === one.files[path] ? theirs.commit : one.commit);
      }
      one = parent;
    }
    return touched;
  }

  function observe(): World {
    const { files } = main();
    const open = openPromotions(state);
    return {
      ...world({
        ...given,
        files,
        state,
        now: at(),
        head: main().commit,
        seed: made++ % 256,
        discoveries: images === undefined ? {} : { platform: discovered(images) },
        views: Object.fromEntries(open.map((promotion) => [promotion.name, viewOf(promotion)])),
        histories: Object.fromEntries(Object.keys(files).map((path) => [path, historyOf(path)])),
      }),
      ledger: { state, head: `l${ledgerHead}`, protection: given.protection ?? { kind: 'protected' } },
    };
  }

  /** False when the run stops here, as on a refusal by the forge. */
  function apply(effect: Effect): boolean {
    switch (effect.kind) {
      case 'create-branch':
        if (!branches.has(effect.branch)) branches.set(effect.branch, effect.oid);
        return true;
      case 'commit': {
        const parent = headOf(effect.branch);
        if (parent?.commit.oid !== effect.expectedHead) return false;
        const written = effect.files.map(({ path, content }) => [path, new TextDecoder().decode(content)] as const);
        const files = { ...parent.files, ...Object.fromEntries(written) };
        addCommit(effect.branch, [effect.expectedHead], files, VIEWER);
        return true;
      }
      case 'open-pull-request': {
        if (pulls.some((one) => one.headBranch === effect.branch && one.state === 'open')) return false;
        pulls.push(
          pull(pulls.length + 1, {
            headBranch: effect.branch,
            headOid: branches.get(effect.branch) ?? '',
            title: effect.title,
            mergeState: 'blocked',
          }),
        );
        return true;
      }
      case 'merge': {
        const { number } = effect.pullRequest;
        const isPending = pulls.find((one) => one.number === number)?.mergeState === 'blocked';
        if (isPending && effect.autoMerge) replacePull(number, { autoMerge: true, autoMergeBy: VIEWER });
        else if (!isPending) merge(number, VIEWER);
        return true;
      }
      case 'disable-auto-merge':
        replacePull(effect.pullRequest.number, { autoMerge: false, autoMergeBy: undefined });
        return true;
      case 'close-pull-request':
        close(effect.number);
        return true;
      case 'delete-branch':
        for (const one of pulls) if (one.headBranch === effect.branch) close(one.number);
        branches.delete(effect.branch);
        return true;
    }
  }

  /** Carries out a plan, up to a number of writes; nothing at all when the ledger has moved since it was made. */
  function carryOut(from: World, { ledger, effects }: Plan, writes = Number.POSITIVE_INFINITY): void {
    if (from.ledger.head !== `l${ledgerHead}`) return;
    let left = writes;
    if (ledger !== undefined && left-- > 0) {
      state = ledger.state;
      ledgerHead += 1;
      history.push(...ledger.entries);
    }
    for (const effect of effects) if (left-- <= 0 || !apply(effect)) return;
  }

  /** Observes, plans and applies until there is nothing to do, as a run does. The plans, the last of them empty. */
  function run(intent: Intent = RECONCILE, rounds = 12): readonly Plan[] {
    const plans: Plan[] = [];
    let asked = intent;
    while (plans.length < rounds) {
      const from = observe();
      const next = plan(from, asked);
      plans.push(next);
      if (next.ledger === undefined && next.effects.length === 0) break;
      carryOut(from, next);
      asked = { discover: intent.discover, bump: intent.bump };
    }
    return plans;
  }

  return {
    observe,
    carryOut,
    run,
    merge,
    close,
    state: () => state,
    files: () => main().files,
    pulls: (): readonly PullRequest[] => pulls,
    openPulls: () => pulls.filter((one) => one.state === 'open'),
    branches: () => [...branches.keys()].filter((name) => name !== 'main'),
    history: (): readonly HistoryEntry[] => history,
    push: (pushed: Images) => {
      images = pushed;
    },
    later: (minutes: number) => {
      now += minutes * 60_000;
    },
    edit: (path: string, text: string, author = 'grace') =>
      addCommit('main', [main().commit.oid], { ...main().files, [path]: text }, author),
    editBranch: (branch: string, author: string) =>
      addCommit(branch, [branches.get(branch) ?? ''], headOf(branch)?.files ?? {}, author),
    /** The checks of every open pull request pass; what is armed merges. */
    passChecks: () => {
      for (const { number, autoMerge, state: one } of [...pulls]) {
        if (one !== 'open') continue;
        replacePull(number, { mergeState: 'clean' });
        if (autoMerge) merge(number, VIEWER);
      }
    },
  };
}

export type Outside = ReturnType<typeof outside>;

function mergeLines(base: string, ours: string, theirs: string): string | undefined {
  const [before, mine, other] = [base, ours, theirs].map((text) => text.split('\n'));
  if (before === undefined || mine?.length !== before.length || other?.length !== before.length) {
    return ours === base ? theirs : undefined;
  }
  const lines = before.map((line, index) => {
    if (mine[index] === line || mine[index] === other[index]) return other[index];
    return other[index] === line ? mine[index] : undefined;
  });
  return lines.some((line) => line === undefined) ? undefined : lines.join('\n');
}
