import { spawn } from 'node:child_process';

export interface GitResult {
  readonly code: number;
  readonly stdout: Buffer;
  readonly stderr: string;
}

export interface GitRunOptions {
  readonly input?: Uint8Array | string;
  readonly environment?: Readonly<Record<string, string>>;
  /** Exit codes that are an answer and no failure; 0 always is. */
  readonly accept?: readonly number[];
}

/** No user or system configuration reaches the server's repositories. */
export function gitEnvironment(extra: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  const { GIT_DIR: _dir, GIT_WORK_TREE: _tree, GIT_INDEX_FILE: _index, ...rest } = process.env;
  return {
    ...rest,
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_TERMINAL_PROMPT: '0',
    LC_ALL: 'C',
    ...extra,
  };
}

/** Runs the Git command line in a bare repository. Throws on an exit code that is not accepted. */
export function runGit(directory: string, args: readonly string[], options: GitRunOptions = {}): Promise<GitResult> {
  return new Promise((resolve, reject) => {
    const child = spawn('git', ['--git-dir', directory, ...args], {
      env: gitEnvironment(options.environment),
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
    child.stdin.on('error', () => undefined);
    child.on('error', reject);
    child.on('close', (code) => {
      const result = {
        code: code ?? -1,
        stdout: Buffer.concat(stdout),
        stderr: Buffer.concat(stderr).toString('utf8'),
      };
      if (result.code === 0 || options.accept?.includes(result.code) === true) {
        resolve(result);
      } else {
        reject(new Error(`git ${args.join(' ')} ended with ${result.code}: ${result.stderr.trim()}`));
      }
    });
    child.stdin.end(options.input ?? '');
  });
}

/** The standard output of a Git command as lines, without empty ones. */
export async function gitLines(
  directory: string,
  args: readonly string[],
  options: GitRunOptions = {},
): Promise<string[]> {
  const result = await runGit(directory, args, options);
  return result.stdout
    .toString('utf8')
    .split('\n')
    .filter((line) => line !== '');
}
