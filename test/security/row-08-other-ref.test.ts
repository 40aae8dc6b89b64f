import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { type Bed, startBed, type TestApp } from '@waybill/testbed';
import { errorsOf, landedInDev, openPullInto, pullsInto, succeeded } from '../e2e/support.js';
import { expectAsDescribed, messages, runsOf, told, withStarters } from '../e2e/workflows/support.js';

/*
 * Threat row 8: bob may push branches, not approve. He edits the promote workflow on a branch of his own and starts it
 * there. What keeps the App's key from it is the environment's branch restriction; what keeps an honest workflow from
 * running there by mistake is that Waybill writes from the default branch alone.
 */

const BRANCH = 'bobs-branch';
const FILE = '.github/workflows/waybill-promote.yml';

/** bob's edit: take the App's key, write with it what only the App may. */
const edited = (environment: string, sha: string) => `name: Waybill promote
on: workflow_dispatch
permissions: {}
jobs:
  take:
    runs-on: ubuntu-latest
    ${environment}
    steps:
      - id: app
        uses: actions/create-github-app-token@v3
        with:
          client-id: \${{ vars.WAYBILL_CLIENT_ID }}
          private-key: \${{ secrets.WAYBILL_PRIVATE_KEY }}
      - env:
          TOKEN: \${{ steps.app.outputs.token }}
        run: |
          curl --silent --fail-with-body --output /dev/null --header "Authorization: Bearer $TOKEN" \\
            --header 'Accept: application/vnd.github+json' --header 'Content-Type: application/json' \\
            --data "{\\"ref\\":\\"refs/heads/waybill/promote/evil\\",\\"sha\\":\\"${sha}\\"}" \\
            "$GITHUB_API_URL/repos/$GITHUB_REPOSITORY/git/refs"
`;

let bed: Bed;
let app: TestApp;
beforeAll(async () => {
  bed = await startBed({ identity: 'app', files: withStarters() });
  if (bed.app === undefined) throw new Error('the bed has no App');
  app = bed.app;
  await landedInDev(bed);
  await bed.runner.idle();
});
afterAll(() => bed.close());
afterEach(() => expectAsDescribed(bed));

const start = () =>
  runsOf(bed, () => bed.github.dispatchWorkflow('bob', bed.repository, 'waybill-promote.yml', {}, BRANCH));
const evil = async () => (await bed.github.branches(bed.repository))['waybill/promote/evil'];
async function edit(environment: string, branch = BRANCH): Promise<void> {
  const sha = (await bed.github.branches(bed.repository)).main ?? '';
  await bed.github.commitAs('bob', bed.repository, branch, { [FILE]: edited(environment, sha) }, 'my own promote');
}

describe('row 8: an edited workflow on another ref', () => {
  it('has the key where it is a secret of the repository', async () => {
    bed.github.setSecret(bed.repository, 'WAYBILL_PRIVATE_KEY', app.privateKey);
    await edit('timeout-minutes: 5');
    expect(told(await start())).toEqual([`waybill-promote: workflow_dispatch refs/heads/${BRANCH} success`]);
    expect(await evil()).toBeDefined();
    await bed.github.deleteBranch('waybill[bot]', bed.repository, 'waybill/promote/evil');
    bed.github.setSecret(bed.repository, 'WAYBILL_PRIVATE_KEY', '');
  });

  it('has no key where it is a secret of the environment that it leaves out', async () => {
    const runs = await start();
    expect(told(runs)).toEqual([`waybill-promote: workflow_dispatch refs/heads/${BRANCH} failure`]);
    expect(messages(runs)).toContain('private-key');
    expect(await evil()).toBeUndefined();
  });

  it('does not get into the environment that it names', async () => {
    await edit('environment: waybill');
    const runs = await start();
    expect(told(runs)).toEqual([`waybill-promote: workflow_dispatch refs/heads/${BRANCH} failure`]);
    expect(messages(runs)).toContain(`Branch "${BRANCH}" is not allowed to deploy to waybill`);
    expect(await evil()).toBeUndefined();
  });

  it('does not get in by a branch that is only called like the default one', async () => {
    for (const name of ['refs/heads/main', 'main/x']) {
      // Git itself keeps a branch from standing below another one.
      const made = await bed.github.createBranch('bob', bed.repository, name).then(
        () => true,
        () => false,
      );
      if (!made) continue;
      await edit('environment: waybill', name);
      const runs = await runsOf(bed, () =>
        bed.github.dispatchWorkflow('bob', bed.repository, 'waybill-promote.yml', {}, `refs/heads/${name}`),
      );
      expect(runs.map(({ conclusion }) => conclusion)).toEqual(['failure']);
    }
    expect(await evil()).toBeUndefined();
  });
});

describe('row 8: the actions on another ref', () => {
  it.each([
    ['promote', { stage: 'staging' }],
    ['reconcile', {}],
    ['bump', { images: 'ghcr.io/ameideio/api:main', files: 'env/staging/**' }],
    ['promote', { from: 'env/dev/**', to: 'env/staging/**', 'first-party': 'ghcr.io/ameideio/*' }],
  ])('%s refuses to write, even with the App’s token', async (action, inputs) => {
    if (action === 'reconcile') await bed.push(3, ['api', 'web']);
    const before = await bed.github.branches(bed.repository);
    for (const ref of [`refs/heads/${BRANCH}`, 'refs/tags/main', 'refs/pull/1/merge', 'main']) {
      const result = await bed.act(action, inputs, { ref });
      expect(result.outputs['reason-code']).toBe('wrong-ref');
      expect(errorsOf(result)).toContain(ref);
    }
    expect(await bed.github.branches(bed.repository)).toEqual(before);
    expect(pullsInto(bed, 'staging')).toEqual([]);
  });

  it('the same from the default branch', async () => {
    succeeded(await bed.act('promote', { stage: 'staging' }));
    expect(openPullInto(bed, 'staging').state).toBe('open');
  });
});
