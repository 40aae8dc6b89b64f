import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { readContext } from './context.js';

const env = {
  GITHUB_REPOSITORY: 'acme/git.ops',
  GITHUB_SHA: 'a'.repeat(40),
  GITHUB_REF: 'refs/heads/main',
  GITHUB_REF_NAME: 'main',
  GITHUB_RUN_ID: '42',
  GITHUB_RUN_ATTEMPT: '2',
  GITHUB_ACTOR: 'ada',
  GITHUB_TRIGGERING_ACTOR: 'github-actions[bot]',
  GITHUB_EVENT_NAME: 'workflow_dispatch',
  GITHUB_SERVER_URL: 'https://github.example/',
  GITHUB_API_URL: 'https://github.example/api/v3',
  GITHUB_GRAPHQL_URL: 'https://github.example/api/graphql',
  GITHUB_WORKFLOW: 'Promote',
  GITHUB_WORKFLOW_REF: 'acme/git.ops/.github/workflows/promote.yml@refs/heads/main',
  GITHUB_JOB: 'promote',
};

describe('readContext', () => {
  it('gives the run', () => {
    expect(readContext(env)).toMatchObject({
      repository: 'acme/git.ops',
      owner: 'acme',
      name: 'git.ops',
      ref: 'refs/heads/main',
      runAttempt: 2,
      actor: 'ada',
      triggeringActor: 'github-actions[bot]',
      serverUrl: 'https://github.example',
      runUrl: 'https://github.example/acme/git.ops/actions/runs/42/attempts/2',
      actionRepository: undefined,
    });
  });

  it('does without what some events have not', () => {
    const { GITHUB_SHA: _sha, GITHUB_REF: _ref, GITHUB_TRIGGERING_ACTOR: _actor, ...rest } = env;
    expect(readContext({ ...rest, GITHUB_REF_NAME: '' })).toMatchObject({
      sha: undefined,
      ref: undefined,
      refName: undefined,
      triggeringActor: 'ada',
    });
  });

  it('names everything that is missing or malformed at once', () => {
    expect(() =>
      readContext({
        ...env,
        GITHUB_REPOSITORY: 'acme',
        GITHUB_RUN_ID: undefined,
        GITHUB_API_URL: 'file:///etc',
        GITHUB_SHA: 'main',
      }),
    ).toThrow(
      expect.objectContaining({
        code: 'input-invalid',
        what: 'The environment lacks a usable GITHUB_REPOSITORY, GITHUB_RUN_ID, GITHUB_SHA, GITHUB_API_URL',
      }),
    );
  });
});

describe('the event', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'waybill-event-'));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });
  const path = () => join(folder, 'event.json');
  const event = () => readContext({ ...env, GITHUB_EVENT_PATH: path() }).event();

  it('is read when asked for', async () => {
    writeFileSync(path(), '{"inputs": {"stage": "dev"}}');
    expect(await event()).toEqual({ inputs: { stage: 'dev' } });
  });

  it.each([
    ['a list', '[]', 'is not a JSON object'],
    ['no JSON', '{', "can't be read as JSON"],
    ['too much', `{"x": "${'x'.repeat(4 * 1024 * 1024)}"}`, 'more than the 4194304'],
  ])('is refused when it is %s', async (_, content, what) => {
    writeFileSync(path(), content);
    await expect(event()).rejects.toMatchObject({ code: 'input-invalid', message: expect.stringContaining(what) });
  });

  it('is refused when it is absent', async () => {
    await expect(event()).rejects.toMatchObject({ code: 'input-invalid' });
  });
});
