import { demand } from '../domain/access.js';
import { addLabels, removeLabel } from '../domain/labels.js';
import { expectPull } from '../domain/pulls.js';
import { addComment, addReview, dismissReview } from '../domain/reviews.js';
import { notFound, unprocessable } from '../refusal.js';
import { comment, label, labelsOf, review } from '../represent/pull.js';
import type { Comment, PullRequest, Review } from '../state/pulls.js';
import { actorOf } from '../state/tokens.js';
import { created, ok, onRepository, page, type RepositoryRequest, type Route, text } from './route.js';

const EITHER_READ = ['issues:read', 'pull_requests:read'] as const;
const EITHER_WRITE = ['issues:write', 'pull_requests:write'] as const;

const issue = (request: RepositoryRequest): PullRequest =>
  expectPull(request.repository, Number(request.parameters.issue_number));
const pullOf = (request: RepositoryRequest): PullRequest =>
  expectPull(request.repository, Number(request.parameters.pull_number));

function findComment(request: RepositoryRequest): { readonly pull: PullRequest; readonly one: Comment } {
  for (const pull of request.repository.pulls.values()) {
    const one = pull.comments.find((each) => each.id === Number(request.parameters.comment_id));
    if (one !== undefined) return { pull, one };
  }
  throw notFound();
}

function findReview(request: RepositoryRequest): Review {
  const one = pullOf(request).reviews.find((each) => each.id === Number(request.parameters.review_id));
  if (one === undefined) throw notFound();
  return one;
}

function labelNames(body: Readonly<Record<string, unknown>>): string[] {
  const labels = Array.isArray(body.labels) ? (body.labels as unknown[]) : [];
  return labels.map((one) => (typeof one === 'string' ? one : String((one as Record<string, unknown>).name ?? '')));
}

/** Comments, labels and reviews. Issues proper are not in the test bed: a number is a pull request's. */
export const issueRoutes: readonly Route[] = [
  onRepository('POST /issues/{issue_number}/comments', EITHER_WRITE, (request) => {
    const { world, repository, caller, body } = request;
    const pull = issue(request);
    const one = addComment(world, repository, actorOf(caller), pull, text(body, 'body') ?? '');
    return created(comment(world, repository, pull, one));
  }),
  onRepository('GET /issues/{issue_number}/comments', EITHER_READ, (request) => {
    const pull = issue(request);
    const { items, headers } = page(request, pull.comments);
    return ok(
      items.map((one) => comment(request.world, request.repository, pull, one)),
      headers,
    );
  }),
  onRepository('PATCH /issues/comments/{comment_id}', EITHER_WRITE, (request) => {
    const { world, repository, caller, body } = request;
    const { pull, one } = findComment(request);
    const actor = actorOf(caller);
    if (actor.account.id !== one.author.id) demand(caller, repository, ['contents:write']);
    one.body = text(body, 'body') ?? one.body;
    one.updatedAt = world.clock();
    return ok(comment(world, repository, pull, one));
  }),
  onRepository('POST /issues/{issue_number}/labels', EITHER_WRITE, async (request) => {
    const { world, repository, caller, body } = request;
    const pull = issue(request);
    await addLabels(world, repository, actorOf(caller), pull, labelNames(body));
    return ok(labelsOf(repository, pull).map((one) => label(world, repository, one)));
  }),
  onRepository('GET /issues/{issue_number}/labels', EITHER_READ, (request) =>
    ok(labelsOf(request.repository, issue(request)).map((one) => label(request.world, request.repository, one))),
  ),
  onRepository('DELETE /issues/{issue_number}/labels/{name}', EITHER_WRITE, async (request) => {
    const { world, repository, caller, parameters } = request;
    const pull = issue(request);
    await removeLabel(world, repository, actorOf(caller), pull, parameters.name ?? '');
    return ok(labelsOf(repository, pull).map((one) => label(world, repository, one)));
  }),
  onRepository('POST /pulls/{pull_number}/reviews', 'pull_requests:write', async (request) => {
    const { world, repository, caller, body } = request;
    const pull = pullOf(request);
    const event = text(body, 'event');
    if (event !== 'APPROVE' && event !== 'REQUEST_CHANGES' && event !== 'COMMENT') {
      throw unprocessable('Unprocessable Entity', ['Pending reviews are not in the test bed: give an event']);
    }
    const one = await addReview(world, repository, actorOf(caller), pull, {
      event,
      body: text(body, 'body') ?? '',
      commit: text(body, 'commit_id'),
    });
    return ok(review(world, repository, pull, one));
  }),
  onRepository('GET /pulls/{pull_number}/reviews', 'pull_requests:read', (request) => {
    const pull = pullOf(request);
    const { items, headers } = page(request, pull.reviews);
    return ok(
      items.map((one) => review(request.world, request.repository, pull, one)),
      headers,
    );
  }),
  onRepository('PUT /pulls/{pull_number}/reviews/{review_id}/dismissals', 'pull_requests:write', async (request) => {
    const { world, repository, caller } = request;
    const one = findReview(request);
    await dismissReview(world, repository, actorOf(caller), pullOf(request), one);
    return ok(review(world, repository, pullOf(request), one));
  }),
];
