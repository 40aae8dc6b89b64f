import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { Bed } from '@waybill/testbed';
import { expectAsDescribed } from '../workflows/support.js';
import {
  appFile,
  expectBlocked,
  expectMerges,
  found,
  lineOf,
  NEW,
  POLICIES,
  propose,
  startPolicyBed,
  textOf,
} from './support.js';

const POLICY = `apiVersion: waybill/v1
images:
  environments:
    - {name: dev, paths: ["sources/values/env/dev/**"]}
    - {name: staging, paths: ["sources/values/env/staging/**"], after: [dev]}
    - {name: production, paths: ["sources/values/env/production/**"], after: [staging]}
`;
const DIGEST = /sha256:[0-9a-f]{64}/;
const short = (digest: string) => digest.slice('sha256:'.length, 'sha256:'.length + 12);

/** One repository; each pull request goes on where the one before ended. */
let bed: Bed;
beforeAll(async () => {
  bed = await startPolicyBed({ [POLICIES]: POLICY });
});
afterAll(() => bed.close());
afterEach(() => expectAsDescribed(bed));

const PATH = {
  dev: appFile('dev', 'web'),
  staging: appFile('staging', 'web'),
  production: appFile('production', 'web'),
};

async function digestIn(stage: keyof typeof PATH): Promise<string> {
  return DIGEST.exec(await textOf(bed, PATH[stage]))?.[0] ?? 'none';
}

async function edited(stage: keyof typeof PATH, digest: string): Promise<Readonly<Record<string, string>>> {
  return { [PATH[stage]]: (await textOf(bed, PATH[stage])).replace(DIGEST, digest) };
}

describe('lineage between environments', () => {
  it('refuses a digest in production that staging never had, with what each environment has', async () => {
    const has = [await digestIn('dev'), await digestIn('staging'), await digestIn('production')].map(short);
    const files = await edited('production', NEW);
    const bad = await propose(bed, 'by-hand', files);
    const line = lineOf(files[PATH.production] ?? '', NEW);
    expect(found(bad)).toEqual([
      `${PATH.production}:${line} lineage-unknown: Digest that was not in the environment before`,
    ]);
    const chain = `dev ${has[0]} → staging ${has[1]} → production ${has[2]}`;
    expect(bad.errors.map(({ message }) => message).join('\n')).toContain(chain);
    expect(bad.errors.map(({ message }) => message).join('\n')).toContain('does not stand in staging yet');
    expect(bad.summary).toContain('lineage-unknown');
    expect(bad.log.join('\n')).toContain(chain);
    await expectBlocked(bed, bad);
  });

  it('takes no change as its own proof', async () => {
    await expectMerges(bed, await propose(bed, 'dev', await edited('dev', NEW)));
    const both = { ...(await edited('staging', NEW)), ...(await edited('production', NEW)) };
    const bad = await propose(bed, 'both-ends', both);
    expect(found(bad)).toHaveLength(1);
    expect(found(bad).join()).toMatch(/production.*lineage-self-approved/);
    await expectBlocked(bed, bad);
  });

  it('lets a digest through one environment after the other', async () => {
    expect(await digestIn('dev')).toBe(NEW);
    const early = await propose(bed, 'early', await edited('production', NEW));
    expect(found(early).join()).toContain('lineage-unknown');
    await expectBlocked(bed, early);
    await expectMerges(bed, await propose(bed, 'staging', await edited('staging', NEW)));
    await expectMerges(bed, await propose(bed, 'production', await edited('production', NEW)));
    expect(await digestIn('production')).toBe(NEW);
  });
});
