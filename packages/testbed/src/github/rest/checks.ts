import { addCheckRun, addStatus, noteCheck } from '../domain/checks.js';
import { latestCheckRuns } from '../domain/contexts.js';
import { causeOf } from '../domain/events.js';
import { notFound, Refusal, unprocessable } from '../refusal.js';
import { checkRun, combinedStatus, status } from '../represent/check.js';
import type { App } from '../state/accounts.js';
import type { CheckConclusion, CheckOutput, CheckRun, CheckStatus, CommitStatus } from '../state/checks.js';
import { actorOf, type Caller } from '../state/tokens.js';
import { expectCommit } from './commits.js';
import { created, ok, onRepository, page, type RepositoryRequest, type Route, text } from './route.js';

type Body = Readonly<Record<string, unknown>>;

/** docs: rest/checks/runs: "you must use a GitHub App": a person's token can't write check runs. */
function appOf(caller: Caller): App {
  if (caller.kind === 'installation') return caller.app;
  throw new Refusal({ status: 403, message: 'You must authenticate via a GitHub App.' });
}

function outputOf(body: Body, previous: CheckOutput | undefined): CheckOutput | undefined {
  if (typeof body.output !== 'object' || body.output === null) return previous;
  const output = body.output as Body;
  const annotations = Array.isArray(output.annotations) ? (output.annotations as Body[]) : [];
  // docs: rest/checks/runs: at most 50 annotations a request; further requests append.
  if (annotations.length > 50)
    throw unprocessable('Invalid request.\n\nNo more than 50 items are allowed; annotations were supplied.');
  const summary = text(output, 'summary') ?? previous?.summary;
  if ((summary?.length ?? 0) > 65_535)
    throw unprocessable('Invalid request.\n\nOnly 65535 characters are allowed; summary was supplied.');
  return {
    title: text(output, 'title') ?? previous?.title,
    summary,
    text: text(output, 'text') ?? previous?.text,
    annotations: [...(previous?.annotations ?? []), ...annotations],
  };
}

function dateOf(body: Body, name: string): Date | undefined {
  const value = text(body, name);
  return value === undefined ? undefined : new Date(value);
}

function stateOf(body: Body, previous?: CheckRun): { status: CheckStatus; conclusion: CheckConclusion | undefined } {
  const conclusion = (text(body, 'conclusion') as CheckConclusion | undefined) ?? undefined;
  // A conclusion completes the run, whatever its status says.
  if (conclusion !== undefined) return { status: 'completed', conclusion };
  const status = (text(body, 'status') as CheckStatus | undefined) ?? previous?.status ?? 'queued';
  if (status === 'completed' && previous?.conclusion === undefined) {
    throw unprocessable('Invalid request.\n\nFor \'properties/status\', "completed" needs a conclusion.');
  }
  return { status, conclusion: status === 'completed' ? previous?.conclusion : undefined };
}

function find(request: RepositoryRequest): CheckRun {
  const run = request.repository.checkRuns.find((one) => one.id === Number(request.parameters.check_run_id));
  if (run === undefined) throw notFound();
  return run;
}

export const checkRoutes: readonly Route[] = [
  onRepository('POST /check-runs', 'checks:write', async ({ world, repository, caller, body }) => {
    const app = appOf(caller);
    const sha = text(body, 'head_sha') ?? '';
    if ((await repository.store.info(sha))?.type !== 'commit') throw unprocessable(`No commit found for SHA: ${sha}`);
    const run = addCheckRun(world, repository, app, causeOf(actorOf(caller)), {
      name: text(body, 'name') ?? '',
      headSha: sha,
      ...stateOf(body),
      detailsUrl: text(body, 'details_url'),
      externalId: text(body, 'external_id'),
      output: outputOf(body, undefined),
      startedAt: dateOf(body, 'started_at'),
      completedAt: dateOf(body, 'completed_at'),
    });
    return created(checkRun(world, repository, run));
  }),
  onRepository('PATCH /check-runs/{check_run_id}', 'checks:write', (request) => {
    const { world, repository, caller, body } = request;
    const run = find(request);
    if (appOf(caller).id !== run.app.id) {
      throw new Refusal({
        status: 403,
        message:
          'Invalid app_id `' +
          String(run.app.id) +
          '` - check run can only be modified by the GitHub App that created it.',
      });
    }
    const state = stateOf(body, run);
    run.name = text(body, 'name') ?? run.name;
    run.status = state.status;
    run.conclusion = state.conclusion;
    run.detailsUrl = text(body, 'details_url') ?? run.detailsUrl;
    run.externalId = text(body, 'external_id') ?? run.externalId;
    run.output = outputOf(body, run.output) ?? run.output;
    run.startedAt = dateOf(body, 'started_at') ?? run.startedAt;
    run.completedAt = state.status === 'completed' ? (dateOf(body, 'completed_at') ?? world.clock()) : undefined;
    if (state.status === 'completed') noteCheck(world, repository, causeOf(actorOf(caller)), run, 'completed');
    return ok(checkRun(world, repository, run));
  }),
  onRepository('GET /check-runs/{check_run_id}', 'checks:read', (request) =>
    ok(checkRun(request.world, request.repository, find(request))),
  ),
  onRepository('GET /commits/{ref}/check-runs', 'checks:read', async (request) => {
    const { world, repository, parameters, query } = request;
    const { oid } = await expectCommit(repository, parameters.ref ?? '');
    const all =
      query.get('filter') === 'all'
        ? repository.checkRuns.filter((run) => run.headSha === oid)
        : latestCheckRuns(repository, oid);
    const found = all.filter(
      (run) =>
        (query.get('check_name') ?? run.name) === run.name &&
        (query.get('status') ?? run.status) === run.status &&
        Number(query.get('app_id') ?? run.app.id) === run.app.id,
    );
    const { items, headers } = page(request, found.reverse());
    return ok({ total_count: found.length, check_runs: items.map((run) => checkRun(world, repository, run)) }, headers);
  }),
  onRepository('POST /statuses/{sha}', 'statuses:write', async ({ world, repository, caller, body, parameters }) => {
    const sha = parameters.sha ?? '';
    if ((await repository.store.info(sha))?.type !== 'commit' || sha.length !== 40)
      throw unprocessable(`No commit found for SHA: ${sha}`);
    const one = addStatus(world, repository, actorOf(caller), {
      sha,
      state: (text(body, 'state') ?? 'pending') as CommitStatus['state'],
      context: text(body, 'context') ?? 'default',
      description: text(body, 'description'),
      targetUrl: text(body, 'target_url'),
    });
    return created(status(world, repository, one));
  }),
  onRepository('GET /commits/{ref}/status', 'statuses:read', async ({ world, repository, parameters }) =>
    ok(combinedStatus(world, repository, (await expectCommit(repository, parameters.ref ?? '')).oid)),
  ),
  onRepository('GET /commits/{ref}/statuses', 'statuses:read', async (request) => {
    const { world, repository, parameters } = request;
    const { oid } = await expectCommit(repository, parameters.ref ?? '');
    const found = repository.statuses.filter((one) => one.sha === oid).reverse();
    const { items, headers } = page(request, found);
    return ok(
      items.map((one) => status(world, repository, one)),
      headers,
    );
  }),
];
