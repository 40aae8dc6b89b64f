import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createFakeHost, type FakeHost } from './fake-host.js';
import { type Runner, runAnnotations, runLog, runSummaries, startRunner, type WorkflowRun } from './index.js';

let host: FakeHost;
let runner: Runner;

beforeEach(() => {
  host = createFakeHost();
  runner = startRunner({ host, env: { FROM_RUNNER: 'yes' } });
});
afterEach(async () => {
  await runner.dispose();
});

/** Pushes one workflow file and gives its run when all is quiet. */
async function run(workflow: string, files: Readonly<Record<string, string>> = {}): Promise<WorkflowRun> {
  host.commit('o/r', { ...files, '.github/workflows/w.yml': `on: push\n${workflow}` });
  host.push('o/r');
  await runner.idle();
  const last = runner.runs.at(-1);
  if (last === undefined) throw new Error('nothing ran');
  return last;
}

const results = (one: WorkflowRun) => Object.fromEntries(one.jobs.map((job) => [job.name, job.conclusion]));

describe('a job', () => {
  it('has its contexts, env of every level, its outputs and its token, which ends with it', async () => {
    host.settings.secrets.SECRET = 'very-secret-value';
    host.settings.variables.REGION = 'eu';
    const one = await run(`
env: {LEVEL: workflow, SHARED: w}
permissions: {contents: read, checks: write}
defaults: {run: {shell: bash}}
jobs:
  first:
    runs-on: ubuntu-latest
    env: {LEVEL: job, TOKEN_SEEN: '\${{ secrets.GITHUB_TOKEN }}'}
    outputs: {greeting: '\${{ steps.say.outputs.text }}', leak: '\${{ secrets.SECRET }}'}
    steps:
      - id: say
        env: {LEVEL: step}
        run: |
          echo "text=$LEVEL $SHARED $FROM_RUNNER \${{ vars.REGION }} \${{ github.ref_name }} $GITHUB_JOB" >> "$GITHUB_OUTPUT"
          echo "LATER=exported" >> "$GITHUB_ENV"
          echo "# Summary" >> "$GITHUB_STEP_SUMMARY"
      - run: echo "$LEVEL $LATER \${{ env.LATER }} $TOKEN_SEEN very-secret-value"
  second:
    needs: first
    runs-on: ubuntu-latest
    permissions: {}
    steps:
      - run: echo "got \${{ needs.first.outputs.greeting }}, [\${{ needs.first.outputs.leak }}] after \${{ needs.first.result }}"
`);
    expect(results(one)).toEqual({ first: 'success', second: 'success' });
    expect(runLog(one)).toEqual(['job exported exported *** ***', 'got step w yes eu main first, [] after success']);
    expect(runAnnotations(one).map((note) => note.message)).toEqual([
      "Skip output 'leak' since it may contain secret.",
    ]);
    expect(runSummaries(one)).toEqual(['# Summary\n']);
    expect(host.tokens).toMatchObject([
      { permissions: { contents: 'read', checks: 'write', metadata: 'read' }, revoked: true },
      { permissions: { metadata: 'read' }, revoked: true },
    ]);
    expect(host.reports.map((report) => `${report.jobName} ${report.status} ${report.conclusion ?? ''}`)).toEqual([
      'first queued ',
      'first in_progress ',
      'first completed success',
      'second queued ',
      'second in_progress ',
      'second completed success',
    ]);
  });

  it('without permissions has the restricted default', async () => {
    await run('jobs: {a: {runs-on: x, steps: [{run: "true"}]}}');
    expect(host.tokens[0]?.permissions).toEqual({ contents: 'read', packages: 'read', metadata: 'read' });
  });

  it('runs steps by their conditions, and continue-on-error keeps it alive', async () => {
    const one = await run(`
jobs:
  a:
    runs-on: x
    steps:
      - {id: soft, run: exit 4, continue-on-error: true}
      - run: echo "\${{ steps.soft.outcome }} \${{ steps.soft.conclusion }}"
      - {id: hard, run: exit 5}
      - run: echo not me
      - {if: "github.actor == 'mona'", run: echo nor me}
      - {if: failure(), run: "echo failed \${{ job.status }}"}
      - {if: always(), run: echo always}
`);
    expect(one.conclusion).toBe('failure');
    expect(runLog(one).filter((line) => !line.startsWith('##'))).toEqual([
      'failure success',
      'failed failure',
      'always',
    ]);
    expect(one.jobs[0]?.steps.map((step) => step.conclusion)).toEqual([
      ...['success', 'success', 'failure', 'skipped', 'skipped', 'success', 'success'],
    ]);
  });

  it('uses the shells GitHub uses: -e without a shell, pipefail with shell: bash, sh when asked', async () => {
    const one = await run(
      `
jobs:
  a:
    runs-on: x
    steps:
      - run: false | true; echo "plain goes on"
      - {run: 'false | true; echo "not this"', shell: bash, continue-on-error: true}
      - {run: 'echo "$0" | grep -c . ', shell: sh}
      - {run: 'pwd | sed "s|.*/||"', working-directory: sub}
`.replace("- {run: 'pwd", "- run: mkdir sub\n      - {run: 'pwd"),
    );
    expect(runLog(one).filter((line) => !line.startsWith('##'))).toEqual(['plain goes on', '1', 'sub']);
  });

  it('that uses an action nobody provides fails at set up, before any step', async () => {
    const one = await run(`
jobs:
  a:
    runs-on: x
    steps: [{run: echo first}, {uses: 'some/action@v3'}]
`);
    expect(one.conclusion).toBe('failure');
    expect(runLog(one)).toEqual([]);
    expect(one.jobs[0]?.annotations.map((note) => note.message)).toEqual([
      'not in the test bed: uses: some/action@v3 (no implementation is registered for it)',
    ]);
  });

  it('ends at timeout-minutes and is cancelled by it', async () => {
    const one = await run(`
jobs:
  a:
    runs-on: x
    timeout-minutes: 0.001
    steps: [{run: sleep 30}, {if: cancelled(), run: echo cleanup}]
`);
    expect(one.jobs[0]).toMatchObject({ conclusion: 'cancelled' });
    expect(runLog(one)).toContain('cleanup');
    expect(runAnnotations(one)[0]?.message).toContain('The job has exceeded the maximum execution time');
  });

  it('whose machine dies runs nothing more, not even always()', async () => {
    host.commit('o/r', {
      '.github/workflows/w.yml': `
on: push
jobs:
  a:
    runs-on: x
    steps: [{run: 'echo up; sleep 60'}, {if: always(), run: echo after}]
`,
    });
    await runner.dispose();
    runner = startRunner({ host, onLog: ({ line, job }) => line === 'up' && runner.kill(job.id) });
    host.push('o/r');
    await runner.idle();
    const [one] = runner.runs;
    expect(one?.conclusion).toBe('failure');
    expect(one?.jobs[0]?.log.filter((line) => !line.startsWith('##'))).toEqual(['up']);
    expect(one?.jobs[0]?.annotations[0]?.message).toContain('lost communication');
    expect(host.tokens[0]?.revoked).toBe(true);
  });
});

