import { describe, expect, it } from '@jest/globals';
import {
  loadPolicies,
  type PolicyInput,
  policySettings,
  type Registry,
  type Resolution,
  WaybillError,
} from '@waybill/core';
import { judgeByRegistry, lookUpDigests } from './online.js';
import type { PolicyTree } from './read-tree.js';

const A = `sha256:${'a'.repeat(64)}`;
const B = `sha256:${'b'.repeat(64)}`;

function settingsOf(images: string) {
  const text = `apiVersion: waybill/v1\nimages: ${images}\n`;
  const none = {
    file: 'waybill.yaml',
    apiVersion: 'waybill/v1',
    firstParty: [],
    warehouses: new Map(),
    stages: [],
  } as const;
  return policySettings(loadPolicies({ path: 'waybill.policies.yaml', text }, none));
}

/** A tree of one file for each image. */
function treeOf(...images: readonly string[]): PolicyTree {
  const files = images.map((image, index) => ({
    path: `${index}.yaml`,
    bytes: new TextEncoder().encode(
      `apiVersion: v1\nkind: Pod\nspec:\n  containers:\n    - name: x\n      image: ${image}\n`,
    ),
  }));
  return { files, paths: files.map(({ path }) => path), fileCount: files.length, oddities: [], oids: new Map() };
}

/** A registry that has these names, each with its digest, and remembers what it was asked. */
function registryOf(known: Readonly<Record<string, string>>, platforms: readonly string[] = []) {
  const asked: string[] = [];
  const registry: Registry = {
    resolve: async (references) =>
      references.map((reference): Resolution => {
        asked.push(reference.text);
        const digest = known[reference.text];
        if (digest === undefined) return { kind: 'absent', reference };
        if (digest === 'down') {
          const error = new WaybillError('registry-unavailable', { what: 'It is down', remedy: 'Wait.' });
          return { kind: 'failed', reference, error };
        }
        return { kind: 'resolved', image: { reference, digest, mediaType: 'x', platforms, annotations: {} } };
      }),
    tags: async () => [],
  };
  return { registry, asked };
}

describe('judgeByRegistry', () => {
  const settings = settingsOf('{registries: [ghcr.io], platforms: [linux/amd64, linux/arm64]}');

  it.each([
    ['a digest that is there', `ghcr.io/o/a@${A}`, {}, []],
    ['one that is not', `ghcr.io/o/b@${A}`, {}, ['digest-not-found']],
    ['a tag that agrees', `ghcr.io/o/a:1.0.0@${A}`, { 'ghcr.io/o/a:1.0.0': A }, []],
    ['a tag that points elsewhere', `ghcr.io/o/a:1.0.0@${A}`, { 'ghcr.io/o/a:1.0.0': B }, ['tag-digest-mismatch']],
    ['a tag that is gone', `ghcr.io/o/a:1.0.0@${A}`, {}, []],
  ])('says of %s', async (_, image, more, rules) => {
    const { registry } = registryOf({ [`ghcr.io/o/a@${A}`]: A, ...more }, ['linux/amd64', 'linux/arm64']);
    const { drafts } = await judgeByRegistry(registry, treeOf(image), settings);
    expect(drafts.map(({ rule }) => rule)).toEqual(rules);
  });

  it('finds platforms that are missing', async () => {
    const { registry } = registryOf({ [`ghcr.io/o/a@${A}`]: A }, ['linux/amd64']);
    const { drafts } = await judgeByRegistry(registry, treeOf(`ghcr.io/o/a@${A}`), settings);
    expect(drafts.map(({ rule, reason }) => [rule, reason])).toEqual([
      ['platform-missing', 'the image is not there for linux/arm64'],
    ]);
  });

  it('asks nobody but whom the base’s policies name (threat model, row 14)', async () => {
    const { registry, asked } = registryOf({});
    const tree = treeOf(`evil.example:5000/x@${A}`, `ghcr.io.evil.example/o/a@${A}`, `nginx@${A}`);
    expect(await judgeByRegistry(registry, tree, settings)).toEqual({
      drafts: [],
      refused: ['docker.io', 'evil.example:5000', 'ghcr.io.evil.example'],
    });
    expect(asked).toEqual([]);
  });

  it('fails when it could not look', async () => {
    const { registry } = registryOf({ [`ghcr.io/o/a@${A}`]: 'down' });
    await expect(judgeByRegistry(registry, treeOf(`ghcr.io/o/a@${A}`), settings)).rejects.toMatchObject({
      errors: [{ code: 'registry-unavailable' }],
    });
  });
});

describe('lookUpDigests', () => {
  it('gives the digests of tags, of allowed registries alone', async () => {
    const settings = settingsOf('{registries: [ghcr.io]}');
    const { files } = treeOf('ghcr.io/o/a:1.0.0', 'quay.io/o/a:1.0.0', 'ghcr.io/o/b:2.0.0');
    const input: PolicyInput = { files, settings, now: new Date(0) };
    const { registry, asked } = registryOf({ 'ghcr.io/o/a:1.0.0': A, 'quay.io/o/a:1.0.0': B });
    const lookup = await lookUpDigests(registry, input);
    expect(lookup({ repository: 'ghcr.io/o/a', tag: '1.0.0' })).toBe(A);
    expect(lookup({ repository: 'quay.io/o/a', tag: '1.0.0' })).toBeUndefined();
    expect(lookup({ repository: 'ghcr.io/o/b', tag: '2.0.0' })).toBeUndefined();
    expect(asked.sort()).toEqual(['ghcr.io/o/a:1.0.0', 'ghcr.io/o/b:2.0.0']);
  });
});
