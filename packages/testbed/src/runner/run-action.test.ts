import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type ActionResult, type RunActionOptions, resolveFrom, runAction } from './index.js';

let root = '';

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'waybill-runner-test-'));
});
afterEach(async () => {
  await rm(root, { recursive: true, force: true });
});

async function write(files: Readonly<Record<string, string>>): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text);
  }
}

/** A dead process that no one has reaped yet still has an entry, in state Z. */
async function isRunning(pid: number): Promise<boolean> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return stat !== '' && !/\) Z /.test(stat);
}

const NODE_ACTION = `
name: probe
description: a probe
inputs:
  image name: {description: spaces, default: 'ghcr.io/x'}
  dry-run: {description: dashes, default: 'false'}
  token: {description: a token, default: '\${{ github.token }}'}
  needed: {description: required, required: true}
  old: {description: gone, deprecationMessage: use dry-run}
runs: {using: node24, main: index.mjs}
`;

async function runNode(
  script: string,
  options: Partial<RunActionOptions> = {},
  manifest = NODE_ACTION,
): Promise<ActionResult> {
  await write({ 'action/action.yml': manifest, 'action/index.mjs': script });
  return await runAction({ action: join(root, 'action'), repositoryRoot: root, ...options });
}

describe('a JavaScript action', () => {
  it('gets its inputs by default, by expression and by the step, under the names GitHub gives them', async () => {
    const result = await runNode(
      `import { appendFileSync } from 'node:fs';
       const { env } = process;
       appendFileSync(env.GITHUB_OUTPUT, 'seen<<EOF\\n' + JSON.stringify(
         Object.fromEntries(Object.entries(env).filter(([name]) => name.startsWith('INPUT_')))) + '\\nEOF\\n');`,
      { inputs: { 'Dry-Run': 'true', stray: 'x' }, github: { token: 'ghs_0123456789' } },
    );
    expect(JSON.parse(result.outputs.seen ?? '')).toEqual({
      INPUT_IMAGE_NAME: 'ghcr.io/x',
      'INPUT_DRY-RUN': 'true',
      INPUT_TOKEN: 'ghs_0123456789',
      INPUT_NEEDED: '',
      INPUT_OLD: '',
      INPUT_STRAY: 'x',
    });
    expect(result.annotations).toEqual([
      {
        level: 'warning',
        message: "Unexpected input(s) 'stray', valid inputs are ['image name', 'dry-run', 'token', 'needed', 'old']",
      },
    ]);
    expect(result.conclusion).toBe('success');
  });

  it('warns of a deprecated input that is given', async () => {
    const result = await runNode('', { inputs: { old: '1' } });
    expect(result.annotations.map((one) => one.message)).toEqual([
      "Input 'old' has been deprecated with message: use dry-run",
    ]);
  });

  it('has its files read back: outputs, variables, paths, state, summary', async () => {
    const result = await runNode(
      `import { appendFileSync } from 'node:fs';
       const { env } = process;
       appendFileSync(env.GITHUB_OUTPUT, 'one=a=b<<c\\nmany<<ghadelimiter_1\\nx\\n\\ny\\nghadelimiter_1\\none=last\\n');
       appendFileSync(env.GITHUB_ENV, 'COLOUR=blue\\n');
       appendFileSync(env.GITHUB_PATH, '/opt/tool\\n');
       appendFileSync(env.GITHUB_STATE, 'lock=held\\n');
       appendFileSync(env.GITHUB_STEP_SUMMARY, '# Done\\n');`,
    );
    expect(result).toMatchObject({
      outputs: { one: 'last', many: 'x\n\ny' },
      env: { COLOUR: 'blue' },
      path: ['/opt/tool'],
      state: { lock: 'held' },
      summary: '# Done\n',
      exitCode: 0,
    });
  });

  it.each([
    ['no delimiter', 'many<<END\nx\n', "Invalid value. Matching delimiter not found 'END'"],
    ['no pair', 'nonsense\n', "Invalid format 'nonsense'"],
    ['no name', '=x\n', "Invalid format '=x'. Name must not be empty"],
  ])('fails when it writes an output file with %s', async (_, text, message) => {
    const result = await runNode(
      `import { appendFileSync } from 'node:fs'; appendFileSync(process.env.GITHUB_OUTPUT, ${JSON.stringify(text)});`,
    );
    expect(result.conclusion).toBe('failure');
    expect(result.annotations.map((one) => one.message)).toEqual([
      "Unable to process file command 'output' successfully.",
      message,
    ]);
  });

  it('is told of its event, repository and machine, and can override none of it', async () => {
    const result = await runNode(
      `import { readFileSync } from 'node:fs';
       const { env } = process;
       console.log(JSON.stringify([readFileSync(env.GITHUB_EVENT_PATH, 'utf8').replace(/\\s/g, ''), env.GITHUB_REPOSITORY,
         env.GITHUB_API_URL, env.CI, env.GITHUB_ACTIONS, env.RUNNER_OS, env.EXTRA, env.HOME === undefined,
         env.GITHUB_WORKSPACE === process.cwd(), process.versions.node.split('.')[0]]));`,
      {
        event: { inputs: { stage: 'dev' } },
        github: { repository: 'ameideio/gitops', api_url: 'http://127.0.0.1:1/api' },
        env: { EXTRA: 'x', GITHUB_REPOSITORY: 'evil/evil' },
      },
    );
    expect(JSON.parse(result.log[0] ?? '')).toEqual([
      '{"inputs":{"stage":"dev"}}',
      'ameideio/gitops',
      'http://127.0.0.1:1/api',
      'true',
      'true',
      'Linux',
      'x',
      false,
      true,
      '24',
    ]);
  });

  it('has every secret masked in log, annotations, groups and summary, line by line too', async () => {
    const result = await runNode(
      `import { appendFileSync } from 'node:fs';
       console.log('::add-mask::first line%0Asecond line');
       console.log('a first line and a second line, and ghs_0123456789');
       console.log('::group::for ghs_0123456789');
       console.error('::error title=ghs_0123456789::second line leaked');
       appendFileSync(process.env.GITHUB_STEP_SUMMARY, 'ghs_0123456789 and static-secret');`,
      { github: { token: 'ghs_0123456789' }, secrets: ['static-secret'] },
    );
    expect(result.log).toEqual(['a *** and a ***, and ***', '##[group]for ***', '##[error]*** leaked']);
    expect(result.annotations).toEqual([{ level: 'error', title: '***', message: '*** leaked' }]);
    expect(result.summary).toBe('*** and ***');
    expect(result.conclusion).toBe('success');
  });

  it('has its commands parsed and unescaped, stopped and resumed', async () => {
    const result = await runNode(
      `console.log('::notice file=a%2Cb.yaml,line=3,endLine=4,col=5,endColumn=6,title=T%3A%25::one%0Atwo%25');
       console.log('::stop-commands::tok');
       console.log('::error::not seen');
       console.log('::tok::');
       console.log('::debug::quiet');
       console.log('::unknown::text');
       console.log('::set-output name=x::1');
       console.log('::group::G'); console.log('in'); console.log('::endgroup::'); console.log('out');`,
    );
    expect(result.annotations).toEqual([
      {
        level: 'notice',
        message: 'one\ntwo%',
        file: 'a,b.yaml',
        line: 3,
        endLine: 4,
        column: 5,
        endColumn: 6,
        title: 'T:%',
      },
      { level: 'warning', message: 'The `set-output` command is deprecated and not obeyed here.' },
    ]);
    expect(result.outputs).toEqual({});
    expect(result.debug).toEqual(['quiet']);
    expect(result.groups).toEqual([{ title: 'G', lines: ['in'] }]);
    expect(result.log).toContain('::error::not seen');
    expect(result.log).toContain('::unknown::text');
  });

  it('shows ten annotations a level and drops the rest (orgs/community discussion 68471)', async () => {
    const result = await runNode(`for (let i = 0; i < 12; i++) console.log('::warning::' + i);`);
    expect(result.annotations).toHaveLength(10);
    expect(result.steps[0]?.droppedAnnotations).toBe(2);
  });

  it('drops a summary above 1 MiB, says so, and passes', async () => {
    const result = await runNode(
      `import { appendFileSync } from 'node:fs'; appendFileSync(process.env.GITHUB_STEP_SUMMARY, 'x'.repeat(1024 * 1025));`,
    );
    expect(result).toMatchObject({ conclusion: 'success', summary: '' });
    expect(result.annotations[0]?.message).toContain('supports content up to a size of 1024k, got 1025k');
  });

  it('fails by its exit code, and its outputs survive', async () => {
    const result = await runNode(
      `import { appendFileSync } from 'node:fs'; appendFileSync(process.env.GITHUB_OUTPUT, 'decision=refused\\n'); process.exit(3);`,
    );
    expect(result).toMatchObject({ conclusion: 'failure', exitCode: 3, outputs: { decision: 'refused' } });
  });

  it.each([
    ['set-env', '::set-env name=A::b'],
    ['add-path', '::add-path::/x'],
  ])('fails when it prints %s', async (name, line) => {
    const result = await runNode(`console.log(${JSON.stringify(line)});`);
    expect(result.conclusion).toBe('failure');
    expect(result.annotations[0]?.message).toContain(`The \`${name}\` command is disabled`);
  });
});

