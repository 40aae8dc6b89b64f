import { expect, it } from '@jest/globals';
import {
  CONFIG,
  failed,
  ledger,
  OLD,
  onBed,
  pinned,
  pushImages,
  smallRepository,
  succeeded,
  valuesFile,
} from './support.js';

const GROUPED = smallRepository({
  'waybill.yaml': CONFIG.replace('ghcr.io/ameideio/web]', 'ghcr.io/ameideio/web, ghcr.io/ameideio/worker]'),
  'env/dev/worker.yaml': valuesFile('worker', `sha256:${'c'.repeat(64)}`),
});

it('makes no Freight while one of its images is missing, says which, and makes it once it is there', async () => {
  await onBed({ files: GROUPED }, async (bed) => {
    const digests = await pushImages(bed, 2, ['api', 'web']);
    const incomplete = await bed.act('reconcile');
    expect(incomplete.summary).toContain('ghcr.io/ameideio/worker');
    expect(incomplete.summary).toContain('no Freight');
    const { freight } = await ledger(bed);
    expect(Object.values(freight).filter((record) => record.freight.found === undefined)).toEqual([]);
    expect(await pinned(bed, 'dev')).toEqual(OLD);
    expect(bed.github.pullRequests(bed.repository)).toEqual([]);

    const worker = await pushImages(bed, 2, ['worker']);
    succeeded(await bed.act('reconcile'));
    expect(await pinned(bed, 'dev')).toEqual(digests);
    expect(await bed.github.readText(bed.repository, 'main', 'env/dev/worker.yaml')).toBe(
      valuesFile('worker', worker.worker ?? ''),
    );
  });
});

it('goes on with what it has while the registry does not answer for one image', async () => {
  await onBed({}, async (bed) => {
    const first = await pushImages(bed, 2);
    succeeded(await bed.act('reconcile'));
    await pushImages(bed, 3);
    bed.registry.inject({ kind: 'status', status: 403 }, { path: /ameideio\/web/, times: Number.POSITIVE_INFINITY });
    const run = failed(await bed.act('reconcile'));
    expect(run.summary).toContain('ghcr.io/ameideio/web');
    expect(await pinned(bed, 'dev')).toEqual(first);
    expect(bed.github.pullRequests(bed.repository)).toHaveLength(1);
  });
});
