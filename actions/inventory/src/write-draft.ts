import { writeFile } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import { WaybillError } from '@waybill/core';

/**
 * Writes a file that must not be there yet, a dangling link included (O_EXCL follows none).
 * @throws WaybillError input-invalid when the workspace is unknown or can't be written
 */
export async function writeDraft(workspace: string, name: string, text: string): Promise<'written' | 'exists'> {
  if (!isAbsolute(workspace)) throw unwritable(name, 'GITHUB_WORKSPACE names no folder');
  try {
    await writeFile(join(workspace, name), text, { flag: 'wx' });
    return 'written';
  } catch (error) {
    const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
    if (code === 'EEXIST') return 'exists';
    throw unwritable(name, `the workspace can't be written (${String(code)})`, error);
  }
}

function unwritable(name: string, why: string, cause?: unknown): WaybillError {
  return new WaybillError('input-invalid', {
    what: `${name} can't be written: ${why}`,
    remedy: 'Check the repository out in an earlier step of the job, or take the draft from the `config` output.',
    cause,
  });
}
