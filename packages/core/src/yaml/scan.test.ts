import { describe, expect, it } from '@jest/globals';
import { mightHoldImages } from './prefilter.js';
import { scanText } from './scan.js';

const HEX = 'ab'.repeat(32);
const PINNED = `sha256:${HEX}`;

/** One line a site: key path, tier, repository, tag, digest, place, and what forbids an edit. */
function sites(text: string, path = 'values.yaml'): readonly string[] {
  return scanText({ path, text }).references.map((site) => {
    const digest = site.digest === PINNED ? 'PINNED' : (site.digest ?? '-');
    const editable = site.editable.ok ? 'ok' : site.editable.code;
    const place = `${site.line}:${site.column}`;
    return [site.keyPath, site.tier, site.repository ?? '-', site.tag ?? '-', digest, place, editable].join(' ');
  });
}

function object(apiVersion: string, kind: string, spec: string): string {
  return `apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata: {name: x}\nspec: ${spec}\n`;
}

describe('a kustomization by its file name', () => {
  it.each(['', 'kind: Kustomization\n', 'kind: Component\n'])('needs no apiVersion (%j)', (head) => {
    const text = `${head}images:\n- name: ghcr.io/o/api\n  newTag: 1.0.0\n`;
    expect(scanText({ path: 'apps/kustomization.yaml', text }).references).toMatchObject([
      { repository: 'ghcr.io/o/api', tag: '1.0.0', zone: 'kustomization' },
    ]);
  });
});

