import { transact } from '../domain/auto-merge.js';
import { addCheckRun, addStatus } from '../domain/checks.js';
import { registryPackage, repositoryDispatch, workflowDispatch } from '../domain/dispatch.js';
import { causeOf } from '../domain/events.js';
import { isMergeable, judge } from '../domain/mergeability.js';
import { mergePull } from '../domain/merging.js';
import { closePull, createPull, expectPull, type NewPull } from '../domain/pulls.js';
import { createRef, deleteRef, moveRef } from '../domain/ref-updates.js';
import { addReview, type ReviewFacts } from '../domain/reviews.js';
import type { FileContent } from '../git/create.js';
import { listRefs } from '../git/refs.js';
import type {
  AppOptions,
  EnvironmentFacts,
  PackageFacts,
  ProtectionFacts,
  RepositoryFacts,
  RulesetFacts,
  SettingsFacts,
} from '../options.js';
import { ACTIONS_APP, addAccount, findAccount } from '../state/accounts.js';
import type { CheckConclusion, CheckRun, CommitStatus } from '../state/checks.js';
import type { Deployment } from '../state/deployments.js';
import type { MergeMethod, MergeState, PullRequest } from '../state/pulls.js';
import { branchRef, expectRepository, type Repository, type Role } from '../state/repositories.js';
import { type Actor, issueUserToken, userActor } from '../state/tokens.js';
import type { World } from '../state/world.js';
import { createApp, type TestApp } from './apps.js';
import { commitAs, createRepository, type LoggedCommit, logOf, readFileAt } from './repositories.js';
import { setBranchProtection, setEnvironment, setRuleset } from './settings.js';

type Files = Readonly<Record<string, FileContent | null>>;

export interface CheckReport {
  readonly name: string;
  /** Branch, tag or commit. */
  readonly sha: string;
  readonly conclusion?: CheckConclusion;
  /** Slug of the App that reports it; `github-actions` when absent. */
  readonly app?: string;
}

export interface StatusReport {
  readonly context: string;
  readonly sha: string;
  readonly state: CommitStatus['state'];
  /** Login of a person or `<slug>[bot]`. */
  readonly login: string;
  readonly description?: string;
  readonly targetUrl?: string;
}

/** What tests do to the server as people, Apps and administrators. Repositories are `owner/name`. */
export interface Control {
  createUser(login: string, name?: string): void;
  /** A personal token of a user made before. */
  userToken(login: string): string;
  createApp(options: AppOptions): TestApp;
  createRepository(facts: RepositoryFacts): Promise<{ readonly id: number; readonly fullName: string }>;
  setCollaborator(repository: string, login: string, role: Role): void;
  setSettings(repository: string, settings: Partial<SettingsFacts>): void;
  setEnvironment(repository: string, facts: EnvironmentFacts): void;
  setSecret(repository: string, name: string, value: string): void;
  setVariable(repository: string, name: string, value: string): void;
  /** Gives the ruleset's id. Throws a Refusal where the plan has no rulesets. */
  setRuleset(repository: string, facts: RulesetFacts): number;
  removeRuleset(repository: string, name: string): void;
  setBranchProtection(repository: string, facts: ProtectionFacts): void;
  /** An unverified commit, as by `git push`, held to the rules; null deletes. Gives the oid. */
  commitAs(login: string, repository: string, branch: string, files: Files, message: string): Promise<string>;
  createBranch(login: string, repository: string, branch: string, from?: string): Promise<string>;
  deleteBranch(login: string, repository: string, branch: string): Promise<void>;
  /** A force-push of a branch to a commit that is there. */
  forcePush(login: string, repository: string, branch: string, oid: string): Promise<void>;
  /** Short names of the branches, with their tips. */
  branches(repository: string): Promise<Readonly<Record<string, string>>>;
  openPullRequest(
    login: string,
    repository: string,
    facts: Partial<NewPull> & { readonly head: string },
  ): Promise<PullRequest>;
  pullRequests(repository: string): readonly PullRequest[];
  pullRequest(repository: string, number: number): PullRequest;
  /** The merge state as GitHub ends up with, without the delay a client sees. */
  mergeState(repository: string, number: number): Promise<MergeState>;
  approve(repository: string, number: number, login: string): Promise<void>;
  review(repository: string, number: number, login: string, event: ReviewFacts['event'], body?: string): Promise<void>;
  /** Throws a Refusal when a person could not merge it. Gives the merge commit. */
  mergePullRequest(repository: string, number: number, login: string, method?: MergeMethod): Promise<string>;
  closePullRequest(repository: string, number: number, login: string): Promise<void>;
  setCheck(repository: string, report: CheckReport): Promise<void>;
  setStatus(repository: string, report: StatusReport): Promise<void>;
  checks(repository: string, sha: string): readonly CheckRun[];
  statuses(repository: string, sha: string): readonly CommitStatus[];
  deployments(repository: string): readonly Deployment[];
  /** A file as text; undefined when it is not there. */
  readText(repository: string, ref: string, path: string): Promise<string | undefined>;
  commits(repository: string, ref: string, path?: string): Promise<readonly LoggedCommit[]>;
  registryPackage(facts: PackageFacts): Promise<void>;
  dispatchWorkflow(
    login: string,
    repository: string,
    workflow: string,
    inputs?: Readonly<Record<string, unknown>>,
    ref?: string,
  ): Promise<void>;
  dispatchRepository(
    login: string,
    repository: string,
    eventType: string,
    payload?: Readonly<Record<string, unknown>>,
  ): Promise<void>;
  /** The bare repository's folder. */
  gitDirectory(repository: string): string;
  /** The URL Git clones and pushes; with a token, as its password. */
  cloneUrl(repository: string, token?: string): string;
}

