import { constants } from 'node:fs';
import { lstat, open } from 'node:fs/promises';
import { join } from 'node:path';
import type { MendedFile } from '@waybill/core';

export interface WrittenFixes {
  readonly written: readonly string[];
  readonly left: readonly { readonly path: string; readonly why: string }[];
}

/**
 * Writes repaired files into the working tree, each only where the file there has the very bytes that were judged. No
 * symbolic link is followed, neither as a file nor as a folder on the way.
 */
export async function writeFixes(top: string, files: readonly MendedFile[]): Promise<WrittenFixes> {
  const written: string[] = [];
  const left: { path: string; why: string }[] = [];
  for (const file of files) {
    const why = await writeFix(top, file);
    if (why === undefined) written.push(file.path);
    else left.push({ path: file.path, why });
  }
  return { written, left };
}

async function writeFix(top: string, { path, before, after }: MendedFile): Promise<string | undefined> {
  try {
    const segments = path.split('/');
    for (let depth = 1; depth < segments.length; depth += 1) {
      const folder = await lstat(join(top, ...segments.slice(0, depth)));
      if (!folder.isDirectory()) return 'its folder is none';
    }
    const handle = await open(join(top, ...segments), constants.O_RDWR | (constants.O_NOFOLLOW ?? 0));
    try {
      if (!(await handle.stat()).isFile()) return 'it is no regular file';
      const now = await handle.readFile();
      if (!now.equals(Buffer.from(before))) return 'the working tree has another content than what was judged';
      const bytes = Buffer.from(after);
      await handle.write(bytes, 0, bytes.length, 0);
      await handle.truncate(bytes.length);
      return undefined;
    } finally {
      await handle.close();
    }
  } catch {
    return 'the working tree has no such file';
  }
}
