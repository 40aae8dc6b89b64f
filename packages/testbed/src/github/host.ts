/**
 * What the runner needs of the GitHub server: events that start workflows, tokens for their jobs, the files of a
 * commit, and a place to write runs and checks to. The server implements it; the runner knows nothing else of it.
 */
export interface GitHubHost {
  /** `http://127.0.0.1:PORT`, the web and Git origin. */
  readonly serverUrl: string;
  /** What GITHUB_API_URL is set to. */
  readonly apiUrl: string;
  /** What GITHUB_GRAPHQL_URL is set to. */
  readonly graphqlUrl: string;
  /** Every event that GitHub would raise, after its effect is visible. Returns how to stop listening. */
  onEvent(listener: (event: RepositoryEvent) => void): () => void;
  /** A job's GITHUB_TOKEN: an installation token of the `github-actions` App, for one repository, with just these permissions. */
  createJobToken(request: JobTokenRequest): string;
  revokeToken(token: string): void;
  /** A file's bytes at a commit, or undefined. */
  readFile(repository: string, commit: string, path: string): Promise<Uint8Array | undefined>;
  /** The paths directly or indirectly under a folder at a commit. */
  listFiles(repository: string, commit: string, folder: string): Promise<readonly string[]>;
  /** Branch, tag or commit → commit oid, or undefined. */
  resolveRef(repository: string, ref: string): Promise<string | undefined>;
  defaultBranch(repository: string): string;
  /** Environments, with their secrets, variables and deployment-branch rule, as the repository's settings hold them. */
  environment(repository: string, name: string): EnvironmentSettings | undefined;
  /** Repository secrets and variables. */
  secrets(repository: string): Readonly<Record<string, string>>;
  variables(repository: string): Readonly<Record<string, string>>;
  /** A workflow run or job changed: the server shows it as a check run on the head commit (required checks see it) and in the runs API. */
  reportJob(report: JobReport): void;
}

export type PermissionLevel = 'none' | 'read' | 'write';

/** By the names of a workflow's `permissions:` (`contents`, `pull-requests`, `checks`, …). */
export type Permissions = Readonly<Record<string, PermissionLevel>>;

export interface JobTokenRequest {
  readonly repository: string;
  readonly permissions: Permissions;
}

export interface EnvironmentSettings {
  readonly secrets: Readonly<Record<string, string>>;
  readonly variables: Readonly<Record<string, string>>;
  /** Deployment branch rule: names or patterns the run's ref must match; undefined allows every ref. */
  readonly branches?: readonly string[];
}

export interface RepositoryEvent {
  /** `push`, `pull_request`, `workflow_dispatch`, `repository_dispatch`, `registry_package`, `merge_group`, … */
  readonly name: string;
  /** The activity type (`opened`, `synchronize`, …) where the event has one. */
  readonly action?: string;
  /** `owner/name` of the repository it happened in. */
  readonly repository: string;
  /** What GITHUB_REF would be. */
  readonly ref: string;
  /** What GITHUB_SHA would be. */
  readonly sha: string;
  /** Login of who did it. */
  readonly actor: string;
  /** The webhook payload, what GITHUB_EVENT_PATH would hold. */
  readonly payload: Readonly<Record<string, unknown>>;
  /**
   * `start`: workflows start. `none`: caused by a GITHUB_TOKEN, which starts nothing (but for workflow_dispatch and
   * repository_dispatch). `approval`: a pull request event caused by a GITHUB_TOKEN; its runs wait for a person's click.
   */
  readonly runs: 'start' | 'none' | 'approval';
}

export interface JobReport {
  readonly repository: string;
  readonly headSha: string;
  readonly runId: number;
  readonly runAttempt: number;
  readonly workflowPath: string;
  readonly workflowName: string;
  readonly event: string;
  /** The check run's name: the job's `name`, else its key; `caller / callee` for a reusable workflow's jobs. */
  readonly jobName: string;
  readonly status: 'queued' | 'waiting' | 'action_required' | 'in_progress' | 'completed';
  readonly conclusion?: 'success' | 'failure' | 'cancelled' | 'skipped';
}
