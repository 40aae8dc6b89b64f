export type { TestApp } from './control/apps.js';
export type { CheckReport, Control, StatusReport } from './control/index.js';
export type { LoggedCommit } from './control/repositories.js';
export { fnmatch } from './domain/fnmatch.js';
export type { FileContent } from './git/create.js';
export type {
  EnvironmentSettings,
  GitHubHost,
  JobReport,
  JobTokenRequest,
  PermissionLevel,
  Permissions,
  RepositoryEvent,
} from './host.js';
export { type Fault, type FaultQueue, secondaryRateLimit } from './http/faults.js';
export type { LogEntry, RouteLog } from './http/log.js';
export type {
  AppOptions,
  EnvironmentFacts,
  GitHubOptions,
  PackageFacts,
  ProtectionFacts,
  RepositoryFacts,
  RulesetFacts,
  SettingsFacts,
} from './options.js';
export { Refusal } from './refusal.js';
export { type GitHubServer, startGitHub } from './server.js';
export { ACTIONS_APP } from './state/accounts.js';
export type { CheckRun, CommitStatus } from './state/checks.js';
export type { Deployment } from './state/deployments.js';
export type { MergeMethod, MergeState, PullRequest, Review } from './state/pulls.js';
export type { Plan, Role } from './state/repositories.js';
export type { BypassActor, RequiredCheck, Rule } from './state/rules.js';
