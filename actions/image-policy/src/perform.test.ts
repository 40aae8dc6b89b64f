import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { TestRepository } from '../../../packages/forge/src/git/test-repository.js';
import { ALWAYS, createPolicyBed, DEFAULT, PINNED, type PolicyBed, pod, pullRequest } from './test-bed.js';

let repository: TestRepository;
let temp: string;
let run: PolicyBed['run'];
let bed: PolicyBed;
beforeEach(() => {
  bed = createPolicyBed();
  ({ repository, temp, run } = bed);
});
afterEach(() => bed.remove());

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

describe('the change alone', () => {
  it('counts with `changed-only`, and needs a base', async () => {
    repository.write('old.yaml', pod('x:main'));
    const base = repository.commit();
    repository.write('new.yaml', pod('y:main'));
    repository.commit();
    const inputs = { 'changed-only': 'true', base };
    expect((await run({ inputs })).outputs).toMatchObject({ errors: '1', references: '1' });
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
