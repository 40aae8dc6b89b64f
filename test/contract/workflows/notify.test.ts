import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type PushedImage, pushImage, startRegistry, type TestRegistry } from '@waybill/testbed';
import { runAction } from '../../../packages/testbed/src/runner/index.js';
import { ROOT } from './workflow-files.js';

const SHA = '4f9a1c2b3d5e6f708192a3b4c5d6e7f801234567';
const OTHER_SHA = 'c0ffee2b3d5e6f708192a3b4c5d6e7f801234567';
const TOKEN = 'ghs_notASecretOfAnyone0123456789';

interface Dispatch {
  readonly url: string | undefined;
  readonly authorization: string | undefined;
  readonly body: unknown;
}

let registry: TestRegistry;
let forge: Server;
let apiUrl: string;
let image: PushedImage;
let other: PushedImage;
let dispatches: Dispatch[] = [];
let answers: number[] = [];

beforeAll(async () => {
  registry = await startRegistry();
  image = await pushImage(registry, { repository: 'acme/api', tags: [SHA, `sha-${SHA.slice(0, 7)}`, 'main'] });
  other = await pushImage(registry, {
    repository: 'acme/api',
    tags: [OTHER_SHA],
    annotations: { 'org.opencontainers.image.revision': OTHER_SHA },
  });
  forge = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      dispatches.push({
        url: request.url,
        authorization: request.headers.authorization,
        body: JSON.parse(Buffer.concat(chunks).toString('utf8')),
      });
      response.writeHead(answers.shift() ?? 204).end();
    });
  });
  await new Promise<void>((resolve) => forge.listen(0, '127.0.0.1', resolve));
  apiUrl = `http://127.0.0.1:${(forge.address() as AddressInfo).port}`;
});
afterAll(async () => {
  await registry.close();
  forge.closeAllConnections();
  await new Promise((resolve) => forge.close(resolve));
});
beforeEach(() => {
  dispatches = [];
  answers = [];
});

function notify(inputs: Readonly<Record<string, string>>) {
  return runAction({
    action: join(ROOT, 'actions/notify'),
    repositoryRoot: ROOT,
    inputs: { image: `${registry.host}/acme/api`, tag: SHA, digest: image.digest, ...inputs },
    github: { api_url: apiUrl, token: 'ghs_job' },
    secrets: [TOKEN],
  });
}

const messages = (result: Awaited<ReturnType<typeof notify>>) => result.annotations.map(({ message }) => message);

describe('notify', () => {
  it('gives the tag and the digest when they agree, and tells nobody', async () => {
    const result = await notify({});
    expect(messages(result)).toEqual([]);
    expect(result.outputs).toEqual({
      tag: SHA,
      digest: image.digest,
      ref: `${registry.host}/acme/api@${image.digest}`,
    });
    expect(dispatches).toEqual([]);
  });

  it('dispatches one property, with the token in the header', async () => {
    const result = await notify({ tag: `sha-${SHA.slice(0, 7)}`, 'gitops-repository': 'acme/gitops', token: TOKEN });
    expect(messages(result)).toEqual([]);
    expect(dispatches).toEqual([
      {
        url: '/repos/acme/gitops/dispatches',
        authorization: `Bearer ${TOKEN}`,
        body: {
          event_type: 'waybill',
          client_payload: {
            waybill: { v: 1, image: `${registry.host}/acme/api`, tag: `sha-${SHA.slice(0, 7)}`, digest: image.digest },
          },
        },
      },
    ]);
    expect(result.log.join('\n')).not.toContain(TOKEN);
  });

  it('refuses a tag that resolves to another digest', async () => {
    const result = await notify({ digest: other.digest, 'gitops-repository': 'acme/gitops', token: TOKEN });
    expect(result.conclusion).toBe('failure');
    expect(messages(result).join()).toContain(`resolves to ${image.digest} and the build reported ${other.digest}`);
    expect({ outputs: result.outputs.digest, dispatches }).toEqual({ outputs: '', dispatches: [] });
  });

  it('refuses a tag that is not there', async () => {
    const result = await notify({ tag: 'deadbeef', 'gitops-repository': 'acme/gitops', token: TOKEN });
    expect(result.conclusion).toBe('failure');
    expect(messages(result).join()).toContain('has no tag deadbeef');
    expect(dispatches).toEqual([]);
  });

  it.each([
    ['a tag that moves', { tag: 'main' }, 'Input tag'],
    ['a tag in the image', { image: 'ghcr.io/acme/api:main' }, 'Input image'],
    ['an image without a registry', { image: 'api' }, 'Input image'],
    ['a short digest', { digest: 'sha256:abc' }, 'Input digest'],
    [
      'a repository with a path',
      { 'gitops-repository': 'acme/gitops/../../user', token: TOKEN },
      'Input gitops-repository',
    ],
    ['a repository that is a dot', { 'gitops-repository': 'acme/..', token: TOKEN }, 'Input gitops-repository'],
    ['a repository without a token', { 'gitops-repository': 'acme/gitops' }, 'token is empty'],
    ['an event type with a quote', { 'event-type': 'a","x":"b' }, 'Input event-type'],
    ['a script in the tag', { tag: `$(touch /tmp/waybill)` }, 'Input tag'],
    ['a command on a second line', { tag: `${SHA}\n::set-output name=digest::x` }, 'Input tag'],
  ])('refuses %s', async (_, inputs, said) => {
    const result = await notify(inputs);
    expect(result.conclusion).toBe('failure');
    expect(messages(result)[0]).toContain(said);
    expect(dispatches).toEqual([]);
  });

  it('fails, saying so, when the GitOps repository does not take it', async () => {
    answers = [404];
    const result = await notify({ 'gitops-repository': 'acme/gitops', token: TOKEN });
    expect(result.conclusion).toBe('failure');
    expect(messages(result).join()).toContain('acme/gitops did not take the dispatch');
    expect(dispatches).toHaveLength(1);
  });

  it('tries again when the forge is out of order', async () => {
    answers = [502];
    const result = await notify({ 'gitops-repository': 'acme/gitops', token: TOKEN });
    expect(result.conclusion).toBe('success');
    expect(dispatches).toHaveLength(2);
  });
});
