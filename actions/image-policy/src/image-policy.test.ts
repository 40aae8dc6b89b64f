import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type Edge, runAction } from '@waybill/runtime';
import { createTestRepository, type TestRepository } from '../../../packages/forge/src/git/test-repository.js';
import { imagePolicy } from './definition.js';
import { perform } from './perform.js';

const DIGEST = `sha256:${'a'.repeat(64)}`;
const PINNED = `ghcr.io/o/api@${DIGEST}`;
const pod = (image: string, more = '') =>
  `apiVersion: v1\nkind: Pod\nspec:\n  containers:\n    - name: x\n      image: ${image}\n${more}`;
const ALWAYS = '      imagePullPolicy: Always\n';

let repository: TestRepository;
let temp: string;
beforeEach(() => {
  repository = createTestRepository();
  temp = mkdtempSync(join(tmpdir(), 'waybill-policy-'));
});
afterEach(() => {
  repository.remove();
  rmSync(temp, { recursive: true, force: true });
});

interface Result {
  readonly exitCode: number;
  readonly log: string;
  readonly summary: string;
  readonly outputs: Readonly<Record<string, string>>;
}

interface Asked {
  readonly event?: string;
  readonly payload?: unknown;
  readonly sha?: string;
  readonly ref?: string;
  readonly inputs?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
}

async function run({
  event = 'workflow_dispatch',
  payload = {},
  sha,
  ref = 'refs/heads/main',
  ...asked
}: Asked): Promise<Result> {
  let [log, exitCode] = ['', 0];
  writeFileSync(join(temp, 'event.json'), JSON.stringify(payload));
  const inputs = { token: 'secret-token', repository: 'o/r', ...asked.inputs };
  const env = {
    ...process.env,
    GITHUB_REPOSITORY: 'o/r',
    GITHUB_SERVER_URL: 'https://waybill.invalid',
    GITHUB_API_URL: 'https://waybill.invalid/api',
    GITHUB_GRAPHQL_URL: 'https://waybill.invalid/graphql',
    GITHUB_RUN_ID: '1',
    GITHUB_RUN_ATTEMPT: '1',
    GITHUB_ACTOR: 'ada',
    GITHUB_EVENT_NAME: event,
    GITHUB_EVENT_PATH: join(temp, 'event.json'),
    GITHUB_SHA: sha ?? repository.git('rev-parse', 'HEAD').trim(),
    GITHUB_REF: ref,
    GITHUB_WORKSPACE: repository.folder,
    GITHUB_OUTPUT: join(temp, 'output'),
    GITHUB_STEP_SUMMARY: join(temp, 'summary'),
    RUNNER_TEMP: temp,
    ...Object.fromEntries(Object.entries(inputs).map(([name, value]) => [`INPUT_${name.toUpperCase()}`, value])),
    ...asked.env,
  };
  for (const file of ['output', 'summary']) writeFileSync(join(temp, file), '');
  const edge: Edge = {
    env,
    clock: { now: () => new Date('2026-01-02T03:04:05Z'), sleep: async () => undefined },
    entropy: { bytes: (count) => new Uint8Array(count).fill(7) },
    write: (text) => {
      log += text;
    },
    setExitCode: (code) => {
      exitCode = code;
    },
  };
  await runAction(imagePolicy, perform, edge);
  const written = readFileSync(join(temp, 'output'), 'utf8');
  const pairs = [...written.matchAll(/^([\w-]+)<<(\w+)\n(.*?)\n?^\2$/gms)].map(([, name = '', , value = '']) => [
    name,
    value,
  ]);
  return { exitCode, log, summary: readFileSync(join(temp, 'summary'), 'utf8'), outputs: Object.fromEntries(pairs) };
}

const DEFAULT = { repository: { default_branch: 'main' } };
const pullRequest = (base: string, ref = 'main', head = '1'.repeat(40)) => ({
  ...DEFAULT,
  pull_request: { base: { sha: base, ref }, head: { sha: head } },
});

