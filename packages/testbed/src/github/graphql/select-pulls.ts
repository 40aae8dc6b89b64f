import type { PullRequest } from '../state/pulls.js';
import type { Repository } from '../state/repositories.js';
import { type Args, listArg, textArg } from './types.js';

/** The filters and order of `pullRequests` connections; in order of creation when none is asked for. */
export function selectPulls(repository: Repository, args: Args): PullRequest[] {
  const states = listArg(args, 'states');
  const labels = listArg(args, 'labels');
  const [head, base] = [textArg(args, 'headRefName'), textArg(args, 'baseRefName')];
  const found = [...repository.pulls.values()].filter(
    (pull) =>
      states?.includes(pull.merged ? 'MERGED' : pull.state.toUpperCase()) !== false &&
      (head === undefined || pull.headRef === head) &&
      (base === undefined || pull.baseRef === base) &&
      (labels === undefined || labels.some((name) => pull.labels.has(name))),
  );
  const order = args.orderBy as { readonly field: string; readonly direction: string } | undefined;
  if (order === undefined) return found;
  const when = (pull: PullRequest) => (order.field === 'UPDATED_AT' ? pull.updatedAt.getTime() : pull.number);
  return found.sort((a, b) => (order.direction === 'DESC' ? when(b) - when(a) : when(a) - when(b)));
}
