import { demand, type Need } from '../domain/access.js';
import { disableAutoMerge, enableAutoMerge, transact } from '../domain/auto-merge.js';
import { commitOnBranch } from '../domain/commits.js';
import { causeOf } from '../domain/events.js';
import { mergePull } from '../domain/merging.js';
import { closePull, createPull, editPull, reopenPull } from '../domain/pulls.js';
import { createRef, deleteRef, moveRef } from '../domain/ref-updates.js';
import { addComment, addReview } from '../domain/reviews.js';
import type { TreeChange } from '../git/tree.js';
import { Refusal } from '../refusal.js';
import type { MergeMethod, PullRequest } from '../state/pulls.js';
import { branchRef, type Repository } from '../state/repositories.js';
import { type Actor, actorOf } from '../state/tokens.js';
import { actorNode } from './actors.js';
import { commitByOid } from './git-objects.js';
import { pullById, refById, repositoryById, repositoryNamed } from './lookup.js';
import { type PullNode, pullNode } from './pull-node.js';
import { refNode } from './ref-node.js';
import { type Args, type Context, defineType, textArg } from './types.js';

type Input = Readonly<Record<string, unknown>>;

const inputOf = (args: Args): Input => args.input as Input;

/** One mutation on a repository: the permission, then the work, alone, then its consequences. */
async function write(
  context: Context,
  repository: Repository,
  need: Need,
  work: (actor: Actor) => Promise<Record<string, unknown>>,
): Promise<Record<string, unknown>> {
  demand(context.caller, repository, [need]);
  const actor = actorOf(context.caller);
  return transact(context.world, repository, () => work(actor));
}

async function onPull(
  args: Args,
  context: Context,
  need: Need,
  work: (actor: Actor, node: PullNode, input: Input) => Promise<unknown>,
): Promise<Record<string, unknown>> {
  const input = inputOf(args);
  const node = pullById(context, textArg(input, 'pullRequestId') ?? '');
  return write(context, node.repository, need, async (actor) => {
    const extra = await work(actor, node, input);
    return {
      clientMutationId: input.clientMutationId ?? null,
      pullRequest: node,
      actor: actorNode(actor.account),
      ...(typeof extra === 'object' ? extra : {}),
    };
  });
}

function method(input: Input): MergeMethod {
  return String(input.mergeMethod ?? 'MERGE').toLowerCase() as MergeMethod;
}

function expectHead(pull: PullRequest, input: Input): void {
  const expected = textArg(input, 'expectedHeadOid');
  if (expected !== undefined && expected !== pull.headOid) {
    throw new Refusal({ status: 409, message: 'Head branch was modified. Review and try the merge again.' });
  }
}

const optional = (name: string, value: string | undefined): Record<string, string> =>
  value === undefined ? {} : { [name]: value };

/** The changes of a createCommitOnBranch; what it writes is a plain file (babarot/gh-infra #167: executable bits are lost). */
async function fileChanges(repository: Repository, input: Input): Promise<Map<string, TreeChange>> {
  const { additions = [], deletions = [] } = (input.fileChanges ?? {}) as {
    readonly additions?: readonly { readonly path: string; readonly contents: string }[];
    readonly deletions?: readonly { readonly path: string }[];
  };
  const changes = new Map<string, TreeChange>();
  for (const { path } of deletions) changes.set(path, undefined);
  for (const { path, contents } of additions) {
    if (path === '' || path.startsWith('/') || path.split('/').some((part) => ['', '.', '..', '.git'].includes(part))) {
      throw new Refusal({ status: 422, message: `A path was provided which is not valid: ${path}` });
    }
    changes.set(path, { mode: '100644', oid: await repository.store.write('blob', Buffer.from(contents, 'base64')) });
  }
  return changes;
}

