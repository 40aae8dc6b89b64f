import { describe, expect, it } from '@jest/globals';
import { type Forge, gitBlobOid, type Log } from '@waybill/core';
import { readInventory } from './inventory.js';

const HEAD = 'a'.repeat(40);
const CONFIG = `apiVersion: waybill/v1
warehouses: {p: {images: {strategy: Digest, constraint: main, repos: [ghcr.io/o/api]}}}
stages: {dev: {from: p, updates: [{images: "env/dev/**"}]}}
`;
const TREE = {
  'env/dev/api.yaml': 'image: ghcr.io/o/api:1\n',
  'env/prod/api.yaml': 'image: ghcr.io/o/api:1\n',
  'docs/notes.md': 'image: ghcr.io/o/notes:1\n',
};

const quiet: Log = {
  debug: () => undefined,
  info: () => undefined,
  warning: () => undefined,
  group: (_, work) => work(),
};

/** A repository that can only be read: any other call fails. */
function forgeOf(tree: Readonly<Record<string, string>>): Forge {
  const refuse = () => Promise.reject(new Error('an inventory only reads, and only what it needs'));
  const blobs = Object.entries(tree).map(([path, text]) => {
    const bytes = new TextEncoder().encode(text);
    return { path, text, bytes, oid: gitBlobOid(bytes), mode: '100644' };
  });
  const author = {
    author: 'ada',
    committedDate: '2026-01-02T03:04:05Z',
    verified: true,
    url: 'https://github.com/o/r',
  };
  return {
    snapshot: async ({ files }) => ({
      repository: {
        owner: 'o',
        name: 'r',
        url: 'https://github.com/o/r',
        visibility: 'private',
        defaultBranch: 'main',
        autoMergeAllowed: false,
        mergeMethods: ['merge'],
        deletesBranchOnMerge: false,
      },
      viewer: 'ada',
      head: { oid: HEAD, parents: [], tree: HEAD, message: 'x', ...author },
      files: new Map(blobs.filter(({ path }) => files.includes(path)).map(({ path, text }) => [path, text])),
      ledger: undefined,
    }),
    files: async (_, roots) =>
      blobs.filter(({ path }) => roots.some((root) => root === '' || path.startsWith(`${root}/`))),
    blobs: async (oids) => new Map(blobs.filter(({ oid }) => oids.includes(oid)).map(({ oid, bytes }) => [oid, bytes])),
    history: refuse,
    folder: refuse,
    compare: refuse,
    branches: refuse,
    protection: refuse,
    actionsMayCreatePullRequests: refuse,
    createBranch: refuse,
    commit: refuse,
    createOrphan: refuse,
    deleteBranch: refuse,
    createPullRequest: refuse,
    closePullRequest: refuse,
    enableAutoMerge: refuse,
    disableAutoMerge: refuse,
    merge: refuse,
  };
}

const read = (
  tree: Readonly<Record<string, string>>,
  files: readonly string[] = ['**'],
  firstParty: readonly string[] = [],
) => readInventory({ forge: forgeOf(tree), log: quiet }, { files, firstParty });

describe('readInventory', () => {
  it('guesses without a configuration, and drafts one', async () => {
    const { inventory, draft } = await read(TREE);
    expect(inventory).toMatchObject({ source: 'guess', firstParty: ['ghcr.io/o/*'], filesRead: 2 });
    expect(inventory.stages.map(({ name }) => name)).toEqual(['dev', 'prod']);
    expect(draft.kind).toBe('draft');
  });

  it("takes the configuration's Stages", async () => {
    const { inventory, draft } = await read({ ...TREE, 'waybill.yaml': CONFIG });
    expect(inventory.source).toBe('configuration');
    expect(inventory.stages.map(({ name, globs, files }) => ({ name, globs, files }))).toEqual([
      { name: 'dev', globs: ['env/dev/**'], files: 1 },
    ]);
    expect(draft).toEqual({ kind: 'none', why: 'There is a configuration already' });
  });

  it('looks at the files it was told to', async () => {
    const { inventory } = await read(TREE, ['env/prod/**'], ['ghcr.io/o/*']);
    expect(inventory.images.flatMap(({ places }) => places.map(({ path }) => path))).toEqual(['env/prod/api.yaml']);
  });

  it('fails on a configuration that is wrong, rather than guess beside it', async () => {
    await expect(read({ ...TREE, 'waybill.yaml': 'apiVersion: waybill/v0\n' })).rejects.toThrow(/waybill\.yaml:1/);
  });

  it('refuses first-party globs that name no registry', async () => {
    await expect(read(TREE, ['**'], ['o/*'])).rejects.toMatchObject({ code: 'input-invalid' });
  });
});
