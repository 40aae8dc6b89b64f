import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { type Bed, type PullRequest, startBed } from '@waybill/testbed';
import { errorsOf, succeeded, valuesFile } from '../support.js';

const digest = (character: string) => `sha256:${character.repeat(64)}`;
const [NEW, OLD, OTHER] = [digest('a'), digest('b'), digest('c')];
const THIRD_PARTY = `image: "redis:7.4@${digest('d')}"\n`;
const SPLIT = `# as the chart wants it\r\nimage:\r\n  repository: ghcr.io/ameideio/web # ours\r\n  tag: "1.2.3"\r\n  digest: '${OLD}'\r\n`;

/** Environments as folders, without waybill.yaml: what `promote-images.sh dev staging` moved. */
let bed: Bed;
beforeAll(async () => {
  bed = await startBed({
    identity: 'app',
    files: {
      'README.md': '# gitops\n',
      'dev/api.yaml': valuesFile('api', NEW),
      'dev/job.yaml': `migrate:\n  image: ghcr.io/ameideio/api@${NEW}\n`,
      'dev/web.yaml': `image:\n  repository: ghcr.io/ameideio/web\n  tag: 1.3.0\n  digest: ${NEW}\n`,
      'dev/zone.yaml': `image: ghcr.io/ameideio/web@${NEW}\n`,
      'tagged/api.yaml': `image:\n  repository: ghcr.io/ameideio/api\n  tag: 1.2.3\n  digest: ${OLD}\n`,
      'dev/only-here.yaml': valuesFile('labs', NEW),
      'dev/redis.yaml': `image: "redis:8.0@${digest('e')}"\n`,
      'staging/api.yaml': valuesFile('api', OLD),
      'staging/web.yaml': SPLIT,
      'staging/redis.yaml': THIRD_PARTY,
      'two/api.yaml': valuesFile('api', NEW),
      'two/worker.yaml': `image: ghcr.io/ameideio/api@${OTHER}\n`,
      'floating/api.yaml': 'image: ghcr.io/ameideio/api:main\n',
      'equal/api.yaml': valuesFile('api', NEW),
    },
  });
});
afterAll(() => bed.close());
afterEach(async () => {
  await bed.github.settled();
  expect([bed.github.unhandled, bed.github.violations]).toEqual([[], []]);
  expect(bed.registry.log.count()).toBe(0);
});

function copy(from: string, to: string, inputs: Readonly<Record<string, string>> = {}, options = {}) {
  return bed.act(
    'promote',
    { from: `${from}/**`, to: `${to}/**`, 'first-party': 'ghcr.io/ameideio/*', ...inputs },
    options,
  );
}

const pulls = (): readonly PullRequest[] => bed.github.pullRequests(bed.repository);
const written = () => bed.github.log.filter(({ mutating }) => mutating);
const read = (path: string, ref = 'main') => bed.github.readText(bed.repository, ref, path);

describe('promote without configuration', () => {
  it('writes nothing in a dry run', async () => {
    bed.github.log.clear();
    const result = succeeded(await copy('dev', 'staging', { 'dry-run': 'true' }));
    expect(result.outputs).toMatchObject({ decision: 'planned', 'reason-code': 'dry-run' });
    expect(result.summary).toContain('staging/api.yaml:2');
    expect(written()).toEqual([]);
  });

  it('copies the exact digests of what is ours, byte for byte, and leaves all else alone', async () => {
    const result = succeeded(await copy('dev', 'staging'));
    const [pull] = pulls();
    expect(result.outputs).toMatchObject({ decision: 'done', 'pull-request': String(pull?.number) });
    const branch = pull?.headRef ?? '';
    expect(await read('staging/api.yaml', branch)).toBe(valuesFile('api', NEW));
    expect(await read('staging/web.yaml', branch)).toBe(SPLIT.replace('1.2.3', '1.3.0').replace(OLD, NEW));
    expect(await read('staging/redis.yaml', branch)).toBe(THIRD_PARTY);
    expect(await read('dev/api.yaml', branch)).toBe(valuesFile('api', NEW));
    expect(pull?.autoMerge).toBeUndefined();
    expect(pull?.merged).toBe(false);
    expect(pull?.body).toContain('labs');
    expect(pull?.body).toContain('no tag is resolved');
  });

  it('finds its pull request again, and has nothing to do once it is merged', async () => {
    const again = succeeded(await copy('dev', 'staging'));
    expect(again.outputs).toMatchObject({ decision: 'waiting', 'reason-code': 'pull-request-open' });
    expect(pulls()).toHaveLength(1);
    await bed.github.mergePullRequest(bed.repository, pulls()[0]?.number ?? 0, 'alice');
    const after = succeeded(await copy('dev', 'staging'));
    expect(after.outputs).toMatchObject({ decision: 'unchanged', 'reason-code': 'nothing-new', 'pull-request': '' });
    expect(pulls()).toHaveLength(1);
  });

  it('changes nothing where the digests agree already', async () => {
    const result = succeeded(await copy('dev', 'equal'));
    expect(result.outputs.decision).toBe('unchanged');
  });

  it.each([
    ['two digests for one repository', 'two', {}, 'tree-ambiguous', ['two/worker.yaml', 'two/api.yaml:2']],
    ['what is not pinned', 'floating', {}, 'tree-ambiguous', ['floating/api.yaml', 'not pinned']],
    ['from without to', 'dev', { to: '' }, 'input-invalid', ['`from` and `first-party`']],
    ['a first-party glob without registry', 'dev', { 'first-party': 'ameideio/*' }, 'input-invalid', ['`first-party`']],
    ['no first-party', 'dev', { 'first-party': '' }, 'input-invalid', ['`from` and `to`']],
    ['a repository that is none', 'dev', { repository: 'gitops' }, 'input-invalid', ['repository']],
    ['a repository it may not see', 'dev', { repository: 'ameideio/other' }, 'forge-denied', ['repository']],
    ['neither a Stage nor globs', 'dev', { from: '', to: '', 'first-party': '' }, 'input-invalid', ['`stage`']],
    [
      'a Stage without waybill.yaml',
      'dev',
      { from: '', to: '', 'first-party': '', stage: 'dev' },
      'config-missing',
      ['waybill.yaml'],
    ],
  ])('refuses %s, and writes nothing', async (_, from, inputs, code, said) => {
    bed.github.log.clear();
    const result = await copy(from, 'equal', inputs);
    expect(result.conclusion).toBe('failure');
    expect(result.outputs['reason-code']).toBe(code);
    for (const text of said) expect(errorsOf(result)).toContain(text);
    expect(written()).toEqual([]);
  });

  it('refuses to leave a tag beside a digest that it is not known to name', async () => {
    bed.github.log.clear();
    const result = await copy('dev', 'tagged');
    expect(result.outputs['reason-code']).toBe('edit-unsafe');
    expect(errorsOf(result)).toContain('tagged/api.yaml');
    expect(written()).toEqual([]);
  });

  it('refuses globs of files that are not there', async () => {
    for (const [from, to] of [
      ['nowhere', 'equal'],
      ['dev', 'nowhere'],
    ] as const) {
      const result = await copy(from, to);
      expect(result.outputs['reason-code']).toBe('input-invalid');
      expect(errorsOf(result)).toContain('nowhere/**');
    }
  });

  it('refuses a run on another branch', async () => {
    bed.github.log.clear();
    const result = await copy('dev', 'two', {}, { ref: 'refs/heads/topic' });
    expect(result.outputs['reason-code']).toBe('wrong-ref');
    expect(written()).toEqual([]);
  });
});
