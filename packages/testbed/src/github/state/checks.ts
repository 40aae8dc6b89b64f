import type { Account, App } from './accounts.js';

export type CheckConclusion =
  | 'action_required'
  | 'cancelled'
  | 'failure'
  | 'neutral'
  | 'success'
  | 'skipped'
  | 'stale'
  | 'timed_out';

export type CheckStatus = 'queued' | 'in_progress' | 'completed' | 'waiting' | 'requested' | 'pending';

export interface CheckOutput {
  readonly title: string | undefined;
  readonly summary: string | undefined;
  readonly text: string | undefined;
  readonly annotations: readonly Readonly<Record<string, unknown>>[];
}

export interface CheckRun {
  readonly id: number;
  readonly suiteId: number;
  readonly app: App;
  readonly headSha: string;
  name: string;
  status: CheckStatus;
  conclusion: CheckConclusion | undefined;
  startedAt: Date;
  completedAt: Date | undefined;
  detailsUrl: string | undefined;
  externalId: string;
  output: CheckOutput;
}

export interface CommitStatus {
  readonly id: number;
  readonly sha: string;
  readonly context: string;
  readonly state: 'error' | 'failure' | 'pending' | 'success';
  readonly description: string | undefined;
  readonly targetUrl: string | undefined;
  readonly creator: Account;
  readonly app: App | undefined;
  readonly createdAt: Date;
}
