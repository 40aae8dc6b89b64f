/** Which tree is read: a commit's, or what is staged for the next one. */
export type GitTree = { readonly kind: 'commit'; readonly oid: string } | { readonly kind: 'index' };

/** A regular file. */
export interface GitFile {
  /** From the root of the repository, with slashes. */
  readonly path: string;
  readonly oid: string;
  readonly executable: boolean;
}

/** Something in a tree that is not followed. */
export interface GitOddity {
  /** As far as it can be read: bytes that are not UTF-8 are U+FFFD. */
  readonly path: string;
  readonly why: 'symlink' | 'submodule' | 'name-not-utf-8' | 'unmerged';
  /** The link's text, as a blob; only for symlinks. */
  readonly oid?: string;
}

/** All that a tree holds, in Git's order. */
export interface GitListing {
  readonly files: readonly GitFile[];
  readonly oddities: readonly GitOddity[];
}

/** A path that differs between two trees. */
export interface GitChange {
  readonly path: string;
  readonly kind: 'added' | 'deleted' | 'modified';
  /** The blob before; absent for what was added. */
  readonly before?: string;
  /** The blob after; absent for what was deleted. */
  readonly after?: string;
}

const UTF_8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The records of a `-z` output. */
export function* records(output: Buffer): Generator<Buffer> {
  let start = 0;
  while (start < output.length) {
    const end = output.indexOf(0, start);
    yield output.subarray(start, end === -1 ? output.length : end);
    if (end === -1) return;
    start = end + 1;
  }
}

/** A name's text, or undefined when it is not UTF-8. */
export function nameOf(bytes: Uint8Array): string | undefined {
  try {
    return UTF_8.decode(bytes);
  } catch {
    return undefined;
  }
}

/** `git ls-tree -r -z`: `mode type oid TAB path`. */
export function parseTree(output: Buffer): GitListing {
  return parseListing(output, /^(\d{6}) (?:blob|commit) ([0-9a-f]+)$/);
}

/** `git ls-files --stage -z`: `mode oid stage TAB path`. A path with another stage than 0 is in conflict. */
export function parseIndex(output: Buffer): GitListing {
  return parseListing(output, /^(\d{6}) ([0-9a-f]+) ([0-3])$/);
}

function parseListing(output: Buffer, grammar: RegExp): GitListing {
  const files: GitFile[] = [];
  const oddities: GitOddity[] = [];
  const unmerged = new Set<string>();
  for (const record of records(output)) {
    const tab = record.indexOf(0x09);
    const [, mode = '', oid = '', stage = '0'] = grammar.exec(record.toString('latin1', 0, Math.max(0, tab))) ?? [];
    const bytes = record.subarray(tab + 1);
    const path = nameOf(bytes);
    const shown = path ?? bytes.toString('utf8');
    if (stage !== '0') unmerged.add(shown);
    else if (mode === '160000') oddities.push({ path: shown, why: 'submodule' });
    else if (mode === '120000') oddities.push({ path: shown, why: 'symlink', oid });
    else if (path === undefined) oddities.push({ path: shown, why: 'name-not-utf-8' });
    else files.push({ path, oid, executable: mode === '100755' });
  }
  return { files, oddities: [...oddities, ...[...unmerged].map((path) => ({ path, why: 'unmerged' }) as const)] };
}

/** `--raw -z --no-renames`: `:mode mode oid oid status NUL path NUL`. Names that are not UTF-8 are shown with U+FFFD. */
export function parseChanges(output: Buffer): readonly GitChange[] {
  const changes: GitChange[] = [];
  const fields = records(output);
  for (let facts = fields.next(); facts.done !== true; facts = fields.next()) {
    const name = fields.next();
    if (name.done === true) break;
    const [, before = '', after = '', status = ''] =
      /^:\d{6} \d{6} ([0-9a-f]+) ([0-9a-f]+) ([A-Z])/.exec(facts.value.toString('latin1')) ?? [];
    const path = name.value.toString('utf8');
    if (status === 'A') changes.push({ path, kind: 'added', after });
    else if (status === 'D') changes.push({ path, kind: 'deleted', before });
    else changes.push({ path, kind: 'modified', before, after });
  }
  return changes;
}
