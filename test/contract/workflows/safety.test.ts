import { describe, expect, it } from '@jest/globals';
import {
  allSteps,
  allUses,
  composites,
  fields,
  fileNamed,
  jobsOf,
  own,
  reusable,
  starters,
  workflows,
} from './workflow-files.js';

const sources = [...workflows, ...composites];

/** Events whose workflow runs with secrets on what somebody else wrote (threat model, rows 5 and 17). */
const DANGEROUS = ['pull_request_target', 'workflow_run', 'issue_comment', 'issues', 'discussion_comment'];

describe('scripts', () => {
  it('hold no expression: what one gives would be executed', () => {
    const found = sources.flatMap((file) =>
      allSteps(file).flatMap(({ at, run }) => (run?.includes(`\${{`) ? [at] : [])),
    );
    expect(found).toEqual([]);
  });

  it('give no secret to a command line, which every process of the machine can read', () => {
    const found = sources.flatMap((file) =>
      allSteps(file).flatMap(({ at, run = '' }) =>
        run
          .split('\n')
          .filter((line) => /\$\{?[A-Z_]*(?:TOKEN|KEY|SECRET|PASSWORD)\b/.test(line))
          // printf and [ are bash's own: no process of theirs is started.
          .filter((line) => !/^\s*(?:if ! )?printf '[^']*' "\$TOKEN" \| curl --config - \\$/.test(line))
          .filter((line) => !/^\s*(?:if )?\[/.test(line))
          .map((line) => `${at}: ${line.trim()}`),
      ),
    );
    expect(found).toEqual([]);
  });
});

describe('what others wrote', () => {
  it('is pinned by commit, with its version beside it', () => {
    const loose = sources.flatMap((file) =>
      [...file.text.matchAll(/^\s*(?:- )?uses: (.+)$/gm)]
        .map(([, used = '']) => used)
        .filter((used) => !used.startsWith('$/'))
        .filter((used) => !/^[\w.-]+\/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/.test(used))
        .map((used) => `${file.path}: ${used}`),
    );
    expect(loose).toEqual([]);
  });

  it('is one version of each', () => {
    const versions = new Map<string, Set<string>>();
    for (const used of sources.flatMap(allUses)) {
      const [name = '', pin = ''] = used.split('@');
      if (!name.startsWith('$/')) versions.set(name, (versions.get(name) ?? new Set()).add(pin));
    }
    expect([...versions].filter(([, pins]) => pins.size > 1)).toEqual([]);
  });

  it('is never run by an event that gives it our secrets', () => {
    const found = workflows.flatMap((file) =>
      Object.keys(fields(file.content.on))
        .filter((event) => DANGEROUS.includes(event))
        .map((event) => `${file.path}: ${event}`),
    );
    expect(found).toEqual([]);
  });

  it('is checked out without leaving the token behind', () => {
    const careless = sources.flatMap((file) =>
      allSteps(file)
        .filter(({ uses }) => uses?.startsWith('actions/checkout@'))
        .filter(({ content }) => fields(content.with)['persist-credentials'] !== false)
        .map(({ at }) => at),
    );
    expect(careless).toEqual([]);
  });
});

describe('permissions', () => {
  it('are none for a whole workflow', () => {
    const generous = workflows.filter(({ content }) => JSON.stringify(content.permissions) !== '{}');
    expect(generous.map(({ path }) => path)).toEqual([]);
  });

  it('are named by every job', () => {
    const silent = workflows.flatMap((file) =>
      jobsOf(file)
        .filter(({ content }) => typeof content.permissions !== 'object')
        .map(({ id }) => `${file.path}: ${id}`),
    );
    expect(silent).toEqual([]);
  });

  it('say what each scope is for', () => {
    const unexplained = workflows.flatMap((file) =>
      file.text
        .split('\n')
        .filter((line) => /^\s+(?:permission-)?[a-z-]+: (?:read|write)\b/.test(line) && !/ # \S/.test(line))
        .map((line) => `${file.path}:${line}`),
    );
    expect(unexplained).toEqual([]);
  });

  it('of the App’s token are named, or it would have all that the App has', () => {
    const asked = workflows.flatMap((file) =>
      allSteps(file)
        .filter(({ uses }) => uses?.startsWith('actions/create-github-app-token@'))
        .map(({ content }) => Object.entries(fields(content.with)).filter(([name]) => name.startsWith('permission-'))),
    );
    expect(asked.map((entries) => Object.fromEntries(entries))).toEqual([
      { 'permission-contents': 'write', 'permission-pull-requests': 'write' },
      { 'permission-contents': 'write', 'permission-pull-requests': 'write' },
      { 'permission-contents': 'write' },
    ]);
  });
});

describe('secrets', () => {
  it('are passed on by name', () => {
    expect(workflows.filter(({ text }) => text.includes('secrets: inherit'))).toEqual([]);
  });

  it('that are keys are read only in a job with an environment', () => {
    const open = [...reusable, ...starters, ...own].flatMap((file) =>
      jobsOf(file)
        .filter(({ content }) => content.uses === undefined && content.environment === undefined)
        .filter(({ content }) => /secrets\.\w*KEY/.test(JSON.stringify(content)))
        .map(({ id }) => `${file.path}: ${id}`),
    );
    expect(open).toEqual([]);
  });

  it('of ours are these and no others', () => {
    const read = workflows.flatMap((file) => [...file.text.matchAll(/secrets\.(\w+)/g)].map(([, name]) => name));
    expect([...new Set(read)].sort()).toEqual([
      'WAYBILL_NOTIFY_PRIVATE_KEY',
      'WAYBILL_PRIVATE_KEY',
      'WAYBILL_REGISTRY_TOKEN',
    ]);
  });

  it('of the registry go to the registry’s input, tokens of the forge to the forge’s', () => {
    const mayHold: Readonly<Record<string, RegExp>> = {
      token: /^\$\{\{ steps\.app\.outputs\.token \}\}$/,
      'registry-token': /^\$\{\{ (?:secrets\.WAYBILL_REGISTRY_TOKEN|inputs\.registry-token) \}\}$/,
      'ghcr-token': /^\$\{\{ inputs\.ghcr-token \}\}$/,
    };
    const crossed = sources.flatMap((file) =>
      allSteps(file)
        .filter(({ uses }) => /^(?:\$|OWNER\/waybill)\//.test(uses ?? ''))
        .flatMap(({ at, content }) =>
          Object.entries(fields(content.with))
            .filter(([name, value]) => {
              const allowed = mayHold[name];
              return allowed === undefined ? /secrets\.|token/i.test(String(value)) : !allowed.test(String(value));
            })
            .map(([name]) => `${at}: ${name}`),
        ),
    );
    expect(crossed).toEqual([]);
  });
});

describe('concurrency', () => {
  const group = (name: string) => fields(fileNamed(workflows, name).content.concurrency);

  it('of reconcile coalesces, and no dry run or other ref pushes out a run that would write', () => {
    expect(group('reconcile.yml')).toEqual({
      group: `waybill-reconcile-\${{ github.ref }}\${{ inputs.dry-run && '-dry-run' || '' }}`,
    });
  });

  it('of promote queues, so that no request is lost', () => {
    expect(group('promote.yml')).toEqual({ group: `waybill-promote-\${{ github.ref }}`, queue: 'max' });
  });

  it('of a caller is never that of what it calls, which would cancel it', () => {
    const called = reusable.map(({ content }) => String(fields(content.concurrency).group).split('$')[0]);
    const callers = starters.map(({ content }) => String(fields(content.concurrency).group ?? ''));
    expect(callers.filter((name) => called.some((prefix) => prefix !== undefined && name.startsWith(prefix)))).toEqual(
      [],
    );
  });
});

describe('jobs', () => {
  it('end by themselves', () => {
    const endless = workflows.flatMap((file) =>
      jobsOf(file)
        .filter(({ content }) => content.uses === undefined && typeof content['timeout-minutes'] !== 'number')
        .map(({ id }) => `${file.path}: ${id}`),
    );
    expect(endless).toEqual([]);
  });

  it('of CI all count for ci-ok', () => {
    const jobs = jobsOf(fileNamed(own, 'ci.yml'));
    const others = jobs.map(({ id }) => id).filter((id) => id !== 'ci-ok');
    expect(jobs.find(({ id }) => id === 'ci-ok')?.content).toMatchObject({ if: 'always()', needs: others });
  });
});
