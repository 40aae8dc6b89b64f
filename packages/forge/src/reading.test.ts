import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { gitBlobOid } from '@waybill/core';
import { bytes, type ForgeBed, startForgeBed } from './test-support.js';

const FILES = {
  'waybill.yaml': 'apiVersion: waybill/v1\n',
  'env/dev/api.yaml': 'image: one\n',
  'env/dev/deep/a/b/c/d/e.yaml': 'image: deep\n',
  'env/dev/skipped/x.yaml': 'image: skipped\n',
  'env/dev/run.yaml': { content: '#!/bin/sh\n', mode: '100755' },
  'env/dev/bom.yaml': '\uFEFFimage: bom\r\n',
  'env/staging/api.yaml': 'image: two\n',
  'elsewhere/other.yaml': 'image: other\n',
} as const;

let bed: ForgeBed;
beforeAll(async () => {
  bed = await startForgeBed(FILES);
});
afterAll(async () => {
  expect(bed.github.unhandled).toEqual([]);
  expect(bed.github.violations).toEqual([]);
  await bed.close();
});

describe('snapshot', () => {
  it('tells facts, heads and files in one request', async () => {
    bed.github.log.clear();
    const snapshot = await bed.forge.snapshot({
      files: ['waybill.yaml', 'absent.yaml'],
      ledgerBranch: 'waybill/ledger',
      ledgerFiles: ['state.json'],
      ledgerCommits: 5,
    });
    expect([...bed.github.log]).toHaveLength(1);
    expect(snapshot).toMatchObject({
      viewer: 'waybill[bot]',
      repository: { owner: 'ameideio', name: 'gitops', defaultBranch: 'main', autoMergeAllowed: true },
      ledger: undefined,
    });
    expect(snapshot.head.oid).toBe(await bed.head());
    expect([...snapshot.files]).toEqual([['waybill.yaml', 'apiVersion: waybill/v1\n']]);
  });

  it("tells the ledger's commits, newest first, with who made them and whether GitHub signed", async () => {
    const first = await bed.forge.createOrphan({
      branch: 'waybill/ledger',
      message: 'one',
      files: [{ path: 'state.json', mode: '100644', content: bytes('{}') }],
    });
    await bed.github.commitAs('alice', 'ameideio/gitops', 'waybill/ledger', { 'state.json': '{"forged":true}' }, 'two');
    const { ledger } = await bed.forge.snapshot({
      files: [],
      ledgerBranch: 'waybill/ledger',
      ledgerFiles: ['state.json'],
      ledgerCommits: 5,
    });
    expect(ledger?.files.get('state.json')).toBe('{"forged":true}');
    expect(ledger?.commits.map(({ author, verified, message }) => ({ author, verified, message }))).toEqual([
      { author: 'alice', verified: false, message: 'two' },
      { author: 'waybill[bot]', verified: true, message: 'one' },
    ]);
    expect(ledger?.commits[0]?.parents).toEqual([first.oid]);
    expect(ledger?.commits[1]?.parents).toEqual([]);
  });
});

describe('files', () => {
  it('lists below the roots alone, to any depth, without pruned folders', async () => {
    const files = await bed.forge.files(await bed.head(), ['env/dev'], (folder) => folder !== 'env/dev/skipped');
    expect(files.map(({ path, mode }) => `${mode} ${path}`)).toEqual([
      '100644 env/dev/api.yaml',
      '100644 env/dev/bom.yaml',
      '100644 env/dev/deep/a/b/c/d/e.yaml',
      '100755 env/dev/run.yaml',
    ]);
  });

  it('lists nothing for a root that is not there, and everything for the empty one', async () => {
    expect(await bed.forge.files(await bed.head(), ['nowhere'], () => true)).toEqual([]);
    expect(await bed.forge.files(await bed.head(), [''], () => true)).toHaveLength(Object.keys(FILES).length);
  });
});

describe('blobs', () => {
  it('gives every byte, byte order mark and carriage returns included', async () => {
    const wanted = [FILES['env/dev/bom.yaml'], FILES['env/dev/api.yaml']].map((text) => gitBlobOid(bytes(text)));
    const blobs = await bed.forge.blobs(wanted);
    expect(wanted.map((oid) => Buffer.from(blobs.get(oid) ?? []).toString('utf8'))).toEqual([
      FILES['env/dev/bom.yaml'],
      FILES['env/dev/api.yaml'],
    ]);
  });

  it('falls back to the Git database for what GraphQL does not give to the byte', async () => {
    const binary = Buffer.from([0xff, 0xfe, 0x00, 0x01]);
    const head = await bed.head();
    await bed.forge.createBranch('binary', head);
    await bed.forge.commit({
      branch: 'binary',
      expectedHead: head,
      message: 'binary',
      files: [{ path: 'x.bin', mode: '100644', content: binary }],
    });
    const oid = gitBlobOid(binary);
    expect(Buffer.from((await bed.forge.blobs([oid])).get(oid) ?? []).equals(binary)).toBe(true);
  });

  it('asks once for many', async () => {
    bed.github.log.clear();
    const listed = await bed.forge.files(await bed.head(), [''], () => true);
    await bed.forge.blobs(listed.map(({ oid }) => oid));
    const queries = [...bed.github.log].filter((entry) => entry.kind === 'graphql');
    expect(queries).toHaveLength(3);
  });
});

describe('history', () => {
  it('tells who last touched a path', async () => {
    await bed.github.commitAs(
      'alice',
      'ameideio/gitops',
      'main',
      { 'env/dev/api.yaml': 'image: by hand\n' },
      'by hand',
    );
    const [newest, first] = await bed.forge.history(await bed.head(), 'env/dev/api.yaml', 5);
    expect(newest).toMatchObject({ author: 'alice', verified: false, message: 'by hand' });
    expect(first?.message).toBe('Initial commit');
  });
});