describe('without configuration', () => {
  it('passes a tree in which everything is pinned', async () => {
    repository.write('a.yaml', pod(PINNED));
    const commit = repository.commit();
    const { exitCode, outputs, summary } = await run({});
    expect(outputs).toMatchObject({
      decision: 'done',
      'reason-code': 'no-findings',
      errors: '0',
      references: '1',
      files: '1',
      commit,
      base: '',
    });
    expect(exitCode).toBe(0);
    expect(summary).toContain('## Image policy: passed');
  });

  it('fails another, and shows where, in the log, the annotations and the summary', async () => {
    repository.write('env/a b.yaml', pod('ghcr.io/o/api:main', ALWAYS));
    const commit = repository.commit();
    const { exitCode, outputs, log, summary } = await run({});
    expect(exitCode).toBe(1);
    expect(outputs).toMatchObject({ decision: 'refused', errors: '2', warnings: '0' });
    expect(log).toContain('6 |       image: ghcr.io/o/api:main\n  |              ^^^^^^^^^^^^^^^^^^');
    expect(log).toMatch(
      /^::error title=channel-tag%3A [^:]*,file=env\/a b\.yaml,line=6,endLine=6,col=14,endColumn=32::/m,
    );
    expect(summary).toContain(`https://waybill.invalid/o/r/blob/${commit}/env/a%20b.yaml#L6`);
  });

  it('looks at the commit, not at the working tree', async () => {
    repository.write('a.yaml', pod(PINNED));
    repository.commit();
    repository.write('a.yaml', pod('ghcr.io/o/api:main'));
    expect((await run({})).exitCode).toBe(0);
  });

  it('passes with `report-only`, and says what it found', async () => {
    repository.write('a.yaml', pod('ghcr.io/o/api:main'));
    repository.commit();
    const { exitCode, outputs } = await run({ inputs: { 'report-only': 'true' } });
    expect([exitCode, outputs.errors, outputs['reason-code']]).toEqual([0, '1', 'errors-reported']);
  });

  it('writes SARIF and JSON where it is asked to', async () => {
    repository.write('a.yaml', pod('ghcr.io/o/api:main'));
    const commit = repository.commit();
    const { outputs } = await run({
      inputs: { 'sarif-file': join(temp, 'x/y.sarif'), 'findings-file': join(temp, 'f.json') },
    });
    const sarif = JSON.parse(readFileSync(outputs['sarif-file'] ?? '', 'utf8'));
    expect(sarif.runs[0].results[0].ruleId).toBe('channel-tag');
    expect(JSON.parse(readFileSync(outputs['findings-file'] ?? '', 'utf8'))).toMatchObject({
      commit,
      decision: 'fail',
    });
  });
});

