/** Below this prefix, a branch a Promotion. */
export const PROMOTION_PREFIX = 'waybill/promote/';

export function promotionBranch(promotion: string): string {
  return `${PROMOTION_PREFIX}${promotion}`;
}

/** GraphQL calls a bot `waybill` as an author and `waybill[bot]` as a viewer; they are one. */
export function sameActor(a: string, b: string): boolean {
  return withoutBot(a) === withoutBot(b);
}

function withoutBot(login: string): string {
  return login.replace(/\[bot\]$/, '');
}
