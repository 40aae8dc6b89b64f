import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type Forge, gitBlobOid, loadConfig } from '@waybill/core';
import { type Edge, runAction } from '@waybill/runtime';
import { inventory } from './definition.js';
import { takeStock } from './perform.js';

const HEAD = 'a'.repeat(40);
const DIGEST = `sha256:${'d'.repeat(64)}`;
const TREE = {
  'env/dev/api.yaml': `image:\n  ref: ghcr.io/o/api@${DIGEST}\n`,
  'env/dev/web & more.yaml': 'image: ghcr.io/o/web:1\n',
  'env/prod/api.yaml': `image: ghcr.io/o/api@${DIGEST}\n`,
  '_shared/operator.yaml': `image: ghcr.io/o/operator@${DIGEST}\n`,
  'env/prod/secret.yaml': 'image: {{ .Values.image }}\n',
};
const CONFIG = `apiVersion: waybill/v1
firstParty: [ghcr.io/o/*]
warehouses: {p: {images: {strategy: Digest, constraint: main, repos: [ghcr.io/o/api, ghcr.io/o/ghost]}}}
stages: {dev: {from: p, updates: [{images: "env/dev/**"}]}}
`;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'waybill-inventory-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

function forgeOf(tree: Readonly<Record<string, string>>): Forge {
  const refuse = () => Promise.reject(new Error('an inventory only reads'));
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
    files: async () => blobs,
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

async function run(tree: Readonly<Record<string, string>>, env: Readonly<Record<string, string>> = {}) {
  let stdout = '';
  let exitCode = 0;
  let counter = 0;
  const edge: Edge = {
    env: {
      GITHUB_REPOSITORY: 'o/r',
      GITHUB_RUN_ID: '1',
      GITHUB_RUN_ATTEMPT: '1',
      GITHUB_ACTOR: 'ada',
      GITHUB_EVENT_NAME: 'workflow_dispatch',
      GITHUB_SERVER_URL: 'https://github.com',
      GITHUB_API_URL: 'https://api.github.com',
      GITHUB_GRAPHQL_URL: 'https://api.github.com/graphql',
      GITHUB_ACTION_REPOSITORY: 'acme/waybill',
      GITHUB_OUTPUT: join(folder, 'output'),
      GITHUB_STEP_SUMMARY: join(folder, 'summary'),
      GITHUB_WORKSPACE: folder,
      INPUT_TOKEN: 'ghs_0123456789',
      INPUT_REPOSITORY: 'o/r',
      ...env,
    },
    clock: { now: () => new Date('2026-01-02T03:04:05Z'), sleep: async () => undefined },
    entropy: { bytes: (length) => new Uint8Array(length).fill(++counter) },
    write: (text) => {
      stdout += text;
    },
    setExitCode: (code) => {
      exitCode = code;
    },
  };
  await runAction(inventory, (given) => takeStock(given, forgeOf(tree)), edge);
  const read = (name: string) => readFileSync(join(folder, name), 'utf8');
  return { stdout, exitCode, outputs: parseOutputs(read('output')), summary: read('summary') };
}

/** As the runner reads the file behind GITHUB_OUTPUT. */
function parseOutputs(source: string): Readonly<Record<string, string>> {
  const pattern = /^([\w-]+)<<(\S+)\n([\s\S]*?)\n\2$/gm;
  return Object.fromEntries([...source.matchAll(pattern)].map(([, name = '', , value = '']) => [name, value]));
}

describe('inventory', () => {
  it('gives rows, problems and a draft that loads', async () => {
    const { outputs, exitCode } = await run(TREE);
    expect(exitCode).toBe(0);
    expect(outputs).toMatchObject({ decision: 'done', 'reason-code': 'inventory-taken' });
    expect(JSON.parse(outputs.inventory ?? '')[0]).toEqual({
      image: 'ghcr.io/o/api',
      stage: 'dev',
      file: 'env/dev/api.yaml',
      line: 2,
      key: 'image.ref',
      tag: null,
      digest: DIGEST,
      warehouses: [],
    });
    const problems: readonly { readonly kind: string; readonly stage: string | null }[] = JSON.parse(
      outputs.problems ?? '',
    );
    expect(problems.map(({ kind, stage }) => `${kind} ${stage}`)).toEqual([
      'shared-only null',
      'unpinned dev',
      'missing prod',
    ]);
    const config = outputs.config ?? '';
    expect(config.split('\n')[0]).toBe(
      '# yaml-language-server: $schema=https://raw.githubusercontent.com/acme/waybill/v1/schema/waybill.schema.json',
    );
    expect(loadConfig({ path: 'waybill.yaml', text: config }).stages.map(({ name }) => name)).toEqual(['dev', 'prod']);
  });

  it('shows a matrix with links to the lines of the commit', async () => {
    const { summary } = await run(TREE);
    const link = (label: string, path: string) => `[\`${label}\`](https://github.com/o/r/blob/${HEAD}/${path})`;
    expect(summary).toContain('| Image | `dev` | `prod` | Shared |');
    expect(summary).toContain(
      `| \`api\` | ${link('api.yaml:2', 'env/dev/api.yaml#L2')} | ${link('api.yaml:1', 'env/prod/api.yaml#L1')} | – |`,
    );
    expect(summary).toContain(
      `| \`web\` | ${link('web & more.yaml:1', 'env/dev/web%20%26%20more.yaml#L1')} **not pinned** | – | – |`,
    );
    expect(summary).toContain('### Only in shared files (1)');
    expect(summary).toContain('web: not in prod');
    expect(summary).toContain('### Draft of waybill.yaml');
    expect(summary).toMatch(/### What was not read[\s\S]*secret\.yaml:1.*names none of these images/);
  });

  it('tells what the Warehouses have when there is a configuration', async () => {
    const { outputs, summary } = await run({ ...TREE, 'waybill.yaml': CONFIG });
    expect(outputs.config).toBeUndefined();
    expect(summary).toContain('### Built but unreferenced (1)');
    expect(summary).toContain('### Referenced but in no Warehouse (2)');
    expect(summary).not.toContain('### Draft');
  });
});

describe('write', () => {
  const WRITE = { INPUT_WRITE: 'true' };
  const target = () => join(folder, 'waybill.yaml');

  it('writes the draft into the workspace', async () => {
    const { outputs, exitCode } = await run(TREE, WRITE);
    expect({ exitCode, reason: outputs['reason-code'] }).toEqual({ exitCode: 0, reason: 'draft-written' });
    expect(readFileSync(target(), 'utf8').trimEnd()).toBe(outputs.config?.trimEnd());
  });

  it('only shows it in a dry run', async () => {
    const { outputs } = await run(TREE, { ...WRITE, 'INPUT_DRY-RUN': 'true' });
    expect(outputs).toMatchObject({ decision: 'planned', 'reason-code': 'dry-run' });
    expect(existsSync(target())).toBe(false);
  });

  it('overwrites nothing, and still gives the inventory', async () => {
    writeFileSync(target(), 'mine');
    const { outputs, exitCode, stdout } = await run(TREE, WRITE);
    expect({ exitCode, reason: outputs['reason-code'] }).toEqual({ exitCode: 1, reason: 'path-refused' });
    expect(readFileSync(target(), 'utf8')).toBe('mine');
    expect(JSON.parse(outputs.inventory ?? '')).toHaveLength(4);
    expect(stdout).toContain('What to do: Leave `write` out');
  });

  it('follows no link out of the workspace', async () => {
    const outside = join(folder, 'outside');
    symlinkSync(outside, target());
    const { outputs } = await run(TREE, WRITE);
    expect(outputs['reason-code']).toBe('path-refused');
    expect(existsSync(outside)).toBe(false);
  });

  it('refuses where the default branch has a configuration', async () => {
    const { outputs } = await run({ ...TREE, 'waybill.yaml': CONFIG }, WRITE);
    expect(outputs['reason-code']).toBe('path-refused');
    expect(existsSync(target())).toBe(false);
  });

  it('says why there is nothing to draft from', async () => {
    const { outputs, stdout } = await run({ 'a.yaml': 'image: redis:7\n' }, WRITE);
    expect(outputs['reason-code']).toBe('tree-ambiguous');
    expect(stdout).toContain('No folder or file name was found');
  });

  it('needs a workspace', async () => {
    const { outputs } = await run(TREE, { ...WRITE, GITHUB_WORKSPACE: '' });
    expect(outputs['reason-code']).toBe('input-invalid');
  });
});
