import { type PolicySettings, scopeOf } from '../policy/index.js';
import { layerFinder } from '../policy/layer-finder.js';

/**
 * The files that have to be read to judge a change: those it touches, those laid over them or below them, and what decides
 * about these: `judge` says the same of the change with these files as with the whole tree.
 */
export function filesAround(
  changed: ReadonlySet<string>,
  treePaths: Iterable<string>,
  settings: PolicySettings,
): ReadonlySet<string> {
  const paths = new Set(treePaths);
  const layers = layerFinder(paths, settings);
  const judged = [...paths].filter((path) => scopeOf(path) === 'deployed');
  const over = (bases: ReadonlySet<string>) =>
    judged.filter((path) => layers.basesOf(path).some((base) => bases.has(base)));
  const below = (files: Iterable<string>) => [...files].flatMap((path) => layers.basesOf(path));
  const touched = new Set([...changed, ...over(changed), ...below(changed)]);
  const around = new Set([...touched, ...over(touched)]);
  return new Set([...around, ...below(around)]);
}
