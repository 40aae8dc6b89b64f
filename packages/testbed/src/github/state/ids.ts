/** Database ids, apart by kind so that one taken for another is noticed. */
export type IdKind =
  | 'user'
  | 'app'
  | 'installation'
  | 'repository'
  | 'pull'
  | 'review'
  | 'comment'
  | 'label'
  | 'check'
  | 'suite'
  | 'status'
  | 'deployment'
  | 'deployment-status'
  | 'environment'
  | 'ruleset'
  | 'protection'
  | 'run'
  | 'workflow';

export interface Ids {
  next(kind: IdKind): number;
}

const KINDS: readonly IdKind[] = [
  'user',
  'app',
  'installation',
  'repository',
  'pull',
  'review',
  'comment',
  'label',
  'check',
  'suite',
  'status',
  'deployment',
  'deployment-status',
  'environment',
  'ruleset',
  'protection',
  'run',
  'workflow',
];

export function createIds(): Ids {
  const counters = new Map<IdKind, number>();
  return {
    next(kind) {
      const value = (counters.get(kind) ?? (KINDS.indexOf(kind) + 1) * 100_000) + 1;
      counters.set(kind, value);
      return value;
    },
  };
}

const PREFIX = {
  Repository: 'R',
  PullRequest: 'PR',
  User: 'U',
  Bot: 'BOT',
  Organization: 'O',
  Label: 'LA',
  IssueComment: 'IC',
  PullRequestReview: 'PRR',
  CheckRun: 'CR',
  CheckSuite: 'CS',
  StatusContext: 'SC',
  Deployment: 'DE',
  DeploymentStatus: 'DES',
  RepositoryRuleset: 'RRS',
  BranchProtectionRule: 'BPR',
  Environment: 'EN',
  App: 'A',
  WorkflowRun: 'WFR',
} as const;

export type NodeKind = keyof typeof PREFIX;

/** The opaque global node id of a numbered thing. */
export function nodeId(kind: NodeKind, ...parts: readonly (number | string)[]): string {
  return `${PREFIX[kind]}_${Buffer.from(parts.join(':')).toString('base64url')}`;
}

/** For Git objects and refs: `C_`, `T_`, `B_`, `REF_`, with the repository's id. */
export function gitNodeId(kind: 'C' | 'T' | 'B' | 'REF' | 'TAG', repositoryId: number, name: string): string {
  return `${kind}_${Buffer.from(`${repositoryId}:${name}`).toString('base64url')}`;
}

/** Takes a node id apart again; undefined when it is none of ours. */
export function parseNodeId(id: string): { readonly prefix: string; readonly parts: readonly string[] } | undefined {
  const found = /^([A-Z]+)_([A-Za-z0-9_-]+)$/.exec(id);
  if (found === null) return undefined;
  return {
    prefix: found[1] ?? '',
    parts: Buffer.from(found[2] ?? '', 'base64url')
      .toString('utf8')
      .split(':'),
  };
}
