import { join } from 'node:path';
import { type GitHubServer, startGitHub, type TestApp } from '../github/index.js';
import { type RegistryProxy, startRegistry, startRegistryProxy, type TestRegistry } from '../registry/index.js';
import {
  type ActionResult,
  type Runner,
  resolveFrom,
  runAction,
  startRunner,
  type WorkflowRun,
} from '../runner/index.js';
import { createGitHubAppToken } from './app-token.js';
import { readFolder, repositoryRoot, starterWorkflows } from './files.js';
import { EXAMPLE_SERVICES, pushExampleImage } from './images.js';

export interface BedOptions {
  /** Whom Waybill acts as: an App with a protected ledger, or GITHUB_TOKEN. */
  readonly identity: 'app' | 'github-token';
  /** The GitOps repository's files; examples/gitops-repo and the starters when absent. */
  readonly files?: Readonly<Record<string, string>>;
  readonly plan?: 'free' | 'team' | 'enterprise';
  readonly visibility?: 'public' | 'private';
  /** A required check of the default branch, which nothing posts by itself; none when absent. */
  readonly requiredCheck?: string;
  /** Approvals that a pull request into the default branch needs; 0 when absent. */
  readonly approvals?: number;
  readonly allowAutoMerge?: boolean;
  readonly onLog?: (line: string) => void;
}

/** A GitOps repository on GitHub with Waybill's own workflows, the registry it watches, and the machines that run them. */
export interface Bed {
  readonly github: GitHubServer;
  readonly registry: TestRegistry;
  readonly proxy: RegistryProxy;
  readonly runner: Runner;
  readonly app: TestApp | undefined;
  /** `ameideio/gitops` */
  readonly repository: string;
  /** Environment that brings a process to the test registry under the name `ghcr.io`. */
  readonly env: Readonly<Record<string, string>>;
  /** Pushes one generation of images, all of the example's services when none are named. */
  push(generation: number, services?: readonly string[]): Promise<void>;
  /** Runs one action through the committed bundle, as the only step of a job on the default branch. */
  act(action: string, inputs?: Readonly<Record<string, string>>, options?: ActOptions): Promise<ActionResult>;
  /** The schedule strikes; resolves when all that follows has run. */
  reconcile(): Promise<readonly WorkflowRun[]>;
  /** A person presses the promote button; resolves when all that follows has run. */
  promote(login: string, inputs: Readonly<Record<string, string>>): Promise<WorkflowRun>;
  close(): Promise<void>;
}

export interface ActOptions {
  /** Who started the run; alice when absent. */
  readonly actor?: string;
  /** GITHUB_REF; the default branch when absent. */
  readonly ref?: string;
  readonly runId?: number;
  /** Kills the process, as a machine that dies. */
  readonly kill?: AbortSignal;
  readonly workspace?: string;
}

const REPOSITORY = 'ameideio/gitops';
/** GitHub's owner of the registry's names, and where its blobs are redirected to. */
const REGISTRY_HOST = 'ghcr.io';

