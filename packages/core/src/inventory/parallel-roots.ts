import type { EnvironmentRoot } from './environment-roots.js';
import type { InventoryFile } from './types.js';

/** Fewer images in the same places may be chance. */
const LEAST_PARALLELS = 2;

/**
 * The child folders of the folder that has the most images standing at the same path and key in two or more children; the
 * outermost such folder where several have as many. Empty when nothing is parallel.
 */
export function parallelRoots(files: readonly InventoryFile[]): readonly EnvironmentRoot[] {
  const seen = new Map<string, Map<string, Set<string>>>();
  for (const { path, scan } of files) {
    const segments = path.split('/');
    for (let index = 0; index < segments.length - 1; index++) {
      const parent = segments.slice(0, index).join('/');
      const places = seen.get(parent) ?? new Map<string, Set<string>>();
      seen.set(parent, places);
      for (const { repository, keyPath } of scan.references) {
        if (repository === undefined) continue;
        const place = [...segments.slice(index + 1), keyPath, repository].join('\n');
        places.set(place, (places.get(place) ?? new Set()).add(segments[index] ?? ''));
      }
    }
  }
  let best: { readonly parent: string; readonly children: ReadonlySet<string>; readonly score: number } | undefined;
  for (const [parent, places] of seen) {
    const shared = [...places.values()].filter((children) => children.size > 1);
    const score = shared.length;
    const isBetter =
      best === undefined || score > best.score || (score === best.score && depth(parent) < depth(best.parent));
    if (score >= LEAST_PARALLELS && isBetter) {
      best = { parent, children: new Set(shared.flatMap((children) => [...children])), score };
    }
  }
  if (best === undefined) return [];
  const { parent, children } = best;
  return [...children].sort().map((child) => ({
    environment: child.toLowerCase(),
    path: parent === '' ? child : `${parent}/${child}`,
    kind: 'folder',
  }));
}

function depth(path: string): number {
  return path === '' ? 0 : path.split('/').length;
}
