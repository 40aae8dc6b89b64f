import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  type GitHubServer,
  type Runner,
  repositoryRoot,
  runLog,
  startGitHub,
  startRunner,
  type WorkflowRun,
} from '@waybill/testbed';
import { messages } from '../e2e/workflows/support.js';

/*
 * Threat row 19: whoever gets to move our release tag, or a branch of the action's repository, has every user run his
 * code with the App's key. The starters pin a commit, and what they call calls its own neighbours by `$/`, of the very
 * commit that holds the calling file. Here a stand-in for our repository is poisoned: with the guard off (a tag that
 * moves, at either place) the poison runs.
 */

const PRODUCT = 'OWNER/waybill';
const USER = 'acme/gitops';
const ZEROS = '0'.repeat(40);

const action = (says: string) => `name: Reconcile
description: Stands in for dist
runs:
  using: composite
  steps:
    - shell: bash
      env: {SAYS: ${says}}
      run: echo "$SAYS"
`;

/** A called workflow as we ship it, as far as the way it calls the action matters. */
const reusable = (uses: string) => `name: Waybill reconcile
on:
  workflow_call:
    inputs:
      client-id: {type: string, default: ''}
      dry-run: {type: boolean, default: false}
    secrets:
      WAYBILL_PRIVATE_KEY: {required: false}
      WAYBILL_REGISTRY_TOKEN: {required: false}
permissions: {}
jobs:
  reconcile:
    runs-on: ubuntu-latest
    steps:
      - uses: ${uses}
`;

const starter = readFileSync(join(repositoryRoot(), '.github/workflow-templates/waybill-reconcile.yml'), 'utf8');
const shipped = readFileSync(join(repositoryRoot(), '.github/workflows/reconcile.yml'), 'utf8');

let github: GitHubServer;
let runner: Runner;
/** Commits of the release, with `$/`, and of one that calls its action by the tag. */
let release: string;
let careless: string;

beforeAll(async () => {
  github = await startGitHub();
  for (const login of ['maintainer', 'alice']) github.createUser(login);
  await github.createRepository({
    owner: 'OWNER',
    name: 'waybill',
    files: {
      '.github/workflows/reconcile.yml': reusable('$/actions/reconcile'),
      'actions/reconcile/action.yml': action('the release'),
    },
    collaborators: { maintainer: 'write' },
  });
  await github.createRepository({
    owner: 'acme',
    name: 'gitops',
    organization: true,
    files: { 'README.md': '# gitops\n' },
    collaborators: { alice: 'write' },
  });
  release = await github.createBranch('maintainer', PRODUCT, 'v1');
  const file = { '.github/workflows/reconcile.yml': reusable('OWNER/waybill/actions/reconcile@v1') };
  careless = await github.commitAs('maintainer', PRODUCT, 'careless', file, 'by the tag');
  runner = startRunner({ host: github });
});
afterAll(async () => {
  await runner.dispose();
  await github.close();
  expect([github.unhandled, github.violations]).toEqual([[], []]);
});

/** The stand-in's tag moves to a commit that says something else. */
beforeEach(async () => {
  await github.forcePush('maintainer', PRODUCT, 'v1', release);
});
async function poison(): Promise<void> {
  await github.commitAs('maintainer', PRODUCT, 'v1', { 'actions/reconcile/action.yml': action('the poison') }, 'evil');
}

/** The shipped starter in a user's repository, pinned like this, started by a dispatch. */
async function startPinned(pin: string): Promise<WorkflowRun | undefined> {
  const text = starter.replace(`@${ZEROS} # v1.0.0`, `@${pin}`);
  expect(text).not.toBe(starter.replace(ZEROS, pin === ZEROS ? 'x' : ZEROS));
  await github.commitAs('alice', USER, 'main', { '.github/workflows/waybill-reconcile.yml': text }, `pin ${pin}`);
  await runner.idle();
  const before = runner.runs.length;
  await github.dispatchRepository('alice', USER, 'waybill');
  await runner.idle();
  return runner.runs[before];
}

const said = (run: WorkflowRun | undefined) =>
  (run === undefined ? [] : runLog(run)).filter((line) => /^the /.test(line));

describe('row 19: a release tag that moves', () => {
  it('runs the poison where the starter is pinned by the tag', async () => {
    expect(said(await startPinned('v1'))).toEqual(['the release']);
    await poison();
    expect(said(await startPinned('v1'))).toEqual(['the poison']);
  });

  it('runs the poison where the called workflow calls its action by the tag, whatever the starter pins', async () => {
    await poison();
    expect(said(await startPinned(careless))).toEqual(['the poison']);
  });

  it('changes nothing for the starter pinned by commit, nor for what that calls', async () => {
    await poison();
    expect(said(await startPinned(release))).toEqual(['the release']);
  });

  it('has no say before a user has chosen: the zeros that we ship run nothing', async () => {
    const run = await startPinned(ZEROS);
    expect(run?.conclusion).not.toBe('success');
    expect(said(run)).toEqual([]);
    expect(messages(run === undefined ? [] : [run]) + (run?.problem ?? '')).toContain(ZEROS);
  });

  it('is not what the shipped workflows go by', () => {
    const uses = [...shipped.matchAll(/^\s*(?:- )?uses: (\S+)/gm)].map(([, name = '']) => name);
    expect(uses).toContain('$/actions/reconcile');
    for (const name of uses) expect(name).toMatch(/^\$\/|@[0-9a-f]{40}$/);
  });
});
