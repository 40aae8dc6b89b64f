import { performance } from 'node:perf_hooks';

/** The middle of the samples, or the mean of the two middle ones. NaN for none. */
export function median(samples: readonly number[]): number {
  const sorted = [...samples].sort((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
  const lower = sorted[Math.ceil(sorted.length / 2) - 1] ?? Number.NaN;
  return (lower + upper) / 2;
}

/** Milliseconds that the work took. */
export async function timed(work: () => unknown): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

/** The fastest of the samples: what the machine does besides can only add to work that never waits. */
export function fastest(samples: readonly number[]): number {
  return Math.min(...samples);
}

/**
 * Times of each of the works, in milliseconds. They take turns, so that a noisy moment of the machine falls on all of
 * them alike; the first `warmUp` rounds are not counted.
 */
export async function takeTurns(
  works: readonly (() => unknown)[],
  { rounds, warmUp = 0 }: { readonly rounds: number; readonly warmUp?: number },
): Promise<readonly (readonly number[])[]> {
  const samples = works.map((): number[] => []);
  for (let round = 0; round < warmUp + rounds; round++) {
    for (const [index, work] of works.entries()) {
      const milliseconds = await timed(work);
      if (round >= warmUp) samples[index]?.push(milliseconds);
    }
  }
  return samples;
}

/** With as many digits as a person wants to see. */
export function rounded(value: number, digits = 2): string {
  return Number.isInteger(value) ? String(value) : value.toFixed(value >= 100 ? 0 : digits);
}
