import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  type BuiltinAction,
  exampleFiles,
  type GitHubServer,
  pushImage,
  type RegistryProxy,
  type Runner,
  resolveFrom,
  runAnnotations,
  startGitHub,
  startRegistry,
  startRegistryProxy,
  startRunner,
  type TestRegistry,
} from '@waybill/testbed';
import { fileNamed, ROOT, starters } from './workflow-files.js';

const WORKFLOW = '.github/workflows/waybill-notify.yml';
const nothing: BuiltinAction = async () => undefined;

let github: GitHubServer;
let registry: TestRegistry;
let proxy: RegistryProxy;
let runner: Runner;
/** What the build says it pushed, when that is not what it pushed. */
let claimed: string | undefined;
let asked: Readonly<Record<string, string>>[] = [];

beforeEach(async () => {
  claimed = undefined;
  asked = [];
  [github, registry] = await Promise.all([startGitHub(), startRegistry()]);
  proxy = await startRegistryProxy({ hosts: { 'ghcr.io': registry.url } });
  github.createUser('alice');
  for (const name of ['api', 'gitops']) {
    await github.createRepository({
      owner: 'ameideio',
      name,
      organization: true,
      visibility: 'private',
      plan: 'team',
      files: name === 'api' ? { Dockerfile: 'FROM scratch\n' } : exampleFiles(ROOT),
      collaborators: { alice: 'write' },
    });
  }
  const app = github.createApp({
    slug: 'waybill-notify',
    permissions: { contents: 'write', metadata: 'read' },
    repositories: ['ameideio/gitops'],
  });
  github.setVariable('ameideio/api', 'WAYBILL_NOTIFY_CLIENT_ID', app.clientId);
  github.setVariable('ameideio/api', 'WAYBILL_GITOPS_REPOSITORY', 'gitops');
  github.setEnvironment('ameideio/api', {
    name: 'waybill',
    branches: ['main'],
    secrets: { WAYBILL_NOTIFY_PRIVATE_KEY: app.privateKey },
  });
  runner = startRunner({
    host: github,
    env: { ...proxy.env, NO_PROXY: '127.0.0.1,localhost' },
    resolveAction: resolveFrom({
      repositories: { 'OWNER/waybill': { root: ROOT } },
      builtins: {
        'actions/create-github-app-token': async ({ inputs, addMask, setOutput }) => {
          asked.push(inputs);
          const token = app.installationToken('ameideio/gitops');
          addMask(token);
          setOutput('token', token);
        },
        'docker/setup-buildx-action': nothing,
        'docker/login-action': nothing,
        'docker/build-push-action': async ({ inputs, setOutput }) => {
          const tags = (inputs.tags ?? '')
            .split('\n')
            .flatMap((line) => /^ghcr\.io\/ameideio\/api:(.+)$/.exec(line.trim())?.[1] ?? []);
          const pushed = await pushImage(registry, { repository: 'ameideio/api', tags });
          setOutput('digest', claimed ?? pushed.digest);
        },
      },
    }),
  });
});
afterEach(async () => {
  await runner.dispose();
  await Promise.all([proxy.close(), registry.close(), github.close()]);
});

async function push(): Promise<void> {
  const text = fileNamed(starters, 'waybill-notify.yml').text;
  await github.commitAs('alice', 'ameideio/api', 'main', { [WORKFLOW]: text }, 'ci: build and notify');
  await runner.idle();
}

const outcomes = () =>
  runner.runs.flatMap(({ repository, event, jobs }) =>
    jobs
      .filter(({ conclusion }) => conclusion !== 'skipped')
      .map(({ name, conclusion }) => `${repository} ${event.name}: ${name} ${conclusion}`),
  );

describe('waybill-notify', () => {
  it('builds, checks and asks the GitOps repository to reconcile', async () => {
    await push();
    expect(outcomes()).toEqual([
      'ameideio/api push: Build and push success',
      'ameideio/api push: Notify success',
      expect.stringMatching(/^ameideio\/gitops repository_dispatch: reconcile /),
    ]);
    expect(asked).toEqual([
      expect.objectContaining({ owner: 'ameideio', repositories: 'gitops', 'permission-contents': 'write' }),
    ]);
  });

  it('tells nobody when the build’s digest is not what its tag points at', async () => {
    claimed = `sha256:${'0'.repeat(64)}`;
    await push();
    expect(outcomes()).toEqual(['ameideio/api push: Build and push success', 'ameideio/api push: Notify failure']);
    expect(
      runner.runs
        .flatMap(runAnnotations)
        .map(({ message }) => message)
        .join(),
    ).toContain('the build reported');
  });
});
