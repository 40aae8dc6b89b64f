import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { RepositoryEvent } from '../github/host.js';
import { createFakeHost, type FakeHost, type Files } from './fake-host.js';
import { dispatchInputs, type Runner, runLog, startRunner } from './index.js';

let host: FakeHost;
let runner: Runner;

beforeEach(() => {
  host = createFakeHost();
  runner = startRunner({ host });
});
afterEach(async () => {
  await runner.dispose();
});

const JOB = 'jobs: {a: {runs-on: x, steps: [{run: "true"}]}}\n';

/** One workflow named after each entry, with these triggers. */
function workflows(triggers: Readonly<Record<string, string>>): Files {
  return Object.fromEntries(
    Object.entries(triggers).map(([name, on]) => [`.github/workflows/${name}.yml`, `name: ${name}\non: ${on}\n${JOB}`]),
  );
}

async function started(event: Partial<RepositoryEvent> & { readonly name: string }): Promise<readonly string[]> {
  const before = runner.runs.length;
  host.raise(event);
  await runner.idle();
  return runner.runs.slice(before).map((one) => one.workflow.name);
}

describe('which workflows an event starts', () => {
  it('a push, by branch and tag filters: naming only one kind leaves the other out', async () => {
    host.commit(
      'o/r',
      workflows({
        any: 'push',
        main: '{push: {branches: [main]}}',
        not: '{push: {branches-ignore: [main]}}',
        releases: "{push: {branches: ['releases/**', '!releases/**-alpha']}}",
        tags: "{push: {tags: ['v[0-9]+']}}",
        never: 'issues',
      }),
    );
    const push = (ref: string) => started({ name: 'push', ref });
    expect(await push('refs/heads/main')).toEqual(['any', 'main']);
    expect(await push('refs/heads/releases/1/2')).toEqual(['any', 'not', 'releases']);
    expect(await push('refs/heads/releases/1-alpha')).toEqual(['any', 'not']);
    expect(await push('refs/tags/v12')).toEqual(['any', 'tags']);
    expect(await push('refs/tags/v1.2')).toEqual(['any']);
  });

  it('a push, by the paths it changes', async () => {
    const files = workflows({
      docs: "{push: {paths: ['docs/**']}}",
      code: "{push: {paths-ignore: ['docs/**']}}",
      some: "{push: {paths: ['docs/**', '!docs/private/**']}}",
    });
    const change = async (path: string) => {
      const before = host.commit('o/r', files);
      const sha = host.commit('o/r', { ...files, [path]: 'x' });
      return await started({ name: 'push', sha, payload: { before } });
    };
    expect(await change('docs/a/b.md')).toEqual(['docs', 'some']);
    expect(await change('docs/private/b.md')).toEqual(['docs']);
    expect(await change('src/a.ts')).toEqual(['code']);
  });

  it('not a push that deletes, nor one whose message says to skip', async () => {
    host.commit('o/r', workflows({ any: 'push' }));
    expect(await started({ name: 'push', payload: { deleted: true } })).toEqual([]);
    expect(await started({ name: 'push', payload: { head_commit: { message: 'docs [skip ci]' } } })).toEqual([]);
  });

  it('a pull request, by its default types, its base branch, and the workflow files of the merge commit', async () => {
    host.commit('o/r', workflows({ base: 'pull_request', target: 'pull_request_target' }));
    const merge = host.commit(
      'o/r',
      workflows({
        some: 'pull_request',
        closed: '{pull_request: {types: [closed]}}',
        other: '{pull_request: {branches: [other]}}',
        evil: 'pull_request_target',
      }),
      'merge',
    );
    const pull = { pull_request: { base: { ref: 'main' }, head: { ref: 'topic', sha: 'f'.repeat(40) } } };
    const event = { ref: 'refs/pull/1/merge', sha: merge, payload: pull };
    expect(await started({ name: 'pull_request', action: 'opened', ...event })).toEqual(['some']);
    expect(await started({ name: 'pull_request', action: 'closed', ...event })).toEqual(['closed']);
    expect(await started({ name: 'pull_request', action: 'labeled', ...event })).toEqual([]);
    expect(await started({ name: 'pull_request_target', action: 'opened', ...event })).toEqual(['target']);
    expect(host.reports[0]).toMatchObject({ headSha: 'f'.repeat(40), event: 'pull_request' });
  });

  it('repository_dispatch and registry_package, from the default branch only, by type', async () => {
    host.commit(
      'o/r',
      workflows({
        pushed: '{repository_dispatch: {types: [image-pushed]}}',
        other: '{repository_dispatch: {types: [other]}}',
        package: '{registry_package: {types: [published]}}',
      }),
    );
    const branch = host.commit('o/r', workflows({ branch: '[registry_package, repository_dispatch]' }), 'topic');
    expect(await started({ name: 'repository_dispatch', action: 'image-pushed', sha: branch })).toEqual(['pushed']);
    expect(await started({ name: 'registry_package', action: 'published', sha: branch })).toEqual(['package']);
    expect(await started({ name: 'registry_package', action: 'updated' })).toEqual([]);
  });

  it('merge_group, by the branch it merges into', async () => {
    host.commit('o/r', workflows({ any: 'merge_group', main: '{merge_group: {branches: [main]}}' }));
    const group = (base: string) =>
      started({ name: 'merge_group', action: 'checks_requested', payload: { merge_group: { base_ref: base } } });
    expect(await group('refs/heads/main')).toEqual(['any', 'main']);
    expect(await group('refs/heads/x')).toEqual(['any']);
  });

  it('none, when a GITHUB_TOKEN caused it', async () => {
    host.commit('o/r', workflows({ any: 'push' }));
    expect(await started({ name: 'push', runs: 'none' })).toEqual([]);
  });

  it('the end of a run, for workflow_run', async () => {
    host.commit(
      'o/r',
      workflows({ first: 'push', second: '{workflow_run: {workflows: [first], types: [completed]}}' }),
    );
    expect(await started({ name: 'push' })).toEqual(['first', 'second']);
  });

  it('a file that is no workflow, as a failed run of the push', async () => {
    host.commit('o/r', { '.github/workflows/broken.yml': 'on: push\njobs: {}\n' });
    await started({ name: 'push' });
    expect(runner.runs[0]).toMatchObject({ conclusion: 'startup_failure' });
    expect(runner.runs[0]?.problem).toContain('at least one job');
  });
});

