import { repositoryDispatch, workflowDispatch } from '../domain/dispatch.js';
import { notFound, Refusal } from '../refusal.js';
import { workflowRun } from '../represent/workflow-run.js';
import { actorOf } from '../state/tokens.js';
import { runState } from '../state/workflow-runs.js';
import { flag, noContent, ok, onRepository, page, type RepositoryRequest, type Route, text } from './route.js';

type Fields = Readonly<Record<string, unknown>>;

const record = (value: unknown): Fields => (typeof value === 'object' && value !== null ? (value as Fields) : {});

/** A workflow by its numeric id is known from its runs; a file name is one. */
function workflowName(request: RepositoryRequest): string {
  const id = request.parameters.workflow_id ?? '';
  if (!/^\d+$/.test(id)) return id;
  const run = [...request.repository.workflowRuns.values()].find((one) => one.workflowId === Number(id));
  if (run === undefined) throw notFound();
  return run.path;
}

export const actionRoutes: readonly Route[] = [
  onRepository('POST /dispatches', 'contents:write', async ({ world, repository, caller, body }) => {
    await repositoryDispatch(
      world,
      repository,
      actorOf(caller),
      text(body, 'event_type') ?? '',
      record(body.client_payload),
    );
    return noContent;
  }),
  onRepository('POST /actions/workflows/{workflow_id}/dispatches', 'actions:write', async (request) => {
    const { world, repository, caller, body } = request;
    if (flag(body, 'return_run_details') === true) {
      throw new Refusal({ status: 501, message: 'not in the test bed: return_run_details' });
    }
    await workflowDispatch(world, repository, actorOf(caller), {
      workflow: workflowName(request),
      ref: text(body, 'ref') ?? '',
      inputs: record(body.inputs),
    });
    return noContent;
  }),
  // docs: rest/actions/permissions: needs "Administration"; an App's job token can't be given that.
  onRepository('GET /actions/permissions/workflow', 'administration:read', ({ repository }) =>
    ok({
      default_workflow_permissions: repository.settings.defaultWorkflowPermissions,
      can_approve_pull_request_reviews: repository.settings.actionsCanCreatePullRequests,
    }),
  ),
  onRepository('PUT /actions/permissions/workflow', 'administration:write', ({ repository, body }) => {
    const level = text(body, 'default_workflow_permissions');
    if (level === 'read' || level === 'write') repository.settings.defaultWorkflowPermissions = level;
    repository.settings.actionsCanCreatePullRequests =
      flag(body, 'can_approve_pull_request_reviews') ?? repository.settings.actionsCanCreatePullRequests;
    return noContent;
  }),
  onRepository('GET /actions/runs', 'actions:read', async (request) => {
    const { world, repository, query } = request;
    const found = [...repository.workflowRuns.values()]
      .filter((run) => {
        const { status, conclusion } = runState(run);
        const asked = query.get('status');
        return (
          (query.get('head_sha') ?? run.headSha) === run.headSha &&
          (query.get('event') ?? run.event) === run.event &&
          (query.get('branch') ?? run.headBranch) === run.headBranch &&
          (asked === null || asked === status || asked === conclusion)
        );
      })
      .reverse();
    const { items, headers } = page(request, found);
    const runs = await Promise.all(items.map((run) => workflowRun(world, repository, run)));
    return ok({ total_count: found.length, workflow_runs: runs }, headers);
  }),
  onRepository('GET /actions/runs/{run_id}', 'actions:read', async ({ world, repository, parameters }) => {
    const run = repository.workflowRuns.get(Number(parameters.run_id));
    if (run === undefined) throw notFound();
    return ok(await workflowRun(world, repository, run));
  }),
];
