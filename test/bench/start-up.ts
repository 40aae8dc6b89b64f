import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { type Benchmark, judged, type Row, type Target } from './row.js';
import { median, rounded, takeTurns } from './samples.js';

const TARGET: Target = { row: 'start-up', atMost: 3, unit: '× bare node' };
const ROUNDS = 21;
const DIST = join(import.meta.dirname, '..', '..', '..', 'dist');
const ACTIONS = ['resolve-digest', 'reconcile'] as const;

/** Actions of the committed bundle, each up to the refusal of a missing input, against a Node that does nothing. */
export const startUp: Benchmark = { targets: [TARGET], needs: [], measure };

async function measure(): Promise<readonly Row[]> {
  const works = [() => ended(['-e', '0'], 0), ...ACTIONS.map((action) => () => ended([join(DIST, `${action}.js`)], 1))];
  const samples = await takeTurns(works, { rounds: ROUNDS, warmUp: 2 });
  const [bare = Number.NaN, ...actions] = samples.map(median);
  const worst = Math.max(...actions);
  const each = ACTIONS.map((action, index) => `${action} ${rounded(actions[index] ?? Number.NaN)} ms`).join(', ');
  return [
    judged(TARGET, worst / bare, `${each}; node -e 0 ${rounded(bare)} ms; medians of ${ROUNDS}, the slowest counts`),
  ];
}

/** Nothing of this process's environment but the path, so that no input and no runner's file is found. */
async function ended(args: readonly string[], code: number): Promise<void> {
  const child = spawn(process.execPath, args, { stdio: 'ignore', env: { PATH: process.env.PATH ?? '' } });
  const [actual] = await once(child, 'exit');
  if (actual !== code) throw new Error(`node ${args.join(' ')} ended with ${actual}`);
}