const PHASES = `
name: phases
description: pre, main and post
runs: {using: node24, pre: pre.mjs, main: index.mjs, post: post.mjs}
`;

describe('pre, main and post', () => {
  const save = (name: string) =>
    `import { appendFileSync } from 'node:fs';
     console.log('${name} ' + Object.keys(process.env).filter((key) => key.startsWith('STATE_')).sort());
     appendFileSync(process.env.GITHUB_STATE, '${name}=1\\n');`;

  it('run in order, with the state of those before, and post runs after a failure', async () => {
    await write({ 'action/pre.mjs': save('pre'), 'action/post.mjs': save('post') });
    const result = await runNode(`${save('main')} process.exit(1);`, {}, PHASES);
    expect(result.log).toEqual(['pre ', 'main STATE_pre', 'post STATE_main,STATE_pre']);
    expect(result.steps.map((step) => [step.phase, step.conclusion])).toEqual([
      ['pre', 'success'],
      ['main', 'failure'],
      ['post', 'success'],
    ]);
    expect(result.conclusion).toBe('failure');
  });

  it('a killed machine runs nothing more: SIGKILL of the whole group, no post', async () => {
    await write({ 'action/pre.mjs': '', 'action/post.mjs': save('post') });
    const kill = new AbortController();
    const result = await runNode(
      `import { spawn } from 'node:child_process';
       const child = spawn('sleep', ['60'], { stdio: 'inherit' });
       console.log('child ' + child.pid); setInterval(() => {}, 1000);`,
      { kill: kill.signal, onLine: (line) => line.startsWith('child') && kill.abort() },
      PHASES,
    );
    const child = Number(/child (\d+)/.exec(result.log[0] ?? '')?.[1]);
    expect(await isRunning(child)).toBe(false);
    expect(result).toMatchObject({ conclusion: 'failure', exitCode: 137 });
    expect(result.steps.map((step) => step.phase)).toEqual(['pre', 'main']);
  });
});

