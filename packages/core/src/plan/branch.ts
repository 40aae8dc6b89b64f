import { parsePromotionName } from '../freight/index.js';

/** A branch below it is a Promotion's, and bears its name. */
const PROMOTION_PREFIX = 'waybill/promote/';

export function promotionBranch(promotion: string): string {
  return `${PROMOTION_PREFIX}${promotion}`;
}

/** Whether a branch is one that `promotionBranch` names. */
export function isPromotionBranch(branch: string): boolean {
  return branch.startsWith(PROMOTION_PREFIX) && parsePromotionName(branch.slice(PROMOTION_PREFIX.length)) !== undefined;
}

/** GITHUB_TOKEN's login, whatever workflow it was made for. */
export const ACTIONS_LOGIN = 'github-actions[bot]';

/** Whether two logins are one. `[bot]` counts: a person may be called as an App is, and is not it. */
export function sameActor(a: string, b: string): boolean {
  return a === b;
}
