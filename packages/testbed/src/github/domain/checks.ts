import { unprocessable } from '../refusal.js';
import { checkRun as represent } from '../represent/check.js';
import type { App } from '../state/accounts.js';
import type { CheckConclusion, CheckOutput, CheckRun, CheckStatus, CommitStatus } from '../state/checks.js';
import type { Repository } from '../state/repositories.js';
import type { Actor } from '../state/tokens.js';
import type { World } from '../state/world.js';
import { type Cause, causeOf, note } from './events.js';

export interface CheckFacts {
  readonly name: string;
  readonly headSha: string;
  readonly status: CheckStatus;
  readonly conclusion: CheckConclusion | undefined;
  readonly detailsUrl?: string | undefined;
  readonly externalId?: string | undefined;
  readonly output?: CheckOutput | undefined;
  readonly startedAt?: Date | undefined;
  readonly completedAt?: Date | undefined;
}

export const NO_OUTPUT: CheckOutput = { title: undefined, summary: undefined, text: undefined, annotations: [] };

/** All runs of an App on a commit stand in one suite. */
function suiteOf(world: World, repository: Repository, app: App, sha: string): number {
  const known = repository.checkRuns.find((run) => run.app.id === app.id && run.headSha === sha);
  return known?.suiteId ?? world.ids.next('suite');
}

export function addCheckRun(world: World, repository: Repository, app: App, cause: Cause, facts: CheckFacts): CheckRun {
  const completed = facts.status === 'completed';
  const run: CheckRun = {
    id: world.ids.next('check'),
    suiteId: suiteOf(world, repository, app, facts.headSha),
    app,
    headSha: facts.headSha,
    name: facts.name,
    status: facts.status,
    conclusion: facts.conclusion,
    startedAt: facts.startedAt ?? world.clock(),
    completedAt: facts.completedAt ?? (completed ? world.clock() : undefined),
    detailsUrl: facts.detailsUrl,
    externalId: facts.externalId ?? '',
    output: facts.output ?? NO_OUTPUT,
  };
  repository.checkRuns.push(run);
  noteCheck(world, repository, cause, run, completed ? 'completed' : 'created');
  return run;
}

export function noteCheck(world: World, repository: Repository, cause: Cause, run: CheckRun, action: string): void {
  // docs: events-that-trigger-workflows, check_run: a run of Actions' own checks starts no workflow.
  note(world, repository, cause, {
    name: 'check_run',
    action,
    ref: `refs/heads/${repository.defaultBranch}`,
    sha: run.headSha,
    payload: { check_run: represent(world, repository, run) },
  });
}

export interface StatusFacts {
  readonly sha: string;
  readonly state: CommitStatus['state'];
  readonly context: string;
  readonly description: string | undefined;
  readonly targetUrl: string | undefined;
}

/** docs: rest/commits/statuses: at most 1000 statuses for each sha and context. */
export function addStatus(world: World, repository: Repository, actor: Actor, facts: StatusFacts): CommitStatus {
  const twins = repository.statuses.filter((one) => one.sha === facts.sha && one.context === facts.context);
  if (twins.length >= 1000) {
    throw unprocessable('Validation Failed', ['This SHA and context has reached the maximum number of statuses.']);
  }
  const status: CommitStatus = {
    id: world.ids.next('status'),
    ...facts,
    creator: actor.account,
    app: actor.kind === 'installation' ? actor.app : undefined,
    createdAt: world.clock(),
  };
  repository.statuses.push(status);
  note(world, repository, causeOf(actor), {
    name: 'status',
    ref: `refs/heads/${repository.defaultBranch}`,
    sha: facts.sha,
    payload: {
      id: status.id,
      sha: facts.sha,
      name: repository.fullName,
      state: facts.state,
      context: facts.context,
      description: facts.description ?? null,
      target_url: facts.targetUrl ?? null,
      created_at: status.createdAt.toISOString(),
    },
  });
  return status;
}
