import { posix } from 'node:path';

/**
 * Whether a symbolic link leads, by its text alone, to a file or folder of the tree that is judged where it stands.
 * Nothing on disk is asked. A link to a link counts as not followed.
 */
export function followsToFile(
  files: readonly { readonly path: string }[],
  isJudged: (path: string) => boolean,
): (link: string, target: string) => boolean {
  const paths = new Set(files.map(({ path }) => path));
  let folders: Set<string> | undefined;
  return (link, target) => {
    if (target === '' || target.startsWith('/') || target.includes('\0')) return false;
    const path = posix.join(posix.dirname(link), target).replace(/\/$/, '');
    if (path === '..' || path.startsWith('../') || path === '.') return false;
    if (paths.has(path)) return isJudged(path);
    folders ??= foldersOf(paths);
    return folders.has(path) && isJudged(`${path}/file.yaml`);
  };
}

function foldersOf(paths: ReadonlySet<string>): Set<string> {
  const folders = new Set<string>();
  for (const path of paths) {
    for (let folder = posix.dirname(path); folder !== '.' && !folders.has(folder); folder = posix.dirname(folder)) {
      folders.add(folder);
    }
  }
  return folders;
}
