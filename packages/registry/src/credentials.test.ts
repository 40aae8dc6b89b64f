import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createCredentials } from './credentials.js';
import { loadDockerConfig, type RunHelper } from './docker-config.js';
import { collectLog } from './test-support.js';

const basic = (user: string, password: string): string => Buffer.from(`${user}:${password}`).toString('base64');

describe('createCredentials', () => {
  it('gives each host its own, and only its own', async () => {
    const credentials = createCredentials({
      explicit: [
        { host: 'registry.example:5000', username: 'u', password: 'p' },
        { host: 'index.docker.io', username: 'hub', password: 'h' },
      ],
      githubToken: 'ghs_token',
    });
    expect(await credentials.forHost('registry.example:5000')).toMatchObject({ username: 'u', origin: 'input' });
    expect(await credentials.forHost('docker.io')).toMatchObject({ username: 'hub' });
    expect(await credentials.forHost('ghcr.io')).toMatchObject({ password: 'ghs_token', origin: 'github-token' });
    for (const other of [
      'registry.example',
      'registry.example:5001',
      'ghcr.io.evil.example',
      'evil.ghcr.io',
      'ghcr.io:443',
      'docker.io.evil.example',
      'docker.pkg.github.com',
    ]) {
      expect(await credentials.forHost(other)).toEqual({ kind: 'anonymous' });
    }
  });

  it('takes an explicit credential before the GitHub token', async () => {
    const explicit = [{ host: 'ghcr.io', username: 'someone', password: 'pat' }];
    const credentials = createCredentials({ explicit, githubToken: 'ghs_token' });
    expect(await credentials.forHost('ghcr.io')).toMatchObject({ password: 'pat' });
  });

  it('has no use for an empty token', async () => {
    expect(await createCredentials({ githubToken: '' }).forHost('ghcr.io')).toEqual({ kind: 'anonymous' });
  });

  it('refuses a user name that cannot be sent', () => {
    const explicit = [{ host: 'ghcr.io', username: 'a:b', password: 'p' }];
    expect(() => createCredentials({ explicit })).toThrow(expect.objectContaining({ code: 'input-invalid' }));
  });
});

