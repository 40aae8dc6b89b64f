import { isAncestor, listCommits, mergeBase, readCommits } from '../git/history.js';
import { isValidRefName, resolveRefName } from '../git/refs.js';
import { Refusal, unprocessable } from '../refusal.js';
import type { Repository } from '../state/repositories.js';
import type { Actor } from '../state/tokens.js';
import type { World } from '../state/world.js';
import { contextsOf, requiredState } from './contexts.js';
import { causeOf } from './events.js';
import { missingChecks } from './mergeability.js';
import { followMove } from './pulls.js';
import { type RefMove, writeRef } from './ref-writes.js';
import { type AppliedRule, rulesFor } from './rules.js';

export interface Violation {
  readonly message: string;
  readonly fromRuleset: boolean;
}

/** What the rules in force have against a push by this actor. */
export async function violationsOf(repository: Repository, actor: Actor, move: RefMove): Promise<Violation[]> {
  const found: Violation[] = [];
  for (const applied of rulesFor(repository, move.ref, actor)) {
    for (const message of await offences(repository, applied, move)) {
      if (!found.some((one) => one.message === message)) {
        found.push({ message, fromRuleset: applied.ruleset !== undefined });
      }
    }
  }
  return found;
}

async function offences(repository: Repository, { rule, ruleset }: AppliedRule, move: RefMove): Promise<string[]> {
  const { before, after } = move;
  const { store } = repository;
  if (after === undefined) {
    if (rule.type !== 'deletion') return [];
    return [ruleset === undefined ? 'Cannot delete a protected branch' : 'Cannot delete this branch'];
  }
  if (before === undefined) {
    return rule.type === 'creation' ? ['Cannot create ref due to creations being restricted.'] : [];
  }
  switch (rule.type) {
    case 'update':
      return [
        ruleset === undefined ? "You're not authorized to push to this branch." : 'Cannot update this protected ref.',
      ];
    case 'non_fast_forward':
      return (await isAncestor(store, before, after))
        ? []
        : [ruleset === undefined ? 'Cannot force-push to a protected branch' : 'Cannot force-push to this branch'];
    case 'pull_request':
      return ['Changes must be made through a pull request.'];
    case 'required_status_checks': {
      const contexts = contextsOf(repository, after);
      return missingChecks(
        rule.checks.map((check) => ({ context: check.context, state: requiredState(contexts, check) })),
      );
    }
    case 'required_signatures': {
      const added = await listCommits(store, [after], [before]);
      return added.every((oid) => repository.verified.has(oid)) ? [] : ['Commits must have verified signatures.'];
    }
    case 'required_linear_history': {
      const added = await readCommits(store, await listCommits(store, [after], [before]));
      return added.some((commit) => commit.parents.length > 1) ? ['This branch must not contain merge commits.'] : [];
    }
    default:
      return [];
  }
}

/** The API's wording: a ruleset's violations come as one paragraph each, classic protection's as one sentence. */
export function violationRefusal(violations: readonly Violation[], status = 422): Refusal {
  const messages = violations.map((violation) => violation.message);
  const message = violations.some((violation) => violation.fromRuleset)
    ? `Repository rule violations found\n\n${messages.join('\n\n')}\n\n`
    : messages.join(' ');
  return new Refusal({ status, type: 'UNPROCESSABLE', message });
}

/** What `git push` is told: GH013 for rulesets, GH006 for classic protection. */
export function pushMessage(page: string, ref: string, violations: readonly Violation[]): string {
  const lines = violations.some((violation) => violation.fromRuleset)
    ? [
        `error: GH013: Repository rule violations found for ${ref}.`,
        `Review all repository rules at ${page}/rules?ref=${encodeURIComponent(ref)}`,
        '',
        ...violations.map((violation) => `- ${violation.message}`),
      ]
    : [
        `error: GH006: Protected branch update failed for ${ref}.`,
        ...violations.map((violation) => `error: ${violation.message}`),
      ];
  return lines.join('\n');
}

