import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { type Bed, type PullRequest, pushImage, startBed, startRegistry } from '@waybill/testbed';
import { type Digests, errorsOf, pushImages, succeeded, valuesFile } from '../support.js';

const LEFT = `sha256:${'a'.repeat(64)}`;
const FLUX = `apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
images: # as deployed
  - name: ghcr.io/ameideio/web
    digest: ${LEFT}
`;

/** A repository without waybill.yaml; each test has a folder of its own in it. */
let bed: Bed;
let generation = 10;
const files: Record<string, string> = { 'README.md': '# gitops\n' };
for (const folder of [
  'one',
  'direct',
  'armed',
  'round',
  'dry',
  'race',
  'seized',
  'stale',
  'died',
  'token',
  'forged',
  'twin',
]) {
  files[`${folder}/api.yaml`] = valuesFile('api', LEFT);
  files[`${folder}/kustomization.yaml`] = FLUX;
}
files['unsafe/api.yaml'] = `image: {ref: ghcr.io/ameideio/api:{{ .Values.tag }}}\n`;

beforeAll(async () => {
  bed = await startBed({ identity: 'app', files });
});
afterAll(() => bed.close());
afterEach(async () => {
  await bed.github.settled();
  expect([bed.github.unhandled, bed.github.violations]).toEqual([[], []]);
});

const IMAGES = 'ghcr.io/ameideio/api:main\nghcr.io/ameideio/web:main';

function bump(folder: string, inputs: Readonly<Record<string, string>> = {}, options = {}) {
  return bed.act('bump', { images: IMAGES, files: `${folder}/**`, ...inputs }, options);
}

async function pinned(folder: string, branch = 'main'): Promise<Digests> {
  const digestIn = async (path: string) =>
    /sha256:[0-9a-f]{64}/.exec((await bed.github.readText(bed.repository, branch, path)) ?? '')?.[0] ?? 'none';
  return { api: await digestIn(`${folder}/api.yaml`), web: await digestIn(`${folder}/kustomization.yaml`) };
}

const pulls = (): readonly PullRequest[] => bed.github.pullRequests(bed.repository);
const checked = () => bed.github.setBranchProtection(bed.repository, { pattern: 'main', checks: ['test'] });
const unchecked = () => bed.github.setBranchProtection(bed.repository, { pattern: 'main' });
const lastPull = (): PullRequest => {
  const pull = pulls().at(-1);
  if (pull === undefined) throw new Error('there is no pull request');
  return pull;
};

