import type { GitStore } from '../git/store.js';
import type { EnvironmentSettings, RepositoryEvent } from '../host.js';
import type { Account } from './accounts.js';
import type { CheckRun, CommitStatus } from './checks.js';
import type { Deployment } from './deployments.js';
import type { PullRequest } from './pulls.js';
import type { BranchProtection, Ruleset } from './rules.js';
import type { WorkflowRun } from './workflow-runs.js';
import type { World } from './world.js';

export type Role = 'read' | 'triage' | 'write' | 'maintain' | 'admin';

export type Plan = 'free' | 'team' | 'enterprise';

export interface RepositorySettings {
  description: string | undefined;
  allowMergeCommit: boolean;
  allowSquashMerge: boolean;
  allowRebaseMerge: boolean;
  allowAutoMerge: boolean;
  allowUpdateBranch: boolean;
  deleteBranchOnMerge: boolean;
  archived: boolean;
  /** Settings → Actions → "Read and write permissions" of GITHUB_TOKEN. */
  defaultWorkflowPermissions: 'read' | 'write';
  /** Settings → Actions → "Allow GitHub Actions to create and approve pull requests". */
  actionsCanCreatePullRequests: boolean;
}

export interface Environment extends EnvironmentSettings {
  readonly id: number;
  readonly name: string;
  readonly createdAt: Date;
  /** `protected` is GitHub's "protected branches only". */
  readonly protectedBranchesOnly: boolean;
  readonly reviewers: readonly string[];
  readonly preventSelfReview: boolean;
  readonly waitMinutes: number;
}

export interface Label {
  readonly id: number;
  readonly name: string;
  readonly color: string;
}

export interface Repository {
  readonly id: number;
  readonly owner: Account;
  readonly name: string;
  readonly fullName: string;
  readonly store: GitStore;
  readonly plan: Plan;
  readonly createdAt: Date;
  visibility: 'public' | 'private' | 'internal';
  defaultBranch: string;
  pushedAt: Date;
  nextNumber: number;
  readonly settings: RepositorySettings;
  readonly collaborators: Map<string, Role>;
  readonly pulls: Map<number, PullRequest>;
  readonly labels: Map<string, Label>;
  readonly rulesets: Ruleset[];
  readonly protections: BranchProtection[];
  readonly checkRuns: CheckRun[];
  readonly statuses: CommitStatus[];
  readonly deployments: Deployment[];
  readonly environments: Map<string, Environment>;
  readonly secrets: Map<string, string>;
  readonly variables: Map<string, string>;
  readonly workflowRuns: Map<number, WorkflowRun>;
  /** Oids of commits that GitHub signed, with when. */
  readonly verified: Map<string, Date>;
  /** Events of the write under way, raised at its end. */
  readonly outbox: RepositoryEvent[];
  /** The tail of this repository's writes: each waits for the one before. */
  queue: Promise<unknown>;
}

export function findRepository(world: World, fullName: string): Repository | undefined {
  return world.repositories.get(fullName.toLowerCase());
}

/** For the control API, where a missing repository is the test's mistake. */
export function expectRepository(world: World, fullName: string): Repository {
  const repository = findRepository(world, fullName);
  if (repository === undefined) throw new Error(`no repository ${fullName} in the test bed`);
  return repository;
}

/** Runs one write at a time per repository, as GitHub's own transactions would. */
export function exclusively<T>(repository: Repository, work: () => Promise<T>): Promise<T> {
  const result = repository.queue.then(work);
  repository.queue = result.catch(() => undefined);
  return result;
}

const RANK: readonly Role[] = ['read', 'triage', 'write', 'maintain', 'admin'];

export function roleAtLeast(role: Role | undefined, least: Role): boolean {
  return role !== undefined && RANK.indexOf(role) >= RANK.indexOf(least);
}

/** A person's role: owner and collaborators as set, everyone reads what is public. */
export function roleOf(repository: Repository, account: Account): Role | undefined {
  if (repository.owner.login.toLowerCase() === account.login.toLowerCase()) return 'admin';
  const role = repository.collaborators.get(account.login.toLowerCase());
  return role ?? (repository.visibility === 'public' ? 'read' : undefined);
}

/** docs: about-protected-branches, about-rulesets, automatically-merging-a-pull-request: private needs a paid plan. */
export function hasProtectionFeatures(repository: Repository): boolean {
  return repository.visibility === 'public' || repository.plan !== 'free';
}

export function branchRef(branch: string): string {
  return `refs/heads/${branch}`;
}