describe('a composite action', () => {
  const composite = `
name: outer
description: composed
inputs:
  who: {description: whom, default: world}
outputs:
  greeting: {description: g, value: '\${{ steps.hello.outputs.text }}'}
  inner: {description: i, value: '\${{ steps.inner.outputs.got }}'}
runs:
  using: composite
  steps:
    - id: hello
      shell: bash
      env: {WHO: '\${{ inputs.who }}'}
      run: |
        echo "text=hello $WHO" >> "$GITHUB_OUTPUT"
        echo "COLOUR=red" >> "$GITHUB_ENV"
        test -f "$GITHUB_ACTION_PATH/action.yml"
    - if: inputs.who == 'nobody'
      shell: bash
      run: exit 9
    - id: inner
      uses: $/inner
      with: {value: '\${{ steps.hello.outputs.text }}, \${{ env.COLOUR }}'}
    - uses: third/party@v1
      with: {Token: abc}
    - if: failure()
      shell: bash
      run: echo never
`;
  const inner = `
name: inner
description: inner
inputs: {value: {description: v}}
runs: {using: node24, main: ../inner.mjs}
`;

  it('runs its steps with inputs, conditions and outputs; $/ is the repository that holds the file', async () => {
    await write({
      'actions/outer/action.yml': composite,
      'inner/action.yml': inner,
      'inner.mjs': `import { appendFileSync } from 'node:fs';
         appendFileSync(process.env.GITHUB_OUTPUT, 'got=' + process.env.INPUT_VALUE + (process.env.INPUT_WHO ?? '') + '\\n');`,
    });
    const seen: unknown[] = [];
    const result = await runAction({
      action: join(root, 'actions/outer'),
      repositoryRoot: root,
      inputs: { who: 'you' },
      resolve: resolveFrom({
        builtins: {
          'third/party': async ({ inputs, env, log, onPost }) => {
            seen.push(inputs.token, env.COLOUR);
            log('::notice::built in');
            onPost(async () => {
              seen.push('post');
            });
          },
        },
      }),
    });
    expect(result.annotations).toEqual([{ level: 'notice', message: 'built in' }]);
    expect(result).toMatchObject({
      conclusion: 'success',
      outputs: { greeting: 'hello you', inner: 'hello you, red' },
    });
    expect(seen).toEqual(['abc', 'red', 'post']);
  });

  it('fails at the first failing step and names a third-party action nobody provides', async () => {
    await write({ 'actions/outer/action.yml': composite, 'inner/action.yml': inner, 'inner.mjs': '' });
    const unknown = await runAction({ action: join(root, 'actions/outer'), repositoryRoot: root });
    expect(unknown.conclusion).toBe('failure');
    expect(unknown.annotations.map((one) => one.message)).toEqual([
      'not in the test bed: uses: third/party@v1 (no implementation is registered for it)',
    ]);
    expect(unknown.log).toContain('never');
    const nobody = await runAction({
      action: join(root, 'actions/outer'),
      repositoryRoot: root,
      inputs: { who: 'nobody' },
    });
    expect(nobody.annotations.map((one) => one.message)).toEqual(['Process completed with exit code 9.']);
  });
});

describe('an action.yml that is wrong', () => {
  it.each([
    [
      'an unknown key',
      'name: x\ndescription: x\nruns: {using: node24, main: a.mjs, foo: 1}\n',
      "Unexpected value 'foo'",
    ],
    ['a container', 'name: x\ndescription: x\nruns: {using: docker, image: Dockerfile}\n', 'not in the test bed: '],
    ['no runtime that is left', 'name: x\ndescription: x\nruns: {using: node16, main: a.mjs}\n', 'runs.using: node16'],
  ])('fails by name: %s', async (_, manifest, message) => {
    const result = await runNode('', {}, manifest);
    expect(result.conclusion).toBe('failure');
    expect(result.annotations[0]?.message).toContain(message);
  });

  it('that is not there is said as the runner says it', async () => {
    const result = await runAction({ action: join(root, 'nowhere'), repositoryRoot: root });
    expect(result.annotations[0]?.message).toContain("Can't find 'action.yml', 'action.yaml' or 'Dockerfile' under");
  });
});
