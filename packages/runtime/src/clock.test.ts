import { describe, expect, it } from '@jest/globals';
import { systemClock, systemEntropy } from './clock.js';

describe('the system', () => {
  it('tells the time and waits', async () => {
    const before = systemClock.now().getTime();
    await systemClock.sleep(5);
    // A timer may fire a millisecond early against the wall clock.
    expect(systemClock.now().getTime() - before).toBeGreaterThanOrEqual(4);
  });

  it('gives as many bytes as asked for, never the same', () => {
    expect(systemEntropy.bytes(16)).toHaveLength(16);
    expect(systemEntropy.bytes(16)).not.toEqual(systemEntropy.bytes(16));
  });
});
