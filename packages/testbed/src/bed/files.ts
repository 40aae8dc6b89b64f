import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

/** The folder of this repository, from wherever the compiled or the source file stands. */
export function repositoryRoot(from: string = import.meta.dirname): string {
  let folder = from;
  while (!existsSync(join(folder, 'pnpm-workspace.yaml'))) {
    const parent = dirname(folder);
    if (parent === folder) throw new Error(`No pnpm-workspace.yaml above ${from}`);
    folder = parent;
  }
  return folder;
}

/** A folder's files by their relative path, as a new repository's first commit takes them. */
export function readFolder(folder: string): Record<string, string> {
  return Object.fromEntries(
    readdirSync(folder, { recursive: true })
      .map(String)
      .filter((path) => statSync(join(folder, path)).isFile())
      .sort()
      .map((path) => [relative('.', path), readFileSync(join(folder, path), 'utf8')]),
  );
}

/** The starters of .github/workflow-templates, where a user puts them. */
export function starterWorkflows(root: string): Record<string, string> {
  const templates = readFolder(join(root, '.github/workflow-templates'));
  return Object.fromEntries(
    Object.entries(templates)
      .filter(([path]) => path.endsWith('.yml') && !path.includes('notify'))
      .map(([path, text]) => [`.github/workflows/${path}`, text]),
  );
}