describe('scanText finds', () => {
  it.each<[what: string, text: string, expected: readonly string[], path?: string]>([
    // values files
    [
      'the contract',
      `api: {image: {ref: "ghcr.io/o/api@${PINNED}"}}`,
      ['api.image.ref A ghcr.io/o/api - PINNED 1:21 ok'],
    ],
    ['a plain image', 'image: ghcr.io/o/api:main', ['image A ghcr.io/o/api main - 1:8 ok']],
    ['a camel-case key', 'initImage: o/init:v1', ['initImage A docker.io/o/init v1 - 1:12 ok']],
    ['a kebab-case key', 'side-image: o/init:v1', ['side-image A docker.io/o/init v1 - 1:13 ok']],
    ['a port without a tag', 'image: registry:5000/app', ['image A registry:5000/app - - 1:8 ok']],
    [
      'registry + repository + tag + digest',
      `image:\n  registry: ghcr.io\n  repository: o/api\n  tag: v1.2.3\n  digest: ${PINNED}`,
      ['image A ghcr.io/o/api v1.2.3 PINNED 4:8 ok'],
    ],
    ['an empty tag', 'image: {repository: ghcr.io/o/api, tag: ""}', ['image A ghcr.io/o/api - - 1:21 ok']],
    ['a repository only', 'image: {repository: ghcr.io/o/api}', ['image A ghcr.io/o/api - - 1:21 ok']],
    [
      'sha without prefix',
      `image: {repository: o/api, tag: v1, sha: ${HEX}}`,
      ['image A docker.io/o/api v1 PINNED 1:33 ok'],
    ],
    [
      'a digest within the tag',
      `image: {repository: o/api, tag: "v1@${PINNED}"}`,
      ['image A docker.io/o/api v1 PINNED 1:34 ok'],
    ],
    [
      'the repository@sha256 pair',
      `image: {repository: o/api@sha256, tag: ${HEX}}`,
      ['image A docker.io/o/api - PINNED 1:21 ok'],
    ],
    ['repository and version', 'image: {repository: o/api, version: v1}', ['image A docker.io/o/api v1 - 1:37 ok']],
    ['name and tag', 'image: {name: o/api, tag: v1}', ['image A docker.io/o/api v1 - 1:27 ok']],
    ['image and tag side by side', 'x: {image: o/api, tag: v1}', ['x A docker.io/o/api v1 - 1:24 ok']],
    ['flat pieces', 'imageRepository: o/api\nimageTag: v1', [' A docker.io/o/api v1 - 2:11 ok']],
    [
      'flat pieces with a prefix',
      'x: {sideImageRepository: o/api, sideImageTag: v1}',
      ['x A docker.io/o/api v1 - 1:47 ok'],
    ],
    [
      'a split outside an image key',
      'operator: {repository: o/api, tag: v1}',
      ['operator B docker.io/o/api v1 - 1:36 ok'],
    ],
    ['a map of images', 'images: {api: o/api:v1}', ['images.api B docker.io/o/api v1 - 1:15 ok']],
    ['a list of images', 'images: [o/api:v1]', ['images[0] B docker.io/o/api v1 - 1:10 ok']],
    ['a tag in its source text', 'image: {repository: o/api, tag: 1.10}', ['image A docker.io/o/api 1.10 - 1:33 ok']],
    [
      'a global registry for a bare path',
      'global: {imageRegistry: ghcr.io}\nimage: {repository: o/api, tag: v1}',
      ['image A ghcr.io/o/api v1 - 2:33 ok'],
    ],
    [
      'a global registry over an own one',
      'global: {imageRegistry: ghcr.io}\nimage: {registry: docker.io, repository: o/api, tag: v1}',
      ['image A ghcr.io/o/api v1 - 2:54 ok'],
    ],
    ['keys that need quotes', '"a.b": {image: o/api:v1}', ['["a.b"].image A docker.io/o/api v1 - 1:16 ok']],
    ['an overlay with a tag only', 'api: {image: {tag: v2}}', ['api.image A - v2 - 1:20 no-repository']],
    // malformed, but known
    ['a short digest', 'image: ghcr.io/o/api@sha256:abc', ['image A ghcr.io/o/api - sha256:abc 1:8 ok']],
    ['a repository in upper case', 'image: ghcr.io/o/API:v1', ['image A - v1 - 1:8 invalid-reference']],
    [
      'a malformed digest field, on its line',
      'image:\n  repository: o/api\n  tag: v1\n  digest: abc',
      ['image A docker.io/o/api v1 abc 4:11 ok'],
    ],
    // unresolved
    ['a templated tag', 'image: "ghcr.io/o/api:{{ .tag }}"', ['image A ghcr.io/o/api - - 1:9 template']],
    ['a variable', `image: ${'$'}{IMAGE}`, ['image A - - - 1:8 template']],
    ['a parameter', 'image: $(params.image)', ['image A - - - 1:8 template']],
    // objects
    [
      'containers of any kind',
      object('x.io/v1', 'Any', '{a: {initContainers: [{image: o/a}], containers: [{name: b, image: o/b:1}]}}'),
      [
        'spec.a.initContainers[0].image A docker.io/o/a - - 4:37 ok',
        'spec.a.containers[0].image A docker.io/o/b 1 - 4:74 ok',
      ],
    ],
    [
      'an image volume',
      object('v1', 'Pod', '{volumes: [{name: m, image: {reference: o/model:v1, pullPolicy: Always}}]}'),
      ['spec.volumes[0].image.reference A docker.io/o/model v1 - 4:47 ok'],
    ],
    [
      'a known field',
      object('postgresql.cnpg.io/v1', 'Cluster', '{imageName: o/pg:16.1}'),
      ['spec.imageName A docker.io/o/pg 16.1 - 4:19 ok'],
    ],
    [
      'a field called otherwise',
      object('pkg.crossplane.io/v1', 'Provider', '{package: o/p:v1}'),
      ['spec.package A docker.io/o/p v1 - 4:17 ok'],
    ],
    [
      'a version that is an image',
      object('grafana.integreatly.org/v1beta1', 'Grafana', '{version: o/g:11.0.0}'),
      ['spec.version A docker.io/o/g 11.0.0 - 4:17 ok'],
    ],
    [
      'an unknown field with a tag',
      object('x.io/v1', 'Any', '{image: o/x:v1}'),
      ['spec.image B docker.io/o/x v1 - 4:15 ok'],
    ],
    [
      'an unknown field with a host',
      object('x.io/v1', 'Any', '{image: ghcr.io/o/x}'),
      ['spec.image B ghcr.io/o/x - - 4:15 ok'],
    ],
    [
      'a split on a resource',
      object('operator.victoriametrics.com/v1beta1', 'VMSingle', '{image: {repository: o/vm, tag: v1}}'),
      ['spec.image A docker.io/o/vm v1 - 4:39 ok'],
    ],
    [
      'items of a List',
      'apiVersion: v1\nkind: List\nitems:\n- apiVersion: minio.min.io/v2\n  kind: Tenant\n  spec: {image: o/minio}\n  status: {image: o/old:1}\n',
      ['items[0].spec.image A docker.io/o/minio - - 6:17 ok'],
    ],
    [
      'an environment variable',
      object('v1', 'Pod', '{containers: [{env: [{name: RELATED_IMAGE_A, value: o/a:1}]}]}'),
      ['spec.containers[0].env[0].value C docker.io/o/a 1 - 4:59 ok'],
    ],
    [
      'an option',
      object('v1', 'Pod', '{containers: [{args: [--reloader-image=o/a:1]}]}'),
      ['spec.containers[0].args[0] C docker.io/o/a 1 - 4:29 ok'],
    ],
    // wrappers
    [
      'kustomize entries',
      `images:\n- name: api\n  newName: ghcr.io/o/api\n  newTag: v1\n- name: ghcr.io/o/web\n  digest: ${PINNED}\n`,
      ['images[0] A ghcr.io/o/api v1 - 4:11 ok', 'images[1] A ghcr.io/o/web - PINNED 5:9 ok'],
      'apps/kustomization.yaml',
    ],
    [
      "Flux's images",
      object('kustomize.toolkit.fluxcd.io/v1', 'Kustomization', '{images: [{name: o/api, newTag: v1}]}'),
      ['spec.images[0] A docker.io/o/api v1 - 4:39 ok'],
    ],
    [
      "Argo CD's strings",
      object('argoproj.io/v1alpha1', 'Application', '{source: {kustomize: {images: [old=o/api:v1, o/web]}}}'),
      [
        'spec.source.kustomize.images[0] A docker.io/o/api v1 - 4:38 ok',
        'spec.source.kustomize.images[1] A docker.io/o/web - - 4:52 ok',
      ],
    ],
    [
      "Argo CD's parameters",
      object(
        'argoproj.io/v1alpha1',
        'Application',
        '{source: {helm: {parameters: [{name: a.image.repository, value: o/api}, {name: a.image.tag, value: v1}, {name: image.ref, value: o/web:1}]}}}',
      ),
      [
        'spec.source.helm.parameters[0].value A docker.io/o/api v1 - 4:106 ok',
        'spec.source.helm.parameters[2].value A docker.io/o/web 1 - 4:136 ok',
      ],
    ],
    [
      "Argo CD's values object",
      object('argoproj.io/v1alpha1', 'Application', '{source: {helm: {valuesObject: {image: {ref: o/api:v1}}}}}'),
      ['spec.source.helm.valuesObject.image.ref A docker.io/o/api v1 - 4:52 ok'],
    ],
    [
      "a HelmRelease's values",
      object(
        'helm.toolkit.fluxcd.io/v2',
        'HelmRelease',
        '{values: {image: {repository: o/api, tag: v1}}, postRenderers: [{kustomize: {images: [{name: o/web, newTag: v2}]}}]}',
      ),
      [
        'spec.values.image A docker.io/o/api v1 - 4:49 ok',
        'spec.postRenderers[0].kustomize.images[0] A docker.io/o/web v2 - 4:115 ok',
      ],
    ],
    [
      'a JSON patch',
      '- op: replace\n  path: /spec/template/spec/containers/0/image\n  value: o/api:v1\n',
      ['[0].value A docker.io/o/api v1 - 3:10 ok'],
    ],
    [
      'values in a block string',
      'apiVersion: argoproj.io/v1alpha1\nkind: Application\nspec:\n  helm:\n    values: |\n      api:\n\n        image:\n          ref: o/api:v1\n',
      ['spec.helm.values|api.image.ref A docker.io/o/api v1 - 9:16 ok'],
    ],
    [
      'a patch in a block string in a block string',
      'apiVersion: v1\nkind: ConfigMap\ndata:\n  kustomization.yaml: |\n    kind: Kustomization\n    apiVersion: kustomize.config.k8s.io/v1beta1\n    patches:\n    - patch: |-\n        - op: add\n          path: /x/image\n          value: o/api:v1\n',
      ['data["kustomization.yaml"]|patches[0].patch|[0].value A docker.io/o/api v1 - 11:18 ok'],
    ],
    [
      'values in a folded string, for reading only',
      'spec:\n  values: >\n    image: o/api:v1\n\n    x: 1\n',
      ['spec.values|image A docker.io/o/api v1 - 3:1 inline-inexact'],
    ],
    ['a string over lines', 'image:\n  ref: >-\n    o/api:v1\n', ['image.ref A docker.io/o/api v1 - 3:5 ok']],
    [
      'the right document',
      'a: 1\n---\nimage: o/api:v1\n---\nb: {image: o/web:v1}\n',
      ['image A docker.io/o/api v1 - 3:8 ok', 'b.image A docker.io/o/web v1 - 5:12 ok'],
    ],
    ['a value behind a byte order mark', '\ufeffimage: o/api:v1', ['image A docker.io/o/api v1 - 1:8 ok']],
  ])('%s', (...[, text, expected, path]) => {
    expect(mightHoldImages(text)).toBe(true);
    expect(sites(text, path)).toEqual(expected);
  });
});

