import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { TestRepository } from '../../../packages/forge/src/git/test-repository.js';
import { createPolicyBed, PINNED, type PolicyBed, pod } from './test-bed.js';

let repository: TestRepository;
let run: PolicyBed['run'];
let bed: PolicyBed;
beforeEach(() => {
  bed = createPolicyBed();
  ({ repository, run } = bed);
});
afterEach(() => bed.remove());

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
