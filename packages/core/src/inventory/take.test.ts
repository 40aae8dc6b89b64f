import { describe, expect, it } from '@jest/globals';
import { loadConfig } from '../config/index.js';
import { scanText } from '../yaml/index.js';
import { inventoryRows } from './rows.js';
import { takeInventory } from './take.js';

const A = `sha256:${'a'.repeat(64)}`;
const B = `sha256:${'b'.repeat(64)}`;

function scanned(tree: Readonly<Record<string, string>>) {
  return Object.entries(tree).map(([path, text]) => ({ path, scan: scanText({ path, text }) }));
}

const CONFIG = loadConfig({
  path: 'waybill.yaml',
  text: `apiVersion: waybill/v1
firstParty: [ghcr.io/o/*]
warehouses:
  platform:
    images:
      - {strategy: Digest, constraint: main, repos: [ghcr.io/o/api, ghcr.io/o/web, ghcr.io/o/ghost, ghcr.io/o/operator]}
      - {strategy: Digest, constraint: main, repos: [ghcr.io/o/seen], trackOnly: true}
  extra:
    images: {strategy: SemVer, repos: [ghcr.io/o/tool]}
stages:
  dev: {from: platform, updates: [{images: "env/dev/**"}, {file: keys/dev.yaml, key: web.image, image: ghcr.io/o/web}]}
  prod: {from: [dev], updates: [{images: "env/prod/**"}]}
`,
});

const TREE = {
  'env/dev/api.yaml': `image:\n  ref: ghcr.io/o/api@${A}\n`,
  'env/dev/more.yaml': `image: ghcr.io/o/api@${B}\n`,
  'env/dev/tool.yaml': `image: ghcr.io/o/tool:1.2.0@${A}\n`,
  'env/dev/kustomization.yaml':
    'apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nimages:\n- name: ghcr.io/o/stray\n  newTag: 547914854b06c8725dc609a872b5c62e2b935663\n',
  'env/dev/tag-only.yaml': 'image:\n  tag: v1\n',
  'env/prod/api.yaml': 'image: ghcr.io/o/api:main\n',
  'env/prod/chart.yaml': 'image: {{ .Values.registry }}/o/api:{{ .Values.tag }}\n',
  'env/prod/secret.yaml': 'image: {{ .Values.other }}\n',
  '_shared/operator.yaml': `image: ghcr.io/o/operator@${A}\n`,
  '_shared/redis.yaml': 'image: redis:7\n',
  '_shared/chart.yaml': 'image: {{ .Values.registry }} # ghcr.io/o/chart\n',
  '.github/workflows/ci.yaml': 'image: ghcr.io/o/ci:1\n',
};

