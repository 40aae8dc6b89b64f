import { plan } from '@waybill/core';
import { FULL_INTENT, planWorld } from './plan-world.js';
import { type Benchmark, judged, type Row, type Target } from './row.js';
import { fastest, rounded, takeTurns } from './samples.js';

const TARGET: Target = { row: 'plan', atMost: 1.5, unit: '× per unit' };
const ROUNDS = 4;
/** Freight, Stages. The first is what the others are measured by. */
const SIZES = [
  [1_000, 10],
  [10_000, 10],
  [1_000, 100],
  [10_000, 100],
] as const;

/**
 * Time per unit of work as the World grows. A unit is one Freight before one Stage that requests it: whether the one
 * is available to the other is what the planner has to decide, and the Stages of these Worlds request all of it.
 */
export const planning: Benchmark = { targets: [TARGET], needs: [], measure };

async function measure(): Promise<readonly Row[]> {
  const worlds = SIZES.map(([freight, stages]) => planWorld(freight, stages));
  for (const [index, world] of worlds.entries()) {
    const { effects } = plan(world, FULL_INTENT);
    if (effects.length === 0) throw new Error(`the World of ${SIZES[index]?.join(' × ')} plans nothing`);
  }
  const largest = Math.max(...SIZES.map(unitsOf));
  // The small ones are planned more often, so that all are timed for about as long.
  const often = SIZES.map((size) => Math.min(20, Math.ceil(largest / unitsOf(size) / 5)));
  const rounds = await takeTurns(
    worlds.map((world, index) => () => {
      for (let time = 0; time < (often[index] ?? 1); time++) plan(world, FULL_INTENT);
    }),
    { rounds: ROUNDS, warmUp: 1 },
  );
  const times = rounds.map((samples, index) => fastest(samples) / (often[index] ?? 1));
  const units = SIZES.map((size, index) => (times[index] ?? Number.NaN) / unitsOf(size));
  const [smallest = Number.NaN, ...larger] = units;
  const each = SIZES.map(
    ([freight, stages], index) => `${freight} × ${stages} ${rounded(times[index] ?? Number.NaN)} ms`,
  ).join(', ');
  return [
    judged(
      TARGET,
      Math.max(...larger) / smallest,
      `Freight × Stages that request it: ${each}; the worst time per Freight and Stage against that of the first, the fastest of ${ROUNDS}`,
    ),
  ];
}

function unitsOf([freight, stages]: readonly [number, number]): number {
  return freight * stages;
}