describe('whose configuration counts', () => {
  const policies = (images: string) => `apiVersion: waybill/v1\nimages: ${images}\n`;

  it('is the base’s: a pull request can not excuse itself (threat model, row 4)', async () => {
    repository.write('a.yaml', pod(PINNED));
    const base = repository.commit();
    repository.git('checkout', '-q', '-b', 'topic');
    repository.write('a.yaml', pod('ghcr.io/o/api:1.2.3'));
    repository.write('waybill.policies.yaml', policies('{severities: {unpinned: off}}'));
    repository.commit();
    const { exitCode, summary } = await run({
      event: 'pull_request',
      ref: 'refs/pull/1/merge',
      payload: pullRequest(base),
    });
    expect(exitCode).toBe(1);
    expect(summary).toContain('no configuration');
  });

  it('is the base’s when that has one', async () => {
    repository.write('waybill.policies.yaml', policies('{severities: {unpinned: off}}'));
    repository.write('a.yaml', pod('ghcr.io/o/api:1.2.3'));
    const base = repository.commit();
    repository.git('checkout', '-q', '-b', 'topic');
    repository.git('rm', '-q', 'waybill.policies.yaml');
    repository.commit();
    const { exitCode, summary } = await run({ event: 'pull_request', payload: pullRequest(base) });
    expect(exitCode).toBe(0);
    expect(summary).toContain(`\`waybill.policies.yaml\` of main at \`${base.slice(0, 7)}\``);
    expect(summary).toContain('whoever may edit');
  });

  it('is named by the first parent of GitHub’s test merge, whatever the payload’s base was', async () => {
    const old = repository.commit('old');
    repository.git('checkout', '-q', '-b', 'topic');
    repository.write('b.yaml', pod(PINNED));
    const head = repository.commit();
    repository.git('checkout', '-q', 'main');
    const base = repository.commit('newer');
    repository.git('merge', '-q', '--no-ff', '-m', 'merge', 'topic');
    const { outputs } = await run({ event: 'pull_request', payload: pullRequest(old, 'main', head) });
    expect(outputs.base).toBe(base);
    const named = repository.git('rev-parse', 'HEAD').trim();
    const other = await run({
      event: 'pull_request',
      sha: old,
      inputs: { commit: named },
      payload: pullRequest(old, 'main', head),
    });
    expect(other.outputs.base).toBe(old);
  });

  it('of a merge group is that of its base', async () => {
    const base = repository.commit();
    repository.write('a.yaml', pod('x:main'));
    repository.commit();
    const payload = { ...DEFAULT, merge_group: { base_sha: base, base_ref: 'refs/heads/main', head_sha: 'x' } };
    const { exitCode, outputs } = await run({ event: 'merge_group', payload });
    expect([exitCode, outputs.base]).toEqual([1, base]);
  });

  it('has its mistakes named', async () => {
    repository.write('waybill.policies.yaml', policies('{severities: {unpind: off}}'));
    repository.commit();
    const { outputs, log } = await run({});
    expect(outputs['reason-code']).toBe('config-invalid');
    expect(log).toContain('waybill.policies.yaml');
  });
});

describe('lineage', () => {
  const POLICIES = `apiVersion: waybill/v1
images:
  environments:
    - {name: dev, paths: ["env/dev/**"]}
    - {name: production, paths: ["env/production/**"], after: [dev]}
`;
  const image = (letter: string) => `ghcr.io/o/api@sha256:${letter.repeat(64)}`;

  it('is judged against the base’s environments', async () => {
    repository.write('waybill.policies.yaml', POLICIES);
    repository.write('env/dev/a.yaml', pod(image('b')));
    repository.write('env/production/a.yaml', pod(image('a')));
    const base = repository.commit();
    repository.write('env/production/a.yaml', pod(image('b')));
    repository.commit();
    const promoted = await run({ inputs: { base } });
    expect([promoted.exitCode, promoted.outputs.errors]).toEqual([0, '0']);
    expect(promoted.summary).toContain('| `production` | 1 |');
    repository.write('env/dev/a.yaml', pod(image('c')));
    repository.write('env/production/a.yaml', pod(image('c')));
    repository.commit();
    const both = await run({ inputs: { base } });
    expect(both.exitCode).toBe(1);
    expect(both.log).toContain('error[lineage-self-approved]');
    expect(both.log).toContain('= see: env/dev/a.yaml:6:14 dev has');
  });

  it('is said not to be judged where there is no base', async () => {
    repository.write('waybill.policies.yaml', POLICIES);
    repository.commit();
    expect((await run({})).summary).toContain('Lineage was not judged');
  });
});

