import { readCommit } from '../git/commit.js';
import { ACTIONS_APP } from '../state/accounts.js';
import { nodeId } from '../state/ids.js';
import type { Repository } from '../state/repositories.js';
import { runState, type WorkflowRun } from '../state/workflow-runs.js';
import type { World } from '../state/world.js';
import { simpleUser } from './account.js';
import { pullsOfHead } from './check.js';
import { isoSeconds } from './commit.js';
import { minimalRepository, repositoryPage, repositoryUrl } from './repository.js';

/** OpenAPI `workflow-run`. */
export async function workflowRun(
  world: World,
  repository: Repository,
  run: WorkflowRun,
): Promise<Record<string, unknown>> {
  const api = repositoryUrl(world, repository);
  const url = `${api}/actions/runs/${run.id}`;
  const head = await readCommit(repository.store, run.headSha);
  const suite =
    repository.checkRuns.find((one) => one.headSha === run.headSha && one.app.id === ACTIONS_APP.id)?.suiteId ?? run.id;
  return {
    id: run.id,
    name: run.name,
    node_id: nodeId('WorkflowRun', run.id),
    check_suite_id: suite,
    check_suite_node_id: nodeId('CheckSuite', suite),
    head_branch: run.headBranch ?? null,
    head_sha: run.headSha,
    path: run.path,
    run_number: run.number,
    run_attempt: run.attempt,
    event: run.event,
    display_title: head?.message.split('\n')[0] ?? run.name,
    ...runState(run),
    workflow_id: run.workflowId,
    url,
    html_url: `${repositoryPage(world, repository)}/actions/runs/${run.id}`,
    pull_requests: pullsOfHead(world, repository, run.headSha),
    created_at: isoSeconds(run.createdAt),
    updated_at: isoSeconds(run.updatedAt),
    run_started_at: isoSeconds(run.createdAt),
    actor: simpleUser(world, repository.owner),
    triggering_actor: simpleUser(world, repository.owner),
    jobs_url: `${url}/jobs`,
    logs_url: `${url}/logs`,
    check_suite_url: `${api}/check-suites/${suite}`,
    artifacts_url: `${url}/artifacts`,
    cancel_url: `${url}/cancel`,
    rerun_url: `${url}/rerun`,
    previous_attempt_url: null,
    workflow_url: `${api}/actions/workflows/${run.workflowId}`,
    head_commit:
      head === undefined
        ? null
        : {
            id: head.oid,
            tree_id: head.tree,
            message: head.message,
            timestamp: isoSeconds(head.committer.date),
            author: { name: head.author.name, email: head.author.email },
            committer: { name: head.committer.name, email: head.committer.email },
          },
    repository: minimalRepository(world, repository),
    head_repository: minimalRepository(world, repository),
  };
}
