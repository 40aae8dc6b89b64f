import { describe, expect, it } from '@jest/globals';
import {
  type BranchState,
  type Commit,
  type Comparison,
  type Forge,
  gitBlobOid,
  type PullRequest,
  type Snapshot,
  WaybillError,
} from '@waybill/core';
import type { Ports } from './ports.js';
import { type Proposal, propose } from './propose.js';

const OLD = `sha256:${'a'.repeat(64)}`;
const NEW = `sha256:${'b'.repeat(64)}`;
const TEXT = new TextEncoder().encode(`image: ghcr.io/o/api@${OLD}\n`);
const AFTER = new TextEncoder().encode(`image: ghcr.io/o/api@${NEW}\n`);
const FACTS = { ref: 'refs/heads/main', runUrl: 'https://github.com/o/r/actions/runs/1', dryRun: false };

const commit = (oid: string, author = 'waybill[bot]'): Commit => ({
  oid,
  parents: [],
  tree: 't',
  message: '',
  author,
  committedDate: '2026-11-20T00:00:00Z',
  verified: true,
  url: '',
});

const pull = (number: number, facts: Partial<PullRequest> = {}): PullRequest => ({
  id: `P${number}`,
  number,
  url: '',
  state: 'open',
  title: '',
  author: 'waybill[bot]',
  headBranch: 'b',
  headOid: 'made',
  baseBranch: 'main',
  sameRepository: true,
  mergeState: 'clean',
  autoMerge: false,
  autoMergeBy: undefined,
  mergedAt: undefined,
  mergedBy: undefined,
  closedAt: undefined,
  mergeCommit: undefined,
  ...facts,
});

const proposal: Proposal = {
  kind: 'bump',
  files: ['**'],
  targets: async () => [{ repoURL: 'ghcr.io/o/api', tag: 'main', digest: NEW }],
  title: () => 'bump',
  body: () => '',
  autoMerge: true,
};

const oid = gitBlobOid(TEXT);
const planned: Comparison = { status: 'ahead', files: [{ path: 'a.yaml', oid: gitBlobOid(AFTER) }] };
const snapshot: Snapshot = {
  repository: {
    owner: 'o',
    name: 'r',
    url: 'https://github.com/o/r',
    visibility: 'private',
    defaultBranch: 'main',
    autoMergeAllowed: true,
    mergeMethods: ['squash'],
    deletesBranchOnMerge: false,
  },
  viewer: 'waybill[bot]',
  head: commit('head', 'alice'),
  files: new Map(),
  ledger: undefined,
};

/** A forge whose branch of the proposal is in these states, one after the other, the last one for good. */
function world(states: readonly BranchState[], comparison: Comparison = planned) {
  const done: string[] = [];
  const left = [...states];
  const forge: Partial<Forge> = {
    snapshot: async () => snapshot,
    files: async () => [{ path: 'a.yaml', oid, mode: '100644' }],
    blobs: async () => new Map([[oid, TEXT]]),
    branches: async ([name = '']) =>
      new Map([[name, (left.length > 1 ? left.shift() : left[0]) ?? { head: undefined, pullRequests: [] }]]),
    compare: async () => comparison,
    createBranch: async () => {
      done.push('create');
      return 'created';
    },
    commit: async () => {
      done.push('commit');
      return { oid: 'made' };
    },
    deleteBranch: async () => {
      done.push('delete');
    },
    createPullRequest: async () => {
      done.push('open');
      return { number: 1 };
    },
    enableAutoMerge: async () => 'clean',
    merge: async ({ number }, method) => {
      done.push(`${method} ${number}`);
      return { kind: 'merged', oid: 'm' };
    },
  };
  const ports = {
    forge,
    registry: {},
    clock: { now: () => new Date(0), sleep: async () => undefined },
    log: { debug() {}, info() {}, warning() {}, group: (_: string, work: () => unknown) => work() },
    entropy: (count: number) => new Uint8Array(count),
    // Only what `propose` asks for is there.
  } as unknown as Ports;
  return { ports, done };
}

const code = (work: Promise<unknown>) =>
  work.then(
    () => 'done',
    (error: unknown) => (error instanceof WaybillError ? error.code : String(error)),
  );

describe('propose', () => {
  it('merges its own pull request by a method that the repository allows', async () => {
    const { ports, done } = world([
      { head: undefined, pullRequests: [] },
      { head: commit('made'), pullRequests: [pull(1)] },
    ]);
    expect((await propose(ports, FACTS, proposal)).outcome).toBe('opened');
    expect(done).toEqual(['create', 'commit', 'open', 'squash 1', 'delete']);
  });

  it('never takes a fork’s pull request from a branch of the same name for its own', async () => {
    const fork = pull(9, { sameRepository: false, author: 'mallory', headOid: 'evil' });
    const { ports, done } = world([
      { head: commit('made'), pullRequests: [fork, pull(1)] },
      { head: commit('made'), pullRequests: [fork, pull(1)] },
    ]);
    expect((await propose(ports, FACTS, proposal)).outcome).toBe('already-open');
    expect(done).toEqual(['squash 1', 'delete']);
  });

  it.each([
    ['somebody else committed to it', commit('evil', 'bob'), planned],
    ['a person called like the App did', commit('evil', 'waybill'), planned],
    ['it has other changes', commit('made'), { ...planned, files: [{ path: 'b.yaml', oid: 'x' }] }],
    ['it has one file more', commit('made'), { ...planned, files: [...planned.files, { path: 'b.yaml', oid: 'x' }] }],
    ['it is not signed', { ...commit('made'), verified: false }, planned],
  ])('refuses an open pull request when %s', async (_, head, comparison) => {
    const { ports, done } = world([{ head, pullRequests: [pull(1)] }], comparison);
    expect(await code(propose(ports, FACTS, proposal))).toBe('branch-not-ours');
    expect(done).toEqual([]);
  });

  it('does not merge what was pushed to after it looked', async () => {
    const { ports, done } = world([
      { head: commit('made'), pullRequests: [pull(1)] },
      { head: commit('evil', 'bob'), pullRequests: [pull(1, { headOid: 'evil' })] },
    ]);
    expect(await code(propose(ports, FACTS, proposal))).toBe('branch-not-ours');
    expect(done).toEqual([]);
  });

  it.each([
    ['a merged branch that was left behind', 'old', 'behind', ['delete', 'create', 'commit', 'open']],
    ['a branch without its commit', 'head', 'identical', ['create', 'commit', 'open']],
  ] as const)('goes on from %s', async (_, head, status, expected) => {
    const state = { head: commit(head, 'alice'), pullRequests: [pull(1, { state: 'merged' })] };
    const { ports, done } = world([state], { status, files: [] });
    await propose(ports, FACTS, { ...proposal, autoMerge: false });
    expect(done).toEqual(expected);
  });

  it('looks again when another run was first, and gives up when it always is', async () => {
    const { ports, done } = world([{ head: undefined, pullRequests: [] }]);
    const moved = new WaybillError('head-moved', { what: 'moved', remedy: 'Again.' });
    let commits = 0;
    const forge: Forge = {
      ...ports.forge,
      commit: async () => {
        commits += 1;
        throw moved;
      },
    };
    expect(await code(propose({ ...ports, forge }, FACTS, proposal))).toBe('head-moved');
    expect(commits).toBe(4);
    expect(done).not.toContain('open');
  });
});
