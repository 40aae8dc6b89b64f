import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createFakeHost, type FakeHost, type Files } from './fake-host.js';
import { type Runner, resolveFrom, runLog, startRunner, type WorkflowRun } from './index.js';

let host: FakeHost;
let runner: Runner;
let library = '';

beforeEach(async () => {
  host = createFakeHost();
  library = await mkdtemp(join(tmpdir(), 'waybill-library-'));
  runner = startRunner({
    host,
    resolveAction: resolveFrom({ repositories: { 'acme/waybill': { root: library, sha: 'c'.repeat(40) } } }),
  });
});
afterEach(async () => {
  await runner.dispose();
  await rm(library, { recursive: true, force: true });
});

async function inLibrary(files: Files): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(library, path)), { recursive: true });
    await writeFile(join(library, path), text);
  }
}

async function run(files: Files): Promise<WorkflowRun> {
  host.commit(
    'o/r',
    Object.fromEntries(Object.entries(files).map(([name, text]) => [`.github/workflows/${name}`, text])),
  );
  host.push('o/r');
  await runner.idle();
  const [one] = runner.runs;
  if (one === undefined) throw new Error('nothing ran');
  return one;
}

describe('a reusable workflow', () => {
  it('of another repository: inputs, secrets, outputs, its own $/, the caller in `github`, the called in `job`', async () => {
    await inLibrary({
      '.github/workflows/promote.yml': `
name: promote
on:
  workflow_call:
    inputs: {stage: {type: string, required: true}, dry-run: {type: boolean}, soak: {type: number, default: 5}}
    secrets: {KEY: {required: true}}
    outputs: {decision: {value: '\${{ jobs.deep.outputs.decision }}'}}
env: {OWN: called}
jobs:
  deep:
    uses: $/.github/workflows/inner.yml
    with: {stage: '\${{ inputs.stage }}', soak: '\${{ inputs.soak }}', dry: '\${{ inputs.dry-run }}'}
    secrets: inherit
`,
      '.github/workflows/inner.yml': `
on:
  workflow_call:
    inputs: {stage: {type: string}, soak: {type: number}, dry: {type: boolean}}
    outputs: {decision: {value: '\${{ jobs.do.outputs.decision }}'}}
jobs:
  do:
    runs-on: x
    outputs: {decision: '\${{ steps.act.outputs.decision }}'}
    steps:
      - {id: act, uses: $/actions/promote, with: {stage: '\${{ inputs.stage }}'}}
      - env: {KEY: '\${{ secrets.KEY }}', HIDDEN: '\${{ secrets.OTHER }}'}
        run: |
          echo "$GITHUB_REPOSITORY $GITHUB_WORKFLOW \${{ job.workflow_repository }} \${{ job.workflow_sha }} [$CALLER] [$OWN]"
          echo "\${{ inputs.soak == 5 }} \${{ inputs.dry == false }} [$KEY] [$HIDDEN]"
`,
      'actions/promote/action.yml':
        'name: p\ndescription: p\ninputs: {stage: {description: s}}\nruns: {using: node24, main: ../../main.mjs}\n',
      'main.mjs': `import { appendFileSync } from 'node:fs';
         const { GITHUB_OUTPUT, INPUT_STAGE, GITHUB_ACTION_REPOSITORY } = process.env;
         appendFileSync(GITHUB_OUTPUT, 'decision=promoted-' + INPUT_STAGE + ' ' + GITHUB_ACTION_REPOSITORY + '\\n');`,
    });
    host.settings.secrets.MINE = 'my-secret-value';
    const one = await run({
      'w.yml': `
name: caller
on: push
env: {CALLER: environment}
jobs:
  call:
    uses: acme/waybill/.github/workflows/promote.yml@v1
    with: {stage: dev}
    secrets: {KEY: '\${{ secrets.MINE }}'}
  after:
    needs: call
    runs-on: x
    steps: [{run: 'echo \${{ needs.call.outputs.decision }}'}]
`,
    });
    expect(one.problem).toBeUndefined();
    expect(one.jobs.map((job) => [job.name, job.conclusion, job.log])).toEqual([
      ['call / deep / do', 'success', [`o/r caller acme/waybill ${'c'.repeat(40)} [] []`, 'true true [***] []']],
      ['after', 'success', ['promoted-dev acme/waybill']],
    ]);
  });

  it('of the same repository is taken from the commit of the caller, in every way to write it', async () => {
    const called = (text: string) => `on: workflow_call\njobs: {j: {runs-on: x, steps: [{run: echo ${text}}]}}\n`;
    host.commit('o/r', { '.github/workflows/called.yml': called('old') }, 'v0');
    const one = await run({
      'called.yml': called('new'),
      'w.yml': `
on: push
jobs:
  a: {uses: $/.github/workflows/called.yml}
  b: {uses: ./.github/workflows/called.yml}
  c: {uses: o/r/.github/workflows/called.yml@v0}
`,
    });
    expect(runLog(one).toSorted()).toEqual(['new', 'new', 'old']);
  });

  it.each([
    ['a missing file', 'uses: $/.github/workflows/none.yml', 'workflow was not found'],
    ['one that is not reusable', 'uses: $/.github/workflows/w.yml', "missing a 'on.workflow_call' trigger"],
    [
      'an unknown input',
      "{uses: $/.github/workflows/c.yml, with: {foo: 1, need: 'x'}}",
      'Invalid input, foo is not defined',
    ],
    ['a missing input', 'uses: $/.github/workflows/c.yml', 'Input need is required, but not provided'],
    [
      'a missing secret',
      '{uses: $/.github/workflows/c.yml, with: {need: x}}',
      'Secret KEY is required, but not provided',
    ],
    ['a missing repository', 'uses: no/where/.github/workflows/c.yml@v1', 'workflow was not found'],
  ])('is refused before anything runs for %s', async (_, call, problem) => {
    const one = await run({
      'c.yml': `
on: {workflow_call: {inputs: {need: {type: string, required: true}}, secrets: {KEY: {required: true}}}}
jobs: {j: {runs-on: x, steps: [{run: 'true'}]}}
`,
      'w.yml': `on: push\njobs:\n  first: {runs-on: x, steps: [{run: 'true'}]}\n  call: ${call.startsWith('{') ? call : `{${call}}`}\n`,
    });
    expect(one).toMatchObject({ conclusion: 'startup_failure', jobs: [] });
    expect(one.problem).toContain(problem);
  });

  it('can only have less than its caller: more is an error at the start (docs: reusing workflow configurations)', async () => {
    const called = (permissions: string) => `
on: workflow_call
jobs: {build: {runs-on: x, permissions: ${permissions}, steps: [{run: 'true'}]}}
`;
    const caller = (permissions: string) => `
on: push
permissions: ${permissions}
jobs: {call: {uses: $/.github/workflows/c.yml}}
`;
    const one = await run({
      'w.yml': caller('{contents: read, checks: write}'),
      'c.yml': called('{contents: write, pull-requests: write, checks: read}'),
    });
    expect(one).toMatchObject({
      conclusion: 'startup_failure',
      problem:
        "Error calling workflow '$/.github/workflows/c.yml'. The nested job 'build' is requesting 'contents: write, pull-requests: write', but is only allowed 'contents: read, pull-requests: none'.",
    });
    await runner.dispose();
    runner = startRunner({ host });
    await run({ 'w.yml': caller('{contents: write, checks: write}'), 'c.yml': called('{contents: read}') });
    expect(host.tokens.map((token) => token.permissions)).toEqual([{ contents: 'read', metadata: 'read' }]);
  });

  it("without permissions of its own has its caller's", async () => {
    await run({
      'w.yml': 'on: push\njobs: {call: {permissions: {issues: write}, uses: $/.github/workflows/c.yml}}\n',
      'c.yml': "on: workflow_call\njobs: {j: {runs-on: x, steps: [{run: 'true'}]}}\n",
    });
    expect(host.tokens.map((token) => token.permissions)).toEqual([{ issues: 'write', metadata: 'read' }]);
  });

  it('has the environment secrets of its own jobs, which win over passed ones (docs: reusing workflows)', async () => {
    host.settings.environments.prod = { secrets: { KEY: 'from-environment' }, variables: {} };
    host.settings.secrets.KEY = 'from-repository';
    const one = await run({
      'w.yml': 'on: push\njobs: {call: {uses: $/.github/workflows/c.yml, secrets: inherit}}\n',
      'c.yml': `
on: workflow_call
jobs:
  in: {runs-on: x, environment: prod, steps: [{env: {KEY: '\${{ secrets.KEY }}'}, run: 'echo \${#KEY}'}]}
  out: {runs-on: x, steps: [{env: {KEY: '\${{ secrets.KEY }}'}, run: 'echo \${#KEY}'}]}
`,
    });
    expect(one.jobs.map((job) => job.log)).toEqual([['16'], ['15']]);
  });
});

