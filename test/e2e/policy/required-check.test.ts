import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { type Bed, runSummaries } from '@waybill/testbed';
import { expectAsDescribed } from '../workflows/support.js';
import {
  appFile,
  CHECK,
  expectBlocked,
  expectMerges,
  found,
  lineOf,
  NEW,
  propose,
  push,
  startPolicyBed,
  textOf,
} from './support.js';

/** One repository; each pull request goes on where the one before ended. */
let bed: Bed;
beforeAll(async () => {
  bed = await startPolicyBed();
});
afterAll(() => bed.close());
afterEach(() => expectAsDescribed(bed));

const PINNED = /@sha256:[0-9a-f]{64}/;

const VIOLATIONS: readonly {
  readonly what: string;
  readonly stage: string;
  readonly instead: string;
  readonly title: string;
}[] = [
  { what: 'unpins', stage: 'staging', instead: ':4f2c1e9', title: 'unpinned: Image reference without a digest' },
  { what: 'writes a channel', stage: 'production', instead: ':main', title: 'channel-tag: Branch-like tag' },
  {
    what: 'writes a channel beside a digest',
    stage: 'dev',
    instead: `:main@${NEW}`,
    title: 'channel-tag: Branch-like tag',
  },
  {
    what: 'cuts a digest short',
    stage: 'staging',
    instead: '@sha256:9999',
    title: 'malformed-digest: Digest that is none',
  },
];

describe('the image policy as a required check', () => {
  it.each(VIOLATIONS)('blocks what $what, at its line, and lets the repair merge', async (violation) => {
    const { stage, instead, title, what } = violation;
    const path = appFile(stage, 'api');
    const before = await textOf(bed, path);
    // Lines above the reference, so that the line is told and not guessed.
    const moved = `# one\n# two\n${before}`;
    const wrong = moved.replace(PINNED, instead);
    const bad = await propose(bed, what.replaceAll(' ', '-'), { [path]: wrong });

    expect(bad.run.jobs.map(({ name, conclusion }) => [name, conclusion])).toEqual([[CHECK, 'failure']]);
    expect(found(bad)).toEqual([`${path}:${lineOf(wrong, `api${instead}`)} ${title}`]);
    const [annotation] = bad.errors.filter(({ file }) => file !== undefined);
    const line = wrong.split('\n')[lineOf(wrong, `api${instead}`) - 1] ?? '';
    expect(line.slice((annotation?.column ?? 0) - 1, (annotation?.endColumn ?? 0) - 1)).toBe(
      `ghcr.io/ameideio/api${instead}`,
    );
    const rule = title.split(':')[0] ?? '';
    expect(bad.summary).toContain('Image policy: failed');
    expect(bad.summary).toContain(`/docs/policy/${rule}.md`);
    expect(bad.summary).toContain(`\`ghcr.io/ameideio/api${instead}\``);
    await expectBlocked(bed, bad);

    const good = await push(bed, bad.pull, { [path]: moved.replace(PINNED, `@${NEW}`) });
    expect(found(good)).toEqual([]);
    expect(good.summary).toContain('Image policy: passed');
    await expectMerges(bed, good);
    expect(await textOf(bed, path)).toContain(`ghcr.io/ameideio/api@${NEW}`);
  });

  it('judges what lands, too', () => {
    const pushes = bed.runner.runs.filter(({ event }) => event.name === 'push');
    expect(pushes.map(({ event, conclusion }) => [event.ref, conclusion])).toEqual(
      VIOLATIONS.map(() => ['refs/heads/main', 'success']),
    );
    expect(pushes.flatMap(runSummaries).join()).toContain('Image policy: passed');
  });

  it('lets pass what touches no image', async () => {
    await expectMerges(bed, await propose(bed, 'words', { 'docs/notes.md': 'image: nginx:latest\n' }));
  });
});
