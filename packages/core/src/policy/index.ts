export { applyBaseline, type Baseline, formatBaseline, parseBaseline } from './baseline.js';
export type { ReferenceState } from './effective.js';
export * from './finding.js';
export {
  judge,
  type PolicyInput,
  type PolicyReport,
  type StateCounts,
  type Suppressed,
} from './judge.js';
export type { NotChecked } from './not-checked.js';
export type { PolicyFile } from './read-files.js';
export * from './rules.js';
export { type FileScope, scopeOf } from './scopes.js';
export { coverage, type PolicySettings, policySettings } from './settings.js';
