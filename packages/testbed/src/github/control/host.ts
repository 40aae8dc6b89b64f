import { apiPermissions } from '../domain/access.js';
import { transact } from '../domain/auto-merge.js';
import { recordJob } from '../domain/jobs.js';
import { protectionFor } from '../domain/rules.js';
import type { GitHubHost } from '../host.js';
import { resolveCommit } from '../rest/commits.js';
import { ACTIONS_APP } from '../state/accounts.js';
import { expectRepository, findRepository, hasProtectionFeatures } from '../state/repositories.js';
import { issueInstallationToken, revokeToken } from '../state/tokens.js';
import type { World } from '../state/world.js';
import { listFilesAt, readFileAt } from './repositories.js';

const DAY = 86_400_000;

/** The runner's view of the server. */
export function createHost(world: World): GitHubHost {
  return {
    serverUrl: world.urls.server,
    apiUrl: world.urls.api,
    graphqlUrl: world.urls.graphql,
    onEvent(listener) {
      world.listeners.add(listener);
      return () => world.listeners.delete(listener);
    },
    createJobToken({ repository, permissions }) {
      const app = world.apps.get(ACTIONS_APP.id);
      if (app === undefined) throw new Error('the github-actions App is gone');
      const { id } = expectRepository(world, repository);
      // docs: concepts/security/github_token: it expires when the job ends, at most after 24 hours.
      const grant = { repositories: new Set([id]), permissions: apiPermissions(permissions), lifetime: DAY };
      return issueInstallationToken(world, app, grant).token;
    },
    revokeToken: (token) => revokeToken(world, token),
    readFile: (repository, commit, path) => readFileAt(world, repository, commit, path),
    listFiles: (repository, commit, folder) => listFilesAt(world, repository, commit, folder),
    async resolveRef(repository, ref) {
      const found = findRepository(world, repository);
      return found === undefined ? undefined : (await resolveCommit(found, ref))?.oid;
    },
    defaultBranch: (repository) => expectRepository(world, repository).defaultBranch,
    environment(repository, name) {
      const found = expectRepository(world, repository);
      const environment = found.environments.get(name.toLowerCase());
      if (environment === undefined) return undefined;
      const { secrets, variables, branches, protectedBranchesOnly } = environment;
      const patterns = protectedBranchesOnly
        ? hasProtectionFeatures(found) && protectionFor(found, `refs/heads/${found.defaultBranch}`) !== undefined
          ? found.protections.map((protection) => protection.pattern)
          : []
        : branches;
      return { secrets, variables, ...(patterns === undefined ? {} : { branches: patterns }) };
    },
    secrets: (repository) => Object.fromEntries(expectRepository(world, repository).secrets),
    variables: (repository) => Object.fromEntries(expectRepository(world, repository).variables),
    reportJob(report) {
      const repository = expectRepository(world, report.repository);
      void transact(world, repository, async () => recordJob(world, repository, report));
    },
  };
}
