import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { type Bed, runSummaries, startBed } from '@waybill/testbed';
import { openPullInto, pinned, pushImages, succeeded, valuesFile } from '../support.js';
import { expectAsDescribed, runsOf, told, withStarters } from './support.js';

/** One repository through its life; each test goes on where the one before ended. */
let bed: Bed;
beforeAll(async () => {
  bed = await startBed({ identity: 'app', files: withStarters() });
});
afterAll(() => bed.close());
afterEach(() => expectAsDescribed(bed));

const ledgerHead = async () => (await bed.github.branches(bed.repository))['waybill/ledger'];
/** A merge of its own pull request is a push, which starts a reconcile that finds the landing. */
const MERGED = 'waybill-reconcile: push refs/heads/main success';

describe('what starts a reconcile', () => {
  it('a schedule', async () => {
    const digests = await pushImages(bed, 2);
    const runs = await bed.reconcile();
    expect(told(runs)).toEqual(['waybill-reconcile: schedule refs/heads/main success', MERGED]);
    expect(await pinned(bed, 'dev')).toEqual(digests);
    expect(bed.github.pullRequests(bed.repository)[0]?.author.login).toBe('waybill[bot]');
  });

  it('repository_dispatch, whatever it carries', async () => {
    const digests = await pushImages(bed, 3);
    const payload = {
      waybill: { v: 1, image: 'ghcr.io/ameideio/api', tag: 'main', digest: `sha256:${'e'.repeat(64)}` },
    };
    const runs = await runsOf(bed, () => bed.github.dispatchRepository('bob', bed.repository, 'waybill', payload));
    expect(told(runs)).toEqual(['waybill-reconcile: repository_dispatch refs/heads/main success', MERGED]);
    expect(await pinned(bed, 'dev')).toEqual(digests);
    expect(await runsOf(bed, () => bed.github.dispatchRepository('bob', bed.repository, 'other'))).toEqual([]);
  });

  it('a push of a package, once for all its manifests, on the default branch', async () => {
    const digests = await pushImages(bed, 4);
    await bed.github.createBranch('alice', bed.repository, 'topic');
    const pushed = { repository: bed.repository, name: 'api', login: 'alice', ref: 'refs/heads/topic' };
    const runs = await runsOf(bed, async () => {
      for (const [tag, letter] of [
        ['', 'a'],
        ['', 'b'],
        ['main', 'c'],
      ] as const) {
        await bed.github.registryPackage({ ...pushed, tag, digest: `sha256:${letter.repeat(64)}` });
      }
    });
    expect(told(runs).filter((run) => run.startsWith('waybill-reconcile'))).toEqual([
      'waybill-reconcile: repository_dispatch refs/heads/main success',
      MERGED,
    ]);
    expect(runs.filter(({ workflow }) => workflow.path.endsWith('waybill-listen.yml'))).toHaveLength(3);
    expect(await pinned(bed, 'dev')).toEqual(digests);

    const byWorkflow = { ...pushed, tag: 'main', digest: `sha256:${'d'.repeat(64)}`, byActionsToken: true };
    expect(await runsOf(bed, () => bed.github.registryPackage(byWorkflow))).toEqual([]);
  });

  it('a person, who may ask for a dry run first', async () => {
    const before = await pinned(bed, 'dev');
    const digests = await pushImages(bed, 5);
    const head = await ledgerHead();
    bed.github.log.clear();
    const dry = await runsOf(bed, () =>
      bed.github.dispatchWorkflow('alice', bed.repository, 'waybill-reconcile.yml', { 'dry-run': true }),
    );
    expect(told(dry)).toEqual(['waybill-reconcile: workflow_dispatch refs/heads/main success']);
    expect(dry.flatMap(runSummaries).join()).toContain('Dry run, nothing was written');
    expect([await pinned(bed, 'dev'), await ledgerHead()]).toEqual([before, head]);
    // The App's token is made and revoked; nothing else is written.
    const mutating = bed.github.log.filter((entry) => entry.mutating).map(({ route }) => route);
    expect(mutating).toEqual(['/app/installations/{installation_id}/access_tokens', '/installation/token']);

    const wet = await runsOf(bed, () =>
      bed.github.dispatchWorkflow('alice', bed.repository, 'waybill-reconcile.yml', {}),
    );
    expect(told(wet)).toEqual(['waybill-reconcile: workflow_dispatch refs/heads/main success', MERGED]);
    expect(await pinned(bed, 'dev')).toEqual(digests);
  });

  it('a push to the default branch, such as a hand-made change, which holds', async () => {
    const file = { 'env/dev/api.yaml': valuesFile('api', `sha256:${'9'.repeat(64)}`) };
    const runs = await runsOf(bed, () => bed.github.commitAs('alice', bed.repository, 'main', file, 'a hot fix'));
    expect(told(runs)).toEqual([MERGED]);
    expect(runs.flatMap(runSummaries).join()).toContain('held');
    const elsewhere = { 'env/dev/web.yaml': valuesFile('web', `sha256:${'8'.repeat(64)}`) };
    expect(await runsOf(bed, () => bed.github.commitAs('alice', bed.repository, 'topic', elsewhere, 'wip'))).toEqual(
      [],
    );
  });

  it('neither the ledger nor a promotion branch', async () => {
    const refs = bed.runner.runs.map(({ event }) => event.ref).filter((ref) => ref.startsWith('refs/heads/waybill/'));
    expect(refs).toEqual([]);
    expect(await ledgerHead()).toBeDefined();
  });
});

describe('what a person promotes', () => {
  it('goes by the button, with the reason, after a dry run that opens nothing', async () => {
    const before = bed.github.pullRequests(bed.repository).length;
    const dry = await bed.promote('alice', { stage: 'staging', 'dry-run': 'true' });
    expect([dry.title, dry.conclusion]).toEqual(['Promote the newest Freight to staging (dry run)', 'success']);
    expect(bed.github.pullRequests(bed.repository)).toHaveLength(before);

    const run = await bed.promote('alice', { stage: 'staging', reason: 'release 5' });
    expect(run.conclusion).toBe('success');
    const pull = openPullInto(bed, 'staging');
    expect(pull.body).toContain('release 5');
    expect(pull.body).toContain('alice');
    expect(pull.autoMerge).toBeUndefined();
    expect(succeeded(await bed.act('reconcile')).outputs.decision).toMatch(/unchanged|waiting/);
  });
});
