import { describe, expect, it } from '@jest/globals';
import { WaybillError } from '../errors.js';
import { applyEdits, type Edit } from './edit.js';
import { type ImageEdit, planEdits } from './edit-plan.js';
import { refusalError } from './refusal.js';
import { rewriteImages } from './rewrite.js';
import { scanText } from './scan.js';
import { verifyEdit } from './verify.js';

const NEW_HEX = 'ab'.repeat(32);
const OLD_HEX = 'cd'.repeat(32);
const NEW = `sha256:${NEW_HEX}`;
const OLD = `sha256:${OLD_HEX}`;
const API = { repository: 'ghcr.io/o/api', digest: NEW };

function rewritten(text: string, images: ImageEdit | readonly ImageEdit[], path = 'values.yaml'): string {
  const result = rewriteImages({ path, text }, images);
  if (!result.ok) return `REFUSED ${result.refusals.map(({ code, line }) => `${code}:${line}`).join(' ')}`;
  return result.text;
}

describe('rewriteImages writes', () => {
  it.each<[what: string, before: string, after: string, tag?: string | undefined, path?: string]>([
    ['a tag away', 'image: ghcr.io/o/api:main\n', `image: ghcr.io/o/api@${NEW}\n`],
    ['a digest over a digest', `image: ghcr.io/o/api@${OLD}\n`, `image: ghcr.io/o/api@${NEW}\n`],
    ['no branch-like tag', 'image: ghcr.io/o/api:v1\n', `image: ghcr.io/o/api@${NEW}\n`, 'main'],
    ['no moving minor', 'image: ghcr.io/o/api:1.2\n', `image: ghcr.io/o/api@${NEW}\n`, '1.3'],
    ['a version where a tag stood', 'image: ghcr.io/o/api:v1.0.0\n', `image: ghcr.io/o/api:v1.0.1@${NEW}\n`, 'v1.0.1'],
    ['a build SHA', `image: ghcr.io/o/api:4f9a1c2@${OLD}\n`, `image: ghcr.io/o/api:4f9a1c3@${NEW}\n`, '4f9a1c3'],
    ['no tag where none stood', `image: ghcr.io/o/api@${OLD}\n`, `image: ghcr.io/o/api@${NEW}\n`, 'v1.0.1'],
    ['over a malformed digest', 'image: ghcr.io/o/api@sha256:abc\n', `image: ghcr.io/o/api@${NEW}\n`],
    [
      'nothing but the value',
      '\ufeff# head\r\nimage: &i  "ghcr.io/o/api:v1"   # why\r\n\r\nx: *i',
      `\ufeff# head\r\nimage: &i  "ghcr.io/o/api@${NEW}"   # why\r\n\r\nx: *i`,
    ],
    ['in single quotes', "image: 'ghcr.io/o/api:v1'", `image: 'ghcr.io/o/api@${NEW}'`],
    ['in a flow mapping', '{image: ghcr.io/o/api:v1, b: 1}', `{image: ghcr.io/o/api@${NEW}, b: 1}`],
    ['in JSON', '{"image":"ghcr.io/o/api:v1"}', `{"image":"ghcr.io/o/api@${NEW}"}`],
    ['in a folded string', 'image: >-\n  ghcr.io/o/api:v1\nb: 1\n', `image: >-\n  ghcr.io/o/api@${NEW}\nb: 1\n`],
    ['behind !!str', 'image: !!str ghcr.io/o/api:v1', `image: !!str ghcr.io/o/api@${NEW}`],
    // splits
    [
      'a digest field',
      `image: {repository: ghcr.io/o/api, digest: ${OLD}}`,
      `image: {repository: ghcr.io/o/api, digest: ${NEW}}`,
    ],
    [
      'an empty digest',
      'image: {repository: ghcr.io/o/api, digest: ""}',
      `image: {repository: ghcr.io/o/api, digest: "${NEW}"}`,
    ],
    [
      'a digest over a null',
      'image: {repository: ghcr.io/o/api, tag: null, digest: ~}',
      `image: {repository: ghcr.io/o/api, tag: null, digest: ${NEW}}`,
    ],
    [
      'a digest with nothing behind the colon',
      'image:\n  registry: ghcr.io\n  repository: o/api\n  digest: # none yet\n  tag: ""\n',
      `image:\n  registry: ghcr.io\n  repository: o/api\n  digest: ${NEW} # none yet\n  tag: ""\n`,
    ],
    [
      'a bare hex where it is bare',
      `image:\n  repository: ghcr.io/o/api\n  tag: v1.0.0\n  sha: ${OLD_HEX}\n`,
      `image:\n  repository: ghcr.io/o/api\n  tag: v1.0.1\n  sha: ${NEW_HEX}\n`,
      'v1.0.1',
    ],
    [
      'an empty sha',
      'image: {repository: ghcr.io/o/api, sha: ""}',
      `image: {repository: ghcr.io/o/api, sha: "${NEW_HEX}"}`,
    ],
    [
      'a digest, and leaves the same tag',
      'image: {repository: ghcr.io/o/api, tag: main, digest: ""}',
      `image: {repository: ghcr.io/o/api, tag: main, digest: "${NEW}"}`,
      'main',
    ],
    [
      'tag and digest in one',
      'image: {repository: ghcr.io/o/api, tag: "v1"}',
      `image: {repository: ghcr.io/o/api, tag: "v2.0.0@${NEW}"}`,
      'v2.0.0',
    ],
    [
      'quotes around a tag that reads as a number',
      'image: {repository: ghcr.io/o/api, tag: 7225221, digest: ""}',
      `image: {repository: ghcr.io/o/api, tag: "7225222", digest: "${NEW}"}`,
      '7225222',
    ],
    [
      'quotes around the same number',
      'image: {repository: ghcr.io/o/api, tag: 7225221}',
      `image: {repository: ghcr.io/o/api, tag: 7225221@${NEW}}`,
      '7225221',
    ],
    [
      'the hex half of a pair',
      `image: {repository: ghcr.io/o/api@sha256, tag: ${OLD_HEX}}`,
      `image: {repository: ghcr.io/o/api@sha256, tag: ${NEW_HEX}}`,
    ],
    [
      'a repository that carries its tag',
      'image: {repository: "ghcr.io/o/api:v1", tag: ""}',
      `image: {repository: "ghcr.io/o/api@${NEW}", tag: ""}`,
    ],
    [
      'flat pieces',
      'imageRepository: ghcr.io/o/api\nimageDigest: ""\n',
      `imageRepository: ghcr.io/o/api\nimageDigest: "${NEW}"\n`,
    ],
    [
      'the anchor',
      'd: &d {repository: ghcr.io/o/api, digest: x}\na: {image: *d}\nb: {image: {<<: *d}}',
      `d: &d {repository: ghcr.io/o/api, digest: ${NEW}}\na: {image: *d}\nb: {image: {<<: *d}}`,
    ],
    // kustomize
    [
      'a kustomize digest',
      `images:\n- name: ghcr.io/o/api\n  digest: ${OLD}\n`,
      `images:\n- name: ghcr.io/o/api\n  digest: ${NEW}\n`,
      undefined,
      'kustomization.yaml',
    ],
    [
      'a new digest line, aligned',
      'images:\r\n  -   name: api\r\n      newName: ghcr.io/o/api # here\r\n  - name: x\r\n',
      `images:\r\n  -   name: api\r\n      newName: ghcr.io/o/api # here\r\n      digest: ${NEW}\r\n  - name: x\r\n`,
      undefined,
      'kustomization.yaml',
    ],
    [
      'a new digest line at the end of a file without a line break',
      'images:\n- name: ghcr.io/o/api\n  newTag: v1.0.0',
      `images:\n- name: ghcr.io/o/api\n  newTag: v1.0.1\n  digest: ${NEW}`,
      'v1.0.1',
      'kustomization.yaml',
    ],
    [
      'a digest into a flow entry',
      'images: [{name: ghcr.io/o/api, newTag: "v1.0.0"}]\n',
      `images: [{name: ghcr.io/o/api, newTag: "v1.0.1", digest: ${NEW}}]\n`,
      'v1.0.1',
      'kustomization.yaml',
    ],
    [
      'a kustomize tag that stays',
      'images:\n- name: ghcr.io/o/api\n  newTag: v1.0.1\n',
      `images:\n- name: ghcr.io/o/api\n  newTag: v1.0.1\n  digest: ${NEW}\n`,
      'v1.0.1',
      'kustomization.yaml',
    ],
    [
      "Argo CD's kustomize string",
      'apiVersion: argoproj.io/v1alpha1\nkind: Application\nspec: {source: {kustomize: {images: [api=ghcr.io/o/api:v1]}}}\n',
      `apiVersion: argoproj.io/v1alpha1\nkind: Application\nspec: {source: {kustomize: {images: [api=ghcr.io/o/api@${NEW}]}}}\n`,
    ],
    // strings that hold YAML
    [
      'values in a block string',
      'spec:\n  values: |\n    # c\n    image: {ref: "ghcr.io/o/api:v1"} # d\n\n    x: 1\n  y: 2\n',
      `spec:\n  values: |\n    # c\n    image: {ref: "ghcr.io/o/api@${NEW}"} # d\n\n    x: 1\n  y: 2\n`,
    ],
    [
      'a digest line into a kustomization in a block string',
      'apiVersion: v1\nkind: ConfigMap\ndata:\n  kustomization.yaml: |\n    kind: Kustomization\n    apiVersion: kustomize.config.k8s.io/v1beta1\n    images:\n    - name: ghcr.io/o/api\n    resources: []\n',
      `apiVersion: v1\nkind: ConfigMap\ndata:\n  kustomization.yaml: |\n    kind: Kustomization\n    apiVersion: kustomize.config.k8s.io/v1beta1\n    images:\n    - name: ghcr.io/o/api\n      digest: ${NEW}\n    resources: []\n`,
    ],
    [
      'a JSON patch',
      '- op: replace\n  path: /x/image\n  value: ghcr.io/o/api:v1\n',
      `- op: replace\n  path: /x/image\n  value: ghcr.io/o/api@${NEW}\n`,
    ],
    [
      'the tag that an operator needs',
      'apiVersion: postgresql.cnpg.io/v1\nkind: Cluster\nspec: {imageName: "ghcr.io/o/api:16.1"}\n',
      `apiVersion: postgresql.cnpg.io/v1\nkind: Cluster\nspec: {imageName: "ghcr.io/o/api:16.2.0@${NEW}"}\n`,
      '16.2.0',
    ],
    ['an option', 'args: [--sidecar-image=ghcr.io/o/api:v1]\n', `args: [--sidecar-image=ghcr.io/o/api@${NEW}]\n`],
  ])('%s', (...[, before, after, tag, path]) => {
    const image = tag === undefined ? API : { ...API, tag };
    expect(rewritten(before, image, path)).toBe(after);
    expect(rewritten(after, image, path)).toBe(after);
  });

  it('changes every place of every image asked for, and no other', () => {
    const text =
      'a: {image: ghcr.io/o/api:v1}\nb: {image: ghcr.io/o/web:v1}\nc: {image: ghcr.io/o/api:v2}\nd: {image: ghcr.io/o/api-2:v1}\n';
    expect(rewritten(text, [API, { repository: 'ghcr.io/o/web', digest: OLD }])).toBe(
      `a: {image: ghcr.io/o/api@${NEW}}\nb: {image: ghcr.io/o/web@${OLD}}\nc: {image: ghcr.io/o/api@${NEW}}\nd: {image: ghcr.io/o/api-2:v1}\n`,
    );
  });

  it('knows the repository in any spelling, and keeps the written one', () => {
    expect(rewritten('image: redis:7', { repository: 'docker.io/library/redis', digest: NEW })).toBe(
      `image: redis@${NEW}`,
    );
    expect(rewritten('image: index.docker.io/o/x:7', { repository: 'o/x', digest: NEW })).toBe(
      `image: index.docker.io/o/x@${NEW}`,
    );
  });
});

