import { describe, expect, it } from '@jest/globals';
import { loadImagePolicy } from '../config/load-policies.js';
import { judge } from './judge.js';
import { judgeTreeLineage } from './lineage.js';
import { policySettings } from './settings.js';
import { standingsOf } from './standings.js';

const A = `sha256:${'a'.repeat(64)}`;
const B = `sha256:${'b'.repeat(64)}`;
const D = `sha256:${'d'.repeat(64)}`;
const C = `sha256:${'c'.repeat(64)}`;

const SETTINGS = policySettings(
  loadImagePolicy({
    path: 'waybill.policies.yaml',
    text: `apiVersion: waybill/v1
images:
  firstParty: [ghcr.io/o/*]
  environments:
    - {name: local, paths: ["env/local/**"]}
    - {name: dev, paths: ["env/dev/**"]}
    - {name: staging, paths: ["env/staging/**"], after: [dev]}
    - {name: production, paths: ["env/production/**"], after: [staging]}
`,
  }),
);

type Tree = Readonly<Record<string, string>>;

function standings(tree: Tree) {
  const files = Object.entries(tree).map(([path, text]) => ({ path, bytes: new TextEncoder().encode(text) }));
  return standingsOf(files, SETTINGS);
}

function draftsOf(base: Tree, change: Tree) {
  const { environments } = SETTINGS.policy;
  return judgeTreeLineage({ environments, base: standings(base), head: standings({ ...base, ...change }) });
}

function judged(base: Tree, change: Tree): readonly string[] {
  return draftsOf(base, change).map(({ rule, path, region }) => `${rule} ${path}:${region.line}:${region.column}`);
}

const file = (env: string) => `env/${env}/api.yaml`;
const ref = (digest: string, name = 'api') => `image:\n  ref: ghcr.io/o/${name}@${digest}\n`;
const BASE: Tree = {
  [file('local')]: ref(C),
  [file('dev')]: ref(C),
  [file('staging')]: ref(B),
  [file('production')]: ref(A),
};

describe('judgeTreeLineage', () => {
  it.each<[what: string, change: Tree, expected: readonly string[]]>([
    ['nothing', {}, []],
    ['a new digest in a first environment', { [file('dev')]: ref(D) }, []],
    ['the digest of the environment before', { [file('staging')]: ref(C) }, []],
    [
      'two promotions at once, each of what stood before it',
      { [file('staging')]: ref(C), [file('production')]: ref(B) },
      [],
    ],
    ['a digest that nothing had', { [file('production')]: ref(D) }, ['lineage-unknown env/production/api.yaml:2:8']],
    [
      'a digest that skips an environment',
      { [file('production')]: ref(C) },
      ['lineage-unknown env/production/api.yaml:2:8'],
    ],
    [
      'both ends at once',
      { [file('staging')]: ref(C), [file('production')]: ref(C) },
      ['lineage-self-approved env/production/api.yaml:2:8'],
    ],
    [
      'all ends at once',
      { [file('dev')]: ref(D), [file('staging')]: ref(D) },
      ['lineage-self-approved env/staging/api.yaml:2:8'],
    ],
    [
      'the same digest of another repository',
      { [file('staging')]: ref(C, 'web') },
      ['lineage-unknown env/staging/api.yaml:2:8'],
    ],
    ['another place in the same environment', { 'env/production/other.yaml': ref(A) }, []],
    ['a third party', { [file('production')]: `image: docker.io/x/y@${C}\n` }, []],
    ['an image without a digest', { [file('production')]: 'image: ghcr.io/o/api:v1.2.3\n' }, []],
    ['a shared file with what the last has', { '_shared/api.yaml': ref(A) }, []],
    [
      'a shared file with what only earlier ones have',
      { '_shared/api.yaml': ref(B) },
      ['lineage-shared _shared/api.yaml:2:8'],
    ],
    [
      'a shared file together with the last',
      { '_shared/api.yaml': ref(B), [file('production')]: ref(B) },
      ['lineage-self-approved _shared/api.yaml:2:8'],
    ],
  ])('judges %s', (_, change, expected) => {
    expect(judged(BASE, change)).toEqual(expected);
  });

  it('locates the digest of a split, and says the chain and the line upstream', () => {
    const change = { [file('production')]: `image:\n  repository: ghcr.io/o/api\n  tag: v1.2.3\n  digest: ${C}\n` };
    const [draft] = draftsOf(BASE, change);
    expect(draft).toMatchObject({
      region: { line: 4, column: 11 },
      reason:
        'cccccccccccc would enter production, and does not stand in staging yet (at the base: local cccccccccccc → dev cccccccccccc → staging bbbbbbbbbbbb → production aaaaaaaaaaaa)',
      related: [{ path: 'env/staging/api.yaml', line: 2, column: 8, what: 'staging has bbbbbbbbbbbb' }],
    });
  });

  it('sees what an overlay and its base deploy together', () => {
    const base = { 'env/base/x.yaml': '', ...BASE };
    const tree = {
      'sources/_shared/api.yaml': 'image: {repository: ghcr.io/o/api}',
      'env/production/api.yaml': `image: {repository: ghcr.io/o/api, digest: "${C}"}`,
    };
    expect(judged(base, tree)).toEqual(['lineage-unknown env/production/api.yaml:1:45']);
  });

  it('fails the check', () => {
    const others = draftsOf(BASE, { [file('production')]: ref(C) });
    const report = judge({ files: [], settings: SETTINGS, others, now: new Date('2026-06-01T00:00:00Z') });
    expect(report).toMatchObject({ decision: 'fail', findings: [{ rule: 'lineage-unknown', severity: 'error' }] });
  });
});