describe('what is not an ordinary file', () => {
  const ENFORCED = 'apiVersion: waybill/v1\nimages: {enforce: ["env/**"]}\n';

  it('fails an enforced path, and is said elsewhere', async () => {
    repository.write('waybill.policies.yaml', ENFORCED);
    repository.write('other/c.yaml', pod('x:main'));
    repository.write('env/real.yaml', pod(PINNED));
    symlinkSync('../other/c.yaml', join(repository.folder, 'env/out.yaml'));
    symlinkSync('/etc/passwd', join(repository.folder, 'env/away.yaml'));
    symlinkSync('real.yaml', join(repository.folder, 'env/in.yaml'));
    repository.commit();
    const { exitCode, outputs, summary } = await run({});
    expect([exitCode, outputs.errors]).toEqual([1, '2']);
    expect(summary).toContain('`env/out.yaml`');
    expect(summary).toContain('`env/away.yaml`');
    expect(summary).not.toContain('in.yaml');
    expect(summary).not.toContain('root:');
  });

  it('is UTF-16, which clusters read and we do not', async () => {
    repository.write('waybill.policies.yaml', ENFORCED);
    repository.write('env/a.yaml', Buffer.from(`\ufeff${pod('x:main')}`, 'utf16le'));
    repository.commit();
    const { exitCode, outputs } = await run({});
    expect([exitCode, outputs['not-checked']]).toEqual([1, '1']);
  });

  it('is too large', async () => {
    repository.write('waybill.policies.yaml', ENFORCED);
    repository.write('env/a.yaml', Buffer.alloc(11 * 1024 * 1024, 0x20));
    repository.commit();
    const { exitCode, outputs } = await run({});
    expect([exitCode, outputs['not-checked']]).toEqual([1, '1']);
  });

  it('has a name that would be a command', async () => {
    const name = 'x\n::set-output name=decision::done\n::error file=y::z.yaml';
    repository.write(name, pod('x:main'));
    repository.commit();
    const { exitCode, log } = await run({});
    expect(exitCode).toBe(1);
    expect(log.split('\n').filter((line) => /^\s*::set-output|^::error file=y/.test(line))).toEqual([]);
    expect(log).toContain('%0A');
  });

  it('is not hidden by the tree’s own attributes', async () => {
    repository.write('.gitattributes', '* binary -diff -text\n');
    repository.write('a.yaml', pod('x:main'));
    repository.commit();
    expect((await run({})).outputs.errors).toBe('1');
  });
});

describe('the change alone', () => {
  it('counts with `changed-only`, and needs a base', async () => {
    repository.write('old.yaml', pod('x:main'));
    const base = repository.commit();
    repository.write('new.yaml', pod('y:main'));
    repository.commit();
    const inputs = { 'changed-only': 'true', base };
    expect((await run({ inputs })).outputs).toMatchObject({ errors: '1', references: '2' });
    const { outputs } = await run({ inputs: { 'changed-only': 'true' } });
    expect(outputs['reason-code']).toBe('input-invalid');
  });

  it('is staged', async () => {
    repository.write('a.yaml', pod(PINNED));
    repository.commit();
    repository.write('a.yaml', pod('x:main'));
    repository.git('add', '-A');
    repository.write('a.yaml', pod(PINNED));
    const { exitCode, outputs, summary } = await run({ inputs: { staged: 'true' } });
    expect([exitCode, outputs.errors, outputs.commit]).toEqual([1, '1', '']);
    expect(summary).not.toContain('/a.yaml#L');
    expect(summary).toContain('What is staged, against');
  });

  it('is compared with nothing after a push that leaves nothing behind', async () => {
    repository.write('a.yaml', pod(PINNED));
    repository.commit();
    const payload = { ...DEFAULT, before: '2'.repeat(40) };
    const { exitCode, summary } = await run({ event: 'push', payload });
    expect(exitCode).toBe(0);
    expect(summary).toContain('Compared with nothing');
  });
});

describe('a baseline', () => {
  it('lets only new findings fail, and is the base’s', async () => {
    repository.write('a.yaml', pod('x:main'));
    repository.commit();
    const file = join(repository.folder, 'known.json');
    expect((await run({ inputs: { 'new-baseline': file } })).outputs['reason-code']).toBe('baseline-written');
    const notThere = await run({ inputs: { baseline: 'known.json' } });
    expect(notThere.outputs['reason-code']).toBe('config-missing');
    const base = repository.commit();
    expect((await run({ inputs: { baseline: 'known.json' } })).exitCode).toBe(0);
    repository.write('b.yaml', pod('x:main'));
    repository.commit();
    const { outputs } = await run({ inputs: { baseline: 'known.json', base } });
    expect(outputs).toMatchObject({ errors: '1', decision: 'refused' });
  });
});

