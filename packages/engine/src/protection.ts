import type { Forge } from '@waybill/core';

/** What keeps everyone but Waybill from a branch; GitHub's names for the rules of a ruleset. */
const RULES = ['creation', 'update', 'deletion', 'non_fast_forward'];

/**
 * Why others may write to a branch, or undefined when rules keep them from it. Who bypasses the rules can't be told
 * with Waybill's permissions.
 */
export async function whyUnprotected(forge: Forge, branch: string): Promise<string | undefined> {
  const { known, rules } = await forge.protection(branch);
  if (!known) return `this plan or token cannot tell the rules of ${branch}`;
  const missing = RULES.filter((rule) => !rules.includes(rule));
  return missing.length === 0 ? undefined : `no ruleset restricts ${missing.join(', ')} of ${branch}`;
}
