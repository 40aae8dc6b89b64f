import { unprocessable } from '../refusal.js';
import { comment as representComment, simplePull } from '../represent/pull.js';
import type { Comment, PullRequest, Review } from '../state/pulls.js';
import type { Repository } from '../state/repositories.js';
import type { Actor } from '../state/tokens.js';
import type { World } from '../state/world.js';
import { causeOf, note } from './events.js';
import { noteReview } from './pull-events.js';
import { refuseActionsToken } from './pulls.js';

export interface ReviewFacts {
  readonly event: 'APPROVE' | 'REQUEST_CHANGES' | 'COMMENT';
  readonly body: string;
  /** The head that was reviewed; the present one when absent. */
  readonly commit: string | undefined;
}

const STATE = { APPROVE: 'APPROVED', REQUEST_CHANGES: 'CHANGES_REQUESTED', COMMENT: 'COMMENTED' } as const;

/** docs: approving-a-pull-request-with-required-reviews: authors can't approve their own pull requests. */
export async function addReview(
  world: World,
  repository: Repository,
  actor: Actor,
  pull: PullRequest,
  facts: ReviewFacts,
): Promise<Review> {
  if (facts.event === 'APPROVE') refuseActionsToken(repository, actor);
  if (facts.event !== 'COMMENT' && actor.account.id === pull.author.id) {
    const what = facts.event === 'APPROVE' ? 'approve' : 'request changes on';
    throw unprocessable('Unprocessable Entity', [`Review Can not ${what} your own pull request`]);
  }
  const review: Review = {
    id: world.ids.next('review'),
    author: actor.account,
    commit: facts.commit ?? pull.headOid,
    submittedAt: world.clock(),
    body: facts.body,
    state: STATE[facts.event],
  };
  pull.reviews.push(review);
  pull.updatedAt = review.submittedAt;
  await noteReview(world, repository, causeOf(actor), pull, review, 'submitted');
  return review;
}

export async function dismissReview(
  world: World,
  repository: Repository,
  actor: Actor,
  pull: PullRequest,
  review: Review,
): Promise<void> {
  if (review.state === 'COMMENTED') throw unprocessable('Can not dismiss a commented pull request review');
  review.state = 'DISMISSED';
  await noteReview(world, repository, causeOf(actor), pull, review, 'dismissed');
}

export function addComment(
  world: World,
  repository: Repository,
  actor: Actor,
  pull: PullRequest,
  body: string,
): Comment {
  if (body.trim() === '')
    throw unprocessable('Validation Failed', [{ resource: 'IssueComment', field: 'body', code: 'missing_field' }]);
  // docs: GitHub refuses a body of more than 65,536 characters.
  if (body.length > 65_536)
    throw unprocessable('Validation Failed', [
      {
        resource: 'IssueComment',
        field: 'body',
        code: 'custom',
        message: 'body is too long (maximum is 65536 characters)',
      },
    ]);
  const now = world.clock();
  const comment: Comment = {
    id: world.ids.next('comment'),
    author: actor.account,
    app: actor.kind === 'installation' ? actor.app : undefined,
    createdAt: now,
    updatedAt: now,
    body,
  };
  pull.comments.push(comment);
  pull.updatedAt = now;
  note(world, repository, causeOf(actor), {
    name: 'issue_comment',
    action: 'created',
    ref: `refs/heads/${repository.defaultBranch}`,
    sha: pull.headOid,
    payload: {
      issue: { ...simplePull(world, repository, pull), pull_request: {} },
      comment: representComment(world, repository, pull, comment),
    },
  });
  return comment;
}
