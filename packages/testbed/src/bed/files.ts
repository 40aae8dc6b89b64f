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

export type Starter = 'reconcile' | 'promote' | 'listen' | 'image-policy' | 'notify';

/** The starters of .github/workflow-templates, where a user puts them. */
export function starterWorkflows(
  root: string,
  starters: readonly Starter[] = ['reconcile', 'promote', 'listen'],
): Record<string, string> {
  return Object.fromEntries(
    starters.map((name) => {
      const file = `waybill-${name}.yml`;
      return [`.github/workflows/${file}`, readFileSync(join(root, '.github/workflow-templates', file), 'utf8')];
    }),
  );
}
