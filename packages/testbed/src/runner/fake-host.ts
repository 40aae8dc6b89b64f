import { createHash } from 'node:crypto';
import type { EnvironmentSettings, GitHubHost, JobReport, JobTokenRequest, RepositoryEvent } from '../github/host.js';

export type Files = Readonly<Record<string, string>>;

/** A GitHubHost over files in memory: the runner's own tests need no server. */
export interface FakeHost extends GitHubHost {
  readonly reports: readonly JobReport[];
  readonly tokens: readonly (JobTokenRequest & { readonly token: string; readonly revoked: boolean })[];
  /** Puts files on a branch (`main` when not given) as a commit and gives its oid. */
  commit(repository: string, files: Files, branch?: string): string;
  raise(event: Partial<RepositoryEvent> & { readonly name: string }): void;
  /** A push of what is on the branch now. */
  push(repository: string, branch?: string, payload?: Readonly<Record<string, unknown>>): void;
  readonly settings: {
    readonly secrets: Record<string, string>;
    readonly variables: Record<string, string>;
    readonly environments: Record<string, EnvironmentSettings>;
  };
}

export function createFakeHost(): FakeHost {
  const commits = new Map<string, Files>();
  const refs = new Map<string, string>();
  const listeners = new Set<(event: RepositoryEvent) => void>();
  const reports: JobReport[] = [];
  const tokens: (JobTokenRequest & { token: string; revoked: boolean })[] = [];
  const settings = { secrets: {}, variables: {}, environments: {} as Record<string, EnvironmentSettings> };
  const filesOf = (repository: string, commit: string): Files => commits.get(`${repository}@${commit}`) ?? {};
  const raise: FakeHost['raise'] = (event) => {
    const repository = event.repository ?? 'o/r';
    const full: RepositoryEvent = {
      repository,
      ref: 'refs/heads/main',
      sha: refs.get(`${repository}:main`) ?? '',
      actor: 'mona',
      payload: {},
      runs: 'start',
      ...event,
    };
    for (const listener of listeners) listener(full);
  };
  return {
    serverUrl: 'http://127.0.0.1:1',
    apiUrl: 'http://127.0.0.1:1/api/v3',
    graphqlUrl: 'http://127.0.0.1:1/api/graphql',
    reports,
    tokens,
    settings,
    onEvent: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    createJobToken: (request) => {
      const token = `ghs_token_number_${tokens.length + 1}`;
      tokens.push({ ...request, token, revoked: false });
      return token;
    },
    revokeToken: (token) => {
      for (const one of tokens) if (one.token === token) one.revoked = true;
    },
    readFile: async (repository, commit, path) => {
      const text = filesOf(repository, commit)[path];
      return text === undefined ? undefined : Buffer.from(text);
    },
    listFiles: async (repository, commit, folder) =>
      Object.keys(filesOf(repository, commit)).filter((path) => folder === '' || path.startsWith(`${folder}/`)),
    resolveRef: async (repository, ref) =>
      commits.has(`${repository}@${ref}`) ? ref : refs.get(`${repository}:${ref.replace(/^refs\/heads\//, '')}`),
    defaultBranch: () => 'main',
    environment: (_, name) => settings.environments[name],
    secrets: () => settings.secrets,
    variables: () => settings.variables,
    reportJob: (report) => reports.push(report),
    commit: (repository, files, branch = 'main') => {
      const oid = createHash('sha1')
        .update(JSON.stringify([repository, branch, files]))
        .digest('hex');
      commits.set(`${repository}@${oid}`, files);
      refs.set(`${repository}:${branch}`, oid);
      return oid;
    },
    raise,
    push: (repository, branch = 'main', payload = {}) =>
      raise({
        name: 'push',
        repository,
        ref: `refs/heads/${branch}`,
        sha: refs.get(`${repository}:${branch}`) ?? '',
        payload,
      }),
  };
}
