import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { globsOverlap, loadConfig, writableGlobs } from '../config/index.js';
import { scanBytes } from '../yaml/index.js';
import { draftConfig } from './draft.js';
import { takeInventory } from './take.js';
import type { InventoryFile } from './types.js';

const CORPORA = new URL('../../../../../shared/corpora/', import.meta.url);
const archives = existsSync(CORPORA) ? readdirSync(CORPORA).filter((name) => name.endsWith('.tar.gz')) : [];

/** The YAML files of a GNU tar archive: headers of 512 bytes, name at 0, octal size at 124; `L` holds the next entry's long name. */
function readArchive(archive: Buffer): readonly InventoryFile[] {
  const files: InventoryFile[] = [];
  const text = (from: number, length: number) => archive.toString('utf8', from, from + length).split('\0')[0] ?? '';
  let longName = '';
  for (let at = 0; at + 512 <= archive.length && archive[at] !== 0; ) {
    const size = Number.parseInt(text(at + 124, 12), 8);
    const type = text(at + 156, 1);
    const path = longName === '' ? text(at, 100) : longName;
    const bytes = archive.subarray(at + 512, at + 512 + size);
    longName = type === 'L' ? text(at + 512, size) : '';
    if (type === '0' && /\.ya?ml$/.test(path)) files.push({ path, scan: scanBytes({ path, bytes }) });
    at += 512 + Math.ceil(size / 512) * 512;
  }
  return files;
}

describe('over a real repository', () => {
  const [archive] = archives;
  if (archive === undefined) {
    it.skip('drafts a configuration (corpus absent)', () => undefined);
    return;
  }
  const files = readArchive(gunzipSync(readFileSync(new URL(archive, CORPORA))));
  const inventory = takeInventory({ files });

  it('finds the environments and whose images they run', () => {
    expect(files.length).toBe(4069);
    expect(inventory.stages.map(({ name, upstream }) => ({ name, upstream }))).toEqual([
      { name: 'development', upstream: [] },
      { name: 'staging', upstream: ['development'] },
      { name: 'production', upstream: ['staging'] },
    ]);
    expect(inventory.firstParty).toEqual(['quay.io/konflux-ci/**']);
    expect(inventory.images.length).toBeGreaterThan(30);
  });

  it('gives every reference to a first-party image a place, once', () => {
    const known = new Set(inventory.images.map(({ repository }) => repository));
    const references = files
      .filter(({ path }) => !path.startsWith('.github/'))
      .flatMap(({ scan }) => scan.references)
      .filter(({ repository }) => repository !== undefined && known.has(repository));
    expect(inventory.images.flatMap(({ places }) => places)).toHaveLength(references.length);
  });

  it('drafts a configuration that loads, with Stages that stay apart', () => {
    const draft = draftConfig(inventory);
    const { stages, warehouses } = loadConfig({ path: 'waybill.yaml', text: draft.kind === 'draft' ? draft.text : '' });
    expect(warehouses.get('platform')?.subscriptions.length).toBeGreaterThan(30);
    const globs = stages.map(writableGlobs);
    const overlaps = globs.flatMap((mine, index) =>
      globs
        .slice(index + 1)
        .flatMap((others) => mine.filter((one) => others.some((other) => globsOverlap(one, other)))),
    );
    expect(overlaps).toEqual([]);
  });
});