describe('rewriteImages refuses', () => {
  it.each<[what: string, text: string, refusal: string, tag?: string | undefined, path?: string]>([
    ['a tag that would lie', 'image:\n  repository: ghcr.io/o/api\n  tag: v1\n  digest: ""', 'stale-tag:3'],
    [
      'a branch-like tag that would lie',
      'image: {repository: ghcr.io/o/api, tag: v1, digest: ""}',
      'stale-tag:1',
      'main',
    ],
    ['a tag field alone, without a version', 'image: {repository: ghcr.io/o/api, tag: main}', 'tag-needed:1', 'main'],
    ['a repository alone', 'image: {repository: ghcr.io/o/api}', 'no-digest-field:1', 'v1.0.0'],
    [
      'a kustomize tag that would lie',
      'images: [{name: ghcr.io/o/api, newTag: v1}]',
      'stale-tag:1',
      undefined,
      'kustomization.yaml',
    ],
    ['a tag suffix', 'images: [{name: ghcr.io/o/api, tagSuffix: -x}]', 'stale-tag:1', 'v1.0.0', 'kustomization.yaml'],
    [
      'a name with a tag',
      'images: [{name: x, newName: "ghcr.io/o/api:v1"}]',
      'invalid-reference:1',
      'v1.0.0',
      'kustomization.yaml',
    ],
    [
      'an operator that needs a version',
      'apiVersion: postgresql.cnpg.io/v1\nkind: Cluster\nspec: {imageName: "ghcr.io/o/api:16.1"}',
      'tag-needed:3',
    ],
    ['several lines', 'image: "ghcr.io/o/\\\n  api:v1"', 'multi-line:1'],
    ['a custom tag', 'image: !Sub ghcr.io/o/api:v1', 'tagged:1'],
    ['a template', 'image: "ghcr.io/o/api:{{ .tag }}"', 'template:1'],
    ['a template file', '{{ if .x }}\nimage: ghcr.io/o/api:v1\n{{ end }}', 'unread:1'],
    ['a secret', 'image: ghcr.io/o/api:v1\na: ENC[x]\nsops: {}', 'unread:1'],
    ['broken YAML', 'image: ghcr.io/o/api:v1\n  x: [', 'unread:2'],
    ['a key that stands twice', 'image: ghcr.io/o/api:v1\nimage: ghcr.io/o/web:v1', 'duplicate-key:1'],
    ['a folded string of YAML', 'spec:\n  values: >\n    image: ghcr.io/o/api:v1\n\n    x: 1', 'inline-inexact:3'],
    [
      'a value merged into another image',
      'd: &d {digest: x}\na: {image: {<<: *d, repository: ghcr.io/o/api}}\nb: {image: {<<: *d, repository: o/b}}',
      'shared-value:1',
    ],
    [
      'every place at once',
      'a: {image: {repository: ghcr.io/o/api}}\nb: {image: "ghcr.io/o/api:{{ x }}"}',
      'no-digest-field:1 template:2',
    ],
  ])('%s', (...[, text, refusal, tag, path]) => {
    expect(rewritten(text, tag === undefined ? API : { ...API, tag }, path)).toBe(`REFUSED ${refusal}`);
  });

  it.each<[what: string, text: string, path?: string]>([
    ['a template that names another image', 'a: {{ .x }}\nimage: ghcr.io/o/web:v1'],
    [
      'a site that has its digest, whatever stands about it',
      `image: {repository: ghcr.io/o/api, tag: main, digest: "${NEW}"}`,
    ],
    ['another repository with the same beginning', 'image: ghcr.io/o/api-gateway:v1'],
    ['a comment', '# image: ghcr.io/o/api:v1\nimage: ghcr.io/o/web:v1'],
  ])('not %s', (...[, text]) => {
    expect(rewritten(text, API)).toBe(text);
  });

  it('two digests for one place', () => {
    const scan = scanText({ path: 'v.yaml', text: 'image: ghcr.io/o/api:v1' });
    expect(planEdits(scan, [API, { ...API, digest: OLD }])).toMatchObject({
      ok: false,
      refusals: [{ code: 'conflict' }],
    });
  });

  it('a request that is none', () => {
    const scan = scanText({ path: 'v.yaml', text: 'image: ghcr.io/o/api:v1' });
    expect(() => planEdits(scan, { repository: 'ghcr.io/o/api', digest: 'sha256:abc' })).toThrow(WaybillError);
    expect(() => planEdits(scan, { repository: 'ghcr.io/o/api:v1', digest: NEW })).toThrow(WaybillError);
  });

  it('in words that name the place and the way out', () => {
    const scan = scanText({ path: 'apps/v.yaml', text: 'api: {image: {repository: ghcr.io/o/api}}' });
    const plan = planEdits(scan, API);
    if (plan.ok) throw new Error('not refused');
    const error = refusalError(plan.refusals[0], 'ghcr.io/o/api');
    expect(error.code).toBe('edit-unsafe');
    expect(error.message).toBe(
      'api.image: there is no digest or tag to write to (apps/v.yaml:1:27, image ghcr.io/o/api). Add digest: "" beside the repository',
    );
  });
});

