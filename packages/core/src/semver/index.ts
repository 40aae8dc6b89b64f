export { type Constraint, parseConstraint, satisfies } from './constraint.js';
export { compareVersions, newestFirst, parseStrictVersion, parseVersion, type Version } from './version.js';
