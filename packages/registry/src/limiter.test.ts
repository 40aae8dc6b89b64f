import { describe, expect, it } from '@jest/globals';
import { createLimiter, mapLimited } from './limiter.js';

/** Work that ends when told to, and counts itself. */
function countedWork() {
  let running = 0;
  let peak = 0;
  const ends: (() => void)[] = [];
  return {
    peak: () => peak,
    ends,
    async run(): Promise<void> {
      running += 1;
      peak = Math.max(peak, running);
      await new Promise<void>((resolve) => ends.push(resolve));
      running -= 1;
    },
  };
}

async function endAll(ends: readonly (() => void)[], total: number): Promise<void> {
  for (let ended = 0; ended < total; ) {
    const end = ends[ended];
    if (end === undefined) await Promise.resolve();
    else {
      end();
      ended += 1;
    }
  }
}

describe('createLimiter', () => {
  it('never runs more than its limit, and runs everything', async () => {
    const limiter = createLimiter(3);
    const work = countedWork();
    const order: number[] = [];
    const all = Array.from({ length: 20 }, (_, index) => limiter(work.run).then(() => order.push(index)));
    await endAll(work.ends, 20);
    await Promise.all(all);
    expect(work.peak()).toBe(3);
    expect(order).toEqual(Array.from({ length: 20 }, (_, index) => index));
  });

  it('gives the slot back when work fails', async () => {
    const limiter = createLimiter(1);
    await expect(limiter(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
    await expect(limiter(async () => 'yes')).resolves.toBe('yes');
  });
});

describe('mapLimited', () => {
  it('keeps the order, and the limit', async () => {
    const work = countedWork();
    const mapped = mapLimited([...'abcdefgh'], 3, async (letter) => {
      await work.run();
      return letter.toUpperCase();
    });
    await endAll(work.ends, 8);
    expect((await mapped).join('')).toBe('ABCDEFGH');
    expect(work.peak()).toBe(3);
  });

  it('does nothing for nothing', async () => {
    expect(await mapLimited([], 3, async () => 1)).toEqual([]);
  });
});