describe('verifyEdit', () => {
  const edit = (range: readonly [number, number], oldText: string, newText: string, value = newText): Edit => ({
    path: 'v.yaml',
    keyPath: 'a',
    range,
    oldText,
    newText,
    line: 1,
    value,
    kind: 'value',
  });

  it.each<[what: string, before: string, change: Edit]>([
    ['a value that swallows its neighbour', '{a: 1, b: 2}', edit([4, 5], '1', '"1, b: 2', '1')],
    ['a value that grows a key', 'a: 1\nb: 2\n', edit([3, 4], '1', '1\nc: 3', '1')],
    ['a value that is read otherwise', 'a: 1\n', edit([3, 4], '1', '2 # x', '2 # x')],
    ['a value that starts a comment', 'a: 1\n', edit([3, 4], '1', '#2', '#2')],
    ['a lost anchor', 'a: &x 1\nb: *x\n', edit([3, 7], '&x 1', '2')],
    ['a new document', 'a: 1\nb: 2\n', edit([3, 4], '1', '1\n---', '1')],
    ['an edit of a comment', 'a: 1 # c\n', edit([7, 8], 'c', 'd')],
    ['a broken result', 'a: 1\n', edit([3, 4], '1', '[', '[')],
  ])('refuses %s', (_, before, change) => {
    const refusal = verifyEdit(before, applyEdits(before, [change]), [change]);
    expect(refusal).toMatchObject({ code: 'verification-failed', path: 'v.yaml' });
  });

  it('refuses bytes that no edit explains', () => {
    const change = edit([3, 4], '1', '2');
    expect(verifyEdit('a: 1\nb: 1', 'a: 2\nb: 1', [change])).toBeUndefined();
    expect(verifyEdit('a: 1\nb: 1', 'a: 2\nb: 3', [change])).toMatchObject({ code: 'verification-failed' });
    expect(verifyEdit('a: 1', 'a: 2', [])).toMatchObject({ code: 'verification-failed' });
  });

  it('applies no edits to another text', () => {
    expect(() => applyEdits('a: 3', [edit([3, 4], '1', '2')])).toThrow(RangeError);
    expect(() => applyEdits('a: 11', [edit([3, 5], '11', '2'), edit([4, 5], '1', '2')])).toThrow(RangeError);
  });
});