describe('scanText leaves alone', () => {
  it.each<[what: string, text: string, path?: string]>([
    ['a schema', 'kind: CustomResourceDefinition\nspec: {image: o/x:1}\n'],
    [
      'a schema in a List',
      'apiVersion: v1\nkind: List\nitems: [{kind: CustomResourceDefinition, apiVersion: x/v1, image: "o/x:1"}]',
    ],
    ['what the cluster reports', 'apiVersion: v1\nkind: Pod\nstatus: {containers: [{image: "o/x:1"}]}'],
    [
      'annotations',
      'apiVersion: v1\nkind: Pod\nmetadata: {annotations: {image: "o/x:1"}}\nspec: {template: {annotations: {image: "o/x:1"}}}',
    ],
    [
      'a Kyverno policy',
      object('kyverno.io/v1', 'ClusterPolicy', '{containers: [{image: "o/*:1"}, {image: "o/x:1"}]}'),
    ],
    ['a Gatekeeper constraint', object('constraints.gatekeeper.sh/v1beta1', 'K8sAllowedRepos', '{image: "o/x:1"}')],
    ['a watched repository', object('image.toolkit.fluxcd.io/v1', 'ImageRepository', '{image: ghcr.io/o/x}')],
    [
      'a Kargo Warehouse',
      object(
        'kargo.akuity.io/v1alpha1',
        'Warehouse',
        '{subscriptions: [{image: {repoURL: ghcr.io/o/x, repository: o/x, tag: a}}]}',
      ),
    ],
    ['what a build pushes', object('kafka.strimzi.io/v1', 'KafkaConnect', '{build: {output: {image: "o/x:1"}}}')],
    [
      "a chart's metadata",
      'apiVersion: v2\nname: x\nannotations: {image: "o/x:1"}\nicon: x\nimage: o/x:1',
      'charts/x/Chart.yaml',
    ],
    ['a skaffold build', 'apiVersion: skaffold/v4\nkind: Config\nimage: o/x:1'],
    ['names in a kustomization', 'resources: [image]\nimages: []\nnamePrefix: image-', 'kustomization.yaml'],
    ['what compose builds', 'services: {api: {build: ., image: "o/x:1"}}'],
    [
      'a Git repository',
      'with: {repository: o/x, tag: v1}\ngit: {repository: o/x, tag: v1}\nx: {repository: o/x, tag: v1, url: y}',
    ],
    [
      "a chart's repository",
      'x: {repository: https://charts.x.io, tag: v1}\ny: {repository: oci://ghcr.io/o, tag: v1}',
    ],
    [
      'pictures and disks',
      'image: https://x.io/a.png\nlogoImage: assets/logo.png\nbgImage: "data:image/png;base64,x"\nvmImage: a/b.qcow2\naImage: /dev/x\nosImage: projects/a/b',
    ],
    ['switches and numbers', 'image: true\ndocker-image: false\nxImage: 1.5\nyImage: ""\nzImage:'],
    ['prose', 'description: "the image: o/x:1"\nimage: see o/x:1\nxImage: a word'],
    ['pull policies', 'imagePullPolicy: o/x:1\nimagePullSecrets: [{name: "o/x:1"}]'],
    ['an empty list', 'images: []'],
  ])('%s', (...[, text, path]) => {
    const { references, unread } = scanText({ path: path ?? 'values.yaml', text });
    expect(references).toEqual([]);
    expect(unread).toEqual([]);
  });
});

