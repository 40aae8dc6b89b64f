import { isDigest } from '../image/digest.js';
import type { ReferenceSite } from '../yaml/index.js';
import { type Effective, effectiveOf, mergeSplits, type SplitPieces } from './effective.js';
import type { Judged } from './judge-reference.js';
import type { LayerFinder } from './layer-finder.js';
import type { ScannedFile } from './read-files.js';

/** An image with what the layers around it make of it. */
export type LayeredImage = Judged;

/** The images of values, by file and key. */
type SplitIndex = ReadonlyMap<string, ReadonlyMap<string, SplitPieces>>;

/**
 * The images of all files, each joined with the layers below it. `paths` are all that the tree holds: an overlay
 * without images leaves its base as it is, too.
 */
export function joinLayers(
  files: readonly ScannedFile[],
  paths: ReadonlySet<string>,
  layers: LayerFinder,
): readonly LayeredImage[] {
  const splits = indexSplits(files);
  const globals = new Map(
    files.flatMap(({ path, scan }) => (scan.globalRegistry === undefined ? [] : [[path, scan.globalRegistry]])),
  );
  const merged = (path: string, key: string): Effective => {
    const below = [...layers.basesOf(path), path];
    const pieces = below.flatMap((each) => splits.get(each)?.get(key) ?? []);
    return mergeSplits(
      pieces,
      below.map((each) => globals.get(each)).findLast((each) => each !== undefined),
    );
  };
  const overlaysOf = lazyOverlays(paths, layers);
  return files.flatMap(({ path, scan }) => {
    const isChartDefault = paths.has(`${path.slice(0, path.lastIndexOf('/') + 1)}Chart.yaml`);
    const isLayered = scan.references.some(isValuesSplit) && layers.basesOf(path).length > 0;
    return scan.references.map((site) => {
      const isSplit = isValuesSplit(site);
      const key = keyOf(site);
      const effective = isSplit && isLayered ? merged(path, key) : effectiveOf(site);
      const over = isSplit && effective.digest === undefined ? leavesOf(overlaysOf(path), layers) : [];
      const pins = (overlay: string) => splits.get(overlay)?.has(key) === true && isPinned(merged(overlay, key));
      return { site, effective, isChartDefault, isOverridden: over.length > 0 && over.every(pins) };
    });
  });
}

/** Those that nothing is laid over: what is deployed in the end. */
function leavesOf(overlays: readonly string[], layers: LayerFinder): readonly string[] {
  const covered = new Set(overlays.flatMap((path) => layers.basesOf(path)));
  return overlays.filter((path) => !covered.has(path));
}

function isPinned({ digest }: Effective): boolean {
  return digest !== undefined && isDigest(digest);
}

function isValuesSplit(site: ReferenceSite): boolean {
  return site.shape.kind === 'split' && site.zone === 'values' && !site.keyPath.includes('|');
}

function keyOf({ document, keyPath }: ReferenceSite): string {
  return `${document} ${keyPath}`;
}

function indexSplits(files: readonly ScannedFile[]): SplitIndex {
  const index = new Map<string, Map<string, SplitPieces>>();
  for (const { path, scan } of files) {
    const sites = new Map<string, SplitPieces>();
    for (const site of scan.references) {
      if (site.shape.kind === 'split' && isValuesSplit(site)) sites.set(keyOf(site), site.shape);
    }
    if (sites.size > 0) index.set(path, sites);
  }
  return index;
}

/** The files laid over one; looked for only when somebody asks, since that takes a look at every path. */
function lazyOverlays(paths: ReadonlySet<string>, layers: LayerFinder): (base: string) => readonly string[] {
  let overlays: Map<string, string[]> | undefined;
  return (base) => {
    if (overlays === undefined) {
      overlays = new Map();
      for (const path of paths) {
        if (!/\.ya?ml$/.test(path)) continue;
        for (const each of layers.basesOf(path)) {
          const known = overlays.get(each);
          if (known === undefined) overlays.set(each, [path]);
          else known.push(path);
        }
      }
    }
    return overlays.get(base) ?? [];
  };
}
