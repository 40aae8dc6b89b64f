import { expect, it } from '@jest/globals';
import {
  errorsOf,
  failed,
  freightWith,
  landedInDev,
  OLD,
  onBed,
  pinned,
  pullsInto,
  pushImages,
  succeeded,
} from './support.js';

it('refuses what the Stage may not have, with the reason and what it could have instead', async () => {
  await onBed({}, async (bed) => {
    const first = await landedInDev(bed, 2);
    const { id, alias } = await freightWith(bed, first.api);
    const entries = (await bed.github.commits(bed.repository, 'waybill/ledger')).length;

    // In dev, and never in staging.
    const refused = failed(await bed.act('promote', { stage: 'production', freight: alias }));
    expect(refused.outputs.decision).toBe('refused');
    expect(refused.outputs['reason-code']).toBe('freight-not-available');
    expect(errorsOf(refused)).toContain('not verified in staging');
    expect(errorsOf(refused)).toContain(`${id.slice(0, 7)} (${alias})`);
    const nothing = failed(await bed.act('promote', { stage: 'production' }));
    expect(errorsOf(nothing)).toContain('Nothing is available to production');

    // What the first run found in all Stages may return to each, and is no source for another by itself.
    const found = await freightWith(bed, OLD.api);
    expect(errorsOf(nothing)).toContain(found.alias);

    // Freight and Stages that are not there.
    expect(failed(await bed.act('promote', { stage: 'staging', freight: 'no-such' })).outputs['reason-code']).toBe(
      'freight-not-found',
    );
    const unknown = failed(await bed.act('promote', { stage: 'prod' }));
    expect(unknown.outputs['reason-code']).toBe('stage-unknown');
    expect(errorsOf(unknown)).toContain('dev, staging, production');

    expect(await pinned(bed, 'production')).toEqual(OLD);
    expect(bed.github.pullRequests(bed.repository)).toHaveLength(1);
    expect((await bed.github.commits(bed.repository, 'waybill/ledger')).length).toBe(entries);
  });
});

it('opens the way once it is verified upstream', async () => {
  await onBed({}, async (bed) => {
    const digests = await landedInDev(bed, 2);
    const { id } = await freightWith(bed, digests.api);
    succeeded(await bed.act('promote', { stage: 'staging', freight: id.slice(0, 8) }));
    // Open is not landed.
    failed(await bed.act('promote', { stage: 'production', freight: id }));
    const [pull] = pullsInto(bed, 'staging');
    await bed.github.mergePullRequest(bed.repository, pull?.number ?? 0, 'alice');
    await pushImages(bed, 3);
    // The promote run itself notices the landing.
    succeeded(await bed.act('promote', { stage: 'production', freight: id }));
    const [production] = pullsInto(bed, 'production');
    await bed.github.mergePullRequest(bed.repository, production?.number ?? 0, 'alice');
    expect(await pinned(bed, 'production')).toEqual(digests);
  });
});
