import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { bytes, type ForgeBed, REPOSITORY, startForgeBed } from './test-support.js';

let bed: ForgeBed;
beforeAll(async () => {
  bed = await startForgeBed({
    'dev/api.yaml': 'image: one\n',
    'dev/run.yaml': { content: 'image: one\n', mode: '100755' },
  });
});
afterAll(async () => {
  expect(bed.github.unhandled).toEqual([]);
  expect(bed.github.violations).toEqual([]);
  await bed.close();
});

const change = (text: string, path = 'dev/api.yaml', mode = '100644') => ({ path, mode, content: bytes(text) });

describe('commit', () => {
  it('stands on the expected head, signed by GitHub, with the message as it is', async () => {
    const head = await bed.head();
    expect(await bed.forge.createBranch('one', head)).toBe('created');
    expect(await bed.forge.createBranch('one', head)).toBe('exists');
    const { oid } = await bed.forge.commit({
      branch: 'one',
      expectedHead: head,
      message: 'subject\n\nbody\n\nWaybill-Stage: dev\n',
      files: [change('image: two\n')],
    });
    const [commit] = await bed.github.commits(REPOSITORY, 'one');
    expect(commit).toMatchObject({ oid, parents: [head], verified: true });
    expect(commit?.message.trim()).toBe('subject\n\nbody\n\nWaybill-Stage: dev');
    expect(await bed.github.readText(REPOSITORY, 'one', 'dev/api.yaml')).toBe('image: two\n');
  });

  it('writes nothing on a head that moved', async () => {
    const head = await bed.head();
    await bed.forge.createBranch('moved', head);
    await bed.github.commitAs('alice', REPOSITORY, 'moved', { 'other.yaml': 'x: 1\n' }, 'first');
    const request = { branch: 'moved', expectedHead: head, message: 'second', files: [change('image: lost\n')] };
    await expect(bed.forge.commit(request)).rejects.toMatchObject({ code: 'head-moved' });
    await expect(
      bed.forge.commit({ ...request, files: [change('image: lost\n', 'dev/run.yaml', '100755')] }),
    ).rejects.toMatchObject({ code: 'head-moved' });
    expect(await bed.github.readText(REPOSITORY, 'moved', 'dev/api.yaml')).toBe('image: one\n');
  });

  it('keeps an executable executable', async () => {
    const head = await bed.head();
    await bed.forge.createBranch('modes', head);
    await bed.forge.commit({
      branch: 'modes',
      expectedHead: head,
      message: 'modes',
      files: [change('image: two\n', 'dev/run.yaml', '100755'), change('image: two\n')],
    });
    const files = await bed.forge.files(await bed.head('modes'), ['dev'], () => true);
    expect(files.map(({ path, mode }) => `${mode} ${path}`)).toEqual(['100644 dev/api.yaml', '100755 dev/run.yaml']);
    expect((await bed.github.commits(REPOSITORY, 'modes'))[0]?.verified).toBe(true);
  });

  it('makes a branch with no parent once', async () => {
    const request = { branch: 'waybill/ledger', message: 'ledger', files: [change('{}', 'state.json')] };
    await bed.forge.createOrphan(request);
    await expect(bed.forge.createOrphan(request)).rejects.toMatchObject({ code: 'head-moved' });
    expect(await bed.github.commits(REPOSITORY, 'waybill/ledger')).toHaveLength(1);
  });
});

describe('compare', () => {
  it('tells the blobs that a branch changes since its base', async () => {
    const { status, files } = await bed.forge.compare(await bed.head(), await bed.head('one'));
    const listed = await bed.forge.files(await bed.head('one'), ['dev'], () => true);
    expect(status).toBe('ahead');
    expect(files).toEqual([{ path: 'dev/api.yaml', oid: listed.find(({ path }) => path === 'dev/api.yaml')?.oid }]);
  });
});