export function createControl(world: World): Control {
  const find = (name: string): Repository => expectRepository(world, name);
  const write = <T>(name: string, work: (repository: Repository) => Promise<T>): Promise<T> => {
    const repository = find(name);
    return transact(world, repository, () => work(repository));
  };
  const writeAs = <T>(
    login: string,
    name: string,
    work: (repository: Repository, actor: Actor) => Promise<T>,
  ): Promise<T> => write(name, (repository) => work(repository, actorNamed(world, repository, login)));
  const resolve = async (repository: Repository, ref: string): Promise<string> => {
    const info =
      (await repository.store.info(`${branchRef(ref)}^{commit}`)) ?? (await repository.store.info(`${ref}^{commit}`));
    if (info === undefined) throw new Error(`no ${ref} in ${repository.fullName}`);
    return info.oid;
  };

  return {
    createUser: (login, name) => void addAccount(world, login, 'User', name),
    userToken: (login) => issueUserToken(world, userActor(world, login).account),
    createApp: (options) => createApp(world, options),
    createRepository: async (facts) => {
      const { id, fullName } = await createRepository(world, facts);
      return { id, fullName };
    },
    setCollaborator(name, login, role) {
      addAccount(world, login);
      find(name).collaborators.set(login.toLowerCase(), role);
    },
    setSettings: (name, settings) => void Object.assign(find(name).settings, settings),
    setEnvironment: (name, facts) => setEnvironment(world, find(name), facts),
    setSecret: (name, key, value) => void find(name).secrets.set(key, value),
    setVariable: (name, key, value) => void find(name).variables.set(key, value),
    setRuleset: (name, facts) => setRuleset(world, find(name), facts).id,
    removeRuleset(name, ruleset) {
      const { rulesets } = find(name);
      const at = rulesets.findIndex((one) => one.name === ruleset);
      if (at >= 0) rulesets.splice(at, 1);
    },
    setBranchProtection: (name, facts) => void setBranchProtection(world, find(name), facts),
    commitAs: (login, name, branch, files, message) => commitAs(world, login, name, branch, files, message),
    createBranch: (login, name, branch, from) =>
      writeAs(login, name, async (repository, actor) => {
        const oid = await resolve(repository, from ?? repository.defaultBranch);
        await createRef(world, repository, actor, branchRef(branch), oid);
        return oid;
      }),
    deleteBranch: (login, name, branch) =>
      writeAs(login, name, (repository, actor) => deleteRef(world, repository, actor, branchRef(branch))),
    forcePush: (login, name, branch, oid) =>
      writeAs(login, name, (repository, actor) => moveRef(world, repository, actor, branchRef(branch), oid, true)),
    async branches(name) {
      const refs = await listRefs(find(name).store, 'refs/heads/');
      return Object.fromEntries(refs.map((ref) => [ref.name.slice('refs/heads/'.length), ref.oid]));
    },
    openPullRequest: (login, name, facts) =>
      writeAs(login, name, (repository, actor) =>
        createPull(world, repository, actor, {
          title: facts.head,
          body: '',
          base: repository.defaultBranch,
          draft: false,
          ...facts,
        }),
      ),
    pullRequests: (name) => [...find(name).pulls.values()],
    pullRequest: (name, number) => expectPull(find(name), number),
    async mergeState(name, number) {
      const repository = find(name);
      const pull = expectPull(repository, number);
      await isMergeable(repository, pull);
      return judge(repository, pull);
    },
    approve: (name, number, login) =>
      writeAs(login, name, async (repository, actor) => {
        await addReview(world, repository, actor, expectPull(repository, number), {
          event: 'APPROVE',
          body: '',
          commit: undefined,
        });
      }),
    review: (name, number, login, event, body) =>
      writeAs(login, name, async (repository, actor) => {
        await addReview(world, repository, actor, expectPull(repository, number), {
          event,
          body: body ?? '',
          commit: undefined,
        });
      }),
    mergePullRequest: (name, number, login, method) =>
      writeAs(login, name, (repository, actor) =>
        mergePull(world, repository, actor, expectPull(repository, number), { method: method ?? 'merge' }),
      ),
    closePullRequest: (name, number, login) =>
      writeAs(login, name, (repository, actor) =>
        closePull(world, repository, causeOf(actor), expectPull(repository, number)),
      ),
    setCheck: (name, report) =>
      write(name, async (repository) => {
        const slug = report.app ?? ACTIONS_APP.slug;
        const app = [...world.apps.values()].find((one) => one.slug === slug);
        if (app === undefined) throw new Error(`no App ${slug} in the test bed`);
        const headSha = await resolve(repository, report.sha);
        const cause = { account: app.bot, byActionsToken: slug === ACTIONS_APP.slug };
        const status = report.conclusion === undefined ? 'in_progress' : 'completed';
        addCheckRun(world, repository, app, cause, {
          name: report.name,
          headSha,
          status,
          conclusion: report.conclusion,
        });
      }),
    setStatus: (name, report) =>
      writeAs(report.login, name, async (repository, actor) => {
        const { context, state, description, targetUrl } = report;
        addStatus(world, repository, actor, {
          sha: await resolve(repository, report.sha),
          context,
          state,
          description,
          targetUrl,
        });
      }),
    checks: (name, sha) => find(name).checkRuns.filter((run) => run.headSha === sha),
    statuses: (name, sha) => find(name).statuses.filter((status) => status.sha === sha),
    deployments: (name) => find(name).deployments,
    readText: async (name, ref, path) => (await readFileAt(world, name, ref, path))?.toString('utf8'),
    commits: (name, ref, path) => logOf(world, name, ref, path),
    registryPackage: (facts) =>
      write(facts.repository, (repository) => {
        const { account } = userActor(world, facts.login);
        return registryPackage(world, repository, { account, byActionsToken: facts.byActionsToken ?? false }, facts);
      }),
    dispatchWorkflow: (login, name, workflow, inputs, ref) =>
      writeAs(login, name, (repository, actor) =>
        workflowDispatch(world, repository, actor, {
          workflow,
          inputs: inputs ?? {},
          ref: ref ?? repository.defaultBranch,
        }),
      ),
    dispatchRepository: (login, name, eventType, payload) =>
      writeAs(login, name, (repository, actor) =>
        repositoryDispatch(world, repository, actor, eventType, payload ?? {}),
      ),
    gitDirectory: (name) => find(name).store.directory,
    cloneUrl(name, token) {
      const url = new URL(`${world.urls.server}/${find(name).fullName}.git`);
      if (token !== undefined) {
        url.username = 'x-access-token';
        url.password = token;
      }
      return url.toString();
    },
  };
}

/** A person, or an App's bot by its `<slug>[bot]`, acting with all that the App may do. */
function actorNamed(world: World, repository: Repository, login: string): Actor {
  const account = findAccount(world, login);
  if (account?.appId === undefined) return userActor(world, login);
  const app = world.apps.get(account.appId);
  if (app === undefined) throw new Error(`no App of ${login}`);
  const repositories = new Set([repository.id]);
  return { kind: 'installation', app, account, installation: undefined, repositories, permissions: app.permissions };
}
