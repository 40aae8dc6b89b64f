import { expect, it } from '@jest/globals';
import type { Forge, PullRequest } from '@waybill/core';
import { run } from '@waybill/engine';
import type { Bed } from '@waybill/testbed';
import {
  errorsOf,
  failed,
  landedInDev,
  mutations,
  OLD,
  onBed,
  openPullInto,
  pinned,
  stageOf,
  succeeded,
  valuesFile,
} from '../e2e/support.js';
import { appToken, forgeOf, headOf, namesake } from './support.js';

const EVIL = `sha256:${'e'.repeat(64)}`;

/** The intent stands in the ledger, and the run died before it made the branch, which anyone can name by now. */
async function dieBeforeTheBranch(bed: Bed): Promise<string> {
  await landedInDev(bed);
  bed.github.faults.push({ match: { method: 'POST', path: /\/git\/refs$/ }, kind: 'error', status: 502, times: 10 });
  failed(await bed.act('promote', { stage: 'staging' }));
  bed.github.faults.clear();
  return `waybill/promote/${(await stageOf(bed, 'staging')).open?.name}`;
}

/** Staging's files with these digests. */
function filesWith(digests: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(digests).map(([service, digest]) => [`env/staging/${service}.yaml`, valuesFile(service, digest)]),
  );
}

/** The branch with one commit of these files, signed by GitHub for the token's holder. */
async function makeBranch(bed: Bed, token: string, branch: string, files: Readonly<Record<string, string>>) {
  const forge = forgeOf(bed, token);
  const expectedHead = await headOf(bed, 'main');
  await forge.createBranch(branch, expectedHead);
  await forge.commit({
    branch,
    expectedHead,
    message: 'promote',
    files: Object.entries(files).map(([path, text]) => ({
      path,
      mode: '100644',
      content: new TextEncoder().encode(text),
    })),
  });
}

/** The run refuses by name, and touches neither the branch nor what was opened from it. */
async function expectRefused(bed: Bed, branch: string, why: string): Promise<void> {
  const head = await headOf(bed, branch);
  bed.github.log.clear();
  const refused = failed(await bed.act('reconcile'));
  expect(refused.outputs['reason-code']).toBe('branch-not-ours');
  expect(errorsOf(refused)).toContain(branch);
  expect(errorsOf(refused)).toContain(why);
  expect(mutations(bed)).toEqual([]);
  expect(await headOf(bed, branch)).toBe(head);
  expect(await pinned(bed, 'staging')).toEqual(OLD);
}

it('goes on with a branch that is there when our identity made it, with the recorded edits', async () => {
  await onBed({}, async (bed) => {
    const branch = await dieBeforeTheBranch(bed);
    await makeBranch(bed, appToken(bed), branch, filesWith(await pinned(bed, 'dev')));
    const head = await headOf(bed, branch);
    succeeded(await bed.act('reconcile'));
    expect(openPullInto(bed, 'staging')).toMatchObject({ headRef: branch, headOid: head });
  });
});

it('does not go on with it when it holds anything else', async () => {
  await onBed({}, async (bed) => {
    const branch = await dieBeforeTheBranch(bed);
    await makeBranch(bed, appToken(bed), branch, filesWith({ ...(await pinned(bed, 'dev')), api: EVIL }));
    await expectRefused(bed, branch, 'not the recorded ones');
  });
});

it.each([
  ['more than the recorded edits', { 'env/production/api.yaml': valuesFile('api', EVIL) }],
  ['a workflow beside them', { 'env/staging/extra.yaml': 'on: push\n' }],
])('does not go on with it when it holds %s', async (_, extra) => {
  await onBed({}, async (bed) => {
    const branch = await dieBeforeTheBranch(bed);
    await makeBranch(bed, appToken(bed), branch, { ...filesWith(await pinned(bed, 'dev')), ...extra });
    await expectRefused(bed, branch, 'not the recorded ones');
  });
});

it('does not go on with the very edits of a person, pushed or signed, whatever the person is called', async () => {
  await onBed({}, async (bed) => {
    const branch = await dieBeforeTheBranch(bed);
    const same = filesWith(await pinned(bed, 'dev'));
    await expect(bed.github.commitAs('bob', bed.repository, branch, same, 'mine')).rejects.toThrow(/rule/i);

    bed.github.removeRuleset(bed.repository, 'Waybill');
    await bed.github.commitAs('bob', bed.repository, branch, same, 'mine');
    await expectRefused(bed, branch, 'is by bob');
    await bed.github.deleteBranch('bob', bed.repository, branch);

    await makeBranch(bed, namesake(bed), branch, same);
    await expectRefused(bed, branch, 'is by waybill');
  });
});

