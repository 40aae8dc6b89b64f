import type { GitStore } from './store.js';

export interface Signature {
  readonly name: string;
  readonly email: string;
  readonly date: Date;
}

export interface Commit {
  readonly oid: string;
  readonly tree: string;
  readonly parents: readonly string[];
  readonly author: Signature;
  readonly committer: Signature;
  readonly message: string;
}

export type NewCommit = Omit<Commit, 'oid'>;

function formatSignature(signature: Signature): string {
  const clean = (text: string) => text.replace(/[<>\n\0]/g, '').trim();
  return `${clean(signature.name)} <${clean(signature.email)}> ${Math.floor(signature.date.getTime() / 1000)} +0000`;
}

export function formatCommit(commit: NewCommit): Buffer {
  const lines = [
    `tree ${commit.tree}`,
    ...commit.parents.map((parent) => `parent ${parent}`),
    `author ${formatSignature(commit.author)}`,
    `committer ${formatSignature(commit.committer)}`,
  ];
  return Buffer.from(`${lines.join('\n')}\n\n${commit.message}`);
}

function parseSignature(text: string): Signature {
  const found = /^(.*?) ?<([^>]*)> (-?\d+) [-+]\d{4}$/.exec(text);
  return {
    name: found?.[1] ?? '',
    email: found?.[2] ?? '',
    date: new Date(Number(found?.[3] ?? 0) * 1000),
  };
}

export function parseCommit(oid: string, content: Buffer): Commit {
  const text = content.toString('utf8');
  const split = text.indexOf('\n\n');
  const head = split < 0 ? text : text.slice(0, split);
  const parents: string[] = [];
  let tree = '';
  let author = parseSignature('');
  let committer = parseSignature('');
  for (const line of head.split('\n')) {
    if (line.startsWith('tree ')) tree = line.slice(5);
    else if (line.startsWith('parent ')) parents.push(line.slice(7));
    else if (line.startsWith('author ')) author = parseSignature(line.slice(7));
    else if (line.startsWith('committer ')) committer = parseSignature(line.slice(10));
  }
  return { oid, tree, parents, author, committer, message: split < 0 ? '' : text.slice(split + 2) };
}

/** The commit that an oid, ref or annotated tag names, or undefined. */
export async function readCommit(store: GitStore, expression: string): Promise<Commit | undefined> {
  const object = await store.read(`${expression}^{commit}`);
  return object?.type === 'commit' ? parseCommit(object.oid, object.content) : undefined;
}

export async function writeCommit(store: GitStore, commit: NewCommit): Promise<string> {
  return store.write('commit', formatCommit(commit));
}
