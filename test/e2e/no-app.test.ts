import { expect, it } from '@jest/globals';
import { repositoryRoot, runSummaries, starterWorkflows } from '@waybill/testbed';
import {
  CONFIG,
  errorsOf,
  failed,
  freightWith,
  landedInDev,
  OLD,
  onBed,
  openPullInto,
  pinned,
  pullsInto,
  pushImages,
  smallRepository,
  stageOf,
  succeeded,
} from './support.js';

const STARTER = '.github/workflows/waybill-reconcile.yml';
const CHECKS = `name: Checks
on: pull_request
permissions: {}
jobs:
  build:
    runs-on: ubuntu-latest
    steps: [{run: "true"}]
`;

it('waits in dev for a click on a private Team repository without an App, and says so', async () => {
  const files = smallRepository({
    [STARTER]: starterWorkflows(repositoryRoot())[STARTER] ?? '',
    '.github/workflows/checks.yml': CHECKS,
  });
  await onBed(
    { identity: 'github-token', plan: 'team', visibility: 'private', files, requiredCheck: 'build' },
    async (bed) => {
      const digests = await pushImages(bed, 2);
      const runs = await bed.reconcile();
      const reconcile = runs.find((run) => run.workflow.path.endsWith('waybill-reconcile.yml'));
      expect(reconcile?.conclusion).toBe('success');
      const said = reconcile === undefined ? '' : runSummaries(reconcile).join('\n');
      expect(said).toContain('Approve workflows to run');
      expect(said).toContain('The ledger is unprotected');

      // The pull request is armed, and its required check does not start by itself.
      const pull = openPullInto(bed, 'dev');
      expect(pull.author.login).toBe('github-actions[bot]');
      expect(pull.autoMerge).toBeDefined();
      const waiting = bed.runner.runs.filter((run) => run.status === 'action_required');
      expect(waiting.map((run) => run.workflow.path)).toEqual(['.github/workflows/checks.yml']);
      await bed.reconcile();
      expect(await pinned(bed, 'dev')).toEqual(OLD);

      // The click.
      bed.runner.approve(waiting[0]?.id ?? 0);
      await bed.runner.idle();
      expect(await pinned(bed, 'dev')).toEqual(digests);
      await bed.reconcile();
      expect((await stageOf(bed, 'dev')).open).toBeUndefined();
    },
  );
}, 120_000);

it('refuses Stages with a floor, for an unprotected ledger can vouch for nothing', async () => {
  await onBed({ identity: 'github-token' }, async (bed) => {
    const digests = await landedInDev(bed, 2);
    const promoted = succeeded(await bed.act('promote', { stage: 'staging' }));
    expect(promoted.summary).toContain('The ledger is unprotected');
    await bed.github.mergePullRequest(bed.repository, openPullInto(bed, 'staging').number, 'alice');
    succeeded(await bed.act('reconcile'));
    expect(await pinned(bed, 'staging')).toEqual(digests);

    const refused = failed(await bed.act('promote', { stage: 'production' }));
    expect(refused.outputs).toMatchObject({ decision: 'refused', 'reason-code': 'ledger-unprotected' });
    expect(errorsOf(refused)).toContain('production');
    expect(errorsOf(refused)).toContain('ruleset');
    expect(pullsInto(bed, 'production')).toEqual([]);
    expect(await pinned(bed, 'production')).toEqual(OLD);
    const { id } = await freightWith(bed, digests.api);
    failed(await bed.act('promote', { stage: 'production', freight: id }));
    expect(await bed.github.readText(bed.repository, 'waybill/ledger', 'README.md')).toMatch(/unprotected/i);
  });
});

it('refuses them with an App whose ruleset is gone, too', async () => {
  await onBed({}, async (bed) => {
    await landedInDev(bed, 2);
    succeeded(await bed.act('promote', { stage: 'staging' }));
    await bed.github.mergePullRequest(bed.repository, openPullInto(bed, 'staging').number, 'alice');
    bed.github.removeRuleset(bed.repository, 'Waybill');
    const refused = failed(await bed.act('promote', { stage: 'production' }));
    expect(refused.outputs['reason-code']).toBe('ledger-unprotected');
    expect(pullsInto(bed, 'production')).toEqual([]);
  });
});

it('says what to turn on where Actions may not create pull requests, before it writes anything', async () => {
  await onBed({ identity: 'github-token', files: smallRepository({ 'waybill.yaml': CONFIG }) }, async (bed) => {
    bed.github.setSettings(bed.repository, { actionsCanCreatePullRequests: false });
    await pushImages(bed, 2);
    const refused = failed(await bed.act('reconcile'));
    expect(errorsOf(refused)).toContain('Allow GitHub Actions to create and approve pull requests');
    expect(pullsInto(bed, 'dev')).toEqual([]);
  });
});
