import { describe, expect, it } from '@jest/globals';
import { type Bed, runAnnotations } from '@waybill/testbed';
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

/**
 * Threat model, row 4: a pull request edits the policies that it is judged by. Each edit is first tried together with
 * the violation that it would excuse, then alone, as its owners would review it; only then the violation passes.
 */
const PRODUCTION = appFile('production', 'api');
const HEAD = 'apiVersion: waybill/v1\n';
const ENVIRONMENTS = `  environments:
    - {name: staging, paths: ["sources/values/env/staging/**"]}
    - {name: production, paths: ["sources/values/env/production/**"], after: [staging]}
`;
const BASE = `${HEAD}images:\n  scopes: [compose]\n${ENVIRONMENTS}`;

interface Attack {
  readonly edits: string;
  readonly policies: string;
  readonly file: string;
  /** The violation in the file's text. */
  readonly violate: (text: string) => string;
  /** What stands on the line of the finding. */
  readonly at: string;
  readonly rule: string;
}

const unpin = {
  file: PRODUCTION,
  violate: (text: string) => text.replace(/@sha256:[0-9a-f]{64}/, ':4f2c1e9'),
  at: 'api:4f2c1e9',
  rule: 'unpinned',
};
const compose = {
  file: 'compose.yaml',
  violate: () => 'services:\n  web:\n    image: nginx:1.25.3\n',
  at: 'nginx:1.25.3',
  rule: 'unpinned',
};
const unknown = {
  file: PRODUCTION,
  violate: (text: string) => text.replace(/sha256:[0-9a-f]{64}/, NEW),
  at: NEW,
  rule: 'lineage-unknown',
};

const ATTACKS: readonly Attack[] = [
  {
    ...unpin,
    edits: 'an exception',
    policies: `${BASE}  exceptions:
    - {rule: unpinned, path: "${PRODUCTION}", owner: "@ameideio/platform", reason: none, expires: 2999-12-31}
`,
  },
  { ...unpin, edits: 'a severity', policies: `${BASE}  severities: {unpinned: "off"}\n` },
  { ...unpin, edits: 'what is left out', policies: `${BASE}  exclude: ["sources/values/env/production/**"]\n` },
  { ...compose, edits: 'the scopes', policies: `${HEAD}images:\n${ENVIRONMENTS}` },
  { ...unknown, edits: 'the environments', policies: `${HEAD}images:\n  scopes: [compose]\n` },
];

async function onPolicyBed(scenario: (bed: Bed) => Promise<void>): Promise<void> {
  const bed = await startPolicyBed({ [POLICIES]: BASE, [compose.file]: 'services: {}\n' });
  try {
    await scenario(bed);
    await expectAsDescribed(bed);
  } finally {
    await bed.close();
  }
}

describe('row 4: policies in the pull request', () => {
  it.each(ATTACKS)('judges by the policies of the base, whatever the change makes of $edits', async (attack) => {
    const { policies, file, violate, at, rule } = attack;
    await onPolicyBed(async (bed) => {
      const violation = violate(await textOf(bed, file));
      const both = await propose(bed, 'both', { [POLICIES]: policies, [file]: violation });
      expect(found(both).map((line) => line.split(': ')[0])).toEqual([`${file}:${lineOf(violation, at)} ${rule}`]);
      await expectBlocked(bed, both);

      await expectMerges(bed, await propose(bed, 'policies', { [POLICIES]: policies }));
      await expectMerges(bed, await propose(bed, 'violation', { [file]: violation }));
    });
  });

  it('judges by the default branch where the base is another one', async () => {
    await onPolicyBed(async (bed) => {
      await bed.github.createBranch('alice', bed.repository, 'release');
      const lax = { [POLICIES]: `${BASE}  severities: {unpinned: "off"}\n` };
      await bed.github.commitAs('alice', bed.repository, 'release', lax, 'Relax');
      await bed.github.createBranch('alice', bed.repository, 'topic', 'release');
      const violation = unpin.violate(await textOf(bed, unpin.file));
      await bed.github.commitAs('alice', bed.repository, 'topic', { [unpin.file]: violation }, 'Unpin');
      const before = bed.runner.runs.length;
      await bed.github.openPullRequest('alice', bed.repository, { head: 'topic', base: 'release' });
      await bed.runner.idle();
      const runs = bed.runner.runs.slice(before);
      expect(runs.map(({ conclusion }) => conclusion)).toEqual(['failure']);
      const line = lineOf(violation, unpin.at);
      const told = runs.flatMap(runAnnotations).filter(({ title }) => title?.startsWith('unpinned: '));
      expect(told.map((one) => [one.level, one.file, one.line])).toEqual([['error', unpin.file, line]]);
    });
  });

  it('does not let a change that makes the policies unreadable pass', async () => {
    await onPolicyBed(async (bed) => {
      const violation = { [unpin.file]: unpin.violate(await textOf(bed, unpin.file)) };
      const broken = await propose(bed, 'broken', { [POLICIES]: 'images: [', ...violation });
      expect(found(broken).join()).toContain('unpinned');
      await expectBlocked(bed, broken);
    });
  });
});
