import { Refusal } from '../refusal.js';
import type { MergeMethod, PullRequest } from '../state/pulls.js';
import { exclusively, hasProtectionFeatures, type Repository } from '../state/repositories.js';
import { type Actor, isActionsToken } from '../state/tokens.js';
import type { World } from '../state/world.js';
import { flush } from './events.js';
import { judge } from './mergeability.js';
import { allowsMethod, mergePull } from './merging.js';

const refuse = (message: string): Refusal => new Refusal({ status: 422, type: 'UNPROCESSABLE', message });

export interface AutoMergeOrder {
  readonly method: MergeMethod;
  readonly title: string | undefined;
  readonly message: string | undefined;
  readonly expectedHeadOid: string | undefined;
}

/**
 * Arms auto-merge. GitHub refuses it where nothing is pending (peter-evans/enable-pull-request-automerge #343, #1118:
 * "Pull request is in clean status", "… unstable status") and where the repository does not allow it.
 */
export async function enableAutoMerge(
  world: World,
  repository: Repository,
  actor: Actor,
  pull: PullRequest,
  order: AutoMergeOrder,
): Promise<void> {
  if (!repository.settings.allowAutoMerge || !hasProtectionFeatures(repository)) {
    throw refuse('Auto merge is not allowed for this repository');
  }
  if (pull.state === 'closed') throw refuse('Pull request is closed');
  if (!allowsMethod(repository, order.method))
    throw refuse(`Merge method ${order.method} merging is not allowed on this repository`);
  if (order.expectedHeadOid !== undefined && order.expectedHeadOid !== pull.headOid) {
    throw refuse('Head branch was modified. Review and try the merge again.');
  }
  const state = await judge(repository, pull);
  if (state === 'CLEAN' || state === 'UNSTABLE' || state === 'DRAFT') {
    throw refuse(`Pull request is in ${state.toLowerCase()} status`);
  }
  pull.autoMerge = {
    enabledBy: actor.account,
    byActionsToken: isActionsToken(actor),
    actor,
    enabledAt: world.clock(),
    method: order.method,
    title: order.title,
    message: order.message,
  };
  pull.updatedAt = world.clock();
}

export function disableAutoMerge(world: World, pull: PullRequest): void {
  if (pull.autoMerge === undefined) throw refuse("Can't disable auto-merge for this pull request.");
  pull.autoMerge = undefined;
  pull.updatedAt = world.clock();
}

/** Whether everything that auto-merge waits for is met. It bypasses no rule. */
async function isReady(repository: Repository, pull: PullRequest): Promise<boolean> {
  const state = await judge(repository, pull);
  return state === 'CLEAN' || state === 'UNSTABLE';
}

/** Merges every armed pull request whose last requirement is met; one merge can make another ready. */
export async function settleAutoMerges(world: World, repository: Repository): Promise<void> {
  for (let merged = true; merged; ) {
    merged = false;
    for (const pull of repository.pulls.values()) {
      const armed = pull.autoMerge;
      if (pull.state !== 'open' || armed === undefined || !(await isReady(repository, pull))) continue;
      try {
        await mergePull(world, repository, armed.actor, pull, {
          method: armed.method,
          settled: true,
          ...(armed.title === undefined ? {} : { title: armed.title }),
          ...(armed.message === undefined ? {} : { message: armed.message }),
        });
        merged = true;
      } catch (error) {
        // GitHub disarms what it cannot carry out, and says so on the pull request.
        if (!(error instanceof Refusal)) throw error;
        pull.autoMerge = undefined;
      }
    }
  }
}

/** One write to a repository: alone, then auto-merges that it made ready, then its events. */
export function transact<T>(world: World, repository: Repository, work: () => Promise<T>): Promise<T> {
  return exclusively(repository, async () => {
    try {
      return await work();
    } finally {
      await settleAutoMerges(world, repository);
      flush(world, repository);
    }
  });
}

/** After a change of settings: a write of its own, in its turn, that lets auto-merges look again. */
export function settleLater(world: World, repository: Repository): void {
  void transact(world, repository, async () => undefined);
}
