import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { GitTree } from './entries.js';
import { createGitStore, type GitRepository, isInGit, openGit } from './repository.js';
import { createTestRepository, type TestRepository } from './test-repository.js';

const LIMIT = 1024;
let repository: TestRepository;
beforeEach(() => {
  repository = createTestRepository();
});
afterEach(() => repository.remove());

const open = (env: NodeJS.ProcessEnv = process.env) => openGit(repository.folder, env);
const at = (oid: string): GitTree => ({ kind: 'commit', oid });

async function contents(git: GitRepository, tree: GitTree): Promise<Record<string, string | number>> {
  const { files } = await git.list(tree);
  const found: Record<string, string | number> = {};
  const requests = files.map(({ path, oid }) => ({ key: path, oid }));
  for await (const blob of git.blobs(requests, LIMIT)) {
    found[blob.key] = blob.kind === 'bytes' ? blob.bytes.toString('utf8') : blob.size;
  }
  return found;
}

describe('a commit’s tree', () => {
  it('is read from objects, whatever the work tree has', async () => {
    repository.write('a.yaml', 'image: a\n');
    repository.write('b/c.yaml', '');
    const oid = repository.commit();
    repository.write('a.yaml', 'image: other\n');
    expect(await contents(await open(), at(oid))).toEqual({ 'a.yaml': 'image: a\n', 'b/c.yaml': '' });
  });

  it.each(['a\nb.yaml', '::error file=x::y.yaml', '-v.yaml', '--help', ':(glob)x.yaml', ' ü "q".yaml', '%0A.yaml'])(
    'may hold a file called %j',
    async (name) => {
      repository.write(name, 'x\n');
      const oid = repository.commit();
      const git = await open();
      expect(await contents(git, at(oid))).toEqual({ [name]: 'x\n' });
      expect((await git.files(oid, [name, 'not there'], LIMIT)).get(name)?.toString()).toBe('x\n');
    },
  );

  it('does not follow links and submodules, and says so', async () => {
    symlinkSync('/etc/passwd', join(repository.folder, 'link.yaml'));
    repository.commit();
    repository.git('update-index', '--add', '--cacheinfo', `160000,${'1'.repeat(40)},module`);
    repository.git('commit', '-q', '-m', 'module');
    const git = await open();
    const head = (await git.resolve('HEAD')) ?? '';
    expect(await git.list(at(head))).toEqual({
      files: [],
      oddities: [
        { path: 'link.yaml', why: 'symlink', oid: expect.any(String) },
        { path: 'module', why: 'submodule' },
      ],
    });
    expect(await git.files(head, ['link.yaml'], LIMIT)).toEqual(new Map());
  });

  it('lists names that are not UTF-8 apart', async () => {
    writeFileSync(Buffer.concat([Buffer.from(`${repository.folder}/`), Buffer.from([0x61, 0xff])]), 'x');
    expect(await (await open()).list(at(repository.commit()))).toEqual({
      files: [],
      oddities: [{ path: 'a\ufffd', why: 'name-not-utf-8' }],
    });
  });

  it('reads past what is too large, and gives what comes behind it', async () => {
    repository.write('a.yaml', 'x'.repeat(300_000));
    repository.write('b.yaml', 'small');
    repository.write('c.yaml', Buffer.alloc(200));
    expect(await contents(await open(), at(repository.commit()))).toEqual({
      'a.yaml': 300_000,
      'b.yaml': 'small',
      'c.yaml': '\0'.repeat(200),
    });
  });

  it('is not hidden by attributes that the tree brings along', async () => {
    repository.write('.gitattributes', '*.yaml binary -diff export-ignore filter=x working-tree-encoding=UTF-16\n');
    repository.git('config', 'filter.x.smudge', 'false');
    repository.write('a.yaml', 'image: a\n');
    repository.git('-c', 'core.attributesFile=/dev/null', 'hash-object', '-w', '--no-filters', 'a.yaml');
    const blob = repository.git('hash-object', '-w', '--no-filters', 'a.yaml').trim();
    repository.git('update-index', '--add', '--cacheinfo', `100644,${blob},a.yaml`);
    repository.git('commit', '-q', '-m', 'x');
    expect(await contents(await open(), at(repository.git('rev-parse', 'HEAD').trim()))).toEqual({
      'a.yaml': 'image: a\n',
    });
  });

  it('gives a file of several thousand in order', async () => {
    for (let index = 0; index < 2000; index += 1) repository.write(`f/${index}.yaml`, `${index}\n`.repeat(index % 40));
    const found = await contents(await open(), at(repository.commit()));
    expect(Object.keys(found)).toHaveLength(2000);
    expect(found['f/1999.yaml']).toBe('1999\n'.repeat(39));
  });

  it('may be left in the middle', async () => {
    for (let index = 0; index < 300; index += 1) repository.write(`${index}.yaml`, `${index}`.repeat(300));
    const git = await open();
    const { files } = await git.list(at(repository.commit()));
    let seen = 0;
    for await (const _ of git.blobs(
      files.map(({ path, oid }) => ({ key: path, oid })),
      LIMIT,
    )) {
      seen += 1;
      if (seen === 2) break;
    }
    expect(seen).toBe(2);
  });

  it('fails when an object is missing', async () => {
    const git = await open();
    repository.commit();
    const requests = [{ key: 1, oid: '1'.repeat(40) }];
    await expect(git.blobs(requests, LIMIT)[Symbol.asyncIterator]().next()).rejects.toMatchObject({
      code: 'tree-truncated',
    });
    await expect(git.list(at('1'.repeat(40)))).rejects.toMatchObject({ code: 'tree-truncated' });
  });
});

