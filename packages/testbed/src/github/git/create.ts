import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { appendFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { gitEnvironment, runGit } from './process.js';

export type FileContent = string | Uint8Array | { readonly content: string | Uint8Array; readonly mode: string };

export interface FirstCommit {
  readonly branch: string;
  readonly files: Readonly<Record<string, FileContent>>;
  readonly name: string;
  readonly email: string;
  readonly date: Date;
  readonly message: string;
}

/** A bare repository that never packs by itself and takes pushes over HTTP. */
export async function createBareRepository(directory: string, defaultBranch: string): Promise<void> {
  await mkdir(directory, { recursive: true });
  await new Promise<void>((resolve, reject) => {
    const child = spawn('git', ['init', '--quiet', '--bare', `--initial-branch=${defaultBranch}`, directory], {
      env: gitEnvironment(),
      stdio: 'ignore',
    });
    child.on('error', reject);
    child.on('close', (code) => (code === 0 ? resolve() : reject(new Error(`git init ended with ${code}`))));
  });
  await appendFile(
    join(directory, 'config'),
    '[gc]\n\tauto = 0\n[maintenance]\n\tauto = false\n[http]\n\treceivepack = true\n' +
      '[receive]\n\tautogc = false\n[uploadpack]\n\tallowAnySHA1InWant = true\n\tallowFilter = true\n',
  );
}

export function contentOf(file: FileContent): { readonly content: Uint8Array; readonly mode: string } {
  if (typeof file === 'string') return { content: Buffer.from(file), mode: '100644' };
  if (file instanceof Uint8Array) return { content: file, mode: '100644' };
  return { content: typeof file.content === 'string' ? Buffer.from(file.content) : file.content, mode: file.mode };
}

/** Puts any number of files into an empty repository as one commit, in one pack (`git fast-import`). */
export async function importFirstCommit(directory: string, commit: FirstCommit): Promise<void> {
  const parts: Uint8Array[] = [];
  const data = (bytes: Uint8Array) => parts.push(Buffer.from(`data ${bytes.length}\n`), bytes, Buffer.from('\n'));
  const marks = new Map<string, number>();
  const lines: string[] = [];
  // In path order, which spares fast-import half its work.
  const inOrder = Object.entries(commit.files).sort(([a], [b]) => (a < b ? -1 : 1));
  for (const [path, file] of inOrder) {
    const { content, mode } = contentOf(file);
    const hash = createHash('sha1').update(content).digest('base64');
    let mark = marks.get(hash);
    if (mark === undefined) {
      mark = marks.size + 1;
      marks.set(hash, mark);
      parts.push(Buffer.from(`blob\nmark :${mark}\n`));
      data(content);
    }
    lines.push(`M ${mode} :${mark} ${JSON.stringify(path)}\n`);
  }
  parts.push(Buffer.from(`commit refs/heads/${commit.branch}\n`));
  parts.push(
    Buffer.from(`committer ${commit.name} <${commit.email}> ${Math.floor(commit.date.getTime() / 1000)} +0000\n`),
  );
  data(Buffer.from(commit.message));
  parts.push(Buffer.from(`${lines.join('')}\ndone\n`));
  // No deltas and no compression: what counts is how soon a large repository stands.
  const args = ['-c', 'core.compression=0', 'fast-import', '--quiet', '--done', '--depth=0'];
  await runGit(directory, args, { input: Buffer.concat(parts) });
}
