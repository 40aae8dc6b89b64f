import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type GitHubServer, startGitHub } from '../github/index.js';
import { type BuiltinAction, type Runner, resolveFrom, runAnnotations, runLog, startRunner } from './index.js';

let github: GitHubServer;
let runner: Runner;
const REPOSITORY = 'acme/gitops';

/** The steps of a job that calls the API with its token and prints the status. */
function call(path: string, body: unknown): string {
  return `[{uses: test/call@v1, with: {path: '${path}', body: '${JSON.stringify(body)}'}}]`;
}

/** `test/call`, as an action of the caller's: an HTTP request as any client would make it. */
const callAction: BuiltinAction = async ({ inputs, env, github: { token }, log }) => {
  const answer = await fetch(`${env.GITHUB_API_URL}/repos/${env.GITHUB_REPOSITORY}${inputs.path}`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${token}`,
      accept: 'application/vnd.github+json',
      'content-type': 'application/json',
    },
    body: inputs.body ?? '',
  });
  log(String(answer.status));
};

async function repository(files: Readonly<Record<string, string>>): Promise<void> {
  await github.createRepository({
    owner: 'acme',
    name: 'gitops',
    organization: true,
    files: { 'README.md': '# gitops\n', ...files },
    collaborators: { alice: 'write', bob: 'write' },
    settings: { allowAutoMerge: true, actionsCanCreatePullRequests: true },
  });
}

beforeEach(async () => {
  github = await startGitHub();
  github.createUser('alice');
  github.createUser('bob');
  runner = startRunner({
    host: github,
    resolveAction: resolveFrom({ builtins: { 'test/call': callAction } }),
  });
});
afterEach(async () => {
  await runner.dispose();
  await github.close();
  expect({ unhandled: github.unhandled, violations: github.violations }).toEqual({ unhandled: [], violations: [] });
});

const started = () =>
  runner.runs.map((run) => `${run.event.name}: ${run.workflow.name} ${run.conclusion ?? run.status}`);

describe('workflows on the GitHub server', () => {
  it('a push starts them at its commit, and the jobs are checks of it', async () => {
    await repository({});
    const sha = await github.commitAs(
      'alice',
      REPOSITORY,
      'main',
      {
        '.github/workflows/ci.yml':
          "name: ci\non: {push: {paths: ['values/**', .github/**]}}\njobs: {test: {runs-on: x, steps: [{uses: actions/checkout@v6}, {run: cat README.md}]}}\n",
      },
      'ci',
    );
    await runner.idle();
    expect(started()).toEqual(['push: ci success']);
    expect(runner.runs.flatMap(runLog)).toContain('# gitops');
    expect(github.checks(REPOSITORY, sha)).toMatchObject([
      { name: 'test', status: 'completed', conclusion: 'success', app: { slug: 'github-actions' } },
    ]);
    await github.commitAs('alice', REPOSITORY, 'main', { 'docs/a.md': 'x' }, 'docs');
    await runner.idle();
    expect(runner.runs).toHaveLength(1);
  });

  it('a job can do what its permissions say and no more; what it does starts no workflow', async () => {
    await repository({
      '.github/workflows/act.yml': `
name: act
on: workflow_dispatch
jobs:
  without:
    runs-on: x
    permissions: {contents: read}
    steps: ${call('/dispatches', { event_type: 'never' })}
  with:
    runs-on: x
    needs: without
    permissions: {contents: write}
    steps: ${call('/dispatches', { event_type: 'again' })}
`,
      '.github/workflows/again.yml':
        'name: again\non: {repository_dispatch: {types: [again]}}\njobs: {a: {runs-on: x, steps: [{run: "true"}]}}\n',
    });
    await github.dispatchWorkflow('alice', REPOSITORY, 'act.yml');
    await runner.idle();
    expect(runner.runs[0]?.jobs.map((job) => job.log)).toEqual([['403'], ['204']]);
    expect(started()).toEqual(['workflow_dispatch: act success', 'repository_dispatch: again success']);
    expect(runner.runs[1]?.actor).toBe('github-actions[bot]');
  });

  it("runs on a pull request that GITHUB_TOKEN opened wait for a click, a person's do not", async () => {
    await repository({
      '.github/workflows/open.yml': `
name: open
on: workflow_dispatch
jobs: 
  a:
    runs-on: x
    permissions: {contents: read, pull-requests: write}
    steps: ${call('/pulls', { title: 't', head: 'topic', base: 'main' })}
`,
      '.github/workflows/check.yml':
        'name: check\non: pull_request\njobs: {verdict: {runs-on: x, steps: [{run: "true"}]}}\n',
    });
    await github.createBranch('alice', REPOSITORY, 'topic');
    await github.commitAs('alice', REPOSITORY, 'topic', { 'a.txt': 'x' }, 'a change');
    await github.dispatchWorkflow('alice', REPOSITORY, 'open.yml');
    await runner.idle();
    expect(runner.runs[0]?.jobs.map((job) => job.log)).toEqual([['201']]);
    expect(started()).toEqual(['workflow_dispatch: open success', 'pull_request: check action_required']);
    const waiting = runner.runs[1];
    const [pull] = github.pullRequests(REPOSITORY);
    expect(github.checks(REPOSITORY, pull?.headOid ?? '')).toEqual([]);
    runner.approve(waiting?.id ?? 0);
    await runner.idle();
    expect(github.checks(REPOSITORY, pull?.headOid ?? '')).toMatchObject([{ name: 'verdict', conclusion: 'success' }]);
    await github.commitAs('alice', REPOSITORY, 'topic', { 'a.txt': 'y' }, 'another');
    await runner.idle();
    expect(started().at(-1)).toBe('pull_request: check success');
  });

  it('a check that passes lets auto-merge happen, and the push of the merge starts what it starts', async () => {
    await repository({
      '.github/workflows/check.yml':
        'name: check\non: pull_request\njobs: {verdict: {runs-on: x, steps: [{run: sleep 0.2}]}}\n',
      '.github/workflows/after.yml':
        'name: after\non: {push: {branches: [main]}}\njobs: {a: {runs-on: x, steps: [{run: "true"}]}}\n',
    });
    github.setBranchProtection(REPOSITORY, { pattern: 'main', checks: ['verdict'] });
    await github.createBranch('alice', REPOSITORY, 'topic');
    await github.commitAs('alice', REPOSITORY, 'topic', { 'a.txt': 'x' }, 'a change');
    const pull = await github.openPullRequest('alice', REPOSITORY, { head: 'topic' });
    const answer = await fetch(github.graphqlUrl, {
      method: 'POST',
      headers: { authorization: `Bearer ${github.userToken('alice')}`, 'content-type': 'application/json' },
      body: JSON.stringify({
        query: 'mutation($id: ID!) { enablePullRequestAutoMerge(input: {pullRequestId: $id}) { clientMutationId } }',
        variables: { id: await nodeId(pull.number) },
      }),
    });
    expect(await answer.json()).not.toHaveProperty('errors');
    await runner.idle();
    expect(started()).toEqual(['pull_request: check success', 'push: after success']);
    expect(github.pullRequest(REPOSITORY, pull.number).state).not.toBe('open');
  });

  it('a package, the schedule and the environments of the settings', async () => {
    await repository({
      '.github/workflows/listen.yml': `
name: listen
on: {registry_package: {types: [published]}, schedule: [{cron: '7 * * * *'}]}
jobs:
  a:
    runs-on: x
    environment: production
    if: github.event_name == 'schedule' || github.event.registry_package.package_version.container_metadata.tag.name != ''
    steps: [{run: 'echo "\${{ github.event.registry_package.name }} \${{ secrets.KEY != null }}"'}]
`,
    });
    github.setEnvironment(REPOSITORY, { name: 'production', secrets: { KEY: 'a-secret-key' }, branches: ['release'] });
    const facts = { repository: REPOSITORY, name: 'api', digest: `sha256:${'a'.repeat(64)}`, login: 'alice' };
    await github.registryPackage({ ...facts, tag: '' });
    await runner.idle();
    await github.registryPackage({ ...facts, tag: 'main' });
    await runner.idle();
    expect(started()).toEqual(['registry_package: listen skipped', 'registry_package: listen failure']);
    expect(runner.runs.flatMap(runAnnotations).map((one) => one.message)).toEqual([
      'Branch "main" is not allowed to deploy to production due to environment protection rules.',
    ]);
    github.setEnvironment(REPOSITORY, { name: 'production', secrets: { KEY: 'a-secret-key' }, branches: ['main'] });
    await runner.schedule(REPOSITORY, '7 * * * *');
    await runner.idle();
    expect(runner.runs.at(-1)?.jobs.map((job) => job.log)).toEqual([[' true']]);
  });
});

async function nodeId(number: number): Promise<string> {
  const answer = await fetch(`${github.apiUrl}/repos/${REPOSITORY}/pulls/${number}`, {
    headers: { authorization: `Bearer ${github.userToken('alice')}`, accept: 'application/vnd.github+json' },
  });
  return ((await answer.json()) as { node_id: string }).node_id;
}
