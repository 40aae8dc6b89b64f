export { promotionBranch, sameActor } from './branch.js';
export { plan } from './plan.js';
export type * from './world.js';