describe('pull requests', () => {
  it('are opened, found by their branch, and merged by the head that was looked at', async () => {
    const request = { head: 'one', base: 'main', title: 'One', body: 'body' };
    const { number } = await bed.forge.createPullRequest(request);
    await expect(bed.forge.createPullRequest(request)).rejects.toMatchObject({ code: 'head-moved' });
    const pull = (await bed.forge.branches(['one', 'absent'])).get('one')?.pullRequests[0];
    if (pull === undefined) throw new Error('the pull request was not found');
    expect(pull).toMatchObject({
      number,
      state: 'open',
      author: 'waybill[bot]',
      sameRepository: true,
      autoMerge: false,
    });
    // https://github.com/peter-evans/enable-pull-request-automerge/issues/343: nothing is pending.
    await bed.github.mergeState(REPOSITORY, number);
    expect(await bed.forge.enableAutoMerge(pull, 'merge')).toBe('clean');
    expect(await bed.forge.merge({ ...pull, headOid: await bed.head() }, 'merge')).toMatchObject({ kind: 'moved' });
    const merged = await bed.forge.merge(pull, 'merge');
    expect(merged.kind).toBe('merged');
    expect(await bed.github.readText(REPOSITORY, 'main', 'dev/api.yaml')).toBe('image: two\n');
    const after = (await bed.forge.branches(['one'])).get('one');
    expect(after?.pullRequests[0]).toMatchObject({ state: 'merged', mergedBy: 'waybill[bot]' });
    await bed.forge.deleteBranch('one');
    await bed.forge.deleteBranch('one');
    expect((await bed.forge.branches(['one'])).get('one')?.head).toBeUndefined();
  });

  it('are closed with a word', async () => {
    const { number } = await bed.forge.createPullRequest({ head: 'modes', base: 'main', title: 'M', body: '' });
    await bed.forge.closePullRequest(number, 'Superseded.');
    const pull = bed.github.pullRequest(REPOSITORY, number);
    expect(pull.state).toBe('closed');
    expect(pull.comments.map(({ body }) => body)).toEqual(['Superseded.']);
  });

  it('say when auto-merge is off, or armed', async () => {
    bed.github.setBranchProtection(REPOSITORY, { pattern: 'main', checks: ['checks'] });
    const head = await bed.head();
    await bed.forge.createBranch('two', head);
    await bed.forge.commit({ branch: 'two', expectedHead: head, message: '2', files: [change('image: three\n')] });
    await bed.forge.createPullRequest({ head: 'two', base: 'main', title: 'Two', body: '' });
    const find = async () => {
      const pull = (await bed.forge.branches(['two'])).get('two')?.pullRequests[0];
      if (pull === undefined) throw new Error('the pull request was not found');
      return pull;
    };
    bed.github.setSettings(REPOSITORY, { allowAutoMerge: false });
    expect(await bed.forge.enableAutoMerge(await find(), 'merge')).toBe('not-allowed');
    expect(await bed.forge.merge(await find(), 'merge')).toMatchObject({ kind: 'blocked' });
    bed.github.setSettings(REPOSITORY, { allowAutoMerge: true });
    expect(await bed.forge.enableAutoMerge(await find(), 'merge')).toBe('armed');
    expect(await find()).toMatchObject({ autoMerge: true, autoMergeBy: 'waybill[bot]' });
    await bed.forge.disableAutoMerge(await find());
    const disarmed = await find();
    expect(disarmed).toMatchObject({ autoMerge: false, autoMergeBy: undefined });
    await expect(bed.forge.disableAutoMerge(disarmed)).rejects.toMatchObject({ code: 'head-moved' });
  });
});

describe('protection', () => {
  it('tells the rules of a branch', async () => {
    bed.github.setRuleset(REPOSITORY, {
      name: 'Waybill',
      include: ['refs/heads/waybill/**/*'],
      rules: ['creation', 'update', 'deletion', 'non_fast_forward'],
      bypass: [{ app: bed.app.appId, mode: 'always' }],
    });
    const { known, rules } = await bed.forge.protection('waybill/ledger');
    expect({ known, rules: [...rules].sort() }).toEqual({
      known: true,
      rules: ['creation', 'deletion', 'non_fast_forward', 'update'],
    });
    expect(await bed.forge.protection('unprotected')).toEqual({ known: true, rules: [] });
  });
});
