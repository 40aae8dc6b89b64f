import {
  commitMessage,
  type Effect,
  type Forge,
  isPromotionBranch,
  LEDGER_TRAILER,
  type MergeOutcome,
  mayWrite,
  promotionBranch,
  shortId,
  TRAILER_FREIGHT,
  TRAILER_PROMOTION,
  TRAILER_STAGE,
  WaybillError,
} from '@waybill/core';
import type { Ports } from './ports.js';

/** What came of a merge that was tried; other effects either happen or throw. */
export interface Blocked {
  readonly pullRequest: number;
  readonly why: string;
}

/**
 * Carries out a plan's effects in order, and nothing else.
 * @param ledger the ledger commit that holds the Promotions: each promotion commit names it
 * @returns merges that the forge does not allow yet
 * @throws WaybillError path-refused before anything is written, head-moved, forge-*
 */
export async function apply(
  ports: Ports,
  effects: readonly Effect[],
  base: string,
  ledger: string | undefined,
): Promise<readonly Blocked[]> {
  for (const effect of effects) guard(effect);
  const blocked: Blocked[] = [];
  for (const effect of effects) {
    ports.log.info(describeEffect(effect));
    const outcome = await applyOne(ports.forge, effect, base, ledger);
    if (outcome !== undefined) blocked.push(outcome);
  }
  return blocked;
}

/** Whatever the plan says, a commit touches files of the Stage's globs and no others, and a branch is a Promotion's. */
function guard(effect: Effect): void {
  if ('branch' in effect && !isPromotionBranch(effect.branch)) {
    throw refused(`A plan would write to the branch ${effect.branch}, which is no Promotion's`);
  }
  if (effect.kind !== 'commit') return;
  for (const { path } of effect.files) {
    const isPlain = path.split('/').every((segment) => segment !== '' && segment !== '.' && segment !== '..');
    if (isPlain && mayWrite(effect.stage, path)) continue;
    throw refused(`A plan would write ${path}, which is not the Stage's`, path, effect.promotion.stage);
  }
}

function refused(what: string, file?: string, stage?: string): WaybillError {
  return new WaybillError('path-refused', {
    what,
    where: { ...(file === undefined ? {} : { file }), ...(stage === undefined ? {} : { stage }) },
    remedy: 'Nothing was written. This is a defect of Waybill: please report it.',
  });
}

async function applyOne(
  forge: Forge,
  effect: Effect,
  base: string,
  ledger: string | undefined,
): Promise<Blocked | undefined> {
  switch (effect.kind) {
    case 'create-branch':
      await forge.createBranch(effect.branch, effect.oid);
      return undefined;
    case 'commit':
      await forge.commit({
        branch: effect.branch,
        expectedHead: effect.expectedHead,
        message: promotionMessage(effect, ledger),
        files: effect.files,
      });
      return undefined;
    case 'open-pull-request':
      await forge.createPullRequest({ head: effect.branch, base, title: effect.title, body: effect.body });
      return undefined;
    case 'merge':
      return merge(forge, effect);
    case 'disable-auto-merge':
      await forge.disableAutoMerge(effect.pullRequest);
      return undefined;
    case 'close-pull-request':
      await forge.closePullRequest(effect.number, effect.comment);
      return undefined;
    case 'delete-branch':
      await forge.deleteBranch(effect.branch);
      return undefined;
  }
}

/** Auto-merge where the forge has something to wait for, else a merge of the very head that was looked at. */
async function merge(forge: Forge, effect: Extract<Effect, { kind: 'merge' }>): Promise<Blocked | undefined> {
  const { pullRequest, method } = effect;
  if (effect.autoMerge && (await forge.enableAutoMerge(pullRequest, method)) === 'armed') return undefined;
  const outcome: MergeOutcome = await forge.merge(pullRequest, method);
  if (outcome.kind === 'merged') return undefined;
  return { pullRequest: pullRequest.number, why: outcome.why };
}

function promotionMessage(effect: Extract<Effect, { kind: 'commit' }>, ledger: string | undefined): string {
  const { promotion, freight } = effect;
  return commitMessage(
    `promote(${promotion.stage}): ${freight.origin.name} ${shortId(freight.id)} (${freight.alias})`,
    freight.images.map((image) => `${image.repoURL}@${image.digest}`),
    [
      { key: TRAILER_STAGE, value: promotion.stage },
      { key: TRAILER_FREIGHT, value: freight.id },
      { key: TRAILER_PROMOTION, value: promotion.name },
      ...(ledger === undefined ? [] : [{ key: LEDGER_TRAILER, value: ledger }]),
    ],
  );
}

function describeEffect(effect: Effect): string {
  switch (effect.kind) {
    case 'create-branch':
      return `Create ${effect.branch} at ${effect.oid.slice(0, 7)}`;
    case 'commit':
      return `Commit to ${promotionBranch(effect.promotion.name)}: ${effect.files.map((file) => file.path).join(', ')}`;
    case 'open-pull-request':
      return `Open a pull request: ${effect.title}`;
    case 'merge':
      return `Merge pull request #${effect.pullRequest.number}${effect.autoMerge ? ' once its checks have passed' : ''}`;
    case 'disable-auto-merge':
      return `Disarm auto-merge of pull request #${effect.pullRequest.number}`;
    case 'close-pull-request':
      return `Close pull request #${effect.number}`;
    case 'delete-branch':
      return `Delete ${effect.branch}`;
  }
}