describe('bump without configuration', () => {
  it('pins all images in all files by one pull request, and finds it again', async () => {
    const digests = await pushImages(bed, 1);
    const first = succeeded(await bump('one', { 'auto-merge': 'false' }));
    expect(first.outputs).toMatchObject({ decision: 'done', 'reason-code': 'pull-request-opened' });
    expect(pulls()).toHaveLength(1);
    const pull = lastPull();
    expect(first.outputs['pull-request']).toBe(String(pull.number));
    expect(await pinned('one', pull.headRef)).toEqual(digests);
    expect(await bed.github.readText(bed.repository, pull.headRef, 'one/kustomization.yaml')).toBe(
      FLUX.replace(LEFT, digests.web ?? ''),
    );
    expect(pull.body).toContain('one/api.yaml:2');
    expect(pull.body).toContain('ghcr.io/ameideio/web');
    expect(pull).toMatchObject({ state: 'open', autoMerge: undefined, title: 'bump: 2 images' });

    const again = succeeded(await bump('one', { 'auto-merge': 'false' }));
    expect(again.outputs).toMatchObject({ decision: 'waiting', 'pull-request': String(pull.number) });
    expect(pulls()).toHaveLength(1);
    expect(await bed.github.commits(bed.repository, pull.headRef, 'one')).toHaveLength(2);
  });

  it('merges the expected head where GitHub has nothing to wait for, and deletes the branch', async () => {
    const digests = await pushImages(bed, 1);
    succeeded(await bump('direct'));
    expect(lastPull()).toMatchObject({ merged: true });
    expect(await pinned('direct')).toEqual(digests);
    expect(Object.keys(await bed.github.branches(bed.repository))).not.toContain(lastPull().headRef);
    const idle = succeeded(await bump('direct'));
    expect(idle.outputs).toMatchObject({ decision: 'unchanged', 'reason-code': 'nothing-new' });
  });

  it('lets GitHub merge once the required checks have passed', async () => {
    const digests = await pushImages(bed, 1);
    checked();
    succeeded(await bump('armed'));
    const pull = lastPull();
    expect(pull).toMatchObject({ state: 'open', merged: false });
    expect(pull.autoMerge).toBeDefined();
    await bed.github.setCheck(bed.repository, { name: 'test', sha: pull.headRef, conclusion: 'success' });
    await bed.github.settled();
    expect(bed.github.pullRequest(bed.repository, pull.number).merged).toBe(true);
    expect(await pinned('armed')).toEqual(digests);
  });

  it('makes the same change again after it was merged and taken back: A to B to A to B', async () => {
    checked();
    const before = pulls().length;
    const seen: Digests[] = [];
    for (const generation of [2, 3, 2, 3]) {
      await pushImages(bed, generation);
      succeeded(await bump('round'));
      const pull = lastPull();
      await bed.github.setCheck(bed.repository, { name: 'test', sha: pull.headRef, conclusion: 'success' });
      await bed.github.settled();
      seen.push(await pinned('round'));
    }
    expect(pulls().length - before).toBe(4);
    expect(seen[2]).toEqual(seen[0]);
    expect(seen[3]).toEqual(seen[1]);
    expect(seen[1]).not.toEqual(seen[0]);
    unchecked();
  });

  it('writes nothing in a dry run, and says what it would', async () => {
    await pushImages(bed, 1);
    bed.github.log.clear();
    const result = succeeded(await bump('dry', { 'dry-run': 'true' }, { ref: 'refs/heads/topic' }));
    expect(result.outputs).toMatchObject({ decision: 'planned', 'reason-code': 'dry-run', 'pull-request': '' });
    expect(result.summary).toContain('dry/api.yaml:2');
    expect(bed.github.log.filter(({ mutating }) => mutating)).toEqual([]);
  });

  it('makes one pull request of two runs at the same moment', async () => {
    await pushImages(bed, 1);
    const before = pulls().length;
    const results = await Promise.all([
      bump('race', { 'auto-merge': 'false' }),
      bump('race', { 'auto-merge': 'false' }),
    ]);
    for (const result of results) succeeded(result);
    expect(pulls().length - before).toBe(1);
    expect(await bed.github.commits(bed.repository, lastPull().headRef, 'race')).toHaveLength(2);
  });

  it.each([
    ['the commit never reached GitHub', { match: { graphql: /mutation Commit/ }, kind: 'disconnect', times: 9 }],
    ['the commit was made, its answer lost', { match: { graphql: /mutation Commit/ }, kind: 'lost-answer', times: 9 }],
    [
      'the pull request was opened, its answer lost',
      { match: { method: 'POST', path: /pulls$/ }, kind: 'lost-answer', times: 9 },
    ],
  ] as const)('goes on where another run ended because %s', async (_, fault) => {
    const digests = await pushImages(bed, ++generation);
    const before = pulls().length;
    bed.github.faults.push(fault);
    await bump('died', { 'auto-merge': 'false' });
    bed.github.faults.clear();
    succeeded(await bump('died', { 'auto-merge': 'false' }));
    expect(pulls().length - before).toBe(1);
    expect(await pinned('died', lastPull().headRef)).toEqual(digests);
    expect(await bed.github.commits(bed.repository, lastPull().headRef, 'died')).toHaveLength(2);
  });

  it('opens a new pull request for what the tags point at now, and leaves the older to its reader', async () => {
    const before = pulls().length;
    await pushImages(bed, 5);
    succeeded(await bump('stale', { 'auto-merge': 'false' }));
    const digests = await pushImages(bed, 6);
    succeeded(await bump('stale'));
    expect(pulls().length - before).toBe(2);
    expect(await pinned('stale')).toEqual(digests);
  });

  it('sends the forge’s token to no registry, and the registry’s to no forge', async () => {
    const secret = 'registry-secret-0123456789';
    const account = { username: 'reader', password: secret };
    const own = await startRegistry({ auth: { kind: 'token', accounts: [account] } });
    try {
      const { digest } = await pushImage({ ...own, credentials: account }, { repository: 'team/app', tags: ['main'] });
      const [main, path] = ['main', 'secrets/app.yaml'];
      const text = `image: ${own.host}/team/app@${LEFT}\n`;
      await bed.github.commitAs('alice', bed.repository, main, { [path]: text }, 'an image of another registry');
      own.log.clear();
      bed.github.log.clear();
      bed.registry.log.clear();
      const token = bed.app?.installationToken(bed.repository) ?? '';
      const images = `${own.host}/team/app:main\nghcr.io/ameideio/api:main`;
      const registry = { registry: own.host, 'registry-username': 'reader', 'registry-token': secret };
      const result = succeeded(await bump('secrets', { images, token, ...registry }));
      expect(await bed.github.readText(bed.repository, main, path)).toBe(text.replace(LEFT, digest));
      expect([own.log.saw(secret), own.log.saw(token)]).toEqual([true, false]);
      expect([bed.registry.log.saw(secret), bed.registry.log.saw(token)]).toEqual([false, false]);
      // GitHub knows whose each request is: by another credential it would be nobody's.
      expect(new Set(bed.github.log.map(({ login }) => login))).toEqual(new Set(['waybill[bot]']));
      const said = [...result.log, ...result.debug, result.summary].join('\n');
      for (const text of [secret, token]) expect(said).not.toContain(text);
    } finally {
      await own.close();
    }
  });

  it('works with GITHUB_TOKEN', async () => {
    const digests = await pushImages(bed, 1);
    bed.github.removeRuleset(bed.repository, 'Waybill');
    const permissions = { contents: 'write', 'pull-requests': 'write', metadata: 'read' } as const;
    const token = bed.github.createJobToken({ repository: bed.repository, permissions });
    succeeded(await bump('token', { token }));
    expect(lastPull()).toMatchObject({ merged: true, author: { login: 'github-actions[bot]' } });
    expect(await pinned('token')).toEqual(digests);
  });
});

