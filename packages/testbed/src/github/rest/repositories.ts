import { demand } from '../domain/access.js';
import { resolveRefName } from '../git/refs.js';
import { unprocessable } from '../refusal.js';
import { fullRepository } from '../represent/repository.js';
import { branchRef } from '../state/repositories.js';
import { flag, ok, onRepository, type Route, text } from './route.js';

export const repositoryRoutes: readonly Route[] = [
  onRepository('GET ', 'metadata:read', ({ world, repository, caller }) =>
    ok(fullRepository(world, repository, caller)),
  ),
  onRepository('PATCH ', 'administration:write', async ({ world, repository, caller, body }) => {
    demand(caller, repository, ['administration:write']);
    const { settings } = repository;
    const branch = text(body, 'default_branch');
    if (branch !== undefined) {
      if ((await resolveRefName(repository.store, branchRef(branch))) === undefined) {
        throw unprocessable('Validation Failed', [
          {
            resource: 'Repository',
            field: 'default_branch',
            code: 'invalid',
            message: `The branch ${branch} was not found.`,
          },
        ]);
      }
      repository.defaultBranch = branch;
    }
    if (typeof body.private === 'boolean') repository.visibility = body.private ? 'private' : 'public';
    if (body.visibility === 'public' || body.visibility === 'private') repository.visibility = body.visibility;
    settings.description = text(body, 'description') ?? settings.description;
    settings.allowMergeCommit = flag(body, 'allow_merge_commit') ?? settings.allowMergeCommit;
    settings.allowSquashMerge = flag(body, 'allow_squash_merge') ?? settings.allowSquashMerge;
    settings.allowRebaseMerge = flag(body, 'allow_rebase_merge') ?? settings.allowRebaseMerge;
    settings.allowAutoMerge = flag(body, 'allow_auto_merge') ?? settings.allowAutoMerge;
    settings.allowUpdateBranch = flag(body, 'allow_update_branch') ?? settings.allowUpdateBranch;
    settings.deleteBranchOnMerge = flag(body, 'delete_branch_on_merge') ?? settings.deleteBranchOnMerge;
    settings.archived = flag(body, 'archived') ?? settings.archived;
    return ok(fullRepository(world, repository, caller));
  }),
];
