import { join } from 'node:path';
import { transact } from '../domain/auto-merge.js';
import { causeOf } from '../domain/events.js';
import { authorOf } from '../domain/identities.js';
import { followMove } from '../domain/pulls.js';
import { pushMessage, violationsOf } from '../domain/ref-updates.js';
import { writeRef } from '../domain/ref-writes.js';
import { type Commit, readCommit, writeCommit } from '../git/commit.js';
import { contentOf, createBareRepository, type FileContent, importFirstCommit } from '../git/create.js';
import { listCommits, readCommits } from '../git/history.js';
import { resolveRefName } from '../git/refs.js';
import { openStore } from '../git/store.js';
import { editTree, type TreeChange, walkTree } from '../git/tree.js';
import type { RepositoryFacts } from '../options.js';
import { repositoryPage } from '../represent/repository.js';
import { resolveCommit } from '../rest/commits.js';
import { addAccount, findAccount } from '../state/accounts.js';
import { branchRef, expectRepository, findRepository, type Repository } from '../state/repositories.js';
import { userActor } from '../state/tokens.js';
import type { World } from '../state/world.js';
import { installEverywhere } from './apps.js';

/** A new repository with one commit by its owner (none without files). No event is raised. */
export async function createRepository(world: World, facts: RepositoryFacts): Promise<Repository> {
  const fullName = `${facts.owner}/${facts.name}`;
  if (findRepository(world, fullName) !== undefined) throw new Error(`${fullName} exists in the test bed`);
  const owner =
    findAccount(world, facts.owner) ??
    addAccount(world, facts.owner, facts.organization === true ? 'Organization' : 'User');
  const id = world.ids.next('repository');
  const directory = join(world.root, `${id}.git`);
  const defaultBranch = facts.defaultBranch ?? 'main';
  await createBareRepository(directory, defaultBranch);
  const now = world.clock();
  const settings = facts.settings ?? {};
  const repository: Repository = {
    id,
    owner,
    name: facts.name,
    fullName,
    store: openStore(directory),
    plan: facts.plan ?? 'team',
    visibility: facts.visibility ?? 'private',
    createdAt: now,
    pushedAt: now,
    defaultBranch,
    nextNumber: 1,
    settings: {
      description: settings.description,
      allowMergeCommit: settings.allowMergeCommit ?? true,
      allowSquashMerge: settings.allowSquashMerge ?? true,
      allowRebaseMerge: settings.allowRebaseMerge ?? true,
      allowAutoMerge: settings.allowAutoMerge ?? false,
      allowUpdateBranch: settings.allowUpdateBranch ?? false,
      deleteBranchOnMerge: settings.deleteBranchOnMerge ?? false,
      archived: settings.archived ?? false,
      defaultWorkflowPermissions: settings.defaultWorkflowPermissions ?? 'read',
      actionsCanCreatePullRequests: settings.actionsCanCreatePullRequests ?? false,
    },
    collaborators: new Map(),
    pulls: new Map(),
    labels: new Map(),
    rulesets: [],
    protections: [],
    checkRuns: [],
    statuses: [],
    deployments: [],
    environments: new Map(),
    secrets: new Map(),
    variables: new Map(),
    workflowRuns: new Map(),
    verified: new Map(),
    outbox: [],
    queue: Promise.resolve(),
  };
  for (const [login, role] of Object.entries(facts.collaborators ?? {})) {
    addAccount(world, login);
    repository.collaborators.set(login.toLowerCase(), role);
  }
  if (facts.files !== undefined) {
    const author = authorOf(owner, now);
    const message = facts.message ?? 'Initial commit';
    await importFirstCommit(directory, {
      branch: defaultBranch,
      files: facts.files,
      name: author.name,
      email: author.email,
      date: now,
      message,
    });
  }
  world.repositories.set(fullName.toLowerCase(), repository);
  installEverywhere(world, repository);
  return repository;
}

/** A commit as a person's `git push` makes it: unverified, held to the rules of the branch, which it creates if absent. */
export async function commitAs(
  world: World,
  login: string,
  fullName: string,
  branch: string,
  files: Readonly<Record<string, FileContent | null>>,
  message: string,
): Promise<string> {
  const repository = expectRepository(world, fullName);
  const actor = userActor(world, login);
  const { store } = repository;
  return transact(world, repository, async () => {
    const ref = branchRef(branch);
    const before = await resolveRefName(store, ref);
    const from = before ?? (await resolveRefName(store, branchRef(repository.defaultBranch)));
    const parent = from === undefined ? undefined : await readCommit(store, from);
    const changes = new Map<string, TreeChange>();
    for (const [path, file] of Object.entries(files)) {
      if (file === null) changes.set(path, undefined);
      else {
        const { content, mode } = contentOf(file);
        changes.set(path, { mode, oid: await store.write('blob', content) });
      }
    }
    const author = authorOf(actor.account, world.clock());
    const tree = await editTree(store, parent?.tree, changes);
    const after = await writeCommit(store, {
      tree,
      parents: parent === undefined ? [] : [parent.oid],
      author,
      committer: author,
      message,
    });
    const move = { ref, before, after };
    const violations = await violationsOf(repository, actor, move);
    if (violations.length > 0) throw new Error(pushMessage(repositoryPage(world, repository), ref, violations));
    const cause = causeOf(actor);
    if (!(await writeRef(world, repository, cause, move))) throw new Error(`${ref} moved under the push`);
    await followMove(world, repository, cause, move);
    return after;
  });
}

export interface LoggedCommit extends Commit {
  /** GitHub shows it as Verified. */
  readonly verified: boolean;
}

/** The commits of a branch, tag or oid, newest first. */
export async function logOf(world: World, fullName: string, ref: string, path?: string): Promise<LoggedCommit[]> {
  const repository = expectRepository(world, fullName);
  const head = await resolveCommit(repository, ref);
  if (head === undefined) return [];
  const oids = await listCommits(repository.store, [head.oid], [], path === undefined ? {} : { path });
  const commits = await readCommits(repository.store, oids);
  return commits.map((commit) => ({ ...commit, verified: repository.verified.has(commit.oid) }));
}

export async function readFileAt(
  world: World,
  fullName: string,
  ref: string,
  path: string,
): Promise<Buffer | undefined> {
  const repository = expectRepository(world, fullName);
  const commit = await resolveCommit(repository, ref);
  if (commit === undefined) return undefined;
  const blob = await repository.store.read(`${commit.tree}:${path}`);
  return blob?.type === 'blob' ? blob.content : undefined;
}

/** Paths of the files under a folder (`''`: all), without submodules. */
export async function listFilesAt(world: World, fullName: string, ref: string, folder: string): Promise<string[]> {
  const repository = expectRepository(world, fullName);
  const commit = await resolveCommit(repository, ref);
  if (commit === undefined) return [];
  const prefix = folder.replace(/^(?:\.?\/)+|\/+$/g, '');
  const tree =
    prefix === '' ? { oid: commit.tree, type: 'tree' } : await repository.store.info(`${commit.tree}:${prefix}`);
  if (tree?.type !== 'tree') return [];
  const entries = await walkTree(repository.store, tree.oid);
  return entries
    .filter((entry) => entry.type === 'blob')
    .map((entry) => (prefix === '' ? entry.path : `${prefix}/${entry.path}`));
}
