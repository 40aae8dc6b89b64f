import { describe, expect, it } from '@jest/globals';
import { loadImagePolicy } from '../config/load-policies.js';
import { applySplices } from './compose.js';
import { digestQuestions, fixTree } from './fix.js';
import { judge, type PolicyInput } from './judge.js';
import { policySettings } from './settings.js';

const HEX = 'ab'.repeat(32);
const DIGEST = `sha256:${HEX}`;
const OTHER = `sha256:${'cd'.repeat(32)}`;

function inputOf(text: string, images = '{}', path = 'values.yaml'): PolicyInput {
  const file = { path: 'waybill.policies.yaml', text: `apiVersion: waybill/v1\nimages: ${images}\n` };
  return {
    files: [{ path, bytes: new TextEncoder().encode(text) }],
    settings: policySettings(loadImagePolicy(file), { firstParty: ['ghcr.io/ours/*'] }),
    now: new Date('2026-06-01T00:00:00Z'),
  };
}

function fixed(text: string, images?: string, path?: string): string {
  const { files } = fixTree(inputOf(text, images, path), () => DIGEST);
  const [file] = files;
  if (file !== undefined) expect(applySplices(file.before, file.splices)).toBe(file.after);
  return file?.after ?? 'UNCHANGED';
}

describe('fixTree', () => {
  it.each<[what: string, before: string, after: string, images?: string | undefined, path?: string]>([
    ['a whole reference, whose tag stays', 'image: a/b:v1.2.3 # c\r\n', `image: a/b:v1.2.3@${DIGEST} # c\r\n`],
    ['a whole reference without a tag', 'image: ghcr.io/a/b', `image: ghcr.io/a/b@${DIGEST}`],
    ['a channel tag, which goes', 'image: "a/b:main"', `image: "a/b@${DIGEST}"`],
    ['a channel tag beside a digest', `image: a/b:main@${OTHER}`, `image: a/b@${OTHER}`],
    ['image.ref', 'image: {ref: ghcr.io/ours/a:main}', `image: {ref: ghcr.io/ours/a@${DIGEST}}`],
    [
      'a digest field',
      'image: {repository: a/b, tag: v1.2.3, digest: ""}',
      `image: {repository: a/b, tag: v1.2.3, digest: "${DIGEST}"}`,
    ],
    [
      'an empty digest field',
      'image:\n  repository: a/b\n  tag: v1.2.3\n  digest:\n',
      `image:\n  repository: a/b\n  tag: v1.2.3\n  digest: ${DIGEST}\n`,
    ],
    [
      'a sha field',
      "image: {repository: a/b, tag: v1.2.3, sha: ''}",
      `image: {repository: a/b, tag: v1.2.3, sha: '${HEX}'}`,
    ],
    [
      'a channel tag beside a digest field',
      'image: {repository: a/b, tag: main, digest: ""}',
      `image: {repository: a/b, tag: "", digest: "${DIGEST}"}`,
    ],
    [
      'a tag that the chart bears a digest behind',
      'image: {repository: a/b, tag: 1.2.3}',
      `image: {repository: a/b, tag: 1.2.3@${DIGEST}}`,
      '{tagSuffix: ["docker.io/a/*"]}',
    ],
    [
      'a number that gets a digest needs no quotes',
      'image: {repository: a/b, tag: 1234567}',
      `image: {repository: a/b, tag: 1234567@${DIGEST}}`,
      '{tagSuffix: ["docker.io/a/*"]}',
    ],
    [
      'a number',
      `image: {repository: a/b, tag: 1.10, digest: "${DIGEST}"}`,
      `image: {repository: a/b, tag: "1.10", digest: "${DIGEST}"}`,
    ],
    ['an upper-case digest', `image: a/b@sha256:${HEX.toUpperCase()}`, `image: a/b@${DIGEST}`],
    ['an upper-case digest behind a channel', `image: a/b:main@SHA256:${HEX.toUpperCase()}`, `image: a/b@${DIGEST}`],
    ['a digest as a tag', `image: a/b:sha256-${HEX}`, `image: a/b@${DIGEST}`],
    ['a pull policy', 'imagePullPolicy: "Always"', 'imagePullPolicy: "IfNotPresent"'],
    [
      'a kustomize entry',
      'images:\n  - name: a/b\n    newTag: v1.2.3\n  - name: c\n',
      `images:\n  - name: a/b\n    newTag: v1.2.3\n    digest: ${DIGEST}\n  - name: c\n`,
      undefined,
      'kustomization.yaml',
    ],
    [
      'a kustomize entry with a channel and a number',
      'images: [{name: a/b, newTag: main}, {name: c/d, newTag: 1234567}]',
      `images: [{name: a/b, newTag: "", digest: ${DIGEST}}, {name: c/d, newTag: "1234567", digest: ${DIGEST}}]`,
      undefined,
      'kustomization.yaml',
    ],
    [
      "Argo CD's kustomize image",
      'apiVersion: argoproj.io/v1alpha1\nkind: Application\nspec: {source: {kustomize: {images: ["a=ghcr.io/a/b:v1.2.3"]}}}\n',
      `apiVersion: argoproj.io/v1alpha1\nkind: Application\nspec: {source: {kustomize: {images: ["a=ghcr.io/a/b:v1.2.3@${DIGEST}"]}}}\n`,
    ],
    [
      'CloudNativePG keeps its tag',
      'apiVersion: postgresql.cnpg.io/v1\nkind: Cluster\nspec: {imageName: "ghcr.io/c/postgresql:16.2"}\n',
      `apiVersion: postgresql.cnpg.io/v1\nkind: Cluster\nspec: {imageName: "ghcr.io/c/postgresql:16.2@${DIGEST}"}\n`,
    ],
    [
      'values in a string',
      'apiVersion: argoproj.io/v1alpha1\nkind: Application\nspec:\n  source:\n    helm:\n      values: |\n        image: a/b:main\n',
      `apiVersion: argoproj.io/v1alpha1\nkind: Application\nspec:\n  source:\n    helm:\n      values: |\n        image: a/b@${DIGEST}\n`,
    ],
    [
      'a Dockerfile',
      'FROM a/b:v1.2.3 AS x\n',
      `FROM a/b:v1.2.3@${DIGEST} AS x\n`,
      '{scopes: [dockerfile]}',
      'Dockerfile',
    ],
    [
      'an anchor, once',
      'a: {image: &i a/b:v1.2.3}\nb: {image: *i}',
      `a: {image: &i a/b:v1.2.3@${DIGEST}}\nb: {image: *i}`,
    ],
  ])('mends %s', (...[, before, after, images, path]) => {
    expect(fixed(before, images, path)).toBe(after);
    expect(fixed(after, images, path)).toBe('UNCHANGED');
  });

  it.each<[what: string, text: string, why: string, images?: string]>([
    ['a split without a digest field', 'image: {repository: a/b, tag: v1.2.3}', 'the values have no digest field'],
    ['a channel in such a split', 'image: {repository: a/b, tag: main}', 'which version it belongs to'],
    ['a chart that decides', 'image: {repository: a/b, tag: ""}', 'only the chart knows'],
    ['a short digest', 'image: a/b@sha256:abc', 'the whole digest has to be asked of the registry'],
    ['no reference', 'image: a/B:v1', 'it can not be told what was meant'],
    ['a signature', `image: a/b:sha256-${HEX}.sig`, 'the tag is that of a signature'],
    ['a moving tag', `image: a/b:1.2@${DIGEST}`, 'which tag the digest belongs to'],
    ['a split of ours', `image: {repository: ghcr.io/ours/a, digest: "${DIGEST}"}`, 'the chart has to read image.ref'],
    ['a value of several lines', 'image: >-\n  a/b:v1.2.3\n  \n\n', 'the digest'],
  ])('explains %s', (...[, text, why, images]) => {
    const { files, left } = fixTree(inputOf(text, images), ({ tag }) => (tag === '1.2' ? undefined : DIGEST));
    if (files.length === 0) expect(left[0]?.whyNoFix).toContain(why);
    else expect(files[0]?.after).toContain(`@${DIGEST}`);
  });

  it('leaves what nobody could look up', () => {
    expect(fixTree(inputOf('image: a/b:v1.2.3'), () => undefined).files).toEqual([]);
  });

  it('asks for each tag once, and not for what a chart decides', () => {
    const text =
      'a: {image: a/b:v1.2.3}\nb: {image: a/b:v1.2.3}\nc: {image: ghcr.io/o/c}\nd: {image: {repository: x/y, tag: ""}}';
    expect(digestQuestions(inputOf(text))).toEqual([
      { repository: 'docker.io/a/b', tag: 'v1.2.3' },
      { repository: 'ghcr.io/o/c', tag: 'latest' },
    ]);
  });

  it('does not touch what an exception excuses', () => {
    const images = '{exceptions: [{path: "**", owner: "@o/x", reason: y, expires: 2100-01-01}]}';
    expect(fixed('image: a/b:v1.2.3', images)).toBe('UNCHANGED');
  });

  it('leaves a tree that passes', () => {
    const input = inputOf(
      'a: {image: "a/b:v1.2.3"}\nb: {image: {ref: "ghcr.io/ours/a:main"}}\nimagePullPolicy: Never\n',
    );
    const [file] = fixTree(input, () => DIGEST).files;
    const files = [{ path: 'values.yaml', bytes: new TextEncoder().encode(file?.after) }];
    expect(judge({ ...input, files }).decision).toBe('pass');
  });
});
