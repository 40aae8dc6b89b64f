import { expect, it } from '@jest/globals';
import {
  CONFIG,
  landedInDev,
  onBed,
  openPullInto,
  pinned,
  pushImages,
  smallRepository,
  succeeded,
  valuesFile,
} from './support.js';

const ONLY_DEV = smallRepository({
  'waybill.yaml': CONFIG.replace('ghcr.io/ameideio/web]', 'ghcr.io/ameideio/web, ghcr.io/ameideio/agents]'),
  'env/dev/agents.yaml': valuesFile('agents', `sha256:${'c'.repeat(64)}`),
});

it('lists a service that only dev has, and promotes the rest', async () => {
  await onBed({ files: ONLY_DEV }, async (bed) => {
    const agents = await pushImages(bed, 2, ['agents']);
    const digests = await landedInDev(bed, 2);
    expect(await bed.github.readText(bed.repository, 'main', 'env/dev/agents.yaml')).toContain(agents.agents);

    const promoted = succeeded(await bed.act('promote', { stage: 'staging' }));
    expect(promoted.summary).toContain('staging has no reference to ghcr.io/ameideio/agents');
    const pull = openPullInto(bed, 'staging');
    expect(pull.title).toContain('api, web (2 of 3)');
    expect(pull.body).toContain('What is not in it');
    expect(pull.body).toContain('ghcr.io/ameideio/agents');
    await bed.github.mergePullRequest(bed.repository, pull.number, 'alice');
    succeeded(await bed.act('reconcile'));
    expect(await pinned(bed, 'staging')).toEqual(digests);

    // It is no obstacle further on, either.
    succeeded(await bed.act('promote', { stage: 'production' }));
    await bed.github.mergePullRequest(bed.repository, openPullInto(bed, 'production').number, 'alice');
    expect(await pinned(bed, 'production')).toEqual(digests);
  });
});
