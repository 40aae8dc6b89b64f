import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createConcurrencyGroups } from './concurrency.js';
import { createFakeHost, type FakeHost } from './fake-host.js';
import { type Runner, startRunner } from './index.js';

let host: FakeHost;
let runner: Runner;
let opened: (() => void) | undefined;

beforeEach(() => {
  host = createFakeHost();
  opened = undefined;
  const gate = new Promise<void>((resolve) => {
    opened = resolve;
  });
  runner = startRunner({
    host,
    resolveAction: ({ repository }) => (repository === 'test/gate' ? { kind: 'builtin', run: () => gate } : undefined),
  });
});
afterEach(async () => {
  opened?.();
  await runner.dispose();
});

/** Runs that all wait at the gate once they run. */
function workflow(concurrency: string): string {
  return `on: push\nconcurrency: ${concurrency}\njobs: {a: {runs-on: x, steps: [{uses: test/gate@v1}]}}\n`;
}

/** Pushes n times, so that the first run is at the gate before the next comes. */
async function push(times: number): Promise<void> {
  for (let i = 0; i < times; i++) {
    host.push('o/r');
    while (runner.runs.length <= i || (i === 0 && runner.runs[0]?.jobs[0]?.status !== 'in_progress')) {
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
}

const conclusions = () => runner.runs.map((run) => run.conclusion);

describe('concurrency of workflows', () => {
  it('by default one runs and one is pending: an older pending one is cancelled (control workflow concurrency)', async () => {
    host.commit('o/r', { '.github/workflows/w.yml': workflow('g') });
    await push(4);
    opened?.();
    await runner.idle();
    expect(conclusions()).toEqual(['success', 'cancelled', 'cancelled', 'success']);
    expect(runner.runs[1]?.problem).toBe('Canceling since a higher priority waiting request for g exists');
  });

  it('queue: max keeps them all, in order', async () => {
    host.commit('o/r', { '.github/workflows/w.yml': workflow(`{group: "q-\${{ github.ref }}", queue: max}`) });
    await push(4);
    opened?.();
    await runner.idle();
    expect(conclusions()).toEqual(['success', 'success', 'success', 'success']);
    const starts = runner.runs.map((run) => Number(run.jobs[0]?.startedAt));
    expect(starts).toEqual(starts.toSorted((a, b) => a - b));
  });

  it('cancel-in-progress cancels the one that runs too', async () => {
    host.commit('o/r', {
      '.github/workflows/w.yml': `
on: push
concurrency: {group: g, cancel-in-progress: true}
jobs: {a: {runs-on: x, steps: [{run: 'echo up; [ $GITHUB_RUN_NUMBER = 3 ] || exec sleep 60'}]}}
`,
    });
    host.push('o/r');
    while (!runner.runs[0]?.jobs[0]?.log.includes('up')) await new Promise((resolve) => setImmediate(resolve));
    host.push('o/r');
    host.push('o/r');
    await runner.idle();
    expect(conclusions()).toEqual(['cancelled', 'cancelled', 'success']);
    expect(runner.runs[0]?.jobs[0]?.log).toEqual(['up', '##[error]Process completed with exit code 130.']);
  });

  it('queue: max together with cancel-in-progress is refused', async () => {
    host.commit('o/r', { '.github/workflows/w.yml': workflow('{group: g, queue: max, cancel-in-progress: true}') });
    host.push('o/r');
    await runner.idle();
    expect(runner.runs[0]).toMatchObject({ conclusion: 'startup_failure' });
  });

  it("groups are the repository's own and compare without regard to case", async () => {
    host.commit('o/r', { '.github/workflows/a.yml': workflow('Group'), '.github/workflows/b.yml': workflow('gROUP') });
    host.commit('o/s', { '.github/workflows/c.yml': workflow('group') });
    host.push('o/r');
    host.push('o/s');
    while (runner.runs.length < 3 || runner.runs.filter((run) => run.jobs[0]?.status === 'in_progress').length < 2) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(runner.runs.map((run) => run.status)).toEqual(['in_progress', 'pending', 'in_progress']);
    opened?.();
    await runner.idle();
    expect(conclusions()).toEqual(['success', 'success', 'success']);
  });

  it('a pending run can be cancelled by hand', async () => {
    host.commit('o/r', { '.github/workflows/w.yml': workflow('g') });
    await push(2);
    runner.cancel(runner.runs[1]?.id ?? 0);
    opened?.();
    await runner.idle();
    expect(conclusions()).toEqual(['success', 'cancelled']);
  });
});

describe('concurrency of jobs', () => {
  it("jobs of one group take turns, and a caller's own group can never be had by what it calls", async () => {
    host.commit('o/r', {
      '.github/workflows/w.yml': `
on: push
concurrency: {group: outer}
jobs:
  a: {runs-on: x, concurrency: one, steps: [{run: 'true'}]}
  b: {runs-on: x, concurrency: one, steps: [{run: 'true'}]}
  call: {uses: $/.github/workflows/c.yml}
`,
      '.github/workflows/c.yml':
        "on: workflow_call\nconcurrency: {group: outer}\njobs: {j: {runs-on: x, steps: [{run: 'true'}]}}\n",
    });
    host.push('o/r');
    await runner.idle();
    const [run] = runner.runs;
    expect(Object.fromEntries((run?.jobs ?? []).map((job) => [job.name, job.conclusion]))).toEqual({
      a: 'success',
      b: 'success',
      call: 'cancelled',
    });
    expect(run?.jobs.at(-1)?.annotations[0]?.message).toContain(
      "a deadlock for concurrency group 'outer' was detected",
    );
  });
});

describe('createConcurrencyGroups', () => {
  it('holds at most 100 pending under queue: max and cancels the newcomer beyond', async () => {
    const groups = createConcurrencyGroups();
    const enter = () =>
      groups.enter({ repository: 'o/r', group: 'g', queue: 'max', cancelInProgress: false, cancel: () => undefined });
    const tickets = Array.from({ length: 102 }, enter);
    expect(await tickets[0]?.turn).toBe('granted');
    expect(await tickets[101]?.turn).toBe('cancelled');
    tickets[0]?.leave();
    expect(await tickets[1]?.turn).toBe('granted');
  });
});
