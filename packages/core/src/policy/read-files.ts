import type { ImagePolicy } from '../config/types.js';
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
    const covered = coverage(settings, path);
    if (scope === undefined || covered === 'outside') continue;
    if (scope === 'dockerfile' && !settings.policy.scopes.includes(scope)) continue;
    count += 1;
    const scan = scanFile(file, scope, covered, settings);
    if (scan !== undefined) scans.push({ path, scope, scan: withinScopes(scan, settings) });
  }
  return { scans, count };
}

/** Undefined when the bytes can hold no image. */
function scanFile(
  file: PolicyFile,
  scope: FileScope,
  covered: 'enforced' | 'judged',
  { policy: { fields, scopes } }: PolicySettings,
): FileScan | undefined {
  if (scope === 'deployed') return generalScan(file, fields);
  const special = scopes.includes(scope) && 'bytes' in file ? scanScope(scope, file) : undefined;
  if (scope === 'dockerfile') return special;
  const general = generalScan(file, fields);
  if (general === undefined) return special;
  // A name alone makes nothing of what is enforced a compose file: it may be deployed all the same.
  if (covered === 'enforced' && !file.path.startsWith('.github/')) return merged(special, general);
  return merged(special, {
    ...general,
    references: general.references.filter(({ zone }) => zone !== 'values'),
    pullPolicies: general.pullPolicies.filter(({ zone }) => zone !== 'values'),
    unread: [],
  });
}

function generalScan(file: PolicyFile, fields: ImagePolicy['fields']): FileScan | undefined {
  if ('scan' in file) return file.scan;
  return fields.length === 0 && !mightHoldImages(file.bytes) ? undefined : scanBytes(file, { fields });
}

/** Both scans' images; where they see the same place, the first's. */
function merged(first: FileScan | undefined, second: FileScan): FileScan {
  if (first === undefined) return second;
  const places = new Set(first.references.map(({ line, column }) => `${line}:${column}`));
  const more = second.references.filter(({ line, column }) => !places.has(`${line}:${column}`));
  const unread = first.unread.length > 0 ? first.unread : second.unread;
  return { ...second, references: [...first.references, ...more], unread };
}

/** Without arguments and environment variables, unless they are asked for. */
function withinScopes(scan: FileScan, { policy }: PolicySettings): FileScan {
  if (policy.scopes.includes('args') || !scan.references.some(({ tier }) => tier === 'C')) return scan;
  return { ...scan, references: scan.references.filter(({ tier }) => tier !== 'C') };
}
