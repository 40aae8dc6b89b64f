import {
  ACTIONS_LOGIN,
  type Commit,
  lastRecorded,
  type Plan,
  policyFor,
  sameActor,
  untrusted,
  WaybillError,
  type World,
} from '@waybill/core';
import type { Ports, RunFacts } from './ports.js';
import { whyUnprotected } from './protection.js';

export interface Preflight {
  /** Any of these, and nothing is written. */
  readonly problems: readonly WaybillError[];
  /** What will not work as one might wish. */
  readonly warnings: readonly string[];
}

/** Before the first write: what this repository, ref and token lack, and how to mend it. All of it, not the first. */
export async function preflight(ports: Ports, facts: RunFacts, world: World, plan: Plan): Promise<Preflight> {
  const problems: WaybillError[] = [];
  const warnings: string[] = [];
  const { repository, viewer } = world.snapshot;
  const isActionsToken = sameActor(viewer, ACTIONS_LOGIN);
  const opensPullRequests = plan.effects.some((effect) => effect.kind === 'open-pull-request');

  if (facts.ref !== `refs/heads/${repository.defaultBranch}`) {
    problems.push(
      new WaybillError('wrong-ref', {
        what: `This run is on ${facts.ref}, and Waybill writes only from ${repository.defaultBranch}`,
        remedy: `Run the workflow on ${repository.defaultBranch}, or with \`dry-run: true\`.`,
      }),
    );
  }
  if (isActionsToken && opensPullRequests && (await ports.forge.actionsMayCreatePullRequests()) === false) {
    problems.push(
      new WaybillError('preflight-failed', {
        what: 'This repository does not allow GitHub Actions to create pull requests',
        remedy:
          'Turn on Settings → Actions → General → "Allow GitHub Actions to create and approve pull requests", or use a GitHub App token.',
      }),
    );
  }
  if (isActionsToken && opensPullRequests) {
    warnings.push(
      'With GITHUB_TOKEN the checks of these pull requests wait for a person to click "Approve workflows to run". A GitHub App token avoids that.',
    );
  }
  if (world.ledger.protection.kind === 'unprotected') {
    warnings.push(`The ledger is unprotected: ${world.ledger.protection.why}. Stages with a floor refuse.`);
  }
  const [made] = plan.effects.flatMap((effect) => (effect.kind === 'create-branch' ? [effect.branch] : []));
  if (world.ledger.protection.kind === 'protected' && made !== undefined) {
    const why = await whyUnprotected(ports.forge, made);
    // `**` at the end of GitHub's patterns does not cross a slash.
    if (why !== undefined) {
      warnings.push(
        `Promotion branches are unprotected, so that others may push to them: ${why}. Write the ruleset's target as \`waybill/**/*\`.`,
      );
    }
  }
  const isBehind = await whereLedgerIsBehind(ports, world);
  if (isBehind !== undefined) problems.push(isBehind);
  const autoMerges = world.config.stages.some((stage) => policyFor(world.policies, stage.name).autoMerge);
  if (autoMerges && !repository.autoMergeAllowed) {
    warnings.push(
      'Auto-merge is off in this repository (Settings → General → Allow auto-merge): pull requests that are not clean at once wait for the next run.',
    );
  }
  return { problems, warnings };
}

/** How many of the default branch's newest commits are asked for the ledger they were recorded in. */
const PROMOTIONS_DEPTH = 30;

/**
 * Every commit of an older ledger is genuine; what landed since tells that it is not the last one. On a busy branch the
 * newest commits tell nothing of it; those of the files that are not what the ledger says are known already.
 */
async function whereLedgerIsBehind(ports: Ports, world: World): Promise<WaybillError | undefined> {
  const { head, ledger, viewer } = world.snapshot;
  const newest = await ports.forge.history(head.oid, '', PROMOTIONS_DEPTH);
  const commits = [...newest, ...[...world.histories.values()].flat()].sort(newestCommitFirst);
  const recorded = lastRecorded(commits, viewer);
  if (recorded === undefined) return undefined;
  if (ledger === undefined) return untrusted(`it is gone, and promotions that landed were recorded in ${recorded}`);
  if (ledger.commits.some(({ oid }) => oid === recorded)) return undefined;
  const [at] = ledger.commits;
  if (at !== undefined && (await isBelow(ports, recorded, at.oid))) return undefined;
  return untrusted(`its head ${at?.oid ?? ''} does not have ${recorded}, where promotions that landed were recorded`);
}

function newestCommitFirst(a: Commit, b: Commit): number {
  return Date.parse(b.committedDate) - Date.parse(a.committedDate);
}

async function isBelow(ports: Ports, commit: string, head: string): Promise<boolean> {
  // A commit that this repository does not have is not below its ledger's head.
  const [known] = await ports.forge.history(commit, '', 1);
  return known !== undefined && (await ports.forge.compare(commit, head)).status === 'ahead';
}