describe('schedule', () => {
  it('starts the workflows of one cron, or each scheduled one once, on the default branch', async () => {
    host.commit('o/r', {
      ...workflows({ nightly: "{schedule: [{cron: '0 3 * * *'}]}" }),
      '.github/workflows/tick.yml': `name: tick\non: {schedule: [{cron: '*/15 * * * *'}, {cron: '0 4 * * *'}]}\njobs: {a: {runs-on: x, steps: [{run: 'echo "\${{ github.event.schedule }} $GITHUB_REF"'}]}}\n`,
    });
    const one = await runner.schedule('o/r', '*/15 * * * *');
    await runner.idle();
    expect(one.map((run) => [run.workflow.name, runLog(run)])).toEqual([['tick', ['*/15 * * * * refs/heads/main']]]);
    expect((await runner.schedule('o/r')).map((run) => run.workflow.name)).toEqual(['nightly', 'tick']);
    await expect(runner.schedule('o/r', '1 1 1 1 1')).rejects.toThrow("No workflow of o/r is scheduled at '1 1 1 1 1'");
  });
});

describe('workflow_dispatch', () => {
  const DISPATCH = `
name: dispatch
run-name: promote to \${{ inputs.stage }}
on:
  workflow_dispatch:
    inputs:
      stage: {type: environment, required: true}
      freight: {type: string}
      dry-run: {type: boolean, default: true}
      count: {type: number, default: 3}
      mode: {type: choice, options: [a, b], default: a}
jobs:
  a:
    runs-on: x
    steps:
      - env: {INPUTS: '\${{ toJSON(inputs) }}', EVENT: '\${{ toJSON(github.event.inputs) }}'}
        run: echo $INPUTS; echo $EVENT
`;
  const dispatch = (inputs: Readonly<Record<string, string>>, extra: Partial<RepositoryEvent> = {}) =>
    started({ name: 'workflow_dispatch', payload: { workflow: '.github/workflows/d.yml', inputs }, ...extra });

  it('starts the one workflow it names, with typed inputs in `inputs` and strings in `github.event.inputs`', async () => {
    host.commit('o/r', { '.github/workflows/d.yml': DISPATCH, ...workflows({ other: 'workflow_dispatch' }) });
    expect(await dispatch({ stage: 'staging', 'dry-run': 'false' })).toEqual(['dispatch']);
    const [run] = runner.runs;
    expect(run?.title).toBe('promote to staging');
    expect(run?.jobs[0]?.log.map((line) => JSON.parse(line))).toEqual([
      { stage: 'staging', freight: '', 'dry-run': false, count: 3, mode: 'a' },
      { stage: 'staging', freight: '', 'dry-run': 'false', count: '3', mode: 'a' },
    ]);
  });

  it('runs the file of the ref it is given, if the default branch has the workflow', async () => {
    host.commit('o/r', { '.github/workflows/d.yml': DISPATCH });
    const sha = host.commit('o/r', workflows({ d: 'workflow_dispatch', new: 'workflow_dispatch' }), 'topic');
    expect(await dispatch({}, { sha, ref: 'refs/heads/topic' })).toEqual(['d']);
    const payload = { workflow: '.github/workflows/new.yml' };
    expect(await started({ name: 'workflow_dispatch', sha, payload })).toEqual([]);
  });

  it.each([
    ['a missing input', {}, "Required input 'stage' not provided"],
    ['an unknown input', { stage: 'x', foo: '1' }, 'Unexpected inputs provided: ["foo"]'],
    ['no choice', { stage: 'x', mode: 'c' }, "Provided value 'c' for input 'mode' not in the list of allowed values"],
    ['no boolean', { stage: 'x', 'dry-run': 'maybe' }, "Input 'dry-run': expected a boolean, got 'maybe'"],
  ])('does not start with %s', async (_, inputs, problem) => {
    host.commit('o/r', { '.github/workflows/d.yml': DISPATCH });
    await dispatch(inputs);
    expect(runner.runs[0]).toMatchObject({ conclusion: 'startup_failure', problem, jobs: [] });
  });

  it('has its inputs read by a function of their own too', () => {
    expect(dispatchInputs({ n: { type: 'number' }, b: { type: 'boolean' } }, { n: '4' })).toEqual({ n: 4, b: false });
  });
});

