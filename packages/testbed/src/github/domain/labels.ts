import { notFound, unprocessable } from '../refusal.js';
import { label as represent } from '../represent/pull.js';
import type { PullRequest } from '../state/pulls.js';
import type { Label, Repository } from '../state/repositories.js';
import type { Actor } from '../state/tokens.js';
import type { World } from '../state/world.js';
import { causeOf } from './events.js';
import { notePull } from './pull-events.js';

/** A label of the repository, made when a writer first uses it. */
function ensureLabel(world: World, repository: Repository, name: string): Label {
  if (name === '' || name.length > 50)
    throw unprocessable('Validation Failed', [{ resource: 'Label', field: 'name', code: 'invalid' }]);
  const known = repository.labels.get(name);
  if (known !== undefined) return known;
  const label = { id: world.ids.next('label'), name, color: 'ededed' };
  repository.labels.set(name, label);
  return label;
}

export async function addLabels(
  world: World,
  repository: Repository,
  actor: Actor,
  pull: PullRequest,
  names: readonly string[],
): Promise<void> {
  for (const name of names) {
    const label = ensureLabel(world, repository, name);
    if (pull.labels.has(name)) continue;
    pull.labels.add(name);
    await notePull(world, repository, causeOf(actor), pull, 'labeled', { label: represent(world, repository, label) });
  }
  pull.updatedAt = world.clock();
}

export async function removeLabel(
  world: World,
  repository: Repository,
  actor: Actor,
  pull: PullRequest,
  name: string,
): Promise<void> {
  const label = repository.labels.get(name);
  if (label === undefined || !pull.labels.delete(name)) throw notFound();
  pull.updatedAt = world.clock();
  await notePull(world, repository, causeOf(actor), pull, 'unlabeled', { label: represent(world, repository, label) });
}
