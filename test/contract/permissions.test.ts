import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import {
  type ActionResult,
  type Bed,
  type Fault,
  type Permissions,
  pushImage,
  repositoryRoot,
  startBed,
} from '@waybill/testbed';
import {
  CONFIG,
  errorsOf,
  openPullInto,
  pushImages,
  smallRepository,
  stageOf,
  succeeded,
  valuesFile,
} from '../e2e/support.js';

/*
 * docs/permissions.md against what happens. Each row's call is refused as GitHub refuses it, at the moment when a run
 * needs it, and the run must end as the row says; then the same run goes on, so that every row is reached in turn.
 * https://docs.github.com/en/rest/using-the-rest-api/troubleshooting-the-rest-api#resource-not-accessible
 */

interface Row {
  readonly permission: string;
  readonly call: string;
  readonly without: string;
}

const text = readFileSync(join(repositoryRoot(), 'docs/permissions.md'), 'utf8');

/** The rows of the table below a heading of the document. */
function rowsBelow(heading: string): readonly Row[] {
  const section = text.split(/^## /m).find((part) => part.startsWith(`${heading}\n`)) ?? '';
  const rows = section
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .slice(2)
    .map((line) => line.split('|').map((cell) => cell.trim()));
  return rows.map(([, permission = '', call = '', , without = '']) => ({ permission, call, without }));
}

const rows = rowsBelow('Calls');
const reached = new Set<string>();

/** `contents: write` for a person, as a row writes it in backticks. */
const named = (row: Row) => [...row.permission.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name);

function rowOf(call: string): Row {
  const row = rows.find((one) => one.call === `\`${call}\``);
  if (row === undefined) throw new Error(`docs/permissions.md has no row for ${call}`);
  reached.add(row.call);
  return row;
}

/** The call's refusal, for as often as it is tried. */
function refusal(row: Row): Fault {
  const call = row.call.replaceAll('`', '');
  const message = 'Resource not accessible by integration';
  const operation = /^(?:query|mutation) \w+$/.test(call);
  if (operation) {
    const body = { data: null, errors: [{ type: 'FORBIDDEN', path: ['repository'], message }] };
    return { match: { graphql: new RegExp(`${call}\\b`) }, kind: 'error', status: 200, body, times: 99 };
  }
  const [method = '', route = ''] = call.split(' ');
  const path = new RegExp(`${route.replace('{ref}', '.+').replace(/\{[^}]+\}/g, '[^/]+')}$`);
  const accepted = named(row).map((name) => name.replace('-', '_').replace(': ', '='));
  return {
    match: { method, path },
    kind: 'error',
    status: 403,
    body: { message, documentation_url: 'https://docs.github.com/rest' },
    headers: { 'x-accepted-github-permissions': accepted.join(', ') },
    times: 99,
  };
}

let bed: Bed;
beforeAll(async () => {
  bed = await startBed({
    identity: 'app',
    files: smallRepository({
      'waybill.yaml':
        `${CONFIG}  tools: {from: tools, promotion: {via: pull-request}, updates: [{images: "env/tools/**"}]}\n`.replace(
          'warehouses:\n',
          'warehouses:\n  tools: {images: {strategy: SemVer, constraint: ^1.0.0, repos: [ghcr.io/ameideio/tool]}}\n',
        ),
      'env/tools/tool.yaml': `image: ghcr.io/ameideio/tool@sha256:${'c'.repeat(64)}\n`,
      // GraphQL gives no text of this size.
      'env/dev/large.yaml': `# ${'x'.repeat(600_000)}\n${valuesFile('api', `sha256:${'a'.repeat(64)}`)}`,
    }),
  });
  // createCommitOnBranch keeps no mode.
  const script = { content: valuesFile('web', `sha256:${'b'.repeat(64)}`), mode: '100755' };
  await bed.github.commitAs('alice', bed.repository, 'main', { 'env/dev/run.yaml': script }, 'a mode of its own');
  await pushImage(bed.registry, { repository: 'ameideio/tool', tags: ['1.0.0'] });
  await pushImages(bed, 2);
  protect(['test']);
}, 30_000);
afterAll(() => bed.close());
afterEach(async () => {
  bed.github.faults.clear();
  bed.registry.reset();
  await bed.github.settled();
  expect([bed.github.unhandled, bed.github.violations]).toEqual([[], []]);
});

function protect(checks: readonly string[]): void {
  bed.github.setBranchProtection(bed.repository, { pattern: 'main', ...(checks.length === 0 ? {} : { checks }) });
}

/** Runs once for each call with that call refused, and holds the end of the run to the row. */
async function refused(calls: readonly string[], run: () => Promise<ActionResult> = reconcile): Promise<void> {
  for (const call of calls) {
    const row = rowOf(call);
    bed.github.faults.push(refusal(row));
    const result = await run();
    bed.github.faults.clear();
    expectDenied(result, row.without, named(row));
  }
}

function expectDenied(result: ActionResult, without: string, permissions: readonly string[]): void {
  expect(result.conclusion).toBe('failure');
  expect(result.outputs['reason-code']).toBe(/`([a-z-]+)`/.exec(without)?.[1]);
  expect(result.outputs.decision).toBe('failed');
  for (const permission of permissions) expect(errorsOf(result)).toContain(permission);
}

const reconcile = () => bed.act('reconcile');
const promote = () => bed.act('promote', { stage: 'staging' });

/** A run with a token of the App that has these permissions and no others. */
function reconcileWith(permissions: Permissions): Promise<ActionResult> {
  const token = bed.app?.installationToken(bed.repository, { metadata: 'read', ...permissions });
  return bed.act('reconcile', { token: token ?? '' });
}

async function landInDev(): Promise<void> {
  const { headRef } = openPullInto(bed, 'dev');
  await bed.github.setCheck(bed.repository, { name: 'test', sha: headRef, conclusion: 'success' });
  await bed.github.settled();
}

describe('docs/permissions.md: what a run reads', () => {
  it('ends where it may not read', async () => {
    await refused(['query Snapshot', 'query Trees', 'query Blobs', 'GET /repos/{owner}/{repo}/git/blobs/{file_sha}']);
    expectDenied(await reconcileWith({ pull_requests: 'write' }), '`forge-denied`', ['contents: read']);
  });

  it('takes the ledger for unprotected where it may not read the rules', async () => {
    const rules = rowOf('GET /repos/{owner}/{repo}/rules/branches/{branch}');
    expect(rules.without).toContain('unprotected');
    const blobs = rowOf('POST /repos/{owner}/{repo}/git/blobs');
    bed.github.faults.push(refusal(rules), refusal(blobs));
    const result = await reconcile();
    expect(result.log.join('\n')).toContain('The ledger is unprotected');
    expectDenied(result, blobs.without, named(blobs));
  });
});

describe('docs/permissions.md: what a run writes', () => {
  it('makes no ledger, and nothing else, where it may not write', async () => {
    expectDenied(await reconcileWith({ contents: 'read', pull_requests: 'write' }), '`forge-denied`', [
      'contents: write',
    ]);
    await refused(
      ['git/blobs', 'git/trees', 'git/commits', 'git/refs'].map((path) => `POST /repos/{owner}/{repo}/${path}`),
    );
    expect(Object.keys(await bed.github.branches(bed.repository))).toEqual(['main']);
  });

  it('records a promotion, and goes on with it when the permission is there', async () => {
    await refused([
      'GET /repos/{owner}/{repo}/git/commits/{commit_sha}',
      'PATCH /repos/{owner}/{repo}/git/refs/{ref}',
      'POST /repos/{owner}/{repo}/pulls',
    ]);
    expectDenied(await reconcileWith({ contents: 'write', pull_requests: 'read' }), '`forge-denied`', [
      'pull-requests: write',
    ]);
    expect((await stageOf(bed, 'dev')).open).toBeDefined();
    expect(bed.github.pullRequests(bed.repository)).toEqual([]);
    await refused(['GET /repos/{owner}/{repo}/compare/{basehead}', 'mutation AutoMerge']);
    expect(openPullInto(bed, 'dev').autoMerge).toBeUndefined();
    succeeded(await reconcile());
    expect(openPullInto(bed, 'dev').autoMerge).toBeDefined();
  });

  it('takes auto-merge back from a branch that somebody else pushed to, when it may', async () => {
    const { headRef } = openPullInto(bed, 'dev');
    const head = (await bed.github.branches(bed.repository))[headRef] ?? '';
    bed.github.removeRuleset(bed.repository, 'Waybill');
    await bed.github.commitAs('bob', bed.repository, headRef, { 'env/dev/more.yaml': 'a: 1\n' }, 'one more thing');
    await refused(['mutation NoAutoMerge']);
    expect(openPullInto(bed, 'dev').autoMerge).toBeDefined();
    expect((await reconcile()).outputs['reason-code']).toBe('branch-not-ours');
    expect(openPullInto(bed, 'dev').autoMerge).toBeUndefined();
    await bed.github.forcePush('bob', bed.repository, headRef, head);
    bed.github.setRuleset(bed.repository, {
      name: 'Waybill',
      include: ['refs/heads/waybill/**/*'],
      rules: ['creation', 'update', 'deletion', 'non_fast_forward'],
      bypass: [{ app: bed.app?.appId ?? 0, mode: 'always' }],
    });
    succeeded(await reconcile());
    expect(openPullInto(bed, 'dev').autoMerge).toBeDefined();
  });

  it('looks after what is open only where it may read it', async () => {
    await refused(['query Branches']);
    expectDenied(await reconcileWith({ contents: 'write' }), '`forge-denied`', ['pull-requests: read']);
  });

  it('notices a landing, and deletes its branch, when it may', async () => {
    const { headRef } = openPullInto(bed, 'dev');
    await landInDev();
    await refused(['mutation Commit']);
    expect((await stageOf(bed, 'dev')).open).toBeDefined();
    await refused(['DELETE /repos/{owner}/{repo}/git/refs/{ref}']);
    expect(Object.keys(await bed.github.branches(bed.repository))).toContain(headRef);
    succeeded(await reconcile());
    expect(Object.keys(await bed.github.branches(bed.repository))).not.toContain(headRef);
  });

  it('closes what was superseded, when it may', async () => {
    succeeded(await promote());
    const superseded = openPullInto(bed, 'staging').number;
    await pushImages(bed, 3);
    succeeded(await reconcile());
    await landInDev();
    succeeded(await reconcile());
    await refused(['GET /repos/{owner}/{repo}/issues/{issue_number}/comments'], promote);
    await refused(['POST /repos/{owner}/{repo}/issues/{issue_number}/comments']);
    await refused(['PATCH /repos/{owner}/{repo}/pulls/{pull_number}']);
    expect(bed.github.pullRequest(bed.repository, superseded).state).toBe('open');
    succeeded(await reconcile());
    expect(bed.github.pullRequest(bed.repository, superseded).state).toBe('closed');
    expect(openPullInto(bed, 'staging').number).toBeGreaterThan(superseded);
  });

  it('merges by itself where nothing is pending, when it may', async () => {
    protect([]);
    await pushImages(bed, 4);
    await refused(['PUT /repos/{owner}/{repo}/pulls/{pull_number}/merge']);
    expect(openPullInto(bed, 'dev').merged).toBe(false);
    succeeded(await reconcile());
    expect((await stageOf(bed, 'dev')).last?.outcome).toBe('landed');
  });

  it('tells who changed a Stage by hand, when it may', async () => {
    const path = 'env/dev/api.yaml';
    const fix = { [path]: valuesFile('api', `sha256:${'9'.repeat(64)}`) };
    await bed.github.commitAs('bob', bed.repository, 'main', fix, 'a hot fix');
    await refused(['query History']);
    succeeded(await reconcile());
    expect((await stageOf(bed, 'dev')).hold?.author).toBe('bob');
  });
});

describe('docs/permissions.md: GITHUB_TOKEN', () => {
  it('may not read the settings of Actions, and does without', async () => {
    const row = rowOf('GET /repos/{owner}/{repo}/actions/permissions/workflow');
    expect(row.without).toContain('GITHUB_TOKEN never has this permission');
    const other = await startBed({ identity: 'github-token', files: smallRepository() });
    try {
      await pushImages(other, 2);
      other.github.setSettings(other.repository, { actionsCanCreatePullRequests: false });
      const denied = await other.act('reconcile');
      expectDenied(denied, '`forge-denied`', ['Allow GitHub Actions to create and approve pull requests']);
      const asked = other.github.log.filter(
        ({ route }) => route === '/repos/{owner}/{repo}/actions/permissions/workflow',
      );
      expect(asked.map(({ status }) => status)).toEqual([403]);
      other.github.setSettings(other.repository, { actionsCanCreatePullRequests: true });
      succeeded(await other.act('reconcile'));
      expect([other.github.unhandled, other.github.violations]).toEqual([[], []]);
    } finally {
      await other.close();
    }
  });
});

describe('docs/permissions.md: the dispatchers and the registry', () => {
  it('notify may not dispatch', async () => {
    const [row] = rowsBelow('Calls of the dispatchers');
    expect(row?.call).toBe('`POST /repos/{owner}/{repo}/dispatches`');
    const token = bed.app?.installationToken(bed.repository, { contents: 'read' }) ?? '';
    const { digest } = await pushImage(bed.registry, { repository: 'ameideio/api', tags: ['0123456'] });
    const inputs = { image: 'ghcr.io/ameideio/api', tag: '0123456', digest, 'gitops-repository': bed.repository };
    const result = await bed.act('notify', { ...inputs, token });
    expect(result.conclusion).toBe('failure');
    for (const permission of named(row ?? { permission: '', call: '', without: '' })) {
      expect(errorsOf(result)).toContain(permission);
    }
    const whole = bed.app?.installationToken(bed.repository, { contents: 'write' }) ?? '';
    succeeded(await bed.act('notify', { ...inputs, token: whole }));
  });

  it.each(rowsBelow('Calls to the registry'))('no $call', async ({ permission, call, without }) => {
    const path = call.includes('tags/list') ? /\/tags\/list/ : /\/manifests\//;
    bed.registry.inject({ kind: 'status', status: 403 }, { path, times: Number.POSITIVE_INFINITY });
    const result = await reconcile();
    expect(permission).toBe('`packages: read`');
    expect(result.outputs['reason-code']).toBe(/`([a-z-]+)`/.exec(without)?.[1]);
    expect(errorsOf(result)).toContain('packages: read');
  });
});

describe('docs/permissions.md: the table', () => {
  it('has no row that no run comes to', () => {
    expect(rows.map(({ call }) => call).filter((call) => !reached.has(call))).toEqual([]);
  });

  it('has every call that a run made', () => {
    const listed = new Set(rows.map(({ call }) => call.replaceAll('`', '')));
    const made = bed.github.log
      .filter(({ kind, login }) => kind === 'rest' && login === 'waybill[bot]')
      .map(({ method, route }) => `${method} ${route}`);
    const known = [...listed, ...rowsBelow('Calls of the dispatchers').map(({ call }) => call.replaceAll('`', ''))];
    expect([...new Set(made)].filter((call) => !known.includes(call))).toEqual([]);
    expect(bed.github.log.filter(({ kind }) => kind === 'git')).toEqual([]);
  });

  it('has every operation that the forge client knows', () => {
    const folder = join(repositoryRoot(), 'packages/forge/src');
    const sources = readdirSync(folder).filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'));
    const operations = sources
      .map((name) => readFileSync(join(folder, name), 'utf8'))
      .flatMap((source) =>
        [...source.matchAll(/`(query|mutation) (\w+)\(/g)].map(([, kind, name]) => `${kind} ${name}`),
      );
    expect(operations.length).toBeGreaterThan(4);
    const listed = rows.map(({ call }) => call.replaceAll('`', ''));
    expect([...new Set(operations)].filter((operation) => !listed.includes(operation))).toEqual([]);
  });
});