describe('bump without configuration, where somebody else may write to its branches', () => {
  beforeAll(() => bed.github.removeRuleset(bed.repository, 'Waybill'));

  it('neither adopts nor merges a pull request whose branch somebody pushed to', async () => {
    await pushImages(bed, 1);
    succeeded(await bump('seized', { 'auto-merge': 'false' }));
    const pull = lastPull();
    await bed.github.commitAs('bob', bed.repository, pull.headRef, { 'seized/evil.yaml': 'evil: true\n' }, 'one more');
    const result = await bump('seized');
    expect(result.outputs['reason-code']).toBe('branch-not-ours');
    expect(errorsOf(result)).toContain('bob');
    expect(bed.github.pullRequest(bed.repository, pull.number)).toMatchObject({ state: 'open', autoMerge: undefined });
  });

  it('does not take a branch that somebody made before it', async () => {
    await pushImages(bed, 1);
    succeeded(await bump('forged', { 'auto-merge': 'false' }));
    const { headRef, number } = lastPull();
    await bed.github.closePullRequest(bed.repository, number, 'bob');
    await bed.github.deleteBranch('bob', bed.repository, headRef);
    await bed.github.createBranch('bob', bed.repository, headRef);
    await bed.github.commitAs('bob', bed.repository, headRef, { 'forged/evil.yaml': 'evil: true\n' }, 'mine');
    const before = pulls().length;
    const result = await bump('forged');
    expect(result.outputs['reason-code']).toBe('branch-not-ours');
    expect(pulls()).toHaveLength(before);
  });

  it('merges its own pull request, not another one from the same branch', async () => {
    const digests = await pushImages(bed, 1);
    succeeded(await bump('twin', { 'auto-merge': 'false' }));
    const own = lastPull();
    await bed.github.createBranch('bob', bed.repository, 'release');
    await bed.github.openPullRequest('bob', bed.repository, { head: own.headRef, base: 'release' });
    const twin = lastPull();
    expect(twin.number).not.toBe(own.number);
    succeeded(await bump('twin'));
    expect(bed.github.pullRequest(bed.repository, own.number).merged).toBe(true);
    expect(bed.github.pullRequest(bed.repository, twin.number).merged).toBe(false);
    expect(await pinned('twin')).toEqual(digests);
  });
});

describe('bump without configuration refuses', () => {
  it.each([
    ['images without files', { files: '' }, 'input-invalid', '`files` is empty'],
    ['files without images', { images: '' }, 'input-invalid', '`images` is empty'],
    ['what is no reference', { images: 'ghcr.io/Ameideio/api:main' }, 'reference-invalid', 'Ameideio'],
    ['a tag that is not there', { images: 'ghcr.io/ameideio/api:nothing' }, 'registry-not-found', 'nothing'],
    ['neither a flag', { 'auto-merge': 'perhaps' }, 'input-invalid', 'auto-merge'],
    ['a file it can’t edit', { files: 'unsafe/**' }, 'edit-unsafe', 'unsafe/api.yaml'],
    ['a glob out of the repository', { files: '../**' }, 'input-invalid', '..'],
  ])('%s', async (_, inputs, code, said) => {
    bed.github.log.clear();
    const result = await bump('one', inputs);
    expect(result.conclusion).toBe('failure');
    expect(result.outputs['reason-code']).toBe(code);
    expect(errorsOf(result)).toContain(said);
    expect(bed.github.log.filter(({ mutating }) => mutating)).toEqual([]);
  });

  it('a run on another branch', async () => {
    bed.github.log.clear();
    const result = await bump('dry', {}, { ref: 'refs/heads/topic' });
    expect(result.outputs['reason-code']).toBe('wrong-ref');
    expect(bed.github.log.filter(({ mutating }) => mutating)).toEqual([]);
  });
});