describe('needs and if', () => {
  it('a failure skips what needs it, unless it asks for it', async () => {
    const one = await run(`
jobs:
  bad: {runs-on: x, steps: [{run: exit 1}]}
  after: {needs: bad, runs-on: x, steps: [{run: echo after}]}
  rescue: {needs: bad, if: failure(), runs-on: x, steps: [{run: 'echo \${{ needs.bad.result }}'}]}
  always: {needs: [bad, after], if: always(), runs-on: x, steps: [{run: 'echo \${{ needs.after.result }}'}]}
  lenient: {runs-on: x, continue-on-error: true, steps: [{run: exit 1}]}
  unharmed: {needs: lenient, runs-on: x, steps: [{run: 'true'}]}
`);
    expect(results(one)).toEqual({
      bad: 'failure',
      after: 'skipped',
      rescue: 'success',
      always: 'success',
      lenient: 'failure',
      unharmed: 'success',
    });
    expect(one.conclusion).toBe('failure');
  });

  it('a skipped ancestor skips all below it, even past one that always runs (actions/runner issue 491)', async () => {
    const one = await run(`
jobs:
  a: {if: "false", runs-on: x, steps: [{run: 'true'}]}
  b: {needs: a, if: always(), runs-on: x, steps: [{run: 'true'}]}
  c: {needs: b, runs-on: x, steps: [{run: 'true'}]}
  d: {needs: b, if: "!cancelled() && needs.b.result == 'success'", runs-on: x, steps: [{run: 'true'}]}
`);
    expect(results(one)).toEqual({ a: 'skipped', b: 'success', c: 'skipped', d: 'success' });
    expect(one.conclusion).toBe('success');
  });
});

describe('a matrix', () => {
  it('is the example of the documentation of include', async () => {
    const one = await run(`
jobs:
  m:
    runs-on: x
    strategy:
      matrix:
        fruit: [apple, pear]
        animal: [cat, dog]
        include:
          - {color: green}
          - {color: pink, animal: cat}
          - {fruit: apple, shape: circle}
          - {fruit: banana}
          - {fruit: banana, animal: cat}
    steps: [{env: {MATRIX: '\${{ toJSON(matrix) }}'}, run: echo $MATRIX}]
`);
    expect(one.jobs.map((job) => JSON.parse(job.log[0] ?? '{}'))).toEqual([
      { fruit: 'apple', animal: 'cat', color: 'pink', shape: 'circle' },
      { fruit: 'apple', animal: 'dog', color: 'green', shape: 'circle' },
      { fruit: 'pear', animal: 'cat', color: 'pink' },
      { fruit: 'pear', animal: 'dog', color: 'green' },
      { fruit: 'banana' },
      { fruit: 'banana', animal: 'cat' },
    ]);
    expect(one.jobs[0]?.name).toBe('m (apple, cat, pink, circle)');
  });

  it('comes from a job before it, excludes, and fails fast', async () => {
    const one = await run(`
jobs:
  list:
    runs-on: x
    outputs: {stages: '\${{ steps.s.outputs.stages }}'}
    steps: [{id: s, run: "echo 'stages=[\\"dev\\",\\"staging\\",\\"production\\"]' >> $GITHUB_OUTPUT"}]
  each:
    needs: list
    runs-on: x
    name: \${{ format('to {0}', matrix.stage) }}
    strategy: {max-parallel: 1, matrix: {stage: '\${{ fromJSON(needs.list.outputs.stages) }}', exclude: [{stage: staging}]}}
    steps: [{run: 'exit 1'}]
`);
    expect(results(one)).toEqual({ list: 'success', 'to dev': 'failure', 'to production': 'cancelled' });
  });
});

