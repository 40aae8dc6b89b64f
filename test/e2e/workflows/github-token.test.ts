import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { type Bed, repositoryRoot, runAnnotations, runSummaries, startBed } from '@waybill/testbed';
import { ledger, openPullInto, pinned, pushImages, stageOf } from '../support.js';
import { expectAsDescribed, messages, runsOf, told, withStarters } from './support.js';

/**
 * Without an App. What GITHUB_TOKEN does starts no workflow, and the checks of its pull requests wait for a click:
 * https://docs.github.com/en/actions/concepts/security/github_token#when-github_token-triggers-workflow-runs
 */
let bed: Bed;
beforeAll(async () => {
  const checks = '.github/workflows/checks.yml';
  const text = readFileSync(join(repositoryRoot(), 'examples/gitops-repo', checks), 'utf8');
  bed = await startBed({ identity: 'github-token', files: withStarters({ [checks]: text }), requiredCheck: 'checks' });
});
afterAll(() => bed.close());
afterEach(() => expectAsDescribed(bed));

describe('with GITHUB_TOKEN', () => {
  it('a fast lane’s pull request waits for a click, and the summary says so', async () => {
    await pushImages(bed, 2);
    const before = await pinned(bed, 'dev');
    const runs = await bed.reconcile();
    expect(told(runs)).toEqual([
      'waybill-reconcile: schedule refs/heads/main success',
      expect.stringMatching(/^checks: pull_request refs\/pull\/1\/merge action_required$/),
    ]);
    const pull = openPullInto(bed, 'dev');
    expect(pull.author.login).toBe('github-actions[bot]');
    expect(pull.autoMerge).toBeDefined();
    expect(await pinned(bed, 'dev')).toEqual(before);
    const said = runs.flatMap(runSummaries).join('\n');
    expect(said).toContain('Approve workflows to run');
    expect(said).toContain('The ledger is unprotected');
    expect(await bed.github.readText(bed.repository, 'waybill/ledger', 'README.md')).toContain('unprotected');
  });

  it('ticks meanwhile write nothing and open nothing', async () => {
    const branches = await bed.github.branches(bed.repository);
    const runs = await bed.reconcile();
    expect(told(runs)).toEqual(['waybill-reconcile: schedule refs/heads/main success']);
    expect(await bed.github.branches(bed.repository)).toEqual(branches);
    expect(bed.github.pullRequests(bed.repository)).toHaveLength(1);
  });

  it('the click lets the check run, the check lets it merge, and its merge starts nothing', async () => {
    const digests = await pushImages(bed, 2);
    const waiting = bed.runner.runs.find(({ status }) => status === 'action_required');
    const runs = await runsOf(bed, async () => bed.runner.approve(waiting?.id ?? 0));
    expect(waiting?.conclusion).toBe('success');
    expect(bed.github.pullRequest(bed.repository, 1).merged).toBe(true);
    expect(await pinned(bed, 'dev')).toEqual(digests);
    expect(told(runs)).toEqual([]);
    expect((await stageOf(bed, 'dev')).open).toBeDefined();
  });

  it('the next tick notices the landing', async () => {
    const runs = await bed.reconcile();
    expect(told(runs)).toEqual(['waybill-reconcile: schedule refs/heads/main success']);
    const dev = await stageOf(bed, 'dev');
    expect([dev.open, dev.last?.outcome]).toEqual([undefined, 'landed']);
    expect(Object.keys(await bed.github.branches(bed.repository)).sort()).toEqual(['main', 'waybill/ledger']);
  });

  it('a Stage without a floor promotes, one with a floor refuses', async () => {
    const staging = await bed.promote('alice', { stage: 'staging' });
    expect(staging.conclusion).toBe('success');
    const pull = openPullInto(bed, 'staging');
    const check = bed.runner.runs.findLast(({ status }) => status === 'action_required');
    await runsOf(bed, async () => bed.runner.approve(check?.id ?? 0));
    // A person's merge is a push like any other.
    const merged = await runsOf(bed, () => bed.github.mergePullRequest(bed.repository, pull.number, 'bob'));
    expect(told(merged)).toEqual(['waybill-reconcile: push refs/heads/main success']);
    expect((await stageOf(bed, 'staging')).last?.outcome).toBe('landed');

    const production = await bed.promote('alice', { stage: 'production' });
    expect(production.conclusion).toBe('failure');
    expect(messages([production])).toContain('floor');
    expect(production.jobs.flatMap(({ outputs }) => outputs['reason-code'] ?? [])).toContain('ledger-unprotected');
    expect((await ledger(bed)).stages.production?.platform?.open).toBeUndefined();
  });

  it('says which setting to turn on when Actions may not open pull requests', async () => {
    bed.github.setSettings(bed.repository, { actionsCanCreatePullRequests: false });
    await pushImages(bed, 3);
    const runs = await bed.reconcile();
    expect(told(runs)).toEqual(['waybill-reconcile: schedule refs/heads/main failure']);
    expect(messages(runs)).toContain('Allow GitHub Actions to create and approve pull requests');
    bed.github.setSettings(bed.repository, { actionsCanCreatePullRequests: true });
    const next = await bed.reconcile();
    expect(next[0]?.conclusion).toBe('success');
    expect(openPullInto(bed, 'dev').state).toBe('open');
    expect(next.flatMap(runAnnotations).filter(({ level }) => level === 'error')).toEqual([]);
  });
});