/** The refusal of a ref that is not where the caller thought. */
export const refMoved = (): Refusal =>
  new Refusal({ status: 422, type: 'STALE_DATA', message: 'Reference cannot be updated' });

/**
 * An App changes workflow files only with the `workflows` permission, which GITHUB_TOKEN can't have
 * (docs: permissions-required-for-github-apps, "Workflows").
 */
async function refuseWorkflowChanges(repository: Repository, actor: Actor, move: RefMove): Promise<void> {
  if (actor.kind !== 'installation' || actor.permissions.workflows === 'write') return;
  const { store } = repository;
  const { after } = move;
  if (after === undefined) return;
  const trunk = await resolveRefName(store, `refs/heads/${repository.defaultBranch}`);
  const before = move.before ?? (trunk === undefined ? undefined : await mergeBase(store, trunk, after));
  const at = async (oid: string | undefined) =>
    oid === undefined ? undefined : (await store.info(`${oid}:.github/workflows`))?.oid;
  if ((await at(before)) === (await at(after))) return;
  throw new Refusal({
    status: 403,
    type: 'FORBIDDEN',
    message: 'refusing to allow a GitHub App to create or update workflow files without `workflows` permission',
  });
}

/** Checks the rules, moves the ref by compare-and-swap, and lets events and pull requests follow. */
export async function updateRef(world: World, repository: Repository, actor: Actor, move: RefMove): Promise<void> {
  if (repository.settings.archived) {
    throw new Refusal({ status: 403, message: 'Repository was archived so is read-only.' });
  }
  await refuseWorkflowChanges(repository, actor, move);
  const violations = await violationsOf(repository, actor, move);
  if (violations.length > 0) throw violationRefusal(violations);
  const cause = causeOf(actor);
  if (!(await writeRef(world, repository, cause, move))) throw refMoved();
  await followMove(world, repository, cause, move);
}

export async function createRef(
  world: World,
  repository: Repository,
  actor: Actor,
  ref: string,
  oid: string,
): Promise<void> {
  if (!isValidRefName(ref)) throw unprocessable('Reference name is invalid');
  const object = await repository.store.info(oid);
  if (object === undefined || !/^[0-9a-f]{40}$/.test(oid)) throw unprocessable('Object does not exist');
  if (ref.startsWith('refs/heads/') && object.type !== 'commit') throw unprocessable('Reference update failed');
  if ((await resolveRefName(repository.store, ref)) !== undefined) throw unprocessable('Reference already exists');
  await updateRef(world, repository, actor, { ref, before: undefined, after: oid });
}

/** docs: rest/git/refs "Update a reference": without `force` only fast-forwards. */
export async function moveRef(
  world: World,
  repository: Repository,
  actor: Actor,
  ref: string,
  oid: string,
  force: boolean,
): Promise<void> {
  const before = await resolveRefName(repository.store, ref);
  if (before === undefined) throw unprocessable('Reference does not exist');
  const object = await repository.store.info(oid);
  if (object === undefined || !/^[0-9a-f]{40}$/.test(oid)) throw unprocessable('Object does not exist');
  if (ref.startsWith('refs/heads/') && object.type !== 'commit') throw unprocessable('Reference update failed');
  if (!force && !(await isAncestor(repository.store, before, oid))) throw unprocessable('Update is not a fast forward');
  await updateRef(world, repository, actor, { ref, before, after: oid });
}

export async function deleteRef(world: World, repository: Repository, actor: Actor, ref: string): Promise<void> {
  const before = await resolveRefName(repository.store, ref);
  if (before === undefined) throw unprocessable('Reference does not exist');
  if (ref === `refs/heads/${repository.defaultBranch}`) throw unprocessable('Cannot delete the default branch');
  await updateRef(world, repository, actor, { ref, before, after: undefined });
}
