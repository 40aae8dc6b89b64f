import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  type ActionResult,
  findTool,
  optionalServerAbsent,
  type PushedImage,
  pushImage,
  type RegistryProxy,
  repositoryRoot,
  runAction,
  skopeoDigest,
  startRegistry,
  startRegistryProxy,
  type TestRegistry,
} from '@waybill/testbed';
import { errorsOf, succeeded } from '../support.js';

const JOB_TOKEN = 'ghs_jobsOwnToken0123456789';
const REGISTRY_TOKEN = 'registry-secret-0123456789';
const REVISION = '1'.repeat(40);

/** ghcr.io, where the job's token reads `ameideio/*` but for `ameideio/secret`, and two registries of somebody else. */
let ghcr: TestRegistry;
let own: TestRegistry;
let foreign: TestRegistry;
let proxy: RegistryProxy;
const images: Record<string, PushedImage> = {};

beforeAll(async () => {
  const job = { username: '*', password: JOB_TOKEN, pull: ['ameideio/api', 'ameideio/web', 'ameideio/arm'] };
  const pusher = { username: 'ci', password: 'pushes' };
  [ghcr, own, foreign] = await Promise.all([
    startRegistry({ auth: { kind: 'token', accounts: [job, pusher], anonymousPull: ['public/*'] } }),
    startRegistry({ auth: { kind: 'token', accounts: [pusher, { username: 'reader', password: REGISTRY_TOKEN }] } }),
    startRegistry({}),
  ]);
  proxy = await startRegistryProxy({
    hosts: { 'ghcr.io': ghcr.url, 'registry.example.com': own.url, 'mirror.example.com': foreign.url },
  });
  const target = { ...ghcr, credentials: { username: 'ci', password: 'pushes' } };
  const facts = { tags: ['main'], revision: REVISION, created: '2026-11-01T08:00:00Z' };
  images.api = await pushImage(target, { ...facts, repository: 'ameideio/api', attestations: true });
  images.web = await pushImage(target, { ...facts, repository: 'ameideio/web', metadata: 'labels', format: 'docker' });
  images.arm = await pushImage(target, {
    repository: 'ameideio/arm',
    tags: ['main'],
    platforms: ['linux/arm64'],
    shape: 'manifest',
  });
  await pushImage(target, { ...facts, repository: 'ameideio/secret' });
  await pushImage(target, { ...facts, repository: 'ameideio/private' });
  images.public = await pushImage(target, { ...facts, repository: 'public/base', seed: 'base' });
  images.own = await pushImage(
    { ...own, credentials: { username: 'ci', password: 'pushes' } },
    { ...facts, repository: 'team/app', seed: 'own' },
  );
  images.foreign = await pushImage(foreign, { ...facts, repository: 'team/app', seed: 'foreign' });
});
afterAll(() => Promise.all([proxy.close(), ghcr.close(), own.close(), foreign.close()]));
beforeEach(() => {
  for (const registry of [ghcr, own, foreign]) registry.reset();
});

interface Where {
  readonly env?: Readonly<Record<string, string>>;
  readonly server?: string;
}

/** Runs it in a job without a checkout, whose API nothing listens at: neither configuration nor forge is there. */
function resolve(inputs: Readonly<Record<string, string>>, { env = proxy.env, server }: Where = {}) {
  return runAction({
    action: join(repositoryRoot(), 'actions/resolve-digest'),
    inputs,
    env: { ...env, HOME: '/nonexistent' },
    github: {
      server_url: server ?? 'https://github.com',
      api_url: 'http://127.0.0.1:9/api/v3',
      token: JOB_TOKEN,
    },
  });
}

const digest = (name: string) => images[name]?.digest ?? '';
const lines = (...references: readonly string[]) => references.join('\n');

function expectNoSecret(result: ActionResult): void {
  const said = [...result.log, ...result.debug, result.summary, JSON.stringify(result.outputs)].join('\n');
  expect(said).not.toContain(JOB_TOKEN);
  expect(said).not.toContain(REGISTRY_TOKEN);
}

