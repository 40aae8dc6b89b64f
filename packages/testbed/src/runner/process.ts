import { spawn } from 'node:child_process';
import { StringDecoder } from 'node:string_decoder';

export interface ProcessRequest {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly onLine: (line: string) => void;
  /** The machine dies: SIGKILL to the whole process group, at once. */
  readonly kill: AbortSignal;
  /** A cancellation: SIGINT, after 7.5 s SIGTERM, after 2.5 s more SIGKILL (actions/runner, "Canceling a workflow"). */
  readonly cancel: AbortSignal;
  readonly timeoutMs?: number;
  /** Told of the process group, so that what stays behind in it can be ended with the job. */
  readonly onGroup: (group: number) => void;
}

export interface ProcessResult {
  /** 128 + n for a process that a signal ended, as a shell reports it. */
  readonly exitCode: number;
  readonly timedOut: boolean;
}

const SIGINT_GRACE_MS = 7_500;
const SIGTERM_GRACE_MS = 2_500;
const DRAIN_MS = 1_000;
const SIGNALS: Readonly<Record<string, number>> = { SIGHUP: 1, SIGINT: 2, SIGKILL: 9, SIGSEGV: 11, SIGTERM: 15 };

/** Runs one process in a group of its own and reads both its streams in lines. Never rejects: a failure to start is exit code 127. */
export function runProcess(request: ProcessRequest): Promise<ProcessResult> {
  return new Promise((resolve) => {
    const child = spawn(request.command, [...request.args], {
      cwd: request.cwd,
      env: { ...request.env },
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const timers = new Set<NodeJS.Timeout>();
    const later = (milliseconds: number, action: () => void): void => {
      timers.add(setTimeout(action, milliseconds));
    };
    let timedOut = false;
    let settled = false;
    let exitCode = 127;
    const flushes = [readLines(child.stdout, request.onLine), readLines(child.stderr, request.onLine)];
    const signalGroup = (signal: NodeJS.Signals): void => {
      if (child.pid !== undefined) endGroup(child.pid, signal);
    };
    const kill = (): void => signalGroup('SIGKILL');
    const cancel = (): void => {
      signalGroup('SIGINT');
      later(SIGINT_GRACE_MS, () => signalGroup('SIGTERM'));
      later(SIGINT_GRACE_MS + SIGTERM_GRACE_MS, kill);
    };
    const settle = (): void => {
      if (settled) return;
      settled = true;
      for (const timer of timers) clearTimeout(timer);
      request.kill.removeEventListener('abort', kill);
      request.cancel.removeEventListener('abort', cancel);
      for (const flush of flushes) flush();
      child.stdout.destroy();
      child.stderr.destroy();
      resolve({ exitCode, timedOut });
    };
    child.on('error', (error) => {
      request.onLine(`${error.message}`);
      settle();
    });
    child.on('exit', (code, signal) => {
      exitCode = code ?? 128 + (SIGNALS[signal ?? ''] ?? 0);
      // A background process may hold the streams open; it does not hold the step open.
      later(DRAIN_MS, settle);
    });
    child.on('close', settle);
    if (child.pid !== undefined) request.onGroup(child.pid);
    request.kill.addEventListener('abort', kill);
    request.cancel.addEventListener('abort', cancel);
    if (request.kill.aborted) kill();
    else if (request.cancel.aborted) cancel();
    if (request.timeoutMs !== undefined) {
      later(request.timeoutMs, () => {
        timedOut = true;
        cancel();
      });
    }
  });
}

/** Signals every process of a group, 0 only asks. Gives whether there was one. */
export function endGroup(group: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(-group, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
    throw error;
  }
}

function readLines(stream: NodeJS.ReadableStream, onLine: (line: string) => void): () => void {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  stream.on('data', (chunk: Buffer) => {
    rest += decoder.write(chunk);
    const parts = rest.split('\n');
    rest = parts.pop() ?? '';
    for (const part of parts) onLine(part.endsWith('\r') ? part.slice(0, -1) : part);
  });
  return () => {
    rest += decoder.end();
    if (rest !== '') onLine(rest);
    rest = '';
  };
}
