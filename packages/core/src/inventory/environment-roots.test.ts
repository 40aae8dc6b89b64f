import { describe, expect, it } from '@jest/globals';
import { globMatch, globsOverlap } from '../config/glob.js';
import { scanText } from '../yaml/index.js';
import { environmentGlobs } from './environment-globs.js';
import { environmentRoots } from './environment-roots.js';

/** Files that all hold an image; `image` may depend on the path. */
function tree(paths: readonly string[], image = (_: string) => 'ghcr.io/o/api:1') {
  return paths.map((path) => ({ path, scan: scanText({ path, text: `image: ${image(path)}\n` }) }));
}

/** `environment: globs`, as a draft would have them. */
function globsOf(paths: readonly string[]): Readonly<Record<string, readonly string[]>> {
  return Object.fromEntries(environmentGlobs(environmentRoots(tree(paths)).roots, paths));
}

describe('environments by name', () => {
  const table: readonly (readonly [string, readonly string[], Readonly<Record<string, readonly string[]>>])[] = [
    [
      'one folder of environments',
      ['env/dev/a.yaml', 'env/staging/a.yaml', 'env/_shared/a.yaml', 'charts/a.yaml'],
      { dev: ['env/dev/**'], staging: ['env/staging/**'] },
    ],
    [
      'overlays of each application: a new one is covered, too',
      ['apps/a/overlays/dev/k.yaml', 'apps/a/overlays/prod/k.yaml', 'apps/b/overlays/dev/k.yaml', 'apps/b/base/k.yaml'],
      { dev: ['apps/*/overlays/dev/**'], prod: ['apps/*/overlays/prod/**'] },
    ],
    [
      'different depths: nothing that could be two environments at once',
      [
        'c/a/dev/k.yaml',
        'c/b/prod/k.yaml',
        'c/a/prod/k.yaml',
        'c/b/dev/k.yaml',
        'c/m/x/dev/k.yaml',
        'c/m/y/prod/k.yaml',
      ],
      { dev: ['c/*/dev/**', 'c/m/x/dev/**'], prod: ['c/*/prod/**', 'c/m/y/prod/**'] },
    ],
    [
      'an inner name belongs to the outer one',
      ['dev/a.yaml', 'prod/dev/a.yaml'],
      { dev: ['dev/**'], prod: ['prod/**'] },
    ],
    [
      'files',
      ['charts/a/values-dev.yaml', 'charts/a/values-prod.yaml', 'charts/a/values.yaml'],
      { dev: ['charts/a/values-dev.yaml'], prod: ['charts/a/values-prod.yaml'] },
    ],
    [
      'one environment in a folder made for them',
      ['environments/production/a.yaml'],
      { production: ['environments/production/**'] },
    ],
    [
      'several of one kind',
      ['clusters/dev/a.yaml', 'clusters/prod-eu/a.yaml', 'clusters/prod-us/a.yaml'],
      { dev: ['clusters/dev/**'], 'prod-eu': ['clusters/prod-eu/**'], 'prod-us': ['clusters/prod-us/**'] },
    ],
    ['another spelling of case', ['env/Dev/a.yaml', 'env/Prod/a.yaml'], { dev: ['env/Dev/**'], prod: ['env/Prod/**'] }],
    [
      'services that are named like environments',
      ['apps/dev-portal/a.yaml', 'apps/test-runner/a.yaml', 'apps/api/a.yaml', 'apps/web/a.yaml'],
      {},
    ],
    ['a folder of tests beside no environment', ['charts/a/test/pod.yaml', 'charts/a/templates/pod.yaml'], {}],
    [
      'names with signs of globs',
      ['env/a{b}/dev/k.yaml', 'env/a{b}/prod/k.yaml'],
      { dev: ['env/a?b?/dev/**'], prod: ['env/a?b?/prod/**'] },
    ],
  ];

  it.each(table)('%s', (_, paths, expected) => {
    expect(globsOf(paths)).toEqual(expected);
  });

  it('covers every root and keeps environments apart', () => {
    const paths = ['x/dev', 'x/y/prod', 'x/y/z/dev', 'w/v/dev', 'w/v/prod', 'w/u/t/prod', 'dev', 'x/prod'].map(
      (folder) => `${folder}/k.yaml`,
    );
    const globs = Object.entries(globsOf(paths)).flatMap(([name, each]) => each.map((glob) => ({ name, glob })));
    expect(paths.filter((path) => globs.filter(({ glob }) => globMatch(glob, path)).length !== 1)).toEqual([]);
    const overlaps = globs.filter((one) =>
      globs.some((other) => other.name !== one.name && globsOverlap(one.glob, other.glob)),
    );
    expect(overlaps).toEqual([]);
  });
});

describe('environments by parallel structure', () => {
  const api = (path: string) => `ghcr.io/o/${path.split('/').at(-1)?.replace('.yaml', '')}:1`;

  it('takes folders that hold the same images in the same places', () => {
    const files = tree(
      ['sites/alpha/api.yaml', 'sites/alpha/web.yaml', 'sites/beta/api.yaml', 'sites/beta/web.yaml', 'docs/api.yaml'],
      api,
    );
    const { by, roots } = environmentRoots(files);
    expect({ by, paths: roots.map(({ path }) => path) }).toEqual({
      by: 'parallel',
      paths: ['sites/alpha', 'sites/beta'],
    });
  });

  it('takes no folders that hold different images in the same places', () => {
    const files = tree(
      ['apps/api/deployment.yaml', 'apps/web/deployment.yaml'],
      (path) => `ghcr.io/o/${path.split('/')[1]}:1`,
    );
    expect(environmentRoots(files).roots).toEqual([]);
  });
});