describe('the index', () => {
  it('is what is staged, not what is committed or lies about', async () => {
    repository.write('a.yaml', 'committed');
    const base = repository.commit();
    repository.write('a.yaml', 'staged');
    repository.write('b.yaml', 'new');
    repository.git('add', '-A');
    repository.write('a.yaml', 'not staged');
    const git = await open();
    expect(await contents(git, { kind: 'index' })).toEqual({ 'a.yaml': 'staged', 'b.yaml': 'new' });
    expect((await git.changes(base, { kind: 'index' })).map(({ path, kind }) => [path, kind])).toEqual([
      ['a.yaml', 'modified'],
      ['b.yaml', 'added'],
    ]);
  });

  it('is the one that Git names to a hook', async () => {
    repository.write('a.yaml', 'a');
    repository.commit();
    repository.git('read-tree', `--index-output=${repository.folder}/.git/next-index`, '--empty');
    const git = await open({ ...process.env, GIT_INDEX_FILE: '.git/next-index' });
    expect(await git.list({ kind: 'index' })).toEqual({ files: [], oddities: [] });
  });

  it('says which paths are in conflict', async () => {
    repository.write('a.yaml', '1');
    repository.commit();
    repository.git('checkout', '-q', '-b', 'side');
    repository.write('a.yaml', '2');
    repository.commit();
    repository.git('checkout', '-q', 'main');
    repository.write('a.yaml', '3');
    repository.commit();
    expect(() => repository.git('merge', 'side')).toThrow();
    expect(await (await open()).list({ kind: 'index' })).toEqual({
      files: [],
      oddities: [{ path: 'a.yaml', why: 'unmerged' }],
    });
  });
});

describe('changes', () => {
  it('are additions, deletions and modifications, renames being two', async () => {
    repository.write('gone.yaml', 'same content, long enough to be taken for a rename\n');
    repository.write('edited.yaml', '1');
    const base = repository.commit();
    repository.git('mv', 'gone.yaml', 'come\n.yaml');
    repository.write('edited.yaml', '2');
    const head = repository.commit();
    const changes = await (await open()).changes(base, at(head));
    expect(changes.map(({ path, kind }) => [path, kind])).toEqual([
      ['come\n.yaml', 'added'],
      ['edited.yaml', 'modified'],
      ['gone.yaml', 'deleted'],
    ]);
    expect(changes[0]).toMatchObject({ after: changes[2]?.before });
  });
});

describe('revisions', () => {
  it('give a commit or nothing, and are no options', async () => {
    const oid = repository.commit();
    repository.git('tag', '-a', '-m', 'x', 'v1');
    const git = await open();
    expect(await git.resolve('v1')).toBe(oid);
    expect(await git.resolve('refs/heads/main')).toBe(oid);
    expect(await git.resolve('nothing')).toBeUndefined();
    expect(await git.resolve('--all')).toBeUndefined();
    expect(await git.resolve(`${oid}^{tree}`)).toBeUndefined();
    await expect(git.list(at('--output=x'))).rejects.toMatchObject({ code: 'input-invalid' });
  });

  it('know their parents, here or not', async () => {
    const first = repository.commit('parent 1111111111111111111111111111111111111111');
    const second = repository.commit('second\n\nparent 2222222222222222222222222222222222222222');
    const git = await open();
    expect([await git.parents(first), await git.parents(second)]).toEqual([[], [first]]);
  });
});