describe('docker login', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'waybill-docker-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  async function load(config: unknown, runHelper?: RunHelper) {
    await writeFile(join(folder, 'config.json'), typeof config === 'string' ? config : JSON.stringify(config));
    const log = collectLog();
    const env = { DOCKER_CONFIG: folder, PATH: process.env.PATH };
    const docker = await loadDockerConfig({ env, log, ...(runHelper === undefined ? {} : { runHelper }) });
    return { credentials: createCredentials({ docker, githubToken: 'ghs_token' }), log };
  }

  it('is read from the auths, whatever way the host is written there', async () => {
    const { credentials } = await load({
      auths: {
        'https://index.docker.io/v1/': { auth: basic('hub', 'a:b') },
        'https://registry.example/v2/': { auth: basic('reg', 'r') },
        'plain.example:5000': { username: 'split', password: 's' },
        'team.azurecr.io': { auth: basic('00000000-0000-0000-0000-000000000000', ''), identitytoken: 'refresh' },
        'ghcr.io/some-org': { auth: basic('narrow', 'n') },
        'empty.example': {},
      },
    });
    expect(await credentials.forHost('docker.io')).toMatchObject({ username: 'hub', password: 'a:b' });
    expect(await credentials.forHost('registry.example')).toMatchObject({ username: 'reg', origin: 'docker-config' });
    expect(await credentials.forHost('plain.example:5000')).toMatchObject({ username: 'split', password: 's' });
    expect(await credentials.forHost('team.azurecr.io')).toMatchObject({ kind: 'identity-token', token: 'refresh' });
    expect(await credentials.forHost('ghcr.io')).toMatchObject({ origin: 'github-token' });
    expect(await credentials.forHost('empty.example')).toEqual({ kind: 'anonymous' });
    expect(await credentials.forHost('registry.example.evil.example')).toEqual({ kind: 'anonymous' });
  });

  it('asks the helper of the host, else the store, else the file', async () => {
    const asked: string[] = [];
    const runHelper: RunHelper = async (name, server) => {
      asked.push(`${name} ${server}`);
      if (name === 'ecr-login') return JSON.stringify({ Username: 'AWS', Secret: 'ecr' });
      if (server === 'token.example') return JSON.stringify({ Username: '<token>', Secret: 'refresh' });
      throw new Error('credentials not found in native keychain');
    };
    const { credentials, log } = await load(
      {
        credHelpers: { '1.dkr.ecr.eu-west-1.amazonaws.com': 'ecr-login' },
        credsStore: 'desktop',
        auths: { 'file.example': { auth: basic('f', 'ile') } },
      },
      runHelper,
    );
    expect(await credentials.forHost('1.dkr.ecr.eu-west-1.amazonaws.com')).toMatchObject({ username: 'AWS' });
    expect(await credentials.forHost('token.example')).toMatchObject({ kind: 'identity-token', token: 'refresh' });
    expect(await credentials.forHost('file.example')).toMatchObject({ username: 'f' });
    expect(await credentials.forHost('docker.io')).toEqual({ kind: 'anonymous' });
    expect(asked).toEqual([
      'ecr-login 1.dkr.ecr.eu-west-1.amazonaws.com',
      'desktop token.example',
      'desktop file.example',
      'desktop https://index.docker.io/v1/',
    ]);
    expect(log.lines).toEqual([]);
  });

  it.each(['../evil', 'a b', '-get', 'x;rm', '$(x)', '', 'a/b'])('does not run a helper named "%s"', async (name) => {
    const ran: string[] = [];
    const { credentials, log } = await load({ credHelpers: { 'registry.example': name } }, async (helper) => {
      ran.push(helper);
      return '{}';
    });
    expect(await credentials.forHost('registry.example')).toEqual({ kind: 'anonymous' });
    expect(ran).toEqual([]);
    expect(log.lines).toHaveLength(1);
  });

  it('runs a real helper without a shell, and never logs what it said', async () => {
    const program = join(folder, 'docker-credential-waybill-test');
    const script = `#!/bin/sh
read -r server
[ "$1" = get ] || exit 2
if [ "$server" = good.example ]; then printf '{"ServerURL":"%s","Username":"u","Secret":"s3cret"}' "$server"
elif [ "$server" = none.example ]; then echo 'credentials not found in native keychain'; exit 1
else echo 's3cret keychain is locked'; exit 1; fi
`;
    await writeFile(program, script, { mode: 0o755 });
    await writeFile(join(folder, 'config.json'), JSON.stringify({ credsStore: 'waybill-test' }));
    const log = collectLog();
    const env = { DOCKER_CONFIG: folder, PATH: `${folder}:${process.env.PATH}` };
    const credentials = createCredentials({ docker: await loadDockerConfig({ env, log }) });
    expect(await credentials.forHost('good.example')).toMatchObject({ username: 'u', password: 's3cret' });
    expect(await credentials.forHost('none.example')).toEqual({ kind: 'anonymous' });
    expect(log.lines).toEqual([]);
    expect(await credentials.forHost('locked.example')).toEqual({ kind: 'anonymous' });
    expect(log.lines).toEqual([expect.stringContaining('docker-credential-waybill-test failed for locked.example')]);
    expect(log.lines.join()).not.toContain('s3cret');
  });

  it.each([
    ['no JSON', '{', 1],
    ['no object', '[]', 1],
    ['nothing of interest', '{"auths": 7, "credHelpers": null}', 0],
  ])('goes on without it when the file is %s', async (_name, text, warnings) => {
    const { credentials, log } = await load(text);
    expect(await credentials.forHost('docker.io')).toEqual({ kind: 'anonymous' });
    expect(log.lines).toHaveLength(warnings);
  });

  it('goes on without it when there is no file', async () => {
    const log = collectLog();
    const docker = await loadDockerConfig({ env: { HOME: folder }, log });
    expect(await createCredentials({ docker }).forHost('docker.io')).toEqual({ kind: 'anonymous' });
    expect(log.lines).toEqual([]);
  });
});
