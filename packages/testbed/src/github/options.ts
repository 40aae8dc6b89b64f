import type { FileContent } from './git/create.js';
import type { Permissions } from './host.js';
import type { Plan, Role } from './state/repositories.js';
import type { BypassActor, RequiredCheck, Rule } from './state/rules.js';

export interface GitHubOptions {
  /** The time everything is dated with; the system's when absent. */
  readonly clock?: () => Date;
  /** Where the bare repositories go; a new temporary folder, removed at close, when absent. */
  readonly directory?: string;
  readonly port?: number;
  /** Entries of a recursive tree before it is cut; 100,000 as on GitHub. */
  readonly treeEntries?: number;
  /** Reads that find mergeability unknown after a change; 1. */
  readonly unknownMergeabilityReads?: number;
  /** Bytes of text GraphQL gives of a blob; 512,000. */
  readonly blobText?: number;
  /** Check requests and answers against GitHub's description; true. Off only where a benchmark measures bytes. */
  readonly validate?: boolean;
}

export interface RepositoryFacts {
  readonly owner: string;
  readonly name: string;
  /** The first commit's; none: an empty repository. */
  readonly files?: Readonly<Record<string, FileContent>>;
  /** `main` when absent. */
  readonly defaultBranch?: string;
  readonly visibility?: 'public' | 'private' | 'internal';
  /** The owner's plan: `free` + private has no protection, rulesets or auto-merge. `team` when absent. */
  readonly plan?: Plan;
  readonly settings?: Partial<SettingsFacts>;
  /** Logins with their roles. */
  readonly collaborators?: Readonly<Record<string, Role>>;
  /** Whether the owner is an organization; false. */
  readonly organization?: boolean;
  readonly message?: string;
}

/** Defaults are GitHub's for a new repository, but for `allowAutoMerge` (off there) which tests set as they need. */
export interface SettingsFacts {
  readonly description: string;
  readonly allowMergeCommit: boolean;
  readonly allowSquashMerge: boolean;
  readonly allowRebaseMerge: boolean;
  readonly allowAutoMerge: boolean;
  readonly allowUpdateBranch: boolean;
  readonly deleteBranchOnMerge: boolean;
  readonly archived: boolean;
  readonly defaultWorkflowPermissions: 'read' | 'write';
  readonly actionsCanCreatePullRequests: boolean;
}

export interface AppOptions {
  readonly slug: string;
  /** By the API's names: `{contents: 'write', pull_requests: 'write'}`. */
  readonly permissions: Permissions;
  /** `owner/name`s it is installed on; every repository of every owner when absent. */
  readonly repositories?: readonly string[];
}

export interface EnvironmentFacts {
  readonly name: string;
  readonly secrets?: Readonly<Record<string, string>>;
  readonly variables?: Readonly<Record<string, string>>;
  /** Branch names or patterns; absent: every branch. */
  readonly branches?: readonly string[];
  readonly protectedBranchesOnly?: boolean;
  /** Logins; refused on a private repository below the enterprise plan. */
  readonly reviewers?: readonly string[];
  readonly preventSelfReview?: boolean;
  readonly waitMinutes?: number;
}

export interface RulesetFacts {
  readonly name: string;
  readonly target?: 'branch' | 'tag';
  readonly enforcement?: 'active' | 'disabled' | 'evaluate';
  readonly include: readonly string[];
  readonly exclude?: readonly string[];
  readonly rules: readonly (Rule | SimpleRule)[];
  readonly bypass?: readonly BypassActor[];
}

/** A rule without parameters by its name alone. */
export type SimpleRule = Exclude<Rule['type'], 'pull_request' | 'required_status_checks'>;

export interface ProtectionFacts {
  /** Branch name or fnmatch pattern. */
  readonly pattern: string;
  readonly checks?: readonly (string | RequiredCheck)[];
  readonly strict?: boolean;
  readonly approvals?: number;
  readonly dismissStale?: boolean;
  /** A pull request is needed even with no approval. */
  readonly requirePullRequest?: boolean;
  readonly enforceAdmins?: boolean;
  readonly allowForcePushes?: boolean;
  readonly allowDeletions?: boolean;
  readonly linearHistory?: boolean;
  readonly restrictions?: { readonly users?: readonly string[]; readonly apps?: readonly string[] };
}

export interface PackageFacts {
  /** `owner/name` of the repository the package is linked to. */
  readonly repository: string;
  /** `ghcr.io/owner/name` without host and owner: `name`. */
  readonly name: string;
  /** Empty for a manifest that no tag points at (each platform of a multi-platform image raises one). */
  readonly tag: string;
  readonly digest: string;
  readonly login: string;
  readonly action?: 'published' | 'updated';
  /** Pushed with a GITHUB_TOKEN: raises nothing. */
  readonly byActionsToken?: boolean;
  readonly ref?: string;
}
