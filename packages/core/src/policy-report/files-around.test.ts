import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { judge, policySettings } from '../policy/index.js';
import { filesAround } from './files-around.js';

const settings = policySettings();
const NAMES = ['a.yaml', 'values.yaml', 'values-dev.yaml', 'values-prod.yaml'] as const;
const FOLDERS = [
  '',
  '_shared/',
  'env/dev/',
  'env/prod/',
  'env/_shared/',
  'apps/base/',
  'apps/overlays/dev/',
  'chart/',
] as const;
const PATHS = FOLDERS.flatMap((folder) => NAMES.map((name) => `${folder}${name}`));
const TEXTS = [
  'image: {repository: ghcr.io/o/api}\n',
  'image: {tag: "1.2.3"}\n',
  'image: {tag: main}\n',
  `image: {digest: "sha256:${'a'.repeat(64)}"}\n`,
  `image: {repository: ghcr.io/o/api, tag: "1.2.3", digest: "sha256:${'a'.repeat(64)}"}\n`,
  'replicas: 1\n',
] as const;

describe('filesAround', () => {
  it('is the change alone where nothing is laid over or below', () => {
    expect([...filesAround(new Set(['x/a.yaml']), ['x/a.yaml', 'y/a.yaml', 'z/b.yaml'], settings)]).toEqual([
      'x/a.yaml',
    ]);
  });

  it('has the base of an overlay, and the other overlays that decide about the base', () => {
    const paths = ['env/_shared/a.yaml', 'env/dev/a.yaml', 'env/prod/a.yaml', 'env/prod/b.yaml'];
    const around = filesAround(new Set(['env/dev/a.yaml']), paths, settings);
    expect([...around].sort()).toEqual(['env/_shared/a.yaml', 'env/dev/a.yaml', 'env/prod/a.yaml']);
  });

  it('is enough: the change is judged as with the whole tree', () => {
    const tree = fc.dictionary(fc.constantFrom(...PATHS), fc.constantFrom(...TEXTS), { minKeys: 1, maxKeys: 16 });
    fc.assert(
      fc.property(tree, fc.subarray([...PATHS], { maxLength: 3 }), (files, touched) => {
        const paths = Object.keys(files);
        const changed = new Set(touched);
        const around = filesAround(changed, paths, settings);
        const judgeOf = (chosen: readonly string[]) =>
          judge({
            files: chosen.map((path) => ({ path, bytes: new TextEncoder().encode(files[path] ?? '') })),
            paths,
            settings,
            changed,
            now: new Date(0),
          }).findings;
        expect(judgeOf(paths.filter((path) => around.has(path)))).toEqual(judgeOf(paths));
      }),
      { numRuns: 300 },
    );
  });
});
