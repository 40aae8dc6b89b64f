/** What Waybill asks of the forge. Every method is one request unless it says otherwise. All oids are Git object ids. */
export interface Forge {
  /** The state of the world that one query can tell. @throws WaybillError forge-denied, forge-unavailable, forge-protocol */
  snapshot(query: SnapshotQuery): Promise<Snapshot>;
  /**
   * The files below each root at a commit, folders pruned by `enters`; a request per few levels of depth, not per folder.
   * @throws WaybillError tree-truncated when the forge does not give a listing whole
   */
  files(commit: string, roots: readonly string[], enters: (folder: string) => boolean): Promise<readonly TreeFile[]>;
  /** Contents by blob oid, hashed here and compared; one request per 100 blobs. */
  blobs(oids: readonly string[]): Promise<ReadonlyMap<string, Uint8Array>>;
  /** Newest first, the commits of `commit`'s history that touched the path. */
  history(commit: string, path: string, limit: number): Promise<readonly Commit[]>;
  /** The files of a folder of a commit, by name; empty when there is none. */
  folder(commit: string, path: string): Promise<readonly TreeFile[]>;
  /** What `head` changes since its merge base with `base`, and how the two relate. */
  compare(base: string, head: string): Promise<Comparison>;
  /** By branch name; one query for up to 50 branches. */
  branches(names: readonly string[]): Promise<ReadonlyMap<string, BranchState>>;
  /** What keeps others from writing to the ledger branch and to promotion branches. */
  protection(branch: string): Promise<BranchProtection>;
  /** The setting "Allow GitHub Actions to create and approve pull requests"; undefined when this token may not know. */
  actionsMayCreatePullRequests(): Promise<boolean | undefined>;

  /** `exists` when the branch is there already, at whatever commit. */
  createBranch(branch: string, oid: string): Promise<'created' | 'exists'>;
  /** Compare-and-swap: the commit's only parent is `expectedHead`. File modes are kept. @throws WaybillError head-moved */
  commit(request: CommitRequest): Promise<{ readonly oid: string }>;
  /** A branch with a first commit of its own, no parent. @throws WaybillError head-moved when the branch exists */
  createOrphan(request: Omit<CommitRequest, 'expectedHead'>): Promise<{ readonly oid: string }>;
  deleteBranch(branch: string): Promise<void>;
  createPullRequest(request: PullRequestRequest): Promise<{ readonly number: number }>;
  /** Comments, then closes. */
  closePullRequest(number: number, comment: string): Promise<void>;
  /** `clean`: nothing is pending, so the forge wants a merge instead. `not-allowed`: the repository's settings forbid it. */
  enableAutoMerge(pullRequest: PullRequest, method: MergeMethod): Promise<'armed' | 'clean' | 'not-allowed'>;
  /** @throws WaybillError head-moved when it has merged or was closed in the meantime */
  disableAutoMerge(pullRequest: PullRequest): Promise<void>;
  merge(pullRequest: PullRequest, method: MergeMethod): Promise<MergeOutcome>;
}

export type MergeMethod = 'merge' | 'squash' | 'rebase';

export type MergeOutcome =
  | { readonly kind: 'merged'; readonly oid: string }
  /** Reviews or checks are missing, or the forge has not computed mergeability. */
  | { readonly kind: 'blocked'; readonly why: string }
  /** The head or the base moved. */
  | { readonly kind: 'moved'; readonly why: string };

export interface SnapshotQuery {
  /** Read at the default branch's head. */
  readonly files: readonly string[];
  /** Read at the ledger branch's head. */
  readonly ledgerBranch: string;
  readonly ledgerFiles: readonly string[];
  /** How many of the ledger's newest commits to look at. */
  readonly ledgerCommits: number;
}

export interface Snapshot {
  readonly repository: RepositoryFacts;
  /** Who the token is. */
  readonly viewer: string;
  readonly head: Commit;
  /** Texts by path; a path that is not there is absent. */
  readonly files: ReadonlyMap<string, string>;
  readonly ledger: { readonly commits: readonly Commit[]; readonly files: ReadonlyMap<string, string> } | undefined;
}

/** A branch by name, and every pull request that was ever opened from a branch of that name (forks' too). */
export interface BranchState {
  readonly head: Commit | undefined;
  /** Newest first. */
  readonly pullRequests: readonly PullRequest[];
}

export interface RepositoryFacts {
  readonly owner: string;
  readonly name: string;
  readonly url: string;
  readonly visibility: 'public' | 'private' | 'internal';
  readonly defaultBranch: string;
  readonly autoMergeAllowed: boolean;
  readonly mergeMethods: readonly MergeMethod[];
  readonly deletesBranchOnMerge: boolean;
}

export interface Commit {
  readonly oid: string;
  readonly parents: readonly string[];
  readonly tree: string;
  readonly message: string;
  /** Login where the forge knows one, else the name in the commit. */
  readonly author: string;
  readonly committedDate: string;
  /** The forge signed it itself (or vouches for its signature). */
  readonly verified: boolean;
  readonly url: string;
}

export interface TreeFile {
  readonly path: string;
  readonly oid: string;
  /** `100644`, `100755`, `120000` (a link) or `160000` (a submodule). */
  readonly mode: string;
}

export interface Comparison {
  readonly status: 'ahead' | 'behind' | 'identical' | 'diverged';
  readonly files: readonly { readonly path: string; readonly oid: string | undefined }[];
}

export interface BranchProtection {
  /** The rules that hold for this branch: `creation`, `update`, `deletion`, `non_fast_forward`, … */
  readonly rules: readonly string[];
  /** Whether the forge could tell. */
  readonly known: boolean;
}

export interface PullRequest {
  readonly id: string;
  readonly number: number;
  readonly url: string;
  readonly state: 'open' | 'closed' | 'merged';
  readonly title: string;
  readonly author: string;
  readonly headBranch: string;
  readonly headOid: string;
  readonly baseBranch: string;
  /** False for a fork's. */
  readonly sameRepository: boolean;
  readonly mergeState: 'clean' | 'blocked' | 'behind' | 'dirty' | 'unstable' | 'unknown' | 'draft';
  readonly autoMerge: boolean;
  /** Who armed auto-merge. */
  readonly autoMergeBy: string | undefined;
  readonly mergedAt: string | undefined;
  readonly mergedBy: string | undefined;
  readonly closedAt: string | undefined;
  readonly mergeCommit: string | undefined;
}

export interface FileChange {
  readonly path: string;
  readonly mode: string;
  readonly content: Uint8Array;
}

export interface CommitRequest {
  readonly branch: string;
  readonly expectedHead: string;
  readonly message: string;
  readonly files: readonly FileChange[];
}

export interface PullRequestRequest {
  readonly head: string;
  readonly base: string;
  readonly title: string;
  readonly body: string;
}