describe('anchors and aliases', () => {
  it('counts an anchor once and lists its aliases', () => {
    const { references } = scanText({
      path: 'v.yaml',
      text: 'a: {image: &i o/api:v1}\nb: {image: *i}\nc: {image: *i}',
    });
    expect(references).toHaveLength(1);
    expect(references[0]).toMatchObject({ keyPath: 'a.image', line: 1, column: 15, editable: { ok: true } });
    expect(references[0]?.related.map(({ role, keyPath }) => `${role} ${keyPath}`)).toEqual([
      'alias b.image',
      'alias c.image',
    ]);
  });

  it('resolves an anchor that is no image itself', () => {
    expect(sites('x: &i o/api:v1\nb: {image: *i}')).toEqual(['b.image A docker.io/o/api v1 - 1:7 ok']);
  });

  it.each<[what: string, text: string, expected: readonly string[]]>([
    [
      'a digest merged into two images',
      'd: &d {digest: x}\na: {image: {<<: *d, repository: o/a}}\nb: {image: {<<: *d, repository: o/b}}',
      ['a.image A docker.io/o/a - x 1:16 shared-value', 'b.image A docker.io/o/b - x 1:16 shared-value'],
    ],
    [
      'a mapping merged into the same image twice',
      'd: &d {repository: o/a, tag: v1}\na: {image: {<<: *d}}\nb: {image: {<<: *d}}',
      ['a.image A docker.io/o/a v1 - 1:30 ok'],
    ],
    [
      'a tag that something else uses',
      'image: {repository: o/a, tag: &t v1}\nversion: *t',
      ['image A docker.io/o/a v1 - 1:34 shared-value'],
    ],
    [
      'a tag of two images',
      'a: {image: {repository: o/a, tag: &t v1}}\nb: {image: {repository: o/b, tag: *t}}',
      ['a.image A docker.io/o/a v1 - 1:38 shared-value', 'b.image A docker.io/o/b v1 - 1:38 shared-value'],
    ],
  ])('%s', (_, text, expected) => {
    expect(sites(text)).toEqual(expected);
  });

  it('survives a mapping that holds itself, and an alias bomb', () => {
    expect(sites('a: &a {image: o/api:v1, self: *a}')).toEqual(['a.image A docker.io/o/api v1 - 1:15 ok']);
    const levels = Array.from(
      { length: 12 },
      (_, level) =>
        `l${level}: &l${level} [${Array(9)
          .fill(level === 0 ? '{image: o/api:v1}' : `*l${level - 1}`)
          .join(', ')}]`,
    );
    const scan = scanText({ path: 'bomb.yaml', text: levels.join('\n') });
    expect(scan.unread).toMatchObject([{ kind: 'too-large', mentions: ['o/api'] }]);
  });

  it('flags a key that stands twice', () => {
    const scan = scanText({ path: 'v.yaml', text: 'a:\n  image: o/a:1\n  image: o/b:2\nc: {image: o/c:3}' });
    expect(scan.references.map(({ keyPath, editable }) => [keyPath, editable.ok])).toEqual([
      ['a.image', false],
      ['a.image', false],
      ['c.image', true],
    ]);
    expect(scan.unread).toMatchObject([{ kind: 'invalid-yaml', line: 3, mentions: [] }]);
  });
});

describe('hooks for the policy', () => {
  it('gives the object, the pull policy and a number that should be a string', () => {
    const text = object('apps/v1', 'Deployment', '{containers: [{image: o/a:1, imagePullPolicy: Always}]}');
    const [site] = scanText({ path: 'd.yaml', text }).references;
    expect(site).toMatchObject({
      zone: 'object',
      object: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'x' },
      pullPolicy: { value: 'Always', line: 4, column: 53 },
    });
    const [values] = scanText({
      path: 'v.yaml',
      text: 'image: {repository: o/a, tag: 1234567, pullPolicy: Never}',
    }).references;
    expect(values).toMatchObject({ shape: { tag: { nonString: true } }, pullPolicy: { value: 'Never' } });
  });
});
