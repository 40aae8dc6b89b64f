import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { NotInTestBed, RunnerError } from './errors.js';
import type { Value } from './expressions.js';

/** A repository at a commit, its files on disk. `$/` and relative parts of an action resolve inside `root`. */
export interface RepositoryFiles {
  /** `owner/name`. */
  readonly repository: string;
  /** The ref it was asked for by. */
  readonly ref: string;
  /** The commit. */
  readonly sha: string;
  /** Absolute folder that holds the files. */
  readonly root: string;
}

/** `owner/name[/path]@ref`, of an action or a reusable workflow. */
export interface RemoteReference {
  readonly repository: string;
  readonly path: string;
  readonly ref: string;
}

/** What stands in for a third-party action: code of the caller's, registered by name. */
export type BuiltinAction = (context: BuiltinContext) => Promise<void>;

export interface BuiltinContext {
  /** By the input's name in lower case. Defaults are the built-in's own affair: it has no action.yml. */
  readonly inputs: Readonly<Record<string, string>>;
  /** What a process of this step would have in its environment. */
  readonly env: Readonly<Record<string, string>>;
  readonly github: Readonly<Record<string, Value>>;
  readonly workspace: string;
  readonly temp: string;
  /** Aborted when the step is to end early; one that goes on regardless is not waited for. */
  readonly signal: AbortSignal;
  /** A line of output; workflow commands in it are obeyed. */
  log(line: string): void;
  setOutput(name: string, value: string): void;
  exportVariable(name: string, value: string): void;
  addPath(folder: string): void;
  addMask(secret: string): void;
  /** Runs when the job ends, as an action's `post`. */
  onPost(action: () => Promise<void>): void;
}

export type ActionSource =
  | { readonly kind: 'files'; readonly files: RepositoryFiles }
  | { readonly kind: 'builtin'; readonly run: BuiltinAction };

/** Where `uses: owner/name[/path]@ref` comes from; undefined when this resolver does not know it. */
export type ResolveAction = (
  reference: RemoteReference,
) => ActionSource | undefined | Promise<ActionSource | undefined>;

/**
 * The usual resolver: `repositories` are served from folders whatever the ref, `builtins` by `owner/name` or
 * `owner/name/path` whatever the ref.
 */
export function resolveFrom(known: {
  readonly repositories?: Readonly<Record<string, { readonly root: string; readonly sha?: string }>>;
  readonly builtins?: Readonly<Record<string, BuiltinAction>>;
}): ResolveAction {
  return ({ repository, path, ref }) => {
    const builtin = known.builtins?.[path === '' ? repository : `${repository}/${path}`];
    if (builtin !== undefined) return { kind: 'builtin', run: builtin };
    const files = known.repositories?.[repository];
    if (files === undefined) return undefined;
    return { kind: 'files', files: { repository, ref, root: files.root, sha: files.sha ?? shaOf(ref) } };
  };
}

/** Asks the resolvers in turn. */
export function firstOf(...resolvers: readonly ResolveAction[]): ResolveAction {
  return async (reference) => {
    for (const resolve of resolvers) {
      const source = await resolve(reference);
      if (source !== undefined) return source;
    }
    return undefined;
  };
}

/** What a step's `uses` names, and in which files it is. */
export type ResolvedUse =
  | { readonly kind: 'builtin'; readonly run: BuiltinAction; readonly repository: string; readonly ref: string }
  | { readonly kind: 'files'; readonly files: RepositoryFiles; readonly path: string; readonly local: boolean };

/**
 * `$/path` is the repository and commit that hold the file it is written in (actions/runner pull request 4457),
 * `./path` the workspace, anything else a remote reference. Throws NotInTestBed naming what no resolver knows.
 */
export async function resolveUse(
  uses: string,
  from: { readonly origin: RepositoryFiles; readonly workspace: RepositoryFiles; readonly resolve: ResolveAction },
): Promise<ResolvedUse> {
  if (uses.startsWith('docker://')) throw new NotInTestBed(`uses: ${uses} (container actions)`);
  if (uses.startsWith('$/')) return { kind: 'files', files: from.origin, path: uses.slice(2), local: false };
  if (uses.startsWith('./')) return { kind: 'files', files: from.workspace, path: uses.slice(2), local: true };
  const reference = parseRemoteReference(uses);
  const source = await from.resolve(reference);
  if (source === undefined) throw new NotInTestBed(`uses: ${uses} (no implementation is registered for it)`);
  return source.kind === 'builtin'
    ? { kind: 'builtin', run: source.run, repository: reference.repository, ref: reference.ref }
    : { kind: 'files', files: source.files, path: reference.path, local: false };
}

export function parseRemoteReference(uses: string): RemoteReference {
  const match = /^([^/@\s]+\/[^/@\s]+)(?:\/([^@\s]+))?@(\S+)$/.exec(uses);
  if (match === null) {
    throw new RunnerError(
      `Expected format {org}/{repo}[/path]@ref, or './' or '$/' followed by a path. Actual '${uses}'`,
    );
  }
  return { repository: match[1] ?? '', path: match[2] ?? '', ref: match[3] ?? '' };
}

/** The text of the action's manifest and the folder it lies in. Throws RunnerError in the runner's own words. */
export async function readManifest(
  files: RepositoryFiles,
  path: string,
): Promise<{ readonly folder: string; readonly file: string; readonly text: string }> {
  const folder = join(files.root, path);
  for (const name of ['action.yml', 'action.yaml']) {
    const text = await readFile(join(folder, name), 'utf8').catch(() => undefined);
    if (text !== undefined) return { folder, file: join(path, name), text };
  }
  throw new RunnerError(
    `Can't find 'action.yml', 'action.yaml' or 'Dockerfile' under '${folder}'. Did you forget to run actions/checkout before running your local action?`,
  );
}

function shaOf(ref: string): string {
  return /^[0-9a-f]{40}$/.test(ref) ? ref : '0'.repeat(40);
}
