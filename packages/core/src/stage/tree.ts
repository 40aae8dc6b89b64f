import type { Stage } from '../config/types.js';
import type { FileScan } from '../yaml/index.js';

/** A YAML file that a Stage's globs match, read and scanned. */
export interface StageFile {
  readonly path: string;
  readonly oid: string;
  readonly mode: string;
  readonly bytes: Uint8Array;
  readonly scan: FileScan;
}

/** What a Stage runs, as its files on the default branch say. */
export interface StageTree {
  readonly stage: Stage;
  /** By path, in byte order. */
  readonly files: readonly StageFile[];
}
