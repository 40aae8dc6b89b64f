import type { Account, App } from './accounts.js';

export type DeploymentState = 'error' | 'failure' | 'inactive' | 'in_progress' | 'queued' | 'pending' | 'success';

export interface DeploymentStatus {
  readonly id: number;
  readonly state: DeploymentState;
  readonly creator: Account;
  readonly app: App | undefined;
  readonly description: string;
  readonly environment: string;
  readonly environmentUrl: string;
  readonly logUrl: string;
  readonly createdAt: Date;
}

export interface Deployment {
  readonly id: number;
  readonly sha: string;
  readonly ref: string;
  readonly task: string;
  readonly payload: unknown;
  readonly environment: string;
  readonly description: string | undefined;
  readonly transient: boolean;
  readonly production: boolean;
  readonly creator: Account;
  readonly app: App | undefined;
  readonly createdAt: Date;
  readonly statuses: DeploymentStatus[];
}
