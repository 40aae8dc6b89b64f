export { applyBaseline, type Baseline, formatBaseline, parseBaseline } from './baseline.js';
export { applySplices, type Splice } from './compose.js';
export type { FindingDraft, Region } from './draft.js';
export type { ReferenceState } from './effective.js';
export * from './finding.js';
export {
  type DigestLookup,
  type DigestQuestion,
  digestQuestions,
  type Fixes,
  fixTree,
  type MendedFile,
} from './fix.js';
export { judge, type PolicyInput, type PolicyReport, type StateCounts, type Suppressed } from './judge.js';
export { judgeTreeLineage, type TreeLineage } from './lineage.js';
export { judgeLedgerLineage, type LedgerLineage } from './lineage-ledger.js';
export type { NotChecked } from './not-checked.js';
export { judgeOnline, type OnlineFact, type OnlineQuestion, onlineQuestions } from './online.js';
export type { PolicyFile } from './read-files.js';
export * from './rules.js';
export { type FileScope, scopeOf } from './scopes.js';
export { coverage, type PolicySettings, policySettings } from './settings.js';
export { type Standing, standingsOf } from './standings.js';
