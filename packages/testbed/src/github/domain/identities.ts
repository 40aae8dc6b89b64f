import type { Signature } from '../git/commit.js';
import { type Account, noreply } from '../state/accounts.js';
import type { Repository } from '../state/repositories.js';
import type { World } from '../state/world.js';

/** Who GitHub writes as the committer of what it commits itself. */
export function githubCommitter(date: Date): Signature {
  return { name: 'GitHub', email: 'noreply@github.com', date };
}

/** docs: setting-your-commit-email-address; an App's bot is `<slug>[bot] <id+slug[bot]@users.noreply.github.com>`. */
export function authorOf(account: Account, date: Date): Signature {
  return { name: account.name ?? account.login, email: noreply(account), date };
}

/** GitHub signed this commit with its own key (made through the web or API, without a foreign author). */
export function markVerified(world: World, repository: Repository, oid: string): void {
  if (!repository.verified.has(oid)) repository.verified.set(oid, world.clock());
}

/** The account that a commit's e-mail address belongs to. */
export function accountOfEmail(world: World, email: string): Account | undefined {
  if (email === 'noreply@github.com') return world.accounts.get('web-flow');
  const found = /^(?:(\d+)\+)?([^@]+)@users\.noreply\.github\.com$/.exec(email);
  if (found === null) return undefined;
  const account = world.accounts.get((found[2] ?? '').toLowerCase());
  return found[1] === undefined || account === undefined || String(account.id) === found[1] ? account : undefined;
}