describe('approval and running again', () => {
  it('a run of a pull request that a GITHUB_TOKEN opened waits for a person (changelog 2026-06-11)', async () => {
    const sha = host.commit('o/r', workflows({ check: 'pull_request' }));
    await started({ name: 'pull_request', action: 'opened', sha, runs: 'approval', payload: { pull_request: {} } });
    const [run] = runner.runs;
    expect(run).toMatchObject({ status: 'action_required', jobs: [] });
    expect(host.reports).toMatchObject([{ jobName: 'a', status: 'action_required' }]);
    runner.approve(run?.id ?? 0);
    await runner.idle();
    expect(run).toMatchObject({ status: 'completed', conclusion: 'success' });
    expect(() => runner.approve(run?.id ?? 0)).toThrow('does not wait for approval');
  });

  it('the next attempt has the same event, commit and actor and a new triggering actor', async () => {
    host.commit('o/r', {
      '.github/workflows/w.yml':
        "on: push\njobs: {a: {runs-on: x, steps: [{run: 'echo $GITHUB_RUN_ID $GITHUB_RUN_ATTEMPT $GITHUB_ACTOR $GITHUB_TRIGGERING_ACTOR'}]}}\n",
    });
    await started({ name: 'push' });
    const id = runner.runs[0]?.id ?? 0;
    runner.rerun(id, 'hubot');
    await runner.idle();
    expect(runner.runs.map(runLog)).toEqual([[`${id} 1 mona mona`], [`${id} 2 mona hubot`]]);
  });

  it('a fork gets no secrets and a token that only reads', async () => {
    host.settings.secrets.KEY = 'secret-of-the-base';
    const sha = host.commit('o/r', {
      '.github/workflows/w.yml': `on: pull_request\npermissions: {contents: write}\njobs: {a: {runs-on: x, steps: [{run: 'echo "[\${{ secrets.KEY }}]"'}]}}\n`,
    });
    const payload = { pull_request: { head: { repo: { full_name: 'fork/r' } } } };
    await started({ name: 'pull_request', action: 'opened', sha, payload });
    expect(runner.runs.map(runLog)).toEqual([['[]']]);
    expect(host.tokens[0]?.permissions).toEqual({ contents: 'read', metadata: 'read' });
  });
});
