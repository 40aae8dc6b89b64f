import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { type Bed, startBed, type WorkflowRun } from '@waybill/testbed';
import { freightWith, ledger, openPullInto, pinned, pullsInto, pushImages, stageOf } from '../e2e/support.js';
import { expectAsDescribed, runsOf, told, withStarters } from '../e2e/workflows/support.js';

/*
 * Threat row 9: a promote run can be run again for 30 days, with its old inputs and its first `github.actor`. The ledger
 * takes a run's request once. The guard off is the same inputs in a run of its own, whose ID the ledger has not seen:
 * they promote the old Freight, a silent downgrade.
 * https://docs.github.com/en/actions/how-tos/manage-workflow-runs/re-run-workflows-and-jobs
 */

let bed: Bed;
let oldRun: WorkflowRun;
let oldFreight: string;
beforeAll(async () => {
  bed = await startBed({ identity: 'app', files: withStarters() });
  for (const generation of [2, 3]) {
    const digests = await pushImages(bed, generation);
    await bed.reconcile();
    const { id } = await freightWith(bed, digests.api);
    const run = await bed.promote('alice', { stage: 'staging', freight: id });
    if (generation === 2) [oldRun, oldFreight] = [run, id];
    const { number } = openPullInto(bed, 'staging');
    await runsOf(bed, () => bed.github.mergePullRequest(bed.repository, number, 'bob'));
  }
});
afterAll(() => bed.close());
afterEach(() => expectAsDescribed(bed));

const rerun = (run: WorkflowRun, login: string) => runsOf(bed, async () => bed.runner.rerun(run.id, login));

describe('row 9: an old promote run, run again', () => {
  it('downgrades where the ledger does not know the run', async () => {
    const run = await bed.promote('bob', { stage: 'staging', freight: oldFreight });
    expect(run.conclusion).toBe('success');
    const pull = openPullInto(bed, 'staging');
    expect((await stageOf(bed, 'staging')).open?.freight).toBe(oldFreight);
    await bed.github.closePullRequest(bed.repository, pull.number, 'alice');
    await bed.reconcile();
  });

  it('promotes nothing a second time, whoever runs it', async () => {
    const [pulls, before, state] = [pullsInto(bed, 'staging').length, await pinned(bed, 'staging'), await ledger(bed)];
    for (const login of ['alice', 'bob']) {
      const [again] = await rerun(oldRun, login);
      expect([again?.id, again?.actor, again?.triggeringActor, again?.conclusion]).toEqual([
        oldRun.id,
        'alice',
        login,
        'success',
      ]);
      expect(
        again?.jobs.map(({ outputs }) => outputs.promotion).filter((name) => name !== undefined && name !== ''),
      ).toEqual([]);
    }
    expect(pullsInto(bed, 'staging')).toHaveLength(pulls);
    expect(await pinned(bed, 'staging')).toEqual(before);
    expect(await ledger(bed)).toEqual(state);
  });

  it('finishes what an attempt before it left unfinished, once, for the one who asked', async () => {
    const pulls = pullsInto(bed, 'staging').length;
    const digests = await pushImages(bed, 4);
    await bed.reconcile();
    const { id } = await freightWith(bed, digests.api);
    bed.github.faults.push({
      match: { method: 'POST', path: /\/pulls$/ },
      kind: 'error',
      status: 422,
      body: { message: 'no' },
    });
    const failed = await bed.promote('alice', { stage: 'staging', freight: id });
    expect(failed.conclusion).toBe('failure');
    expect(pullsInto(bed, 'staging')).toHaveLength(pulls);

    expect(told(await rerun(failed, 'bob'))).toEqual(['waybill-promote: workflow_dispatch refs/heads/main success']);
    expect(pullsInto(bed, 'staging')).toHaveLength(pulls + 1);
    const pull = openPullInto(bed, 'staging');
    expect(pull.body).toContain('alice');
    expect(pull.body).not.toContain('bob');
    await rerun(failed, 'bob');
    expect(pullsInto(bed, 'staging')).toHaveLength(pulls + 1);
  });

  it('asks in the name of the one who runs it again, when the first attempt asked for nothing', async () => {
    const digests = await pushImages(bed, 5);
    await bed.reconcile();
    const { id } = await freightWith(bed, digests.api);
    const errors = [{ type: 'FORBIDDEN', path: ['repository'], message: 'Resource not accessible by integration' }];
    const body = { data: null, errors };
    bed.github.faults.push({ match: { graphql: /query Snapshot/ }, kind: 'error', status: 200, body });
    const failed = await bed.promote('alice', { stage: 'staging', freight: id });
    expect(failed.conclusion).toBe('failure');
    const taken = Object.keys((await ledger(bed)).requests);
    expect(taken.filter((name) => name.startsWith(`${failed.id}.`))).toEqual([]);

    const [again] = await rerun(failed, 'bob');
    expect([again?.actor, again?.triggeringActor, again?.conclusion]).toEqual(['alice', 'bob', 'success']);
    const pull = openPullInto(bed, 'staging');
    expect(pull.body).toContain('bob');
    expect(pull.body).not.toContain('alice');
  });
});
