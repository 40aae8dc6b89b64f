import { effectiveOf } from './effective.js';
import type { ScannedFile } from './judge.js';
import type { Judged } from './judge-reference.js';
import type { PolicySettings } from './settings.js';

/** An image with what the layers around it make of it. */
export interface LayeredImage extends Judged {
  /** Every file that is laid over this one pins the image. */
  readonly isOverridden: boolean;
}

export interface Layered {
  readonly images: readonly LayeredImage[];
  /** The files below each, the lowest first. */
  readonly basesOf: ReadonlyMap<string, readonly string[]>;
}

/** Joins the images of files that are laid over each other. */
export function layer(files: readonly ScannedFile[], paths: ReadonlySet<string>, _settings: PolicySettings): Layered {
  const images = files.flatMap(({ path, scan }) => {
    const isChartDefault = paths.has(`${path.slice(0, path.lastIndexOf('/') + 1)}Chart.yaml`);
    return scan.references.map((site) => ({ site, effective: effectiveOf(site), isChartDefault, isOverridden: false }));
  });
  return { images, basesOf: new Map() };
}