describe('a shallow clone', () => {
  let clone: string;
  let first: string;
  beforeEach(() => {
    repository.write('a.yaml', '1');
    first = repository.commit();
    repository.git('config', 'uploadpack.allowAnySHA1InWant', 'true');
    repository.write('a.yaml', '2');
    repository.commit();
    clone = mkdtempSync(join(tmpdir(), 'waybill-clone-'));
    execFileSync('git', ['clone', '-q', '--depth=1', `file://${repository.folder}`, clone], { stdio: 'ignore' });
  });
  afterEach(() => rmSync(clone, { recursive: true, force: true }));

  it('gets a commit by its ID, and only once', async () => {
    const git = await openGit(clone, process.env);
    expect(await git.resolve(first)).toBeUndefined();
    expect(await git.ensure(first, { name: 'origin' })).toBe(first);
    expect((await git.files(first, ['a.yaml'], LIMIT)).get('a.yaml')?.toString()).toBe('1');
    expect(await git.ensure(first, { name: 'gone' })).toBe(first);
  });

  it('gets the head of a branch that moved since', async () => {
    repository.write('a.yaml', '3');
    const third = repository.commit();
    const git = await openGit(clone, process.env);
    expect(await git.branchHead('main', { name: 'origin' })).toBe(third);
    await expect(git.branchHead('other', { name: 'origin' })).rejects.toMatchObject({ code: 'forge-unavailable' });
  });

  it('may be a store of our own, which any commit is fetched into', async () => {
    const store = await createGitStore(join(clone, 'store.git'), process.env);
    expect(await store.ensure(first, { name: `file://${repository.folder}` })).toBe(first);
    expect((await store.list(at(first))).files.map(({ path }) => path)).toEqual(['a.yaml']);
    expect((await createGitStore(join(clone, 'store.git'), process.env)).top).toBe(store.top);
  });

  it('says when a commit is not to be had', async () => {
    const git = await openGit(clone, process.env);
    await expect(git.ensure('3'.repeat(40), { name: 'origin' })).rejects.toMatchObject({ code: 'forge-unavailable' });
    await expect(git.ensure('3'.repeat(40), { name: '--upload-pack=touch x' })).rejects.toMatchObject({
      code: 'forge-unavailable',
    });
  });
});

describe('what the repository or the caller brings along', () => {
  it('starts no program', async () => {
    const trace = join(repository.folder, 'was-started');
    const script = join(repository.folder, '.git', 'evil');
    writeFileSync(script, `#!/bin/sh\ntouch ${trace}\nexit 0\n`);
    chmodSync(script, 0o755);
    repository.write('a.yaml', 'x');
    const oid = repository.commit();
    for (const [key, value] of [
      ['core.fsmonitor', script],
      ['core.hooksPath', join(repository.folder, '.git')],
      ['core.pager', script],
      ['diff.external', script],
      ['diff.x.textconv', script],
    ] as const) {
      repository.git('config', key, value);
    }
    const git = await open({ ...process.env, GIT_EXTERNAL_DIFF: script, GIT_PAGER: script, GIT_SSH_COMMAND: script });
    await contents(git, at(oid));
    await contents(git, { kind: 'index' });
    await git.changes(oid, { kind: 'index' });
    expect(existsSync(trace)).toBe(false);
  });

  it('does not lead to another repository', async () => {
    repository.write('a.yaml', 'mine');
    const oid = repository.commit();
    const git = await open({
      ...process.env,
      GIT_DIR: '/nowhere',
      GIT_OBJECT_DIRECTORY: '/nowhere',
      GIT_WORK_TREE: '/',
    });
    expect(await contents(git, at(oid))).toEqual({ 'a.yaml': 'mine' });
  });

  it('is found from a folder within, and refused outside', async () => {
    repository.write('deep/er/a.yaml', 'x');
    const git = await openGit(join(repository.folder, 'deep/er'), process.env);
    expect(await contents(git, at(repository.commit()))).toEqual({ 'deep/er/a.yaml': 'x' });
    expect(isInGit(join(repository.folder, 'deep/er'), repository.folder)).toBe(true);
    expect(isInGit(join(repository.folder, 'deep/er'), join(repository.folder, 'deep'))).toBe(false);
    const empty = mkdtempSync(join(tmpdir(), 'waybill-none-'));
    expect(isInGit(empty, '/')).toBe(false);
    await expect(openGit(empty, process.env)).rejects.toMatchObject({ code: 'input-invalid' });
    await expect(openGit(join(empty, 'no'), process.env)).rejects.toMatchObject({ code: 'input-invalid' });
    rmSync(empty, { recursive: true });
  });
});
