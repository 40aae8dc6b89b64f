import { expect, it } from '@jest/globals';
import type { Bed } from '@waybill/testbed';
import { githubReads } from '../../security/github-reads.js';
import { expectAsDescribed } from '../workflows/support.js';
import { expectBlocked, found, type Judged, propose, startPolicyBed } from './support.js';

/** What files, paths and values say reaches the log, annotations and the summary as text, and nothing else. */
const FOLDER = 'sources/values/env/dev/apps';
const TITLES = [
  'channel-tag: Branch-like tag',
  'invalid-reference: Text that is no image reference',
  'malformed-digest: Digest that is none',
  'not-checked: Something that could not be read',
  'unpinned: Image reference without a digest',
];

/** A file with an image that is not pinned, so that its path is told. */
const UNPINNED = 'image:\n  ref: ghcr.io/ameideio/api:4f2c1e9\n';

const PATHS = [
  '::error file=forged,line=1::forged.yaml',
  'a%0A::error::forged.yaml',
  'a%250A%3A%3Aerror%3A%3Aforged,line=7.yaml',
  '##[error]forged.yaml',
  '@ameideio-team/x #1.yaml',
  '</details><h1>forged</h1>.yaml',
  '![x](https:evil.example)|`b`.yaml',
  'a\n::error::forged\n# forged.yaml',
  'a\r::warning::forged.yaml',
];

const VALUES = [
  '::error::forged',
  'api:main%0A::error::forged',
  'ghcr.io/ameideio/api:x\n::error file=forged::forged',
  'ghcr.io/ameideio/api:x\r\n::stop-commands::forged',
  'ghcr.io/ameideio/api:x\n::add-mask::ameideio',
  'ghcr.io/ameideio/api:x\n##[error]forged',
  'ghcr.io/ameideio/api:@ameideio-team',
  'ghcr.io/ameideio/api:</details><h1>forged</h1>',
  'ghcr.io/ameideio/api:`</details>` | forged | @ameideio-team',
  'ghcr.io/ameideio/api:x\n```\n# forged @ameideio-team\n</details>',
  'ghcr.io/ameideio/api:$(touch forged)${{ github.token }}',
];

async function judgedOnBed(files: Readonly<Record<string, string>>): Promise<Judged> {
  return onBed(async (bed) => {
    const bad = await propose(bed, 'foreign', files);
    await expectBlocked(bed, bad);
    return bad;
  });
}

async function onBed<T>(scenario: (bed: Bed) => Promise<T>): Promise<T> {
  const bed = await startPolicyBed();
  try {
    const result = await scenario(bed);
    await expectAsDescribed(bed);
    return result;
  } finally {
    await bed.close();
  }
}

/** The summary without what stands in code, where GitHub reads nothing, and without the sections that are ours. */
function proseOf(summary: string): readonly string[] {
  return summary
    .replace(/^(`{3,})[^\n]*\n[\s\S]*?\n\1$/gm, '')
    .replace(/(?<!`)(`+)(?!`)(?:(?!\n).)*?(?<!`)\1(?!`)/g, '')
    .replace(/<\/?(?:details|summary)>/g, '')
    .replace(/\]\(http:\/\/127\.0\.0\.1:\d+\/[^\s()<>]*\)/g, '')
    .split('\n');
}

function expectOnlyText({ run, errors, summary, log }: Judged, files: number): void {
  // One annotation is the run's own last word. The runner keeps ten errors of a step.
  const told = errors.filter(({ title }) => title !== undefined);
  expect(errors).toHaveLength(told.length + 1);
  expect(told).toHaveLength(Math.min(files, 9));
  expect(told.map(({ title }) => title).filter((title) => !TITLES.includes(title ?? ''))).toEqual([]);
  expect(told.map(({ file }) => file).filter((file) => !file?.startsWith(`${FOLDER}/`))).toEqual([]);
  expect(run.jobs.flatMap(({ steps }) => steps.map(({ outcome }) => outcome))).toEqual(['success', 'failure']);

  const lines = log.flatMap((line) => line.split(/[\r\n]/)).map((line) => line.trim());
  // A command that nobody took is one that could have been.
  expect(lines.filter((line) => line.startsWith('::'))).toEqual([]);
  expect(lines.filter((line) => /^##\[(?!group\]|endgroup\]|error\](?:The image policy|the |"|no |it |is ))/.test(line))).toEqual([]);
  expect(lines.filter((line) => line.startsWith('#') && line.includes('forged'))).toEqual([]);

  expect(count(summary, /^<details>$/gm)).toBe(count(summary, /^<\/details>$/gm));
  for (const line of proseOf(summary)) {
    const read = githubReads(line).filter((one) => ['mention', 'reference', 'email', 'html', 'image', 'url', 'code', 'invisible'].includes(one));
    expect([line, read]).toEqual([line, []]);
  }
  expect(proseOf(summary).filter((line) => /^#/.test(line) && line.includes('forged'))).toEqual([]);
}

function count(text: string, pattern: RegExp): number {
  return text.match(pattern)?.length ?? 0;
}

it('takes no path for a command or for markup', async () => {
  const files = Object.fromEntries(PATHS.map((path) => [`${FOLDER}/${path}`, UNPINNED]));
  const bad = await judgedOnBed(files);
  expectOnlyText(bad, PATHS.length);
  console.log(bad.summary, JSON.stringify(bad.errors, null, 1), bad.log.join('\n'));
  expect(found(bad)).toEqual(
    PATHS.map((path) => `${FOLDER}/${path}:2 unpinned: Image reference without a digest`).sort(),
  );
});

it('takes no value for a command or for markup', async () => {
  const files = VALUES.map((value, index) => [
    `${FOLDER}/v${index}.yaml`,
    `# @ameideio-team </details>\nimage:\n  ref: ${JSON.stringify(value)}\n`,
  ]);
  const bad = await judgedOnBed(Object.fromEntries(files));
  console.log(bad.summary, JSON.stringify(bad.errors, null, 1), bad.log.join('\n'));
  expectOnlyText(bad, VALUES.length);
  for (const index of VALUES.keys()) expect(bad.summary).toContain(`v${index}.yaml:3`);
});
