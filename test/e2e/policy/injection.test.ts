import { expect, it } from '@jest/globals';
import { githubReads } from '../../security/github-reads.js';
import { expectAsDescribed } from '../workflows/support.js';
import { expectBlocked, found, type Judged, propose, startPolicyBed } from './support.js';

/** What files, paths and values say reaches the log, annotations and the summary as text, and nothing else. */
const FOLDER = 'sources/values/env/dev/apps';
const TITLES = [
  'invalid-reference: Text that is no image reference',
  'malformed-digest: Digest that is none',
  'unpinned: Image reference without a digest',
];

/** What nothing of ours is, outside of code and of links to the forge. */
const FOREIGN: readonly string[] = ['mention', 'reference', 'email', 'html', 'image', 'url', 'code', 'invisible'];

/** A file with an image that is not pinned, so that its path is told. */
const UNPINNED = 'image:\n  ref: ghcr.io/ameideio/api:4f2c1e9\n';

const PATHS = [
  '::error file=forged,line=1::forged.yaml',
  'a%0A::error::forged.yaml',
  'a%250A%3A%3Aerror%3A%3Aforged,line=7.yaml',
  // The first in order, which the run's own last word names.
  '##[error]forged.yaml',
  '@ameideio-team/x #1.yaml',
  '</details><h1>forged</h1>.yaml',
  'x![x](https:evil.example)|`b`.yaml',
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
];

async function judgedOnBed(files: Readonly<Record<string, string>>): Promise<Judged> {
  const bed = await startPolicyBed();
  try {
    const bad = await propose(bed, 'foreign', files);
    await expectBlocked(bed, bad);
    await expectAsDescribed(bed);
    return bad;
  } finally {
    await bed.close();
  }
}

/** The summary without what stands in code, where GitHub reads nothing, and without the sections that are ours. */
function proseOf(summary: string): readonly string[] {
  return summary
    .replace(/^(`{3,})[^\n]*\n[\s\S]*?\n\1$/gm, '')
    .replace(/(?<!`)(`+)(?!`)(?:(?!\n).)*?(?<!`)\1(?!`)/g, '')
    .replace(/<\/?(?:details|summary|code)>/g, '')
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
  // The runner reads `::` at the start of a line, and `##[` anywhere in one; what it made of ours itself starts so.
  expect(lines.filter((line) => line.startsWith('::'))).toEqual([]);
  expect(lines.filter((line) => line.includes('##[') && !line.startsWith('##['))).toEqual([]);
  const own = lines.filter((line) => line.startsWith('##[') && !/^##\[(?:group\][a-z-]+: |endgroup\]$)/.test(line));
  expect(own).toHaveLength(errors.length);
  expect(own.filter((line) => !line.startsWith('##[error]'))).toEqual([]);

  expect(count(summary, /^<details>$/gm)).toBe(count(summary, /^<\/details>$/gm));
  for (const line of proseOf(summary)) {
    const read = githubReads(line).filter((one) => FOREIGN.includes(one));
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
  expectOnlyText(bad, VALUES.length);
  for (const index of VALUES.keys()) expect(bad.summary).toContain(`v${index}.yaml:3`);
});