it('does not take the pull request of another, and goes on once that is closed', async () => {
  await onBed({}, async (bed) => {
    const branch = await dieBeforeTheBranch(bed);
    await makeBranch(bed, appToken(bed), branch, filesWith(await pinned(bed, 'dev')));
    const theirs = await bed.github.openPullRequest('bob', bed.repository, { head: branch });
    await expectRefused(bed, branch, `#${theirs.number} from it is by bob`);

    await bed.github.closePullRequest(bed.repository, theirs.number, 'alice');
    succeeded(await bed.act('reconcile'));
    expect(openPullInto(bed, 'staging').author.login).toBe('waybill[bot]');
  });
});

it('does not take its own pull request for landed when it is sent into another branch', async () => {
  await onBed({}, async (bed) => {
    const digests = await landedInDev(bed);
    succeeded(await bed.act('promote', { stage: 'staging' }));
    const pull = openPullInto(bed, 'staging');
    await bed.github.createBranch('bob', bed.repository, 'elsewhere');
    const response = await fetch(`${bed.github.apiUrl}/repos/${bed.repository}/pulls/${pull.number}`, {
      method: 'PATCH',
      headers: { authorization: `Bearer ${bed.github.userToken('bob')}`, 'content-type': 'application/json' },
      body: JSON.stringify({ base: 'elsewhere' }),
    });
    expect(response.status).toBe(200);
    await expectRefused(bed, pull.headRef, 'goes into elsewhere');

    await bed.github.mergePullRequest(bed.repository, pull.number, 'bob');
    succeeded(await bed.act('reconcile'));
    expect((await stageOf(bed, 'staging')).last?.outcome).not.toBe('landed');
    const again = openPullInto(bed, 'staging');
    expect(again).toMatchObject({ headRef: pull.headRef, baseRef: 'main' });
    await bed.github.mergePullRequest(bed.repository, again.number, 'alice');
    succeeded(await bed.act('reconcile'));
    expect(await pinned(bed, 'staging')).toEqual(digests);
  });
});

it('is not told anything by a fork that has a branch of the same name', async () => {
  await onBed({}, async (bed) => {
    const branch = await dieBeforeTheBranch(bed);
    const forge = forgeOf(bed, appToken(bed));
    const theirs: PullRequest = {
      id: 'PR_fork',
      number: 999,
      url: '',
      state: 'merged',
      title: '',
      // As an App that is installed in the fork, too, would be called there.
      author: 'waybill[bot]',
      headBranch: branch,
      headOid: 'e'.repeat(40),
      baseBranch: 'main',
      sameRepository: false,
      mergeState: 'clean',
      autoMerge: false,
      autoMergeBy: undefined,
      mergedAt: '2026-11-20T00:00:00Z',
      mergedBy: 'bob',
      closedAt: '2026-11-20T00:00:00Z',
      mergeCommit: 'e'.repeat(40),
    };
    const outcome = async (pull: PullRequest) => {
      const withPull: Forge = {
        ...forge,
        branches: async (names) => {
          const states = [...(await forge.branches(names))];
          return new Map(
            states.map(([name, state]) => [name, { ...state, pullRequests: [pull, ...state.pullRequests] }]),
          );
        },
      };
      const report = await run(
        { ...quiet(), forge: withPull },
        { ref: 'refs/heads/main', runUrl: '', dryRun: true },
        { discover: false, bump: false },
      );
      return report.notes.map(({ kind }) => kind);
    };
    // The same pull request from this repository is what became of the Promotion.
    expect(await outcome({ ...theirs, sameRepository: true })).toContain('landed');
    expect(await outcome(theirs)).not.toContain('landed');
  });
});

/** Ports of a run that asks no registry. */
function quiet() {
  const log = { debug() {}, info() {}, warning() {}, group: <T>(_: string, work: () => Promise<T>) => work() };
  const clock = { now: () => new Date(), sleep: async () => undefined };
  const registry = { resolve: async () => [], tags: async () => [] };
  return { log, clock, registry, entropy: (count: number) => new Uint8Array(count).fill(7) };
}