describe('an action', () => {
  const action = (text: string) =>
    `name: n\ndescription: d\noutputs: {said: {description: s, value: '\${{ steps.s.outputs.said }}'}}
runs: {using: composite, steps: [{id: s, shell: bash, run: 'echo ${text}; echo "said=${text}" >> "$GITHUB_OUTPUT"'}]}\n`;

  it('is had by $/ from the commit that runs, without a checkout, and by name from another repository of the server', async () => {
    host.commit('o/tools', { 'nested/action.yml': action('tools') }, 'v1');
    host.commit('o/r', { 'actions/own/action.yml': action('newer') }, 'elsewhere');
    host.commit('o/r', {
      'actions/own/action.yml': action('own'),
      '.github/workflows/w.yml': `
on: push
jobs:
  a:
    runs-on: x
    steps: [{id: own, uses: $/actions/own}, {uses: o/tools/nested@v1}, {run: 'echo "[\${{ steps.own.outputs.said }}]" && ls -A'}]
`,
    });
    host.push('o/r');
    await runner.idle();
    expect(runner.runs.map(runLog)).toEqual([['own', 'tools', '[own]']]);
  });

  it('inside a composite one is found before the first step, even when its inputs hang on later outputs', async () => {
    await inLibrary({
      'actions/outer/action.yml': `
name: o
description: o
inputs: {list: {description: l}}
runs: {using: composite, steps: [{uses: $/actions/inner, with: {first: '\${{ inputs.list }}'}}]}
`,
      'actions/inner/action.yml':
        'name: i\ndescription: i\ninputs: {first: {description: f}}\nruns: {using: node24, pre: pre.mjs, main: main.mjs}\n',
      'actions/inner/pre.mjs': "console.log('pre')",
      'actions/inner/main.mjs': 'console.log(process.env.INPUT_FIRST)',
    });
    const one = await run({
      'w.yml': `
on: push
jobs:
  a:
    runs-on: x
    steps:
      - {id: s, run: "echo 'list=[\\"dev\\"]' >> $GITHUB_OUTPUT"}
      - {uses: acme/waybill/actions/outer@v1, with: {list: '\${{ fromJSON(steps.s.outputs.list)[0] }}'}}
`,
    });
    expect(one.jobs[0]?.annotations).toEqual([]);
    expect(runLog(one)).toEqual(['pre', 'dev']);
  });
});

describe('dispose', () => {
  it('kills what runs and forgets what waits', async () => {
    host.commit('o/r', {
      '.github/workflows/w.yml':
        "on: push\nconcurrency: {group: g, queue: max}\njobs: {a: {runs-on: x, steps: [{run: 'echo up; sleep 60'}]}}\n",
    });
    host.push('o/r');
    host.push('o/r');
    while (!runner.runs[0]?.jobs[0]?.log.includes('up')) await new Promise((resolve) => setImmediate(resolve));
    await runner.dispose();
    expect(runner.runs.map((one) => one.status)).toEqual(['completed', 'completed']);
    expect(runner.runs[1]?.jobs).toEqual([]);
    expect(host.tokens.map((token) => token.revoked)).toEqual([true]);
  });
});