describe('fix: patch', () => {
  it('mends what it can, in the working tree and as a patch, and nothing twice', async () => {
    repository.write('a.yaml', pod(PINNED, ALWAYS).replaceAll('\n', '\r\n'));
    repository.write('b.yaml', pod(PINNED, ALWAYS));
    repository.commit();
    repository.write('b.yaml', 'edited since\n');
    const first = await run({ inputs: { fix: 'patch' } });
    expect(first.exitCode).toBe(1);
    expect(readFileSync(join(repository.folder, 'a.yaml'), 'utf8')).toBe(
      pod(PINNED, ALWAYS.replace('Always', 'IfNotPresent')).replaceAll('\n', '\r\n'),
    );
    expect(readFileSync(join(repository.folder, 'b.yaml'), 'utf8')).toBe('edited since\n');
    expect(first.log).toContain('Not written: b.yaml');
    repository.git('checkout', '-q', '.');
    repository.git('apply', first.outputs['patch-file'] ?? '');
    repository.commit();
    const second = await run({ inputs: { fix: 'patch' } });
    expect([second.exitCode, second.outputs.errors, second.outputs['patch-file']]).toEqual([0, '0', '']);
    expect(repository.git('status', '--porcelain')).toBe('');
  });

  it('follows no link that the working tree has where the commit has a file', async () => {
    repository.write('d/a.yaml', pod(PINNED, ALWAYS));
    repository.commit();
    const outside = join(temp, 'outside');
    rmSync(join(repository.folder, 'd'), { recursive: true });
    writeFileSync(outside, pod(PINNED, ALWAYS));
    repository.git('checkout', '-q', '.');
    rmSync(join(repository.folder, 'd/a.yaml'));
    symlinkSync(outside, join(repository.folder, 'd/a.yaml'));
    await run({ inputs: { fix: 'patch' } });
    expect(readFileSync(outside, 'utf8')).toBe(pod(PINNED, ALWAYS));
  });

  it.each(['commit', 'pull-request'])('%s is refused by name', async (fix) => {
    repository.commit();
    expect((await run({ inputs: { fix } })).outputs['reason-code']).toBe('not-supported');
  });
});

describe('what is not there', () => {
  it('fails when a base can not be had', async () => {
    repository.commit();
    const { outputs, exitCode, log } = await run({ event: 'pull_request', payload: pullRequest('3'.repeat(40)) });
    expect([exitCode, outputs['reason-code'], outputs.decision]).toEqual([1, 'forge-unavailable', 'failed']);
    expect(log).not.toContain(Buffer.from('x-access-token:secret-token').toString('base64'));
  });

  it('needs no checkout where the commit can be fetched', async () => {
    repository.write('a.yaml', pod('x:main'));
    const sha = repository.commit();
    repository.git('config', 'uploadpack.allowAnySHA1InWant', 'true');
    const empty = join(temp, 'empty');
    // The server's URL stands for the remote; Git is told where that is.
    const config = join(temp, 'gitconfig');
    writeFileSync(
      config,
      `[url "file://${repository.folder}"]\n\tinsteadOf = https://waybill.invalid/o/r\n[protocol "file"]\n\tallow = always\n`,
    );
    const home = join(temp, 'home');
    repository.git('init', '-q', home);
    writeFileSync(join(home, '.gitconfig'), readFileSync(config));
    repository.git('init', '-q', '--bare', empty);
    const { outputs } = await run({ sha, env: { GITHUB_WORKSPACE: '/', HOME: home, XDG_CONFIG_HOME: home } });
    expect(outputs).toMatchObject({ errors: '1', commit: sha });
    expect(existsSync(join(temp, 'waybill-objects.git'))).toBe(true);
  });
});
