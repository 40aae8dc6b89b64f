export { fixedPrefix, globMatch, globReaches, globsOverlap, globWithin } from './glob.js';
export { loadConfig } from './load-config.js';
export { loadImagePolicy, loadPolicies } from './load-policies.js';
export { isFirstParty, mayWrite, policyFor, stageNamed, writableGlobs } from './lookup.js';
export { isProtectedPath } from './protected-paths.js';
export type * from './types.js';
