import {
  coverage,
  type FileScan,
  filesAround,
  mightHoldImages,
  type PolicyFile,
  type PolicySettings,
  scanBytes,
  scopeOf,
  type UnreadKind,
} from '@waybill/core';
import type { GitListing, GitOddity, GitRepository } from '@waybill/forge';
import { followsToFile } from './links.js';

/** A tree as the policy judges it. */
export interface PolicyTree {
  /** The files that may hold images, read. */
  readonly files: readonly PolicyFile[];
  /** Every path of the tree. */
  readonly paths: readonly string[];
  /** How many files the policy looked at, those without any trace of an image included. */
  readonly fileCount: number;
  /** What was not followed, within what is judged. */
  readonly oddities: readonly GitOddity[];
  /** The blob of each file. */
  readonly oids: ReadonlyMap<string, string>;
}

/** No file that people keep images in comes near; what is larger is said not to be checked. */
export const FILE_LIMIT = 10 * 1024 * 1024;

/**
 * Reads all that the policy judges of a tree, from Git's objects, one file after the other: of each only what the scanner
 * found is kept. Files that `known` has with the same content are not read again; with `only` nothing is read but what
 * is needed to judge these files.
 * @throws WaybillError tree-truncated
 */
export async function readPolicyTree(
  git: GitRepository,
  listing: GitListing,
  settings: PolicySettings,
  { known, only }: { readonly known?: PolicyTree; readonly only?: ReadonlySet<string> } = {},
): Promise<PolicyTree> {
  const near = only === undefined ? undefined : filesAround(only, pathsOf(listing), settings);
  const { fields, scopes } = settings.policy;
  const isCovered = coverageByFolder(settings);
  const judged = listing.files.filter(({ path }) => {
    const scope = scopeOf(path);
    if (near?.has(path) === false) return false;
    return scope !== undefined && (scope === 'deployed' || scopes.includes(scope)) && isCovered(path);
  });
  const scanned = known === undefined ? new Map<string, PolicyFile>() : unchanged(known, judged);
  const requests = judged.flatMap(({ path, oid }) => (isKnown(known, path, oid) ? [] : [{ key: path, oid }]));
  for await (const blob of git.blobs(requests, FILE_LIMIT)) {
    const path = blob.key;
    if (blob.kind === 'too-large') {
      scanned.set(path, unread(path, 'too-large', `the file has ${blob.size} bytes, more than ${FILE_LIMIT}`));
    } else if (isWide(blob.bytes)) {
      scanned.set(path, unread(path, 'not-utf8', 'the file is UTF-16 or UTF-32'));
    } else if (scopeOf(path) === 'deployed') {
      // With fields of their own the policies know traces that the prefilter doesn't.
      if (fields.length === 0 && !mightHoldImages(blob.bytes)) continue;
      const scan = scanBytes({ path, bytes: blob.bytes }, { fields });
      if (fields.length === 0 || !isEmpty(scan)) scanned.set(path, { path, scan });
    } else {
      scanned.set(path, { path, bytes: Buffer.from(blob.bytes) });
    }
  }
  return {
    files: [...scanned.values()],
    paths: pathsOf(listing),
    fileCount: judged.length,
    oddities: await notFollowed(git, listing, (path) => only?.has(path) !== false && isCovered(path), isCovered),
    oids: new Map(judged.map(({ path, oid }) => [path, oid])),
  };
}

function pathsOf({ files }: GitListing): readonly string[] {
  return files.map(({ path }) => path);
}

/**
 * Whether the policy judges a path. Globs that end in `/**` say the same of all files of a folder, so that each folder is
 * asked about once.
 */
function coverageByFolder(settings: PolicySettings): (path: string) => boolean {
  const { exclude, enforce } = settings.policy;
  const isByFolder = [...(exclude ?? []), ...(enforce ?? [])].every((glob) => /^[^{}]*\/\*\*$/.test(glob));
  const folders = new Map<string, boolean>();
  return (path) => {
    const folder = isByFolder ? path.slice(0, path.lastIndexOf('/') + 1) : path;
    let isCovered = folders.get(folder);
    if (isCovered === undefined) {
      isCovered = coverage(settings, path) !== 'outside';
      folders.set(folder, isCovered);
    }
    return isCovered;
  };
}

function unchanged(known: PolicyTree, files: GitListing['files']): Map<string, PolicyFile> {
  const before = new Map(known.files.map((file) => [file.path, file]));
  return new Map(
    files.flatMap(({ path, oid }) => {
      const file = isKnown(known, path, oid) ? before.get(path) : undefined;
      return file === undefined ? [] : [[path, file] as const];
    }),
  );
}

function isKnown(known: PolicyTree | undefined, path: string, oid: string): boolean {
  return known?.oids.get(path) === oid;
}

/** Links to what is judged at its own place are no gap; everything else that is not followed is one. */
async function notFollowed(
  git: GitRepository,
  listing: GitListing,
  isWanted: (path: string) => boolean,
  isCovered: (path: string) => boolean,
): Promise<readonly GitOddity[]> {
  const candidates = listing.oddities.filter(
    ({ path, why }) => isWanted(path) && (why !== 'name-not-utf-8' || scopeOf(path) !== undefined),
  );
  const links = candidates.flatMap(({ path, oid }) => (oid === undefined ? [] : [{ key: path, oid }]));
  if (links.length === 0) return candidates;
  const fine = new Set<string>();
  const follows = followsToFile(listing.files, isCovered);
  for await (const blob of git.blobs(links, 4096)) {
    if (blob.kind === 'bytes' && follows(blob.key, blob.bytes.toString('utf8'))) fine.add(blob.key);
  }
  return candidates.filter(({ path }) => !fine.has(path));
}

/** A byte order mark of UTF-16 or UTF-32, which YAML parsers take and the scanner does not (YAML 1.2 §5.2). */
function isWide(bytes: Buffer): boolean {
  const [first, second, third, fourth] = bytes;
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)) return true;
  return first === 0 && second === 0 && third === 0xfe && fourth === 0xff;
}

function isEmpty({ references, pullPolicies, unread: gaps }: FileScan): boolean {
  return references.length === 0 && pullPolicies.length === 0 && gaps.length === 0;
}

function unread(path: string, kind: UnreadKind, detail: string): PolicyFile {
  const gap = { path, kind, line: 1, detail, mentions: [] };
  return { path, scan: { path, references: [], pullPolicies: [], unread: [gap] } };
}
