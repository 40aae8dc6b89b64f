import { type FileScan, mightHoldImages, scanBytes } from '../yaml/index.js';
import { scanScope } from './scan-scope.js';
import { type FileScope, scopeOf } from './scopes.js';
import { coverage, type PolicySettings } from './settings.js';

/** A file of the tree that is judged. */
export type PolicyFile =
  | { readonly path: string; readonly bytes: Uint8Array }
  /** Scanned already, with the policy's own `fields`. */
  | { readonly path: string; readonly scan: FileScan };

/** A file that is judged, and as what. */
export interface ScannedFile {
  readonly path: string;
  readonly scope: FileScope;
  readonly scan: FileScan;
}

/** What is read of the files; all their paths are added to `paths`. */
export function readFiles(
  files: Iterable<PolicyFile>,
  settings: PolicySettings,
  paths: Set<string>,
): { readonly scans: readonly ScannedFile[]; readonly count: number } {
  const scans: ScannedFile[] = [];
  let count = 0;
  for (const file of files) {
    const { path } = file;
    paths.add(path);
    const scope = scopeOf(path);
    if (scope === undefined || coverage(settings, path) === 'outside') continue;
    if (scope !== 'deployed' && !settings.policy.scopes.includes(scope)) continue;
    count += 1;
    const scan = 'scan' in file ? file.scan : scanFile(file, scope, settings);
    if (scan !== undefined) scans.push({ path, scope, scan: withinScopes(scan, settings) });
  }
  return { scans, count };
}

/** Undefined when the bytes can hold no image. */
function scanFile(
  file: { readonly path: string; readonly bytes: Uint8Array },
  scope: FileScope,
  { policy: { fields } }: PolicySettings,
): FileScan | undefined {
  if (scope !== 'deployed') return scanScope(scope, file);
  return fields.length === 0 && !mightHoldImages(file.bytes) ? undefined : scanBytes(file, { fields });
}

/** Without arguments and environment variables, unless they are asked for. */
function withinScopes(scan: FileScan, { policy }: PolicySettings): FileScan {
  if (policy.scopes.includes('args') || !scan.references.some(({ tier }) => tier === 'C')) return scan;
  return { ...scan, references: scan.references.filter(({ tier }) => tier !== 'C') };
}
