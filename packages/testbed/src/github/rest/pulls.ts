import { causeOf } from '../domain/events.js';
import { observe } from '../domain/mergeability.js';
import { mergePull, updatePullBranch } from '../domain/merging.js';
import { closePull, createPull, editPull, expectPull, reopenPull } from '../domain/pulls.js';
import { diffTrees, listCommits, mergeBase, patchOf, readCommits } from '../git/history.js';
import { notFound, unprocessable } from '../refusal.js';
import { diffEntry, fullCommit } from '../represent/commit.js';
import { fullPull, simplePull } from '../represent/pull.js';
import { repositoryUrl } from '../represent/repository.js';
import type { MergeMethod, PullRequest } from '../state/pulls.js';
import { actorOf } from '../state/tokens.js';
import {
  type Answer,
  flag,
  noContent,
  ok,
  onRepository,
  page,
  type RepositoryRequest,
  type Route,
  text,
} from './route.js';

async function answer(request: RepositoryRequest, pull: PullRequest, status = 200): Promise<Answer> {
  const { world, repository } = request;
  const body = await fullPull(world, repository, pull, await observe(world, repository, pull));
  return { status, body };
}

const numbered = (request: RepositoryRequest): PullRequest =>
  expectPull(request.repository, Number(request.parameters.pull_number));

function mergeMethod(value: unknown): MergeMethod {
  return value === 'squash' || value === 'rebase' ? value : 'merge';
}

/** `head` filters by `owner:branch`; GitHub ignores the filter when the owner is missing. */
function selected(request: RepositoryRequest): PullRequest[] {
  const { repository, query } = request;
  const state = query.get('state') ?? 'open';
  const base = query.get('base');
  const [owner, ...branch] = (query.get('head') ?? '').split(':');
  const head = branch.length === 0 ? undefined : branch.join(':');
  const foreign = head !== undefined && owner?.toLowerCase() !== repository.owner.login.toLowerCase();
  const found = [...repository.pulls.values()].filter(
    (pull) =>
      (state === 'all' || pull.state === state) &&
      (base === null || pull.baseRef === base) &&
      !foreign &&
      (head === undefined || pull.headRef === head),
  );
  const byUpdate = query.get('sort') === 'updated';
  const when = (pull: PullRequest) => (byUpdate ? pull.updatedAt.getTime() : pull.number);
  const ascending = (query.get('direction') ?? 'desc') === 'asc';
  return found.sort((a, b) => (ascending ? when(a) - when(b) : when(b) - when(a)));
}

export const pullRoutes: readonly Route[] = [
  onRepository('POST /pulls', 'pull_requests:write', async (request) => {
    const { world, repository, caller, body } = request;
    const title = text(body, 'title');
    if (title === undefined || title === '') {
      throw unprocessable('Validation Failed', [{ resource: 'PullRequest', code: 'missing_field', field: 'title' }]);
    }
    const pull = await createPull(world, repository, actorOf(caller), {
      title,
      body: text(body, 'body') ?? '',
      head: text(body, 'head') ?? '',
      base: text(body, 'base') ?? '',
      draft: flag(body, 'draft') ?? false,
    });
    return answer(request, pull, 201);
  }),
  onRepository('GET /pulls', 'pull_requests:read', (request) => {
    const { items, headers } = page(request, selected(request));
    return ok(
      items.map((pull) => simplePull(request.world, request.repository, pull)),
      headers,
    );
  }),
  onRepository('GET /pulls/{pull_number}', 'pull_requests:read', async (request) => answer(request, numbered(request))),
  onRepository('PATCH /pulls/{pull_number}', 'pull_requests:write', async (request) => {
    const { world, repository, caller, body } = request;
    const actor = actorOf(caller);
    const pull = numbered(request);
    const [title, base] = [text(body, 'title'), text(body, 'base')];
    const description = text(body, 'body');
    await editPull(world, repository, actor, pull, {
      ...(title === undefined ? {} : { title }),
      ...(description === undefined ? {} : { body: description }),
      ...(base === undefined ? {} : { base }),
    });
    if (body.state === 'closed') await closePull(world, repository, causeOf(actor), pull);
    if (body.state === 'open') await reopenPull(world, repository, actor, pull);
    return answer(request, pull);
  }),
  onRepository('PUT /pulls/{pull_number}/merge', 'contents:write', async (request) => {
    const { world, repository, caller, body } = request;
    const [sha, title, message] = [text(body, 'sha'), text(body, 'commit_title'), text(body, 'commit_message')];
    const oid = await mergePull(world, repository, actorOf(caller), numbered(request), {
      method: mergeMethod(body.merge_method),
      ...(sha === undefined ? {} : { sha }),
      ...(title === undefined ? {} : { title }),
      ...(message === undefined ? {} : { message }),
    });
    return ok({ sha: oid, merged: true, message: 'Pull Request successfully merged' });
  }),
  onRepository('GET /pulls/{pull_number}/merge', 'pull_requests:read', (request) => {
    if (!numbered(request).merged) throw notFound();
    return noContent;
  }),
  onRepository('PUT /pulls/{pull_number}/update-branch', 'pull_requests:write', async (request) => {
    const { world, repository, caller, body } = request;
    const pull = numbered(request);
    const expected = text(body, 'expected_head_sha');
    if (expected !== undefined && expected !== pull.headOid) {
      throw unprocessable('expected head sha didn’t match current head ref.');
    }
    await updatePullBranch(world, repository, actorOf(caller), pull);
    const url = `${repositoryUrl(world, repository)}/pulls/${pull.number}`;
    return { status: 202, body: { message: 'Updating pull request branch.', url } };
  }),
  onRepository('GET /pulls/{pull_number}/files', 'pull_requests:read', async (request) => {
    const { world, repository } = request;
    const { store } = repository;
    const pull = numbered(request);
    const from = (await mergeBase(store, pull.baseOid, pull.headOid)) ?? pull.baseOid;
    const { items, headers } = page(request, await diffTrees(store, from, pull.headOid));
    const files = await Promise.all(
      items.map(async (file) =>
        diffEntry(world, repository, pull.headOid, file, await patchOf(store, from, pull.headOid, file.path)),
      ),
    );
    return ok(files, headers);
  }),
  onRepository('GET /pulls/{pull_number}/commits', 'pull_requests:read', async (request) => {
    const { world, repository } = request;
    const pull = numbered(request);
    const oids = (await listCommits(repository.store, [pull.headOid], [pull.baseOid])).reverse();
    const { items, headers } = page(request, oids);
    return ok(
      (await readCommits(repository.store, items)).map((commit) => fullCommit(world, repository, commit)),
      headers,
    );
  }),
];
