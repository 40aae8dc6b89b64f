import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { type Bed, exampleRevision, startBed } from '@waybill/testbed';
import { pinned, pushImages } from '../support.js';
import { expectAsDescribed, messages, runsOf, told, withStarters } from './support.js';

const APPLICATION = 'ameideio/platform';
/** What an application's CI does after its build: here the build has pushed already, and says what it pushed. */
const AFTER_BUILD = `name: Notify
on:
  workflow_dispatch:
    inputs:
      tag: {type: string, required: true}
      digest: {type: string, required: true}
      gitops: {type: string, default: ''}
permissions: {}
jobs:
  notify:
    runs-on: ubuntu-latest
    permissions: {packages: read}
    outputs:
      ref: \${{ steps.notify.outputs.ref }}
      tag: \${{ steps.notify.outputs.tag }}
      digest: \${{ steps.notify.outputs.digest }}
    steps:
      - id: notify
        uses: OWNER/waybill/actions/notify@v1
        with:
          image: ghcr.io/ameideio/api
          tag: \${{ inputs.tag }}
          digest: \${{ inputs.digest }}
          gitops-repository: \${{ inputs.gitops }}
          token: \${{ secrets.GITOPS_TOKEN }}
`;

let bed: Bed;
let token: string;
beforeAll(async () => {
  bed = await startBed({ identity: 'app', files: withStarters() });
  await bed.github.createRepository({
    owner: 'ameideio',
    name: 'platform',
    organization: true,
    visibility: 'private',
    plan: 'team',
    files: { '.github/workflows/notify.yml': AFTER_BUILD },
    collaborators: { alice: 'write' },
  });
  const permissions = { contents: 'write', metadata: 'read' } as const;
  const notifier = bed.github.createApp({ slug: 'notifier', permissions, repositories: [bed.repository] });
  token = notifier.installationToken(bed.repository);
  bed.github.setSecret(APPLICATION, 'GITOPS_TOKEN', token);
});
afterAll(() => bed.close());
afterEach(() => expectAsDescribed(bed));

const notify = (tag: string, digest: string | undefined, gitops = bed.repository) =>
  runsOf(bed, () =>
    bed.github.dispatchWorkflow('alice', APPLICATION, 'notify.yml', { tag, digest: digest ?? '', gitops }),
  );

describe('notify', () => {
  it('gives tag and digest, and the GitOps repository brings them to dev', async () => {
    const digests = await pushImages(bed, 2);
    const tag = exampleRevision(2);
    const runs = await notify(tag, digests.api);
    expect(told(runs)).toEqual([
      'notify: workflow_dispatch refs/heads/main success',
      'waybill-reconcile: repository_dispatch refs/heads/main success',
      'waybill-reconcile: push refs/heads/main success',
    ]);
    expect(runs[0]?.jobs[0]?.outputs).toEqual({
      tag,
      digest: digests.api,
      ref: `ghcr.io/ameideio/api@${digests.api}`,
    });
    expect(runs[1]?.actor).toBe('notifier[bot]');
    expect(await pinned(bed, 'dev')).toEqual(digests);
    expect(bed.registry.log.saw(token)).toBe(false);
    expect(runs.flatMap(({ jobs }) => jobs.flatMap(({ log }) => log)).join('\n')).not.toContain(token);
  });

  it('is a hint only: what the channel tag points at counts, not what the payload says', async () => {
    const old = await pinned(bed, 'dev');
    const newest = await pushImages(bed, 3);
    // An older build ends last: its own tag and digest agree, and it asks for a reconcile.
    const runs = await notify(exampleRevision(2), old.api);
    expect(told(runs)[1]).toBe('waybill-reconcile: repository_dispatch refs/heads/main success');
    expect(await pinned(bed, 'dev')).toEqual(newest);
  });

  it.each([
    ['the tag points at another digest', 3, 'resolves to'],
    ['the tag was never pushed', 9, 'has no tag'],
  ])('fails where %s, and asks nobody', async (_, generation, said) => {
    const runs = await notify(exampleRevision(generation), `sha256:${'f'.repeat(64)}`);
    expect(told(runs)).toEqual(['notify: workflow_dispatch refs/heads/main failure']);
    expect(messages(runs)).toContain(said);
    expect(runs[0]?.jobs[0]?.outputs).toEqual({ tag: '', digest: '', ref: '' });
  });

  it('asks nobody without a GitOps repository', async () => {
    const digests = await pushImages(bed, 4);
    const runs = await notify(exampleRevision(4), digests.api, '');
    expect(told(runs)).toEqual(['notify: workflow_dispatch refs/heads/main success']);
  });

  it('fails where the token may not dispatch, and says that the schedule finds the image', async () => {
    const digests = await pushImages(bed, 5);
    const app = bed.github.createApp({
      slug: 'reader',
      permissions: { contents: 'read' },
      repositories: [bed.repository],
    });
    bed.github.setSecret(APPLICATION, 'GITOPS_TOKEN', app.installationToken(bed.repository));
    const runs = await notify(exampleRevision(5), digests.api);
    expect(told(runs)).toEqual(['notify: workflow_dispatch refs/heads/main failure']);
    expect(messages(runs)).toContain('contents: write');
    await bed.reconcile();
    expect(await pinned(bed, 'dev')).toEqual(digests);
  });
});
