import type { RepositoryEvent } from '../github/host.js';
import { matchesPatterns } from './patterns.js';
import type { WorkflowFile } from './workflow-file.js';

/** Types an event starts workflows for when the workflow names none (events that trigger workflows). */
const DEFAULT_TYPES: Readonly<Record<string, readonly string[]>> = {
  pull_request: ['opened', 'synchronize', 'reopened'],
  pull_request_target: ['opened', 'synchronize', 'reopened'],
};

/** Events whose workflow file is the one of the event's own commit; all others take the default branch's. */
const OWN_COMMIT = new Set([
  'push',
  'pull_request',
  'pull_request_review',
  'pull_request_review_comment',
  'merge_group',
  'workflow_dispatch',
  'create',
  'release',
]);

export function usesOwnCommit(event: RepositoryEvent): boolean {
  return OWN_COMMIT.has(event.name);
}

interface Filters {
  readonly types?: readonly string[];
  readonly branches?: readonly string[];
  readonly 'branches-ignore'?: readonly string[];
  readonly tags?: readonly string[];
  readonly 'tags-ignore'?: readonly string[];
  readonly paths?: readonly string[];
  readonly 'paths-ignore'?: readonly string[];
  readonly workflows?: readonly string[];
}

/**
 * Whether the event starts the workflow, by its name and filters. `changedPaths` is asked only when a path filter
 * needs it; undefined from it means that it cannot be told, and the workflow runs, as on GitHub for too large diffs.
 */
export async function startsWorkflow(
  workflow: WorkflowFile,
  event: RepositoryEvent,
  changedPaths: () => Promise<readonly string[] | undefined>,
): Promise<boolean> {
  const config = workflow.events[event.name];
  if (config === undefined || config === null) return false;
  const payload = event.payload;
  if (event.name === 'workflow_dispatch')
    return payload.workflow === undefined || sameWorkflow(workflow, payload.workflow);
  if (event.name === 'schedule') {
    return Array.isArray(config) && config.some((entry) => (entry as { cron?: unknown }).cron === payload.schedule);
  }
  if (event.name === 'workflow_call') return false;
  const filters = config as Filters;
  const types = filters.types ?? DEFAULT_TYPES[event.name];
  if (types !== undefined && event.action !== undefined && !types.includes(event.action)) return false;
  if (event.name === 'workflow_run' && !filters.workflows?.includes(nested(payload, 'workflow', 'name') ?? ''))
    return false;
  if (event.name === 'push') {
    if (payload.deleted === true || isSkipped(nested(payload, 'head_commit', 'message'))) return false;
    if (!matchesRef(filters, event.ref)) return false;
    if (event.ref.startsWith('refs/tags/')) return true;
  } else {
    const branch = filteredBranch(event);
    if (branch !== undefined && !matchesNames(filters.branches, filters['branches-ignore'], branch)) return false;
  }
  return await matchesPaths(filters, changedPaths);
}

/** A push of a branch is no push of a tag: filters for only one of them leave the other out. */
function matchesRef(filters: Filters, ref: string): boolean {
  const tag = ref.startsWith('refs/tags/');
  const forBranches = filters.branches !== undefined || filters['branches-ignore'] !== undefined;
  const forTags = filters.tags !== undefined || filters['tags-ignore'] !== undefined;
  if (!forBranches && !forTags) return true;
  if (tag) return forTags && matchesNames(filters.tags, filters['tags-ignore'], ref.slice('refs/tags/'.length));
  return forBranches && matchesNames(filters.branches, filters['branches-ignore'], ref.replace(/^refs\/heads\//, ''));
}

/** For pull requests the base branch counts, for workflow_run the branch of the run, for a merge group its target. */
function filteredBranch(event: RepositoryEvent): string | undefined {
  switch (event.name) {
    case 'pull_request':
    case 'pull_request_target':
      return nested(event.payload, 'pull_request', 'base', 'ref');
    case 'workflow_run':
      return nested(event.payload, 'workflow_run', 'head_branch');
    case 'merge_group':
      return nested(event.payload, 'merge_group', 'base_ref')?.replace(/^refs\/heads\//, '');
    default:
      return undefined;
  }
}

function matchesNames(
  wanted: readonly string[] | undefined,
  ignored: readonly string[] | undefined,
  name: string,
): boolean {
  if (wanted !== undefined && !matchesPatterns(wanted, name)) return false;
  return ignored === undefined || !matchesPatterns(ignored, name);
}

async function matchesPaths(
  filters: Filters,
  changedPaths: () => Promise<readonly string[] | undefined>,
): Promise<boolean> {
  const { paths, 'paths-ignore': ignored } = filters;
  if (paths === undefined && ignored === undefined) return true;
  const changed = await changedPaths();
  if (changed === undefined) return true;
  if (paths !== undefined) return changed.some((path) => matchesPatterns(paths, path));
  return changed.some((path) => !matchesPatterns(ignored ?? [], path));
}

/** Skip instructions in the head commit's message (docs: skip workflow runs). */
function isSkipped(message: string | undefined): boolean {
  return message !== undefined && /\[(skip ci|ci skip|no ci|skip actions|actions skip)\]/.test(message);
}

/** By path or by file name, as the dispatch endpoint takes it. */
function sameWorkflow(workflow: WorkflowFile, asked: unknown): boolean {
  const name = String(asked);
  return workflow.path === name || workflow.path.endsWith(`/${name}`);
}

/** The string at a path of keys in a payload, or undefined. */
export function nested(payload: unknown, ...keys: readonly string[]): string | undefined {
  let value: unknown = payload;
  for (const key of keys) {
    if (value === null || typeof value !== 'object') return undefined;
    value = (value as Readonly<Record<string, unknown>>)[key];
  }
  return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : undefined;
}