async function createCommitOnBranch(args: Args, context: Context): Promise<Record<string, unknown>> {
  const input = inputOf(args);
  const branch = input.branch as {
    readonly id?: string;
    readonly repositoryNameWithOwner?: string;
    readonly branchName?: string;
  };
  const target =
    branch.id === undefined
      ? {
          repository: repositoryNamed(context, branch.repositoryNameWithOwner ?? ''),
          name: branchRef((branch.branchName ?? '').replace(/^refs\/heads\//, '')),
        }
      : refById(context, branch.id);
  const { repository } = target;
  const message = input.message as { readonly headline: string; readonly body?: string };
  return write(context, repository, 'contents:write', async (actor) => {
    const oid = await commitOnBranch(context.world, repository, actor, {
      branch: target.name.replace(/^refs\/heads\//, ''),
      expectedHead: String(input.expectedHeadOid),
      message:
        message.body === undefined || message.body === '' ? message.headline : `${message.headline}\n\n${message.body}`,
      changes: await fileChanges(repository, input),
    });
    return {
      clientMutationId: input.clientMutationId ?? null,
      commit: await commitByOid(repository, oid),
      ref: await refNode(repository, target.name),
    };
  });
}

export const mutationType = defineType<unknown>('Mutation', {
  createCommitOnBranch: (_source, args, context) => createCommitOnBranch(args, context),
  createRef: (_source, args, context) => {
    const input = inputOf(args);
    const repository = repositoryById(context, String(input.repositoryId));
    return write(context, repository, 'contents:write', async (actor) => {
      await createRef(context.world, repository, actor, String(input.name), String(input.oid));
      return { clientMutationId: input.clientMutationId ?? null, ref: await refNode(repository, String(input.name)) };
    });
  },
  updateRef: (_source, args, context) => {
    const input = inputOf(args);
    const { repository, name } = refById(context, String(input.refId));
    return write(context, repository, 'contents:write', async (actor) => {
      await moveRef(context.world, repository, actor, name, String(input.oid), input.force === true);
      return { clientMutationId: input.clientMutationId ?? null, ref: await refNode(repository, name) };
    });
  },
  deleteRef: (_source, args, context) => {
    const input = inputOf(args);
    const { repository, name } = refById(context, String(input.refId));
    return write(context, repository, 'contents:write', async (actor) => {
      await deleteRef(context.world, repository, actor, name);
      return { clientMutationId: input.clientMutationId ?? null };
    });
  },
  createPullRequest: (_source, args, context) => {
    const input = inputOf(args);
    const repository = repositoryById(context, String(input.repositoryId));
    return write(context, repository, 'pull_requests:write', async (actor) => {
      const pull = await createPull(context.world, repository, actor, {
        title: String(input.title),
        body: textArg(input, 'body') ?? '',
        head: String(input.headRefName),
        base: String(input.baseRefName),
        draft: input.draft === true,
      });
      return { clientMutationId: input.clientMutationId ?? null, pullRequest: pullNode(repository, pull) };
    });
  },
  updatePullRequest: (_source, args, context) =>
    onPull(args, context, 'pull_requests:write', async (actor, { repository, pull }, input) => {
      await editPull(context.world, repository, actor, pull, {
        ...optional('title', textArg(input, 'title')),
        ...optional('body', textArg(input, 'body')),
        ...optional('base', textArg(input, 'baseRefName')),
      });
      if (input.state === 'CLOSED') await closePull(context.world, repository, causeOf(actor), pull);
      if (input.state === 'OPEN') await reopenPull(context.world, repository, actor, pull);
    }),
  closePullRequest: (_source, args, context) =>
    onPull(args, context, 'pull_requests:write', (actor, { repository, pull }) =>
      closePull(context.world, repository, causeOf(actor), pull),
    ),
  reopenPullRequest: (_source, args, context) =>
    onPull(args, context, 'pull_requests:write', (actor, { repository, pull }) =>
      reopenPull(context.world, repository, actor, pull),
    ),
  mergePullRequest: (_source, args, context) =>
    onPull(args, context, 'contents:write', async (actor, { repository, pull }, input) => {
      expectHead(pull, input);
      await mergePull(context.world, repository, actor, pull, {
        method: method(input),
        ...optional('title', textArg(input, 'commitHeadline')),
        ...optional('message', textArg(input, 'commitBody')),
      });
    }),
  enablePullRequestAutoMerge: (_source, args, context) =>
    onPull(args, context, 'contents:write', async (actor, { repository, pull }, input) => {
      demand(context.caller, repository, ['pull_requests:write']);
      await enableAutoMerge(context.world, repository, actor, pull, {
        method: method(input),
        title: textArg(input, 'commitHeadline'),
        message: textArg(input, 'commitBody'),
        expectedHeadOid: textArg(input, 'expectedHeadOid'),
      });
    }),
  disablePullRequestAutoMerge: (_source, args, context) =>
    onPull(args, context, 'pull_requests:write', async (_actor, { pull }) => disableAutoMerge(context.world, pull)),
  addComment: (_source, args, context) => {
    const input = inputOf(args);
    const { repository, pull } = pullById(context, String(input.subjectId));
    return write(context, repository, 'pull_requests:write', async (actor) => {
      const comment = addComment(context.world, repository, actor, pull, String(input.body));
      const node = { __typename: 'IssueComment', repository, pull, comment };
      return {
        clientMutationId: input.clientMutationId ?? null,
        commentEdge: { cursor: String(comment.id), node },
        subject: pullNode(repository, pull),
      };
    });
  },
  addPullRequestReview: (_source, args, context) =>
    onPull(args, context, 'pull_requests:write', async (actor, { repository, pull }, input) => {
      const review = await addReview(context.world, repository, actor, pull, {
        event: String(input.event ?? 'COMMENT') as 'APPROVE' | 'REQUEST_CHANGES' | 'COMMENT',
        body: textArg(input, 'body') ?? '',
        commit: textArg(input, 'commitOID'),
      });
      return { pullRequestReview: { __typename: 'PullRequestReview', repository, pull, review } };
    }),
});
