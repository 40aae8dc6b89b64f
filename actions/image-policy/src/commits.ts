import { WaybillError } from '@waybill/core';
import { type GitRemote, type GitRepository, type GitTree, isOid } from '@waybill/forge';
import type { RunContext } from '@waybill/runtime';

/** Which trees a run is about. */
export interface Judged {
  readonly tree: GitTree;
  /** Undefined for the index. */
  readonly commit: string | undefined;
  /** What the tree is compared with. */
  readonly base: string | undefined;
  /** Where configuration and baseline are read; undefined in a repository without a commit. */
  readonly configuration: { readonly commit: string; readonly of: string } | undefined;
  /** What the reader of the result should know. */
  readonly remarks: readonly string[];
}

export interface Asked {
  readonly commit: string | undefined;
  readonly base: string | undefined;
  readonly staged: boolean;
}

type Payload = Readonly<Record<string, unknown>>;
type Base = Pick<Judged, 'base' | 'configuration' | 'remarks'>;

/**
 * The commits of this run, all of them here when it returns. The configuration is never the change's own: it is the
 * default branch's, or that of the base which the workflow names (threat model row 4).
 * @throws WaybillError input-invalid, forge-unavailable
 */
export async function commitsOf(
  asked: Asked,
  context: RunContext,
  git: GitRepository,
  remote: GitRemote,
): Promise<Judged> {
  if (asked.staged) return stagedOf(asked, git, remote);
  const event = context.eventName === 'schedule' ? {} : await context.event();
  const commit = await commitOf(asked, context, event, git, remote);
  const tree: GitTree = { kind: 'commit', oid: commit };
  if (asked.base !== undefined) {
    const base = await revision(asked.base, git, remote);
    return { tree, commit, base, configuration: { commit: base, of: 'the base that the workflow names' }, remarks: [] };
  }
  return { tree, commit, ...(await baseOf(context, event, commit, git, remote)) };
}

async function stagedOf({ base: named, commit }: Asked, git: GitRepository, remote: GitRemote): Promise<Judged> {
  if (commit !== undefined) {
    throw new WaybillError('input-invalid', {
      what: '`commit` and `staged` are both given',
      remedy: 'Judge either a commit or what is staged.',
    });
  }
  const base = named === undefined ? await git.resolve('HEAD') : await revision(named, git, remote);
  return {
    tree: { kind: 'index' },
    commit: undefined,
    base,
    configuration: base === undefined ? undefined : { commit: base, of: 'the commit that is built on' },
    remarks: [],
  };
}

async function commitOf(
  asked: Asked,
  context: RunContext,
  event: Payload,
  git: GitRepository,
  remote: GitRemote,
): Promise<string> {
  if (asked.commit !== undefined) return revision(asked.commit, git, remote);
  // What started such a run is the base branch's commit; what is to be judged is in the payload.
  const oid = context.eventName === 'pull_request_target' ? text(event, 'pull_request', 'head', 'sha') : context.sha;
  if (oid !== undefined && isOid(oid)) return git.ensure(oid, remote);
  throw new WaybillError('input-invalid', {
    what: 'The event has no commit to judge',
    remedy: 'Name one: `commit: <ID>`.',
  });
}

async function baseOf(
  context: RunContext,
  event: Payload,
  commit: string,
  git: GitRepository,
  remote: GitRemote,
): Promise<Base> {
  const defaultBranch = text(event, 'repository', 'default_branch');
  const configured = async (branch: string | undefined, head: string) => {
    if (defaultBranch === undefined || branch === defaultBranch) {
      return { commit: head, of: branch ?? 'the judged commit' };
    }
    return { commit: await git.branchHead(defaultBranch, remote), of: defaultBranch };
  };
  switch (context.eventName) {
    case 'pull_request':
    case 'pull_request_target': {
      const base = await git.ensure(await pullRequestBase(context, event, commit, git), remote);
      const configuration = await configured(text(event, 'pull_request', 'base', 'ref'), base);
      return { base, configuration, remarks: SELF_HOSTED[context.eventName] ?? [] };
    }
    case 'merge_group': {
      const base = await git.ensure(needed(event, 'merge_group', 'base_sha'), remote);
      const branch = needed(event, 'merge_group', 'base_ref').replace(/^refs\/heads\//, '');
      return { base, configuration: await configured(branch, base), remarks: SELF_HOSTED.merge_group ?? [] };
    }
    default: {
      const branch = context.ref?.replace(/^refs\/heads\//, '');
      const configuration = await configured(branch, commit);
      const before = context.eventName === 'push' ? text(event, 'before') : undefined;
      if (before === undefined || !isOid(before) || /^0+$/.test(before)) {
        return { base: undefined, configuration, remarks: [] };
      }
      try {
        return { base: await git.ensure(before, remote), configuration, remarks: [] };
      } catch (error) {
        if (!(error instanceof WaybillError) || error.code !== 'forge-unavailable') throw error;
        // A forced push leaves nothing behind to compare with; the tree is judged all the same.
        const remark = `Compared with nothing: the commit before this push (${before.slice(0, 7)}) is not to be had.`;
        return { base: undefined, configuration, remarks: [remark] };
      }
    }
  }
}

const EDITABLE =
  'This check runs from the change’s own workflow: whoever may edit .github/** may edit the check. Code owners for .github/** and waybill*.yaml, with their review required, are part of it.';
const SELF_HOSTED: Readonly<Record<string, readonly string[]>> = { pull_request: [EDITABLE], merge_group: [EDITABLE] };

/**
 * What the pull request's change is to be seen against. GitHub's own test merge names it exactly, as its first parent;
 * a commit that the author made could name anything, so that there the event's word counts.
 * https://docs.github.com/en/actions/reference/workflows-and-actions/events-that-trigger-workflows#pull_request
 */
async function pullRequestBase(
  context: RunContext,
  event: Payload,
  commit: string,
  git: GitRepository,
): Promise<string> {
  const base = needed(event, 'pull_request', 'base', 'sha');
  if (context.eventName !== 'pull_request' || commit !== context.sha) return base;
  const [first, second, ...others] = await git.parents(commit);
  const isTestMerge = second === text(event, 'pull_request', 'head', 'sha') && others.length === 0;
  return first !== undefined && second !== undefined && isTestMerge ? first : base;
}

/** A commit by its ID, by what the checkout knows, or as a branch of the remote. */
async function revision(name: string, git: GitRepository, remote: GitRemote): Promise<string> {
  if (isOid(name)) return git.ensure(name, remote);
  return (await git.resolve(name)) ?? (await git.branchHead(name.replace(/^(?:refs\/heads\/|origin\/)/, ''), remote));
}

function needed(event: Payload, ...path: readonly string[]): string {
  const found = text(event, ...path);
  if (found !== undefined) return found;
  throw new WaybillError('input-invalid', {
    what: `The event's payload has no ${path.join('.')}`,
    remedy: 'Name the base: `base: <ID or branch>`.',
  });
}

function text(event: Payload, ...path: readonly string[]): string | undefined {
  let value: unknown = event;
  for (const key of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
    value = Reflect.get(value, key);
  }
  return typeof value === 'string' && value !== '' ? value : undefined;
}
