import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { WaybillError } from '@waybill/core';
import type { Environment } from '@waybill/runtime';

/**
 * Writes a file that the workflow named, relative to the workspace; gives its whole path.
 * @throws WaybillError input-invalid
 */
export async function writeNamed(
  { env }: { readonly env: Environment },
  name: string,
  content: string,
): Promise<string> {
  const path = resolve(env.GITHUB_WORKSPACE ?? '.', name);
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, content);
  } catch (cause) {
    throw new WaybillError('input-invalid', {
      what: `The file ${name} can't be written`,
      remedy: 'Name a file in a folder that the job may write to.',
      cause,
    });
  }
  return path;
}
