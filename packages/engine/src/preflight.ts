import { type Plan, policyFor, sameActor, WaybillError, type World } from '@waybill/core';
import type { Ports, RunFacts } from './ports.js';

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
  const isActionsToken = sameActor(viewer, 'github-actions');
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
  const autoMerges = world.config.stages.some((stage) => policyFor(world.policies, stage.name).autoMerge);
  if (autoMerges && !repository.autoMergeAllowed) {
    warnings.push(
      'Auto-merge is off in this repository (Settings → General → Allow auto-merge): pull requests that are not clean at once wait for the next run.',
    );
  }
  return { problems, warnings };
}
