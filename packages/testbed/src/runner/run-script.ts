import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { NotInTestBed } from './errors.js';

/**
 * The command line of a `run` step. Without `shell` it is `bash -e`, with `shell: bash` the stricter flags
 * (workflow syntax, "jobs.<job_id>.steps[*].shell"); any other text with `{0}` is a command of the user's.
 * Throws NotInTestBed for PowerShell and cmd.
 */
export function shellCommand(shell: string | undefined, script: string): readonly [string, readonly string[]] {
  switch (shell) {
    case undefined:
    case '':
      return ['bash', ['-e', script]];
    case 'bash':
      return ['bash', ['--noprofile', '--norc', '-eo', 'pipefail', script]];
    case 'sh':
      return ['sh', ['-e', script]];
    case 'python':
      return ['python3', [script]];
    default: {
      if (!shell.includes('{0}')) throw new NotInTestBed(`shell: ${shell}`);
      const [command = '', ...args] = shell.split(/\s+/).filter((part) => part !== '');
      return [command, args.map((arg) => arg.replaceAll('{0}', script))];
    }
  }
}

let sequence = 0;

/** Writes the script where the shell can take it and gives its path. */
export async function writeScript(temp: string, text: string): Promise<string> {
  await mkdir(temp, { recursive: true });
  const path = join(temp, `${process.pid}-${++sequence}.sh`);
  await writeFile(path, text.endsWith('\n') ? text : `${text}\n`);
  await chmod(path, 0o755);
  return path;
}

export function workingFolder(workspace: string, folder: string | undefined): string {
  return folder === undefined || folder === '' ? workspace : resolve(workspace, folder);
}
