export { type PolicyAnnotation, policyAnnotations } from './annotations.js';
export { caretRenderer } from './caret.js';
export { mendedFiles } from './fixes.js';
export { findingsJson, type JudgedCommit } from './json.js';
export { repositoryUri, type SarifFacts, sarifLog } from './sarif.js';
export type { SourceOf } from './source-text.js';
export { policySummary, type SummaryFacts } from './summary.js';
export { unifiedDiff } from './unified-diff.js';
export { countSeverities, verdictLine } from './verdict.js';