describe('resolve-digest', () => {
  it('gives the digest of the index that one tag points at, and what its annotations say', async () => {
    const result = succeeded(await resolve({ images: 'ghcr.io/ameideio/api:main' }));
    expect(result.outputs).toMatchObject({
      ref: `ghcr.io/ameideio/api@${digest('api')}`,
      digest: digest('api'),
      revision: REVISION,
      created: '2026-11-01T08:00:00Z',
      decision: 'done',
      'reason-code': 'resolved',
    });
    expect(JSON.parse(result.outputs.refs ?? '')).toEqual([
      {
        image: 'ghcr.io/ameideio/api:main',
        ref: `ghcr.io/ameideio/api@${digest('api')}`,
        digest: digest('api'),
        platforms: ['linux/amd64', 'linux/arm64'],
        revision: REVISION,
        created: '2026-11-01T08:00:00Z',
      },
    ]);
    expect(result.summary).toContain('ghcr.io/ameideio/api:main');
    expectNoSecret(result);
  });

  it('gives many in the order asked for, of lists, indexes and single manifests', async () => {
    const result = succeeded(
      await resolve({
        images: lines(
          'ghcr.io/ameideio/web:main',
          '',
          'ghcr.io/ameideio/arm:main',
          `ghcr.io/ameideio/api@${digest('api')}`,
        ),
      }),
    );
    const refs = JSON.parse(result.outputs.refs ?? '') as readonly {
      readonly digest: string;
      readonly revision: string | null;
    }[];
    expect(refs.map((one) => one.digest)).toEqual([digest('web'), digest('arm'), digest('api')]);
    expect(refs.map((one) => one.revision)).toEqual([REVISION, null, REVISION]);
    expect([result.outputs.ref, result.outputs.digest]).toEqual([undefined, undefined]);
  });

  it.each([
    ['an index', 'linux/amd64', 'success', ''],
    ['an index without it', 'linux/s390x', 'failure', 'linux/s390x'],
  ])('holds %s to the platforms that are required', async (_, platforms, conclusion, said) => {
    const result = await resolve({ images: 'ghcr.io/ameideio/api:main', platforms });
    expect(result.conclusion).toBe(conclusion);
    expect(errorsOf(result)).toContain(said);
    expect(result.outputs['reason-code']).toBe(conclusion === 'success' ? 'resolved' : 'platform-missing');
  });

  it('reads the platform of a single manifest from its config', async () => {
    const wrong = await resolve({ images: 'ghcr.io/ameideio/arm:main', platforms: 'linux/amd64' });
    expect(wrong.outputs['reason-code']).toBe('platform-missing');
    expect(wrong.log.filter((line) => line.startsWith('What to do:'))).toHaveLength(1);
    succeeded(await resolve({ images: 'ghcr.io/ameideio/arm:main', platforms: 'linux/arm64' }));
  });

  it('lists every unreadable package in one error, with what to click for each', async () => {
    const result = await resolve({
      images: lines(
        'ghcr.io/ameideio/secret:main',
        'ghcr.io/ameideio/api:main',
        'ghcr.io/ameideio/private:main',
        'ghcr.io/ameideio/web:gone',
      ),
    });
    expect(result.conclusion).toBe('failure');
    expect(result.annotations.filter(({ level }) => level === 'error')).toHaveLength(1);
    const said = errorsOf(result);
    expect(said).toContain('3 of 4 images cannot be read');
    for (const name of ['secret:main', 'private:main', 'web:gone']) expect(said).toContain(`ghcr.io/ameideio/${name}`);
    expect(said).not.toContain('- ghcr.io/ameideio/api:main');
    expect(said).toContain('Manage Actions access');
    expect(result.outputs.decision).toBe('failed');
    expect(result.outputs.refs).toBeUndefined();
    expectNoSecret(result);
  });

  it('reads a public image without any credential', async () => {
    const result = succeeded(await resolve({ images: 'ghcr.io/public/base:main', 'ghcr-token': '' }));
    expect(result.outputs.digest).toBe(digest('public'));
    expect(ghcr.log.count({ authorization: 'basic' })).toBe(0);
  });

  it('sends each token to its own registry, and the job’s to ghcr.io alone', async () => {
    const result = succeeded(
      await resolve({
        images: lines(
          'ghcr.io/ameideio/api:main',
          'registry.example.com/team/app:main',
          'mirror.example.com/team/app:main',
        ),
        'registry-token': REGISTRY_TOKEN,
        'registry-username': 'reader',
        registry: 'registry.example.com',
      }),
    );
    const refs = JSON.parse(result.outputs.refs ?? '') as readonly { readonly digest: string }[];
    expect(refs.map((one) => one.digest)).toEqual([digest('api'), digest('own'), digest('foreign')]);
    const seen = [ghcr, own, foreign].map(({ log }) => [log.saw(JOB_TOKEN), log.saw(REGISTRY_TOKEN)]);
    expect(seen).toEqual([
      [true, false],
      [false, true],
      [false, false],
    ]);
    expectNoSecret(result);
  });

  it('keeps the job’s token of another GitHub from ghcr.io', async () => {
    const inputs = { images: 'ghcr.io/public/base:main' };
    succeeded(await resolve(inputs, { server: 'https://github.example.com' }));
    expect(ghcr.log.saw(JOB_TOKEN)).toBe(false);
    succeeded(await resolve(inputs));
    expect(ghcr.log.saw(JOB_TOKEN)).toBe(true);
  });

  it('goes through the proxy, and believes its authority only when told', async () => {
    const before = proxy.connections().length;
    succeeded(await resolve({ images: 'ghcr.io/ameideio/api:main' }));
    expect(proxy.connections().slice(before)).toContainEqual({ target: 'ghcr.io:443', allowed: true });
    const { NODE_EXTRA_CA_CERTS: _, ...withoutAuthority } = proxy.env;
    const distrusted = await resolve({ images: 'ghcr.io/ameideio/api:main' }, { env: withoutAuthority });
    expect(distrusted.outputs['reason-code']).toMatch(/^registry-/);
    expect(distrusted.conclusion).toBe('failure');
    const refused = await resolve({ images: 'other.example.com/team/app:main' });
    expect(refused.conclusion).toBe('failure');
  });

  it('speaks plain HTTP with loopback', async () => {
    const result = succeeded(await resolve({ images: `${foreign.host}/team/app:main` }));
    expect(result.outputs.digest).toBe(digest('foreign'));
  });

  it.each([
    ['no image', { images: ' \n ' }, 'input-invalid', 'Input images is empty'],
    ['what is no reference', { images: 'ghcr.io/Ameideio/api:main' }, 'reference-invalid', 'ghcr.io/Ameideio/api:main'],
    [
      'a realm that is no pair',
      { images: 'ghcr.io/ameideio/api:main', 'registry-realms': 'auth.example.com' },
      'input-invalid',
      'auth.example.com',
    ],
    ['a registry with a path', { images: 'ghcr.io/a/b:c', registry: 'https://ghcr.io' }, 'input-invalid', 'registry'],
    [
      'a user name with a colon',
      { images: 'ghcr.io/a/b:c', 'registry-token': REGISTRY_TOKEN, 'registry-username': 'a:b' },
      'input-invalid',
      'colon',
    ],
  ])('refuses %s before it asks anyone', async (_, inputs, code, said) => {
    const result = await resolve(inputs);
    expect(result.outputs['reason-code']).toBe(code);
    expect(errorsOf(result)).toContain(said);
    expect([ghcr, own, foreign].map(({ log }) => log.count())).toEqual([0, 0, 0]);
  });

  const noSkopeo = optionalServerAbsent('skopeo');
  const skopeo = findTool('skopeo') === undefined ? it.skip : it;
  skopeo(`agrees with skopeo inspect${noSkopeo === undefined ? '' : ` (${noSkopeo})`}`, async () => {
    const references = ['ameideio/api:main', 'ameideio/web:main', 'ameideio/arm:main'];
    const result = succeeded(await resolve({ images: lines(...references.map((one) => `ghcr.io/${one}`)) }));
    const refs = JSON.parse(result.outputs.refs ?? '') as readonly { readonly digest: string }[];
    const credentials = { username: 'ci', password: 'pushes' };
    const inspected = await Promise.all(references.map((one) => skopeoDigest(`${ghcr.host}/${one}`, credentials)));
    expect(refs.map((one) => one.digest)).toEqual(inspected);
  });
});
