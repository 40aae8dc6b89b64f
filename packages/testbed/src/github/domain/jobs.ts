import type { JobReport } from '../host.js';
import { repositoryPage } from '../represent/repository.js';
import { ACTIONS_APP } from '../state/accounts.js';
import type { CheckConclusion, CheckStatus } from '../state/checks.js';
import type { Repository } from '../state/repositories.js';
import type { WorkflowRun } from '../state/workflow-runs.js';
import type { World } from '../state/world.js';
import { addCheckRun, type CheckFacts, noteCheck } from './checks.js';
import type { Cause } from './events.js';

/** Events of Actions' own check runs start nothing, like whatever GITHUB_TOKEN does. */
function actionsCause(world: World): Cause | undefined {
  const app = world.apps.get(ACTIONS_APP.id);
  return app === undefined ? undefined : { account: app.bot, byActionsToken: true };
}

/**
 * Records a job: its run, and a check run of the `github-actions` App on the head. A run that awaits approval has no
 * check runs, so a check required of it stays expected (docs: approving-workflow-runs-from-public-forks).
 */
export function recordJob(world: World, repository: Repository, report: JobReport): void {
  const run = recordRun(world, repository, report);
  const app = world.apps.get(ACTIONS_APP.id);
  const cause = actionsCause(world);
  if (app === undefined || cause === undefined || report.status === 'action_required') return;
  const status: CheckStatus = report.status;
  const conclusion: CheckConclusion | undefined =
    report.status === 'completed' ? (report.conclusion ?? 'success') : undefined;
  const externalId = `${report.runId}/${report.runAttempt}/${report.jobName}`;
  const known = repository.checkRuns.find((one) => one.externalId === externalId && one.app.id === app.id);
  if (known === undefined) {
    const detailsUrl = `${repositoryPage(world, repository)}/actions/runs/${report.runId}/job/${run.jobs.size}`;
    const facts: CheckFacts = {
      name: report.jobName,
      headSha: report.headSha,
      status,
      conclusion,
      detailsUrl,
      externalId,
    };
    addCheckRun(world, repository, app, cause, facts);
    return;
  }
  const changed = known.status !== status || known.conclusion !== conclusion;
  known.status = status;
  known.conclusion = conclusion;
  known.completedAt = status === 'completed' ? world.clock() : undefined;
  if (changed && status === 'completed') noteCheck(world, repository, cause, known, 'completed');
}

function recordRun(world: World, repository: Repository, report: JobReport): WorkflowRun {
  const known = repository.workflowRuns.get(report.runId);
  if (known !== undefined && known.attempt >= report.runAttempt) {
    known.jobs.set(report.jobName, report);
    known.updatedAt = world.clock();
    return known;
  }
  const siblings = [...repository.workflowRuns.values()].filter((one) => one.path === report.workflowPath);
  const head = [...repository.pulls.values()].find((pull) => pull.headOid === report.headSha);
  const run: WorkflowRun = {
    id: report.runId,
    number: known?.number ?? siblings.length + 1,
    attempt: report.runAttempt,
    workflowId: siblings[0]?.workflowId ?? world.ids.next('workflow'),
    path: report.workflowPath,
    name: report.workflowName,
    event: report.event,
    headSha: report.headSha,
    headBranch: report.event.startsWith('pull_request') ? head?.headRef : repository.defaultBranch,
    createdAt: known?.createdAt ?? world.clock(),
    updatedAt: world.clock(),
    jobs: new Map([[report.jobName, report]]),
  };
  repository.workflowRuns.set(run.id, run);
  return run;
}
