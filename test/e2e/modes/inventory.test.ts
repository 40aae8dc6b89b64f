import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { loadConfig } from '@waybill/core';
import { type Bed, EXAMPLE_SERVICES, exampleFiles, startBed } from '@waybill/testbed';
import { errorsOf, succeeded } from '../support.js';

/** The example with its configuration, and on a branch of people's own: the same without it. */
let bed: Bed;
let workspace: string;
beforeAll(async () => {
  const { 'waybill.yaml': _, 'waybill.policies.yaml': _policies, ...bare } = exampleFiles();
  bed = await startBed({ identity: 'app', files: bare });
  workspace = await mkdtemp(join(tmpdir(), 'inventory-'));
});
afterAll(async () => {
  await bed.close();
  await rm(workspace, { recursive: true, force: true });
});
afterEach(async () => {
  await bed.github.settled();
  expect([bed.github.unhandled, bed.github.violations]).toEqual([[], []]);
  expect(bed.github.log.filter(({ mutating }) => mutating)).toEqual([]);
  expect(bed.registry.log.count()).toBe(0);
});

interface Row {
  readonly image: string;
  readonly stage: string | null;
  readonly file: string;
  readonly line: number;
}
const rows = (outputs: Readonly<Record<string, string>>) => JSON.parse(outputs.inventory ?? '') as readonly Row[];
const stages = ['local', 'dev', 'staging', 'production'];

describe('inventory', () => {
  it('drafts a waybill.yaml that loads and names every Stage and image, without writing it', async () => {
    const result = succeeded(await bed.act('inventory', { files: 'sources/values/**' }, { workspace }));
    expect(result.outputs).toMatchObject({ decision: 'done', 'reason-code': 'inventory-taken' });
    const text = result.outputs.config ?? '';
    const config = loadConfig({ path: 'waybill.yaml', text });
    expect(config.stages.map(({ name }) => name).sort()).toEqual([...stages].sort());
    for (const service of EXAMPLE_SERVICES) expect(text).toContain(`ghcr.io/ameideio/${service}`);
    await expect(readFile(join(workspace, 'waybill.yaml'))).rejects.toThrow(/ENOENT/);
  });

  it('writes it when asked, but not in a dry run', async () => {
    const dry = await bed.act('inventory', { write: 'true', 'dry-run': 'true' }, { workspace });
    expect(succeeded(dry).outputs).toMatchObject({ decision: 'planned', 'reason-code': 'dry-run' });
    await expect(readFile(join(workspace, 'waybill.yaml'))).rejects.toThrow(/ENOENT/);
    const result = succeeded(await bed.act('inventory', { write: 'true' }, { workspace }));
    expect(result.outputs).toMatchObject({ decision: 'done', 'reason-code': 'draft-written' });
    const text = await readFile(join(workspace, 'waybill.yaml'), 'utf8');
    expect(text).toBe(result.outputs.config);
    loadConfig({ path: 'waybill.yaml', text });
  });

  it('overwrites nothing', async () => {
    await writeFile(join(workspace, 'waybill.yaml'), 'mine: true\n');
    const result = await bed.act('inventory', { write: 'true' }, { workspace });
    expect(result.outputs).toMatchObject({ decision: 'refused', 'reason-code': 'path-refused' });
    expect(errorsOf(result)).toContain('overwrites nothing');
    expect(await readFile(join(workspace, 'waybill.yaml'), 'utf8')).toBe('mine: true\n');
    expect(rows(result.outputs).length).toBeGreaterThan(0);
  });

  it('lists image × Stage → file and line of the example with its configuration', async () => {
    const files = exampleFiles();
    const config = Object.fromEntries(
      ['waybill.yaml', 'waybill.policies.yaml'].map((name) => [name, files[name] ?? '']),
    );
    await bed.github.commitAs('alice', bed.repository, 'main', config, 'configure');
    await bed.runner.idle();
    bed.github.log.clear();
    bed.registry.log.clear();
    const result = succeeded(await bed.act('inventory', { files: 'sources/values/**' }, { workspace }));
    const found = rows(result.outputs);
    expect(new Set(found.map(({ image }) => image))).toEqual(
      new Set(EXAMPLE_SERVICES.map((service) => `ghcr.io/ameideio/${service}`)),
    );
    for (const { image, file, line, stage } of found) {
      const near = (files[file] ?? '')
        .split('\n')
        .slice(line - 1, line + 4)
        .join('\n');
      expect(near).toContain(image.split('/').at(-1) ?? '');
      if (stage !== null) expect(file.startsWith(`sources/values/env/${stage}/`)).toBe(true);
    }
    const problems = JSON.parse(result.outputs.problems ?? '') as readonly {
      kind: string;
      image: string;
      stage: string | null;
    }[];
    // What only local and dev run.
    expect(
      problems
        .filter(({ image }) => image === 'ghcr.io/ameideio/agents')
        .map(({ stage }) => stage)
        .sort(),
    ).toEqual(['production', 'staging']);
    expect(result.outputs.config).toBeUndefined();

    const write = await bed.act('inventory', { write: 'true' }, { workspace });
    expect(write.outputs['reason-code']).toBe('path-refused');
  });

  it.each([
    ['a repository it may not see', { repository: 'ameideio/other' }, 'forge-denied'],
    ['what is no flag', { write: 'maybe' }, 'input-invalid'],
    ['a glob out of the repository', { files: '../**' }, 'input-invalid'],
  ])('refuses %s', async (_, inputs, code) => {
    const result = await bed.act('inventory', inputs, { workspace });
    expect(result.outputs['reason-code']).toBe(code);
  });
});
