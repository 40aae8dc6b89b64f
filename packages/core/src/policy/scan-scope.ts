import { type FileScan, scanBytes } from '../yaml/index.js';
import type { FileScope } from './scopes.js';

/** The images of a file of one of the scopes that are judged when asked for. */
export function scanScope(
  _scope: Exclude<FileScope, 'deployed'>,
  file: { readonly path: string; readonly bytes: Uint8Array },
): FileScan {
  return scanBytes(file);
}
