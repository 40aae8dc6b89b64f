import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type Bed, runAnnotations, startBed } from '@waybill/testbed';

const PACKAGE = { name: 'api', digest: `sha256:${'a'.repeat(64)}`, login: 'alice' };

let bed: Bed;
beforeEach(async () => {
  bed = await startBed({ identity: 'app' });
});
afterEach(() => bed.close());

/** `file: event ref conclusion` of each run, in order. */
const runs = () =>
  bed.runner.runs.map(({ workflow, event, conclusion }) => {
    const file = workflow.path.split('/').at(-1);
    return `${file}: ${event.name} ${event.ref} ${conclusion}`;
  });
const messages = () => bed.runner.runs.flatMap(runAnnotations).map(({ message }) => message);

describe('waybill-listen', () => {
  it('turns one push of a multi-platform image into one reconcile on the default branch', async () => {
    await bed.push(1);
    for (const tag of ['', '', 'main'])
      await bed.github.registryPackage({ ...PACKAGE, repository: bed.repository, tag });
    await bed.runner.idle();
    expect(runs().filter((run) => run.startsWith('waybill-reconcile'))).toEqual([
      'waybill-reconcile.yml: repository_dispatch refs/heads/main success',
    ]);
    expect(runs().filter((run) => run.startsWith('waybill-listen') && run.endsWith('success'))).toHaveLength(1);
  });
});

describe('waybill-promote', () => {
  it('loses no request, however many come at once', async () => {
    const requests = ['one', 'two', 'three', 'four'];
    await Promise.all(
      requests.map((stage) => bed.github.dispatchWorkflow('alice', bed.repository, 'waybill-promote.yml', { stage })),
    );
    await bed.runner.idle();
    // Each is answered, with the same refusal: there is no such Stage.
    expect(messages().filter((message) => /There is no Stage "(?:one|two|three|four)"/.test(message))).toHaveLength(4);
    expect(runs().filter((run) => run.endsWith('cancelled'))).toEqual([]);
  });

  it('gives a run on another branch neither the key nor a promotion', async () => {
    await bed.github.createBranch('alice', bed.repository, 'topic');
    await bed.github.dispatchWorkflow('alice', bed.repository, 'waybill-promote.yml', { stage: 'staging' }, 'topic');
    await bed.runner.idle();
    expect(runs()).toEqual(['waybill-promote.yml: workflow_dispatch refs/heads/topic failure']);
    expect(messages()).toContain(
      'Branch "topic" is not allowed to deploy to waybill due to environment protection rules.',
    );
    expect(bed.github.pullRequests(bed.repository)).toEqual([]);
  });
});

describe('the reusable workflows', () => {
  it('say what to do when the environment has no key', async () => {
    bed.github.setEnvironment(bed.repository, { name: 'waybill', branches: ['main'] });
    await bed.reconcile();
    expect(runs()).toEqual(['waybill-reconcile.yml: schedule refs/heads/main failure']);
    expect(messages().join()).toContain('the secret WAYBILL_PRIVATE_KEY is empty');
  });
});
