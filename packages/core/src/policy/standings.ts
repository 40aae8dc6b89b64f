import { isDigest } from '../image/digest.js';
import type { Piece, ReferenceSite } from '../yaml/index.js';
import { type Region, regionOf } from './draft.js';
import { textOf } from './effective.js';
import { layerFinder } from './layer-finder.js';
import { joinLayers } from './layers.js';
import { type PolicyFile, readFiles } from './read-files.js';
import { isOurs, type PolicySettings } from './settings.js';

/** A digest where a tree has it: what lineage compares. */
export interface Standing {
  readonly path: string;
  /** 0-based. */
  readonly document: number;
  readonly keyPath: string;
  /** Of the value that holds the digest. */
  readonly region: Region;
  /** Normalised. */
  readonly repository: string;
  readonly digest: string;
}

/** Every pinned image of the files, layers joined; only ours, as soon as the settings say which those are. */
export function standingsOf(
  files: Iterable<PolicyFile>,
  settings: PolicySettings,
  treePaths: Iterable<string> = [],
): readonly Standing[] {
  const paths = new Set(treePaths);
  const { scans } = readFiles(files, settings, paths);
  return joinLayers(scans, paths, layerFinder(paths, settings)).flatMap(({ site, effective }) => {
    const { repository, digest } = effective;
    if (repository === undefined || digest === undefined || effective.unresolved || !isDigest(digest)) return [];
    if (settings.firstParty.length > 0 && !isOurs(settings, repository)) return [];
    const { path, document, keyPath } = site;
    return [{ path, document, keyPath, region: regionOf(digestHolder(site)), repository, digest }];
  });
}

/** The piece that holds a site's digest; where another layer does, the one that deploys it here. */
export function digestHolder(site: ReferenceSite): Piece {
  const { shape } = site;
  if (shape.kind === 'whole' || shape.kind === 'argocd-kustomize-image') return shape.piece;
  const pieces =
    shape.kind === 'split' ? [shape.tag, shape.repository, shape.registry] : [shape.newName, shape.newTag, shape.name];
  const written = [shape.digest, ...pieces].filter((piece) => piece !== undefined);
  return (
    written.find((piece) => textOf(piece) !== '' && (piece === shape.digest || piece.value.includes('@'))) ??
    written.find((piece) => textOf(piece) !== '') ??
    written[0] ?? {
      value: '',
      range: [0, 0],
      raw: '',
      style: 'plain',
      empty: true,
      line: 1,
      column: 1,
      nonString: false,
    }
  );
}