describe('with a configuration', () => {
  const inventory = takeInventory({ files: scanned(TREE), config: CONFIG });
  const problems = inventory.problems.map(({ kind, text }) => `${kind}: ${text}`);

  it('gives a row for each place', () => {
    const rows = inventoryRows(inventory).map(
      ({ image, stage, file, line, key }) => `${image} ${stage} ${file}:${line} ${key}`,
    );
    expect(rows).toEqual([
      'ghcr.io/o/api dev env/dev/api.yaml:2 image.ref',
      'ghcr.io/o/api dev env/dev/more.yaml:1 image',
      'ghcr.io/o/api prod env/prod/api.yaml:1 image',
      'ghcr.io/o/operator null _shared/operator.yaml:1 image',
      'ghcr.io/o/stray dev env/dev/kustomization.yaml:5 images[0]',
      'ghcr.io/o/tool dev env/dev/tool.yaml:1 image',
    ]);
  });

  it('names what is wrong, and why', () => {
    expect(problems).toEqual([
      expect.stringMatching(
        /^unsafe: api: it is a template, not YAML, and what can be read of it names ghcr\.io\/o\/api\. /,
      ),
      expect.stringMatching(
        /^unsafe: stray: the tag "547914854b06c8725dc609a872b5c62e2b935663" would stand beside a digest/,
      ),
      'shared-only: operator: only in files that belong to no Stage; no Stage can move what all share; give each Stage a reference of its own',
      'unsubscribed: stray: no Warehouse subscribes to it',
      'unreferenced: ghost: in Warehouse platform, and no file refers to it',
      'not-requested: tool: dev refers to it and takes no Freight of extra',
      'two-digests: api: 2 digests in dev',
      'unpinned: api: not pinned to a digest in prod',
      'unpinned: stray: not pinned to a digest in dev',
      'missing: web: not in prod',
    ]);
  });

  it('gives each problem its places', () => {
    const unsafe = inventory.problems.find(
      ({ kind, repository }) => kind === 'unsafe' && repository === 'ghcr.io/o/api',
    );
    expect(unsafe).toMatchObject({ stage: 'prod', places: [{ path: 'env/prod/chart.yaml', line: 1 }] });
  });

  it('says what was not read and what could not be told', () => {
    expect(inventory.unread.map(({ path, kind, stage, names }) => ({ path, kind, stage, names }))).toEqual([
      { path: 'env/prod/chart.yaml', kind: 'template', stage: 'prod', names: ['ghcr.io/o/api'] },
      { path: 'env/prod/secret.yaml', kind: 'template', stage: 'prod', names: [] },
      { path: '_shared/chart.yaml', kind: 'template', stage: undefined, names: ['ghcr.io/o/chart'] },
    ]);
    expect(inventory.images.some(({ name }) => name === 'chart')).toBe(false);
    expect(inventory.unnamed).toEqual([
      { stage: 'dev', path: 'env/dev/tag-only.yaml', line: 2, keyPath: 'image', tag: 'v1' },
    ]);
    expect(inventory.others).toEqual([{ repository: 'docker.io/library/redis', places: 1 }]);
  });

  it('knows what a key update sets', () => {
    expect(inventory.images.find(({ name }) => name === 'web')).toMatchObject({ keyedIn: ['dev'], places: [] });
  });

  it('leaves out what no Stage may ever write', () => {
    expect(inventory.filesRead).toBe(Object.keys(TREE).length - 1);
    expect(inventory.images.some(({ repository }) => repository === 'ghcr.io/o/ci')).toBe(false);
  });
});

describe('firstParty', () => {
  const text = `apiVersion: waybill/v1
warehouses: {p: {images: {strategy: Digest, constraint: main, repos: [ghcr.io/o/api]}}}
stages: {dev: {from: p, updates: [{images: "env/dev/**"}]}}
`;
  const files = scanned({ 'env/dev/a.yaml': `a:\n  image: ghcr.io/o/api@${A}\nb:\n  image: ghcr.io/o/new@${A}\n` });

  it('takes the siblings of what is subscribed to when there are no globs', () => {
    const inventory = takeInventory({ files, config: loadConfig({ path: 'waybill.yaml', text }) });
    expect(inventory.problems.map(({ text: said }) => said)).toEqual(['new: no Warehouse subscribes to it']);
    expect(inventory.guesses).toEqual([
      'firstParty names single repositories; others of ghcr.io/o/** are listed, too.',
    ]);
  });

  it('gives way to what was given', () => {
    const config = loadConfig({ path: 'waybill.yaml', text });
    const inventory = takeInventory({ files, config, firstParty: ['quay.io/x/*'] });
    expect(inventory.images.map(({ repository }) => repository)).toEqual(['ghcr.io/o/api']);
  });
});

it('tells images of one name apart', () => {
  const files = scanned({
    'env/dev/a.yaml': 'a:\n  image: ghcr.io/o/x/api:1\nb:\n  image: ghcr.io/o/y/api:1\nc:\n  image: ghcr.io/o/web:1\n',
  });
  const { images } = takeInventory({ files, firstParty: ['ghcr.io/o/**'] });
  expect(images.map(({ name }) => name)).toEqual(['web', 'x/api', 'y/api']);
});