export async function startBed(options: BedOptions): Promise<Bed> {
  const root = repositoryRoot();
  const [github, registry] = await Promise.all([startGitHub({}), startRegistry({})]);
  const proxy = await startRegistryProxy({ hosts: { [REGISTRY_HOST]: registry.url } });
  const env = { ...proxy.env, NO_PROXY: '127.0.0.1,localhost' };

  github.createUser('alice');
  github.createUser('bob');
  await github.createRepository({
    owner: 'ameideio',
    name: 'gitops',
    organization: true,
    visibility: options.visibility ?? 'private',
    plan: options.plan ?? 'team',
    files: options.files ?? exampleFiles(root),
    collaborators: { alice: 'write', bob: 'write' },
    settings: {
      allowAutoMerge: options.allowAutoMerge ?? true,
      actionsCanCreatePullRequests: true,
      deleteBranchOnMerge: false,
    },
  });
  const app = options.identity === 'app' ? installApp(github) : undefined;
  if (options.requiredCheck !== undefined || (options.approvals ?? 0) > 0) {
    github.setBranchProtection(REPOSITORY, {
      pattern: 'main',
      ...(options.requiredCheck === undefined ? {} : { checks: [options.requiredCheck] }),
      ...(options.approvals === undefined ? {} : { approvals: options.approvals }),
    });
  }
  const runner = startRunner({
    host: github,
    env,
    resolveAction: resolveFrom({
      repositories: { 'OWNER/waybill': { root } },
      builtins: { 'actions/create-github-app-token': createGitHubAppToken },
    }),
    ...(options.onLog === undefined ? {} : { onLog: ({ line }) => options.onLog?.(line) }),
  });

  const settle = async (before: number): Promise<readonly WorkflowRun[]> => {
    await runner.idle();
    return runner.runs.slice(before);
  };
  let runs = 9_000_000;
  const token = () =>
    app?.installationToken(REPOSITORY) ??
    github.createJobToken({
      repository: REPOSITORY,
      permissions: { contents: 'write', 'pull-requests': 'write', packages: 'read', metadata: 'read' },
    });
  return {
    github,
    registry,
    proxy,
    runner,
    app,
    repository: REPOSITORY,
    env,
    async push(generation, services = EXAMPLE_SERVICES) {
      for (const service of services) await pushExampleImage({ url: registry.url }, service, generation);
    },
    async act(action, inputs = {}, { actor = 'alice', ref = 'refs/heads/main', runId, ...rest } = {}) {
      const head = (await github.resolveRef(REPOSITORY, 'main')) ?? '';
      return runAction({
        action: join(root, 'actions', action),
        inputs,
        env,
        github: {
          repository: REPOSITORY,
          repository_owner: 'ameideio',
          ref,
          sha: head,
          run_id: String(runId ?? ++runs),
          run_attempt: '1',
          actor,
          triggering_actor: actor,
          event_name: 'workflow_dispatch',
          server_url: github.serverUrl,
          api_url: github.apiUrl,
          graphql_url: github.graphqlUrl,
          token: token(),
        },
        ...rest,
      });
    },
    async reconcile() {
      const before = runner.runs.length;
      await runner.schedule(REPOSITORY);
      return settle(before);
    },
    async promote(login, inputs) {
      const before = runner.runs.length;
      await github.dispatchWorkflow(login, REPOSITORY, 'waybill-promote.yml', inputs);
      const run = (await settle(before)).find((one) => one.workflow.path.endsWith('waybill-promote.yml'));
      if (run === undefined) throw new Error('The promote workflow did not start');
      return run;
    },
    async close() {
      await runner.dispose();
      await Promise.all([proxy.close(), registry.close(), github.close()]);
    },
  };
}

/** examples/gitops-repo with the starters, as a user has it after the README's set-up. */
export function exampleFiles(root: string = repositoryRoot()): Record<string, string> {
  return { ...readFolder(join(root, 'examples/gitops-repo')), ...starterWorkflows(root) };
}

/** The README's set-up: an App, its key in an environment of the default branch, and a ruleset that only it bypasses. */
function installApp(github: GitHubServer): TestApp {
  const app = github.createApp({
    slug: 'waybill',
    permissions: { contents: 'write', pull_requests: 'write', metadata: 'read' },
    repositories: [REPOSITORY],
  });
  github.setVariable(REPOSITORY, 'WAYBILL_CLIENT_ID', app.clientId);
  github.setEnvironment(REPOSITORY, {
    name: 'waybill',
    branches: ['main'],
    secrets: { WAYBILL_PRIVATE_KEY: app.privateKey },
  });
  github.setRuleset(REPOSITORY, {
    name: 'Waybill',
    include: ['refs/heads/waybill/**/*'],
    rules: ['creation', 'update', 'deletion', 'non_fast_forward'],
    bypass: [{ app: app.appId, mode: 'always' }],
  });
  return app;
}