describe('environments', () => {
  const workflow = `
jobs:
  with:
    runs-on: x
    environment: {name: "\${{ github.ref_name == 'main' && 'prod' || '' }}", url: 'https://x.example'}
    steps: [{run: 'echo "[\${{ secrets.KEY }}] \${{ secrets.KEY != null && 1 }} \${{ vars.ZONE }}"'}]
  without:
    runs-on: x
    steps: [{run: 'echo "[\${{ secrets.KEY }}] [\${{ vars.ZONE }}]"'}]
`;
  it('give their secrets only to the jobs that name them', async () => {
    host.settings.environments.prod = {
      secrets: { KEY: 'environment-key' },
      variables: { ZONE: 'a' },
      branches: ['main'],
    };
    const one = await run(workflow);
    expect(one.jobs.map((job) => job.log)).toEqual([['[***] 1 a'], ['[] []']]);
  });

  it("refuse a ref that their deployment branch rule does not take, in GitHub's words", async () => {
    host.settings.environments.prod = { secrets: { KEY: 'environment-key' }, variables: {}, branches: ['release/*'] };
    const one = await run(workflow);
    expect(results(one)).toEqual({ with: 'failure', without: 'success' });
    expect(runAnnotations(one).map((note) => note.message)).toEqual([
      'Branch "main" is not allowed to deploy to prod due to environment protection rules.',
    ]);
  });
});

describe('what the language has and this runner has not', () => {
  it.each([
    ['jobs.a.container', 'jobs: {a: {runs-on: x, container: node, steps: [{run: "true"}]}}'],
    ['jobs.a.services', 'jobs: {a: {runs-on: x, services: {db: {image: pg}}, steps: [{run: "true"}]}}'],
    ['jobs.a.cancel-timeout-minutes', 'jobs: {a: {runs-on: x, cancel-timeout-minutes: 1, steps: [{run: "true"}]}}'],
    ['jobs.a.snapshot', 'jobs: {a: {runs-on: x, snapshot: s, steps: [{run: "true"}]}}'],
  ])('fails the run by name: %s', async (name, workflow) => {
    const one = await run(workflow);
    expect(one).toMatchObject({ conclusion: 'startup_failure', problem: `not in the test bed: ${name}` });
  });

  it.each([
    ['shell: pwsh', '{run: "true", shell: pwsh}'],
    ['hashFiles()', `{run: "echo \${{ hashFiles('x') }}"}`],
    ['uses: docker://alpine:3 (container actions)', '{uses: "docker://alpine:3"}'],
    ['actions/checkout with submodules', '{uses: actions/checkout@v6, with: {submodules: true}}'],
  ])('fails the job by name: %s', async (name, step) => {
    const one = await run(`jobs: {a: {runs-on: x, steps: [${step}]}}`);
    expect(one.conclusion).toBe('failure');
    expect(runAnnotations(one)[0]?.message).toBe(`not in the test bed: ${name}`);
  });

  it('is apart from what GitHub itself refuses, with the line', async () => {
    const one = await run('jobs: {a: {runs-on: x, steps: [{run: "true", frobnicate: 1}]}}');
    expect(one.conclusion).toBe('startup_failure');
    expect(one.problem).toContain("w.yml (Line: 2, Col: 46): Unexpected value 'frobnicate'");
  });
});

describe('actions/checkout', () => {
  it('puts the commit, or another one, into the workspace', async () => {
    host.commit('o/other', { 'only-here.txt': 'other' });
    const one = await run(
      `
jobs:
  a:
    runs-on: x
    steps:
      - uses: actions/checkout@v6
        with: {persist-credentials: false}
      - uses: ./local
      - uses: actions/checkout@v6
        with: {repository: o/other, path: sub}
      - run: cat sub/only-here.txt && ./script
`,
      {
        script: '#!/bin/sh\necho executable\n',
        'local/action.yml':
          'name: l\ndescription: l\nruns: {using: composite, steps: [{run: echo from the workspace, shell: bash}]}\n',
      },
    );
    expect(one.conclusion).toBe('success');
    expect(runLog(one).slice(1)).toEqual([
      'from the workspace',
      expect.stringContaining('o/other@'),
      'otherexecutable',
    ]);
  });
});
