import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Full path of a program on PATH, or undefined. */
export function findTool(name: string): string | undefined {
  return (process.env.PATH ?? '')
    .split(delimiter)
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, name))
    .find(isExecutable);
}

/** Why tests that need these programs are skipped, in the words that CI lets pass; undefined when all are there. */
export function optionalServerAbsent(...names: readonly string[]): string | undefined {
  const missing = names.filter((name) => findTool(name) === undefined);
  return missing.length === 0 ? undefined : `optional server absent: ${missing.join(', ')}`;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
