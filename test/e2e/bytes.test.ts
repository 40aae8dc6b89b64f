import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, it } from '@jest/globals';
import type { Bed } from '@waybill/testbed';
import { CONFIG, landedInDev, OLD, onBed, pushImages, smallRepository, succeeded } from './support.js';

const run = promisify(execFile);

/** `100755 blob <oid>\t<path>` */
async function entryOf(bed: Bed, path: string): Promise<string> {
  const { stdout } = await run('git', ['--git-dir', bed.github.gitDirectory(bed.repository), 'ls-tree', 'main', path]);
  return stdout.trim();
}

async function bytesOf(bed: Bed, path: string): Promise<string> {
  const { stdout } = await run(
    'git',
    ['--git-dir', bed.github.gitDirectory(bed.repository), 'cat-file', 'blob', `main:${path}`],
    { encoding: 'latin1' },
  );
  return stdout;
}

const BOM = '\uFEFF';

/** Every way to write a file that an editor by parse and print would change. */
const FILES: Readonly<Record<string, string>> = {
  'env/dev/crlf.yaml': `# Windows\r\nimage:\r\n  ref: "ghcr.io/ameideio/api@${OLD.api}"   # keep me\r\n\r\nlist: [ 1,2 , 3 ]\r\n`,
  'env/dev/bom.yaml': `${BOM}image: ghcr.io/ameideio/web@${OLD.web}\n`,
  'env/dev/anchors.yaml': `defaults: &defaults\n  pull: Always\n  ref: &ref 'ghcr.io/ameideio/api@${OLD.api}'\nimage:\n  <<: *defaults\n  ref: *ref\n`,
  'env/dev/no-newline.yaml': `image: {ref: ghcr.io/ameideio/web@${OLD.web}}`,
  'env/dev/many.yaml': `---\n# first\nimage:\n    ref:   >-\n        ghcr.io/ameideio/api@${OLD.api}\n...\n---\nsecond: "caf\u00e9 \u{1F680}"\nimage: {ref: ghcr.io/ameideio/web@${OLD.web}}\n`,
};

it('changes the bytes of the values and no others', async () => {
  await onBed({ files: smallRepository(FILES) }, async (bed) => {
    const before = new Map<string, string>();
    for (const path of Object.keys(FILES)) before.set(path, await bytesOf(bed, path));
    const digests = await landedInDev(bed, 2);
    for (const path of Object.keys(FILES)) {
      const expected = (before.get(path) ?? '')
        .replaceAll(OLD.api ?? '', digests.api ?? '')
        .replaceAll(OLD.web ?? '', digests.web ?? '');
      expect(expected).not.toBe(before.get(path));
      expect(await bytesOf(bed, path)).toBe(expected);
      expect(await entryOf(bed, path)).toMatch(/^100644 /);
    }
  });
});

it('keeps the mode of an executable file', async () => {
  await onBed({}, async (bed) => {
    const path = 'env/dev/run.yaml';
    const content = `#!/usr/bin/env -S kubectl apply -f\nimage: ghcr.io/ameideio/api@${OLD.api}\n`;
    await bed.github.commitAs('alice', bed.repository, 'main', { [path]: { content, mode: '100755' } }, 'A script');
    const digests = await landedInDev(bed, 2);
    expect(await bytesOf(bed, path)).toBe(content.replace(OLD.api ?? '', digests.api ?? ''));
    expect(await entryOf(bed, path)).toMatch(/^100755 /);
    expect(await entryOf(bed, 'env/dev/api.yaml')).toMatch(/^100644 /);

    // And once more, over the commit that Waybill made.
    const newer = await pushImages(bed, 3);
    succeeded(await bed.act('reconcile'));
    expect(await bytesOf(bed, path)).toBe(content.replace(OLD.api ?? '', newer.api ?? ''));
    expect(await entryOf(bed, path)).toMatch(/^100755 /);
  });
});

it('leaves what is not the Stage’s alone, whatever it names', async () => {
  const foreign = {
    'env/shared/api.yaml': `image: {ref: ghcr.io/ameideio/api@${OLD.api}}\n`,
    'env/dev/third-party.yaml': 'nats:\n  image: docker.io/library/nats:2.10.22\n',
    'env/dev/notes.md': `ghcr.io/ameideio/api@${OLD.api}\n`,
    '.github/workflows/deploy.yml': `on: push\njobs: {a: {runs-on: x, container: {image: ghcr.io/ameideio/api@${OLD.api}}, steps: [{run: "true"}]}}\n`,
  };
  await onBed({ files: smallRepository(foreign) }, async (bed) => {
    await landedInDev(bed, 2);
    for (const [path, text] of Object.entries(foreign)) {
      expect(await bed.github.readText(bed.repository, 'main', path)).toBe(text);
    }
    expect(await bed.github.readText(bed.repository, 'main', 'waybill.yaml')).toBe(CONFIG);
  });
});
