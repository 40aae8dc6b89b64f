import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { WaybillError } from '@waybill/core';
import { type GitEnvironment, gitEnvironment, gitOptions } from './environment.js';

/** Where and how Git runs. */
export interface GitSetting {
  /** The top of the work tree, or a bare repository: absolute. */
  readonly top: string;
  readonly env: GitEnvironment;
}

/** What a Git command left behind. */
export interface GitResult {
  readonly exitCode: number;
  readonly stdout: Buffer;
  /** At most its last 8 KiB. */
  readonly stderr: string;
}

export interface GitProcess {
  readonly child: ChildProcessByStdio<Writable, Readable, Readable>;
  /** Resolves when the process has ended and its streams are closed. */
  readonly ended: Promise<Omit<GitResult, 'stdout'>>;
}

/** Lists and small files; a tree of a million files has about 100 MB. */
const OUTPUT_LIMIT = 512 * 1024 * 1024;
const STDERR_LIMIT = 8 * 1024;

/** Starts Git without a shell. Nothing in `args` may begin with a dash that isn't ours: see `revision` and `--`. */
export function startGit(
  { top, env }: GitSetting,
  args: readonly string[],
  more: Readonly<Record<string, string>> = {},
): GitProcess {
  const child = spawn('git', [...gitOptions(top), ...args], {
    cwd: top,
    env: gitEnvironment(env, more),
    shell: false,
    stdio: ['pipe', 'pipe', 'pipe'],
    windowsHide: true,
  });
  // A process that ends early closes its input; its exit code says why.
  child.stdin.on('error', () => undefined);
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => {
    stderr = (stderr + chunk.toString('utf8')).slice(-STDERR_LIMIT);
  });
  const ended = new Promise<Omit<GitResult, 'stdout'>>((resolve, reject) => {
    child.once('error', (cause) => reject(cannotStart(cause)));
    child.once('close', (code) => resolve({ exitCode: code ?? -1, stderr: stderr.trim() }));
  });
  // Whoever reads the output first may fail first; the rejection is still awaited by them.
  ended.catch(() => undefined);
  return { child, ended };
}

/**
 * Runs Git to its end, whatever its exit code.
 * @throws WaybillError input-invalid: there is no git; tree-truncated: more output than is ever read
 */
export async function runGit(
  setting: GitSetting,
  args: readonly string[],
  more: Readonly<Record<string, string>> = {},
): Promise<GitResult> {
  const { child, ended } = startGit(setting, args, more);
  child.stdin.end();
  const chunks: Buffer[] = [];
  let size = 0;
  child.stdout.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size > OUTPUT_LIMIT) child.kill();
    else chunks.push(chunk);
  });
  const result = await ended;
  if (size > OUTPUT_LIMIT) {
    throw new WaybillError('tree-truncated', {
      what: `git ${args[0] ?? ''} has more than ${OUTPUT_LIMIT} bytes to say`,
      remedy: 'Narrow down what is read.',
    });
  }
  return { ...result, stdout: Buffer.concat(chunks) };
}

/**
 * The output of a command that must succeed.
 * @throws WaybillError tree-truncated: it did not, and what it would have read is not known
 */
export async function readGit(
  setting: GitSetting,
  args: readonly string[],
  more: Readonly<Record<string, string>> = {},
): Promise<Buffer> {
  const { exitCode, stdout, stderr } = await runGit(setting, args, more);
  if (exitCode === 0) return stdout;
  throw unreadable(args.find((arg) => !arg.startsWith('-')) ?? '', stderr);
}

export function unreadable(command: string, stderr: string): WaybillError {
  return new WaybillError('tree-truncated', {
    what: `git ${command} failed: ${firstLine(stderr)}`,
    remedy: 'Check the repository out again, whole and without a filter; nothing was judged.',
  });
}

export function firstLine(text: string): string {
  return (text.split('\n').find((line) => line.trim() !== '') ?? 'it did not say why').trim().replace(/[.\s]+$/, '');
}

function cannotStart(cause: unknown): WaybillError {
  return new WaybillError('input-invalid', {
    what: 'git could not be started',
    remedy: 'Run this where git is installed and the directory exists.',
    cause,
  });
}
