import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, rename, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { deflateSync } from 'node:zlib';
import { gitEnvironment } from './process.js';

export type ObjectType = 'blob' | 'tree' | 'commit' | 'tag';

export interface ObjectInfo {
  readonly oid: string;
  readonly type: ObjectType;
  readonly size: number;
}

export interface GitObject extends ObjectInfo {
  readonly content: Buffer;
}

/** Objects of one bare repository: read through one `git cat-file` kept open, written as loose objects. */
export interface GitStore {
  readonly directory: string;
  /** What an oid or revision expression (`refs/heads/main`, `<sha>:path`) names, or undefined. */
  info(expression: string): Promise<ObjectInfo | undefined>;
  read(expression: string): Promise<GitObject | undefined>;
  /** Writes an object unless it is there; gives its oid. */
  write(type: ObjectType, content: Uint8Array): Promise<string>;
  close(): Promise<void>;
}

interface Waiting {
  readonly withContent: boolean;
  readonly resolve: (object: GitObject | undefined) => void;
  readonly reject: (error: Error) => void;
}

const EMPTY = Buffer.alloc(0);

export function objectId(type: ObjectType, content: Uint8Array): string {
  return createHash('sha1').update(`${type} ${content.length}\0`).update(content).digest('hex');
}

export function openStore(directory: string): GitStore {
  let child: ChildProcessWithoutNullStreams | undefined;
  let ended: Promise<void> = Promise.resolve();
  let closed = false;
  let waiting: Waiting[] = [];
  // Where the queue begins: shifting a long array would move all the rest each time.
  let first = 0;
  let chunks: Buffer[] = [];
  let available = 0;
  let header: { readonly info: ObjectInfo; readonly bytes: number } | undefined;

  function take(count: number): Buffer {
    const all = chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks);
    chunks = all.length > count ? [all.subarray(count)] : [];
    available = all.length - count;
    return all.subarray(0, count);
  }

  function takeLine(): string | undefined {
    const all = chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks);
    chunks = all.length > 0 ? [all] : [];
    const end = all.indexOf(10);
    return end < 0
      ? undefined
      : take(end + 1)
          .subarray(0, end)
          .toString('utf8');
  }

  function pump(): void {
    for (;;) {
      const next = waiting[first];
      if (next === undefined) {
        waiting = [];
        first = 0;
        return;
      }
      if (header === undefined) {
        const line = takeLine();
        if (line === undefined) return;
        const found = /^([0-9a-f]{40}) (blob|tree|commit|tag) (\d+)$/.exec(line);
        if (found === null) {
          first += 1;
          next.resolve(undefined);
          continue;
        }
        const info = { oid: found[1] ?? '', type: found[2] as ObjectType, size: Number(found[3]) };
        if (!next.withContent) {
          first += 1;
          next.resolve({ ...info, content: EMPTY });
          continue;
        }
        header = { info, bytes: info.size + 1 };
      }
      if (available < header.bytes) return;
      const content = Buffer.from(take(header.bytes).subarray(0, header.info.size));
      const { info } = header;
      header = undefined;
      first += 1;
      next.resolve({ ...info, content });
    }
  }

  function reader(): ChildProcessWithoutNullStreams {
    if (child !== undefined) return child;
    if (closed) throw new Error(`${directory} was closed`);
    const started = spawn('git', ['--git-dir', directory, 'cat-file', '--batch-command'], { env: gitEnvironment() });
    started.stdout.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      available += chunk.length;
      pump();
    });
    started.stdin.on('error', () => undefined);
    started.on('error', (error) => fail(error));
    ended = new Promise((resolve) => {
      started.on('close', () => {
        fail(new Error('git cat-file ended'));
        resolve();
      });
    });
    child = started;
    return started;
  }

  function fail(error: Error): void {
    child = undefined;
    header = undefined;
    chunks = [];
    available = 0;
    const failed = waiting.slice(first);
    waiting = [];
    first = 0;
    for (const one of failed) one.reject(error);
  }

  function ask(command: 'info' | 'contents', expression: string): Promise<GitObject | undefined> {
    if (expression === '' || /[\n\0]/.test(expression)) return Promise.resolve(undefined);
    return new Promise((resolve, reject) => {
      const { stdin } = reader();
      waiting.push({ withContent: command === 'contents', resolve, reject });
      if (stdin.writableCorked === 0) {
        stdin.cork();
        process.nextTick(() => stdin.uncork());
      }
      stdin.write(`${command} ${expression}\n`);
    });
  }

  return {
    directory,
    info: (expression) => ask('info', expression),
    read: (expression) => ask('contents', expression),
    async write(type, content) {
      const oid = objectId(type, content);
      const path = join(directory, 'objects', oid.slice(0, 2), oid.slice(2));
      if ((await exists(path)) || (await ask('info', oid)) !== undefined) return oid;
      const body = deflateSync(Buffer.concat([Buffer.from(`${type} ${content.length}\0`), content]));
      await mkdir(dirname(path), { recursive: true });
      const temporary = `${path}.${process.pid}.${Math.random().toString(36).slice(2)}`;
      await writeFile(temporary, body, { mode: 0o444 });
      await rename(temporary, path);
      return oid;
    },
    async close() {
      closed = true;
      child?.stdin.end();
      await ended;
    },
  };
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
