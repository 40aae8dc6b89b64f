import { parse } from 'yaml';
import { resolveRefName } from '../git/refs.js';
import type { PackageFacts } from '../options.js';
import { Refusal, unprocessable } from '../refusal.js';
import { simpleUser } from '../represent/account.js';
import { branchRef, type Repository } from '../state/repositories.js';
import type { Actor } from '../state/tokens.js';
import type { World } from '../state/world.js';
import { type Cause, causeOf, note } from './events.js';

/** docs: rest/repos "Create a repository dispatch event": at most 10 top-level properties and 64 KB of payload. */
export async function repositoryDispatch(
  world: World,
  repository: Repository,
  actor: Actor,
  eventType: string,
  payload: Readonly<Record<string, unknown>>,
): Promise<void> {
  const count = Object.keys(payload).length;
  if (count > 10) {
    throw unprocessable(`Invalid request.\n\nNo more than 10 properties are allowed; ${count} were supplied.`);
  }
  if (Buffer.byteLength(JSON.stringify(payload)) >= 65_536) throw unprocessable('client_payload is too large.');
  if (eventType.length > 100) throw unprocessable('event_type is too long (maximum is 100 characters)');
  const ref = branchRef(repository.defaultBranch);
  const sha = await resolveRefName(repository.store, ref);
  if (sha === undefined) throw unprocessable('The repository is empty.');
  note(world, repository, causeOf(actor), {
    name: 'repository_dispatch',
    action: eventType,
    ref,
    sha,
    payload: { branch: repository.defaultBranch, client_payload: payload },
  });
}

export interface DispatchFacts {
  /** File name below `.github/workflows`, or its path. */
  readonly workflow: string;
  readonly ref: string;
  readonly inputs: Readonly<Record<string, unknown>>;
}

interface InputDefinition {
  readonly required?: boolean;
  readonly default?: unknown;
  readonly type?: string;
  readonly options?: readonly unknown[];
}

/** docs: rest/actions/workflows "Create a workflow dispatch event"; the 422s are GitHub's words. */
export async function workflowDispatch(
  world: World,
  repository: Repository,
  actor: Actor,
  facts: DispatchFacts,
): Promise<void> {
  const path = facts.workflow.includes('/') ? facts.workflow : `.github/workflows/${facts.workflow}`;
  const onDefault = await repository.store.info(`${branchRef(repository.defaultBranch)}:${path}`);
  if (onDefault?.type !== 'blob') throw new Refusal({ status: 404, message: 'Not Found' });
  const candidates = facts.ref.startsWith('refs/') ? [facts.ref] : [branchRef(facts.ref), `refs/tags/${facts.ref}`];
  let found: { readonly ref: string; readonly sha: string } | undefined;
  for (const ref of candidates) {
    const sha = found === undefined ? await resolveRefName(repository.store, ref) : undefined;
    if (sha !== undefined) found = { ref, sha };
  }
  if (found === undefined) throw unprocessable(`No ref found for: ${facts.ref}`);
  const file = await repository.store.read(`${found.sha}:${path}`);
  const definitions = file === undefined ? undefined : inputDefinitions(parse(file.content.toString('utf8')));
  if (definitions === undefined) throw unprocessable("Workflow does not have 'workflow_dispatch' trigger");
  note(world, repository, causeOf(actor), {
    name: 'workflow_dispatch',
    ref: found.ref,
    sha: found.sha,
    payload: { workflow: path, ref: found.ref, inputs: resolveInputs(definitions, facts.inputs) },
  });
}

/** The inputs of `on.workflow_dispatch`; undefined when the workflow has no such trigger. */
function inputDefinitions(workflow: unknown): Readonly<Record<string, InputDefinition>> | undefined {
  const on = (workflow as Record<string, unknown> | null)?.on;
  if (on === 'workflow_dispatch' || (Array.isArray(on) && on.includes('workflow_dispatch'))) return {};
  if (typeof on !== 'object' || on === null || !('workflow_dispatch' in on)) return undefined;
  const trigger = on.workflow_dispatch as { readonly inputs?: Readonly<Record<string, InputDefinition>> } | null;
  return trigger?.inputs ?? {};
}

function resolveInputs(
  definitions: Readonly<Record<string, InputDefinition>>,
  given: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const unexpected = Object.keys(given).filter((name) => definitions[name] === undefined);
  if (unexpected.length > 0) throw unprocessable(`Unexpected inputs provided: ${JSON.stringify(unexpected)}`);
  const resolved: Record<string, unknown> = {};
  for (const [name, definition] of Object.entries(definitions)) {
    const value = given[name];
    const missing = value === undefined || value === '';
    if (missing && definition.required === true && definition.default === undefined) {
      throw unprocessable(`Required input '${name}' not provided`);
    }
    const final = missing ? (definition.default ?? (definition.type === 'boolean' ? false : '')) : value;
    if (definition.type === 'choice' && definition.options?.map(String).includes(String(final)) === false) {
      throw unprocessable(`Provided value '${String(final)}' for input '${name}' not in the list of allowed values`);
    }
    resolved[name] = String(final);
  }
  return resolved;
}

/**
 * A container image was pushed to GHCR. docs: events-that-trigger-workflows, registry_package: one event per manifest;
 * ref and sha are the package's; a package pushed with GITHUB_TOKEN raises nothing (ponylang/ponyc #4744).
 */
export async function registryPackage(
  world: World,
  repository: Repository,
  cause: Cause,
  facts: PackageFacts,
): Promise<void> {
  const ref = facts.ref ?? branchRef(repository.defaultBranch);
  const sha = await resolveRefName(repository.store, ref);
  if (sha === undefined) throw new Error(`no ${ref} in ${repository.fullName}`);
  const owner = repository.owner.login.toLowerCase();
  const version = facts.tag === '' ? facts.digest : facts.tag;
  note(world, repository, cause, {
    name: 'registry_package',
    action: facts.action ?? 'published',
    ref,
    sha,
    payload: {
      registry_package: {
        name: facts.name,
        namespace: owner,
        ecosystem: 'CONTAINER',
        package_type: 'CONTAINER',
        owner: simpleUser(world, repository.owner),
        package_version: {
          version: facts.digest,
          name: facts.digest,
          container_metadata: { tag: { name: facts.tag, digest: facts.tag === '' ? '' : facts.digest } },
          package_url: `ghcr.io/${owner}/${facts.name}:${version}`,
          target_oid: sha,
          target_commitish: repository.defaultBranch,
        },
        registry: { name: 'GitHub CONTAINER registry', type: 'CONTAINER', url: 'https://ghcr.io/' },
      },
    },
  });
}
