import { readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { TestRepository } from '../../../packages/forge/src/git/test-repository.js';
import { ALWAYS, createPolicyBed, PINNED, type PolicyBed, pod } from './test-bed.js';

let repository: TestRepository;
let temp: string;
let run: PolicyBed['run'];
let bed: PolicyBed;
beforeEach(() => {
  bed = createPolicyBed();
  ({ repository, temp, run } = bed);
});
afterEach(() => bed.remove());

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
