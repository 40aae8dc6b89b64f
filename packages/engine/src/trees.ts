import {
  type Forge,
  fixedPrefix,
  globMatch,
  globReaches,
  isProtectedPath,
  type Stage,
  type StageFile,
  type StageTree,
  scanBytes,
  type TreeFile,
  WaybillError,
  writableGlobs,
} from '@waybill/core';

/** Files by path and blob oid, scanned: an oid never means other bytes. */
export type TreeMemory = Map<string, StageFile>;

const YAML_FILE = /\.ya?ml$/;

/** The YAML files of each Stage at a commit. */
export async function readTrees(
  forge: Forge,
  commit: string,
  stages: readonly Stage[],
  memory: TreeMemory,
): Promise<ReadonlyMap<string, StageTree>> {
  const files = await readFiles(forge, commit, stages.flatMap(writableGlobs), memory);
  return new Map(
    stages.map((stage) => {
      const globs = writableGlobs(stage);
      return [stage.name, { stage, files: files.filter((file) => isOf(globs, file)) }];
    }),
  );
}

/** The YAML files that any of the globs match, listed below the globs' fixed prefixes; each blob is fetched once. */
export async function readFiles(
  forge: Forge,
  commit: string,
  globs: readonly string[],
  memory: TreeMemory = new Map(),
): Promise<readonly StageFile[]> {
  const listing = await forge.files(commit, outermost(globs.map(fixedPrefix)), (folder) =>
    globs.some((glob) => globReaches(glob, folder)),
  );
  const wanted = listing.filter((file) => isOf(globs, file));
  const missing = wanted.filter((file) => !memory.has(memoryKey(file)));
  const blobs =
    missing.length === 0 ? new Map<string, Uint8Array>() : await forge.blobs(missing.map((file) => file.oid));
  for (const file of missing) memory.set(memoryKey(file), scanned(file, blobs.get(file.oid)));
  return wanted.flatMap((file) => memory.get(memoryKey(file)) ?? []);
}

/** Regular files only: a link is no file of the Stage's, wherever it points. */
function isOf(globs: readonly string[], file: TreeFile): boolean {
  const isRegular = file.mode.startsWith('100');
  return (
    isRegular &&
    YAML_FILE.test(file.path) &&
    !isProtectedPath(file.path) &&
    globs.some((glob) => globMatch(glob, file.path))
  );
}

function memoryKey(file: TreeFile): string {
  return `${file.oid} ${file.mode} ${file.path}`;
}

function scanned(file: TreeFile, bytes: Uint8Array | undefined): StageFile {
  if (bytes === undefined) {
    throw new WaybillError('forge-protocol', {
      what: 'GitHub listed this file and did not give it',
      where: { file: file.path },
      remedy: 'Run again.',
    });
  }
  return {
    path: file.path,
    oid: file.oid,
    mode: file.mode,
    bytes,
    scan: scanBytes({ path: file.path, bytes }, { unreadable: true }),
  };
}

/** Without those that lie below another. */
function outermost(prefixes: readonly string[]): readonly string[] {
  const unique = [...new Set(prefixes)];
  return unique.filter(
    (prefix) => !unique.some((other) => other !== prefix && (other === '' || prefix.startsWith(`${other}/`))),
  );
}
