import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { type Bed, pushImage, startBed } from '@waybill/testbed';
import { CONFIG, errorsOf, history, ledger, OLD, pinned, pushImages, smallRepository, succeeded } from '../support.js';

const WAREHOUSES = `warehouses:
  charts:
    images: {strategy: SemVer, constraint: ^1.0.0, repos: [ghcr.io/ameideio/tool]}
  broken:
    images: {strategy: Digest, constraint: main, repos: [ghcr.io/ameideio/api, ghcr.io/ameideio/missing]}
`;
const STAGES = `stages:
  tools:  {from: charts, promotion: {via: pull-request}, updates: [{images: "env/tools/**"}]}
  broken: {from: broken, promotion: {via: pull-request}, updates: [{images: "env/broken/**"}]}
`;

let bed: Bed;
beforeAll(async () => {
  bed = await startBed({
    identity: 'app',
    files: smallRepository({
      'waybill.yaml': CONFIG.replace('warehouses:\n', WAREHOUSES).replace('stages:\n', STAGES),
      'env/tools/tool.yaml': `image: ghcr.io/ameideio/tool:1.0.0@${OLD.api}\n`,
      'env/broken/api.yaml': `image: ghcr.io/ameideio/api@${OLD.api}\n`,
      'env/broken/missing.yaml': `image: ghcr.io/ameideio/missing@${OLD.web}\n`,
    }),
  });
});
afterAll(() => bed.close());
afterEach(async () => {
  await bed.github.settled();
  expect([bed.github.unhandled, bed.github.violations]).toEqual([[], []]);
});

interface Offered {
  readonly id: string;
  readonly alias: string;
  readonly images: readonly { readonly repoURL: string; readonly tag: string; readonly digest: string }[];
}
const offered = (outputs: Readonly<Record<string, string>>) =>
  JSON.parse(outputs.freight ?? '') as Readonly<Record<string, Offered>>;
const heads = async () => (await bed.github.branches(bed.repository))['waybill/ledger'];
const pushTool = (tag: string) =>
  pushImage(bed.registry, { repository: 'ameideio/tool', tags: [tag], seed: tag, revision: '2'.repeat(40) });

describe('discover', () => {
  it('says in a dry run what it would record, and writes nothing', async () => {
    await pushImages(bed, 1);
    for (const tag of ['0.9.0', '1.2.0', '1.10.0', 'v1.9.3', '2.0.0', '1.11.0-rc.1', 'main', 'latest'])
      await pushTool(tag);
    bed.github.log.clear();
    const result = succeeded(await bed.act('discover', { 'dry-run': 'true' }));
    expect(result.outputs).toMatchObject({ decision: 'planned', 'reason-code': 'dry-run' });
    expect(Object.keys(offered(result.outputs))).toEqual(expect.arrayContaining(['platform', 'charts']));
    expect(await heads()).toBeUndefined();
    expect(bed.github.log.filter(({ mutating }) => mutating)).toEqual([]);
  });

  it('records each Warehouse’s Freight once, and promotes nothing', async () => {
    const digests = await pushImages(bed, 1);
    const first = succeeded(await bed.act('discover'));
    const freight = offered(first.outputs);
    expect(Object.keys(freight).sort()).toEqual(['charts', 'platform']);
    expect(freight.platform?.images).toEqual([
      { repoURL: 'ghcr.io/ameideio/api', tag: 'main', digest: digests.api },
      { repoURL: 'ghcr.io/ameideio/web', tag: 'main', digest: digests.web },
    ]);
    // The highest that the constraint allows, not the newest and no pre-release.
    expect(freight.charts?.images).toMatchObject([{ repoURL: 'ghcr.io/ameideio/tool', tag: '1.10.0' }]);
    expect(first.summary).toContain('ghcr.io/ameideio/missing');
    const recorded = (await ledger(bed)).freight;
    for (const { id, alias } of Object.values(freight)) expect(recorded[id]?.freight.alias).toBe(alias);
    const discovered = (await history(bed)).filter(({ kind }) => kind === 'freight-discovered');
    expect(discovered).toHaveLength(2);

    const head = await heads();
    const second = succeeded(await bed.act('discover'));
    expect(second.outputs).toMatchObject({ decision: 'unchanged', 'reason-code': 'nothing-new' });
    expect(offered(second.outputs)).toEqual(freight);
    expect(await heads()).toBe(head);
    expect(bed.github.pullRequests(bed.repository)).toEqual([]);
    expect(await pinned(bed, 'dev')).toEqual(OLD);
  });

  it('takes a new highest version, and leaves the other Warehouse as it is', async () => {
    const tool = await pushTool('1.10.1');
    await pushTool('1.0.7');
    const result = succeeded(await bed.act('discover'));
    expect(result.outputs.decision).toBe('done');
    expect(offered(result.outputs).charts?.images).toMatchObject([{ tag: '1.10.1', digest: tool.digest }]);
    const discovered = (await history(bed)).filter(({ kind }) => kind === 'freight-discovered');
    expect(discovered).toHaveLength(3);
  });

  it('does not write from another branch', async () => {
    await pushImages(bed, 2);
    const head = await heads();
    const result = await bed.act('discover', {}, { ref: 'refs/heads/topic' });
    expect(result.outputs['reason-code']).toBe('wrong-ref');
    expect(errorsOf(result)).toContain('refs/heads/topic');
    expect(await heads()).toBe(head);
  });
});
