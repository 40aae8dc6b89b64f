import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { GitHubHost, Permissions } from '../github/host.js';
import { RunnerError } from './errors.js';
import { cachedCommit } from './host-files.js';
import { checkCall } from './inputs.js';
import { capPermissions, elevation, expandPermissions, RESTRICTED } from './permissions.js';
import { parseRemoteReference, type RepositoryFiles, type ResolveAction } from './source.js';
import { fields } from './template.js';
import { type CallJob, type JobDefinition, parseWorkflowFile, type WorkflowFile } from './workflow-file.js';

/** A workflow with everything it calls loaded and checked, as GitHub does before the first job starts. */
export interface WorkflowTree {
  readonly file: WorkflowFile;
  readonly jobs: readonly JobDefinition[];
  /** The repository and commit that hold the file; `root` is asked for when a step needs it. */
  readonly origin: WorkflowOrigin;
  /** The called workflows by job. */
  readonly calls: ReadonlyMap<string, WorkflowTree>;
  /** What each job's token may do, by job. */
  readonly permissions: ReadonlyMap<string, Permissions>;
}

export interface WorkflowOrigin {
  readonly repository: string;
  readonly ref: string;
  readonly sha: string;
  read(path: string): Promise<string | undefined>;
  /** The files on disk. */
  files(): Promise<RepositoryFiles>;
}

export interface TreeLoader {
  readonly host: GitHubHost;
  readonly resolve: ResolveAction;
  readonly work: string;
}

/** A top caller and nine levels below, 50 files in all (docs: reusing workflow configurations). */
const MAX_LEVELS = 10;
const MAX_WORKFLOWS = 50;

/**
 * Loads what `file` calls, all the way down. Throws RunnerError in GitHub's words for a missing file, unknown or missing
 * inputs and secrets, and a job that asks for more than its caller has; NotInTestBed for what this runner cannot do.
 */
export async function loadTree(loader: TreeLoader, file: WorkflowFile, origin: WorkflowOrigin): Promise<WorkflowTree> {
  return await load(loader, file, origin, undefined, new Set([`${origin.repository}/${file.path}@${origin.sha}`]), 1);
}

async function load(
  loader: TreeLoader,
  file: WorkflowFile,
  origin: WorkflowOrigin,
  caller: { readonly uses: string; readonly cap: Permissions } | undefined,
  seen: Set<string>,
  level: number,
): Promise<WorkflowTree> {
  const jobs = file.jobs();
  const calls = new Map<string, WorkflowTree>();
  const permissions = new Map<string, Permissions>();
  for (const job of jobs) {
    permissions.set(job.id, jobPermissions(file, job, caller));
    if (job.kind !== 'call') continue;
    const cap = permissions.get(job.id) ?? {};
    const called = await calledWorkflow(loader, origin, job.uses);
    const { call } = called.file;
    if (call === undefined) {
      throw new RunnerError(
        `Error calling workflow '${job.uses}'. The workflow is not reusable as it is missing a 'on.workflow_call' trigger`,
      );
    }
    const problem = checkCall({ inputs: [...fields(job.with).keys()], secrets: passedSecrets(job) }, call);
    if (problem !== undefined) throw new RunnerError(`Error calling workflow '${job.uses}'. ${problem}`);
    seen.add(`${called.origin.repository}/${called.file.path}@${called.origin.sha}`);
    if (level >= MAX_LEVELS)
      throw new RunnerError(`Error calling workflow '${job.uses}'. More than ${MAX_LEVELS} levels of workflows`);
    if (seen.size > MAX_WORKFLOWS) throw new RunnerError(`More than ${MAX_WORKFLOWS} workflows in one run`);
    calls.set(job.id, await load(loader, called.file, called.origin, { uses: job.uses, cap }, seen, level + 1));
  }
  return { file, jobs, origin, calls, permissions };
}

/** A job's own `permissions`, else its workflow's, else its caller's, else the default; more than the caller's is an error. */
function jobPermissions(
  file: WorkflowFile,
  job: JobDefinition,
  caller: { readonly uses: string; readonly cap: Permissions } | undefined,
): Permissions {
  if (caller !== undefined) {
    const who = job.permissions === undefined ? 'The workflow' : `The nested job '${job.id}'`;
    const requested = job.permissions ?? file.permissions;
    const beyond = requested === undefined ? undefined : elevation(requested, caller.cap);
    if (beyond !== undefined) {
      throw new RunnerError(`Error calling workflow '${caller.uses}'. ${who} is requesting ${beyond}.`);
    }
  }
  const requested = job.permissions ?? file.permissions;
  if (requested !== undefined) {
    const expanded = expandPermissions(requested);
    return caller === undefined ? expanded : capPermissions(expanded, caller.cap);
  }
  return caller?.cap ?? RESTRICTED;
}

function passedSecrets(job: CallJob): readonly string[] | 'inherit' {
  return job.secrets === 'inherit' ? 'inherit' : [...fields(job.secrets).keys()];
}

/** `$/path` and `./path` are the calling file's repository and commit, the rest a repository at a ref. */
async function calledWorkflow(
  loader: TreeLoader,
  origin: WorkflowOrigin,
  uses: string,
): Promise<{ readonly file: WorkflowFile; readonly origin: WorkflowOrigin }> {
  const local = /^(?:\$|\.)\/(\.github\/workflows\/[^/@]+\.ya?ml)$/.exec(uses)?.[1];
  if (local !== undefined) return { origin, file: await readWorkflow(origin, local, uses) };
  const { repository, path, ref } = parseRemoteReference(uses);
  const resolved = await remoteOrigin(loader, repository, path, ref);
  if (resolved === undefined) throw notFound(uses);
  return { origin: resolved, file: await readWorkflow(resolved, path, uses) };
}

async function remoteOrigin(
  loader: TreeLoader,
  repository: string,
  path: string,
  ref: string,
): Promise<WorkflowOrigin | undefined> {
  const source = await loader.resolve({ repository, path, ref });
  if (source?.kind === 'files') return folderOrigin(source.files);
  const sha = await loader.host.resolveRef(repository, ref);
  return sha === undefined ? undefined : hostOrigin(loader, repository, ref, sha);
}

function folderOrigin(files: RepositoryFiles): WorkflowOrigin {
  return {
    repository: files.repository,
    ref: files.ref,
    sha: files.sha,
    read: (path) => readFile(join(files.root, path), 'utf8').catch(() => undefined),
    files: async () => files,
  };
}

export function hostOrigin(loader: TreeLoader, repository: string, ref: string, sha: string): WorkflowOrigin {
  return {
    repository,
    ref,
    sha,
    read: async (path) => {
      const bytes = await loader.host.readFile(repository, sha, path);
      return bytes === undefined ? undefined : Buffer.from(bytes).toString('utf8');
    },
    files: async () => ({ repository, ref, sha, root: await cachedCommit(loader.host, repository, sha, loader.work) }),
  };
}

async function readWorkflow(origin: WorkflowOrigin, path: string, uses: string): Promise<WorkflowFile> {
  const text = await origin.read(path);
  if (text === undefined) throw notFound(uses);
  return await parseWorkflowFile(path, text);
}

function notFound(uses: string): RunnerError {
  return new RunnerError(`error parsing called workflow: workflow was not found: '${uses}'`);
}
