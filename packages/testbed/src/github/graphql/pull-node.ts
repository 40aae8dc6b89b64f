import type { PullRequest } from '../state/pulls.js';
import type { Repository } from '../state/repositories.js';

export interface PullNode {
  readonly __typename: 'PullRequest';
  readonly repository: Repository;
  readonly pull: PullRequest;
}

export const pullNode = (repository: Repository, pull: PullRequest): PullNode => ({
  __typename: 'PullRequest',
  repository,
  pull,
});
