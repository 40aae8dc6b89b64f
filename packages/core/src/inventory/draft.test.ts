import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { globsOverlap, loadConfig, writableGlobs } from '../config/index.js';
import { scanText } from '../yaml/index.js';
import { type Draft, draftConfig } from './draft.js';
import { takeInventory } from './take.js';

function drafted(
  tree: Readonly<Record<string, string>>,
  options: { readonly owner?: string; readonly firstParty?: readonly string[] } = {},
): Draft {
  const files = Object.entries(tree).map(([path, text]) => ({ path, scan: scanText({ path, text }) }));
  return draftConfig(takeInventory({ files, ...options }));
}

function textOf(draft: Draft): string {
  if (draft.kind === 'none') throw new Error(draft.why);
  return draft.text;
}

const load = (text: string) => loadConfig({ path: 'waybill.yaml', text });

/** The layout of a real GitOps repository: services in every environment, others' images beside them. */
function layout(): Readonly<Record<string, string>> {
  const tree: Record<string, string> = {
    'sources/values/_shared/operators.yaml': 'image: ghcr.io/ameideio/operator:1\n',
    'sources/values/_shared/third.yaml': 'image: docker.io/bitnami/redis:7\n',
  };
  for (const env of ['local', 'dev', 'staging', 'production']) {
    for (const name of ['api', 'web']) {
      tree[`sources/values/env/${env}/apps/${name}.yaml`] = `image:\n  ref: ghcr.io/ameideio/${name}:1\n`;
    }
    tree[`sources/values/env/${env}/third.yaml`] = 'image: docker.io/bitnami/redis:7\n';
  }
  return tree;
}

describe('draftConfig', () => {
  it('writes the short form, with what was guessed', () => {
    expect(
      textOf(drafted(layout())),
    ).toBe(`# Drafted from what the files of this repository refer to. Check what was guessed, then remove these lines:
# - The environments local, dev, staging, production are told by the names of folders, their order by what such names usually mean.
# - First party is ghcr.io/ameideio/* (3 repositories, in dev, local, production, staging). The next candidate is docker.io/bitnami/* (1 repository, in dev, local, production, staging).
# - Builds push the channel tag main: change constraint if they push another.
# - One Warehouse moves all images together; make several where services shall move on their own.
# - Left out, since no Stage refers to it: ghcr.io/ameideio/operator
apiVersion: waybill/v1
firstParty: [ghcr.io/ameideio/*]
warehouses:
  platform:
    images:
      strategy: Digest
      constraint: main
      repos:
        - ghcr.io/ameideio/api
        - ghcr.io/ameideio/web
stages:
  local:
    from: platform
    promotion: {via: pull-request}
    updates:
      - images: "sources/values/env/local/**"
  dev:
    from: platform
    promotion: {via: pull-request}
    updates:
      - images: "sources/values/env/dev/**"
  staging:
    from: [dev]
    promotion: {via: pull-request}
    updates:
      - images: "sources/values/env/staging/**"
  production:
    from: [staging]
    promotion: {via: pull-request}
    updates:
      - images: "sources/values/env/production/**"
`);
  });

  it('loads, and its Stages stay apart', () => {
    const { stages, warehouses } = load(textOf(drafted(layout())));
    expect(stages.map(({ name }) => name)).toEqual(['local', 'dev', 'staging', 'production']);
    expect([...warehouses.keys()]).toEqual(['platform']);
  });

  it.each([
    [
      'no development: the first Stage takes from the Warehouse',
      ['staging', 'prod'],
      { staging: [], prod: ['staging'] },
    ],
    ['a local environment vouches for nothing', ['local', 'prod'], { local: [], prod: [] }],
    [
      'regions follow their own',
      ['dev', 'staging-eu', 'staging-us', 'prod-eu', 'prod-us'],
      {
        dev: [],
        'staging-eu': ['dev'],
        'staging-us': ['dev'],
        'prod-eu': ['staging-eu'],
        'prod-us': ['staging-us'],
      },
    ],
    [
      'one staging for all regions',
      ['staging', 'prod-eu', 'prod-us'],
      { staging: [], 'prod-eu': ['staging'], 'prod-us': ['staging'] },
    ],
  ])('%s', (_, names, expected) => {
    const tree = Object.fromEntries(names.map((name) => [`env/${name}/a.yaml`, 'image: ghcr.io/o/api:1\n']));
    const { stages } = load(textOf(drafted(tree)));
    expect(Object.fromEntries(stages.map(({ name, requestedFreight: [first] }) => [name, first?.stages]))).toEqual(
      expected,
    );
  });

  it('takes first-party globs as given', () => {
    expect(textOf(drafted(layout(), { firstParty: ['docker.io/bitnami/*'] }))).toContain(
      '        - docker.io/bitnami/redis\nstages:',
    );
  });

  it.each([
    ['no environment', { 'apps/api.yaml': 'image: ghcr.io/o/api:1\n' }, /No folder or file name/],
    [
      'no first-party image',
      { 'env/dev/a.yaml': 'image: redis:7\n', 'env/prod/a.yaml': 'image: redis:7\n' },
      /No environment refers to images that could be first party/,
    ],
  ])('says why there is none: %s', (_, tree, why) => {
    const draft = drafted(tree);
    expect(draft.kind === 'none' && draft.why).toMatch(why);
  });

  it('says why when nothing that is first party is in a Stage', () => {
    expect(drafted(layout(), { firstParty: ['nothing/*'] })).toMatchObject({ kind: 'none' });
  });

  it('gives none where there is a configuration', () => {
    const config = load(textOf(drafted(layout())));
    expect(draftConfig(takeInventory({ files: [], config }))).toEqual({
      kind: 'none',
      why: 'There is a configuration already',
    });
  });

  it('loads whatever the folders are called, or says why there is none', () => {
    const segment = fc.oneof(
      fc.constantFrom(
        'dev',
        'prod',
        'staging',
        'test',
        'prod-eu',
        'apps',
        'base',
        'Dev',
        'a b',
        'x[1]',
        '!important',
        'ü',
        '#1',
        "it's",
        '"q"',
      ),
      fc.string({ minLength: 1, maxLength: 6 }).filter((text) => !text.includes('/') && text !== '.' && text !== '..'),
    );
    const path = fc.array(segment, { minLength: 1, maxLength: 4 }).map((parts) => `${parts.join('/')}/k.yaml`);
    fc.assert(
      fc.property(fc.uniqueArray(path, { minLength: 1, maxLength: 12 }), (paths) => {
        const draft = drafted(Object.fromEntries(paths.map((each) => [each, 'image: ghcr.io/o/api:1\n'])));
        if (draft.kind === 'none') return draft.why !== '';
        const { stages } = load(draft.text);
        const globs = stages.map(writableGlobs);
        return globs.every((mine, index) =>
          globs
            .slice(index + 1)
            .every((others) => mine.every((one) => others.every((other) => !globsOverlap(one, other)))),
        );
      }),
      { numRuns: 150 },
    );
  });
});
