import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { TestRepository } from '../../../packages/forge/src/git/test-repository.js';
import { createPolicyBed, DEFAULT, PINNED, type PolicyBed, pod, pullRequest } from './test-bed.js';

let repository: TestRepository;
let run: PolicyBed['run'];
let bed: PolicyBed;
beforeEach(() => {
  bed = createPolicyBed();
  ({ repository, run } = bed);
});
afterEach(() => bed.remove());

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
