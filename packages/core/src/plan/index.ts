export { ACTIONS_LOGIN, isPromotionBranch, promotionBranch, sameActor } from './branch.js';
export { plan } from './plan.js';
export type * from './world.js';
