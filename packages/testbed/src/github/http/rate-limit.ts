import type { World } from '../state/world.js';

/** The primary limit's headers, counted per credential and hour; the test bed never runs dry by itself. */
export function createRateLimits(world: World) {
  const used = new Map<string, number>();
  return {
    headers(credential: string | undefined, resource: 'core' | 'graphql', counts: boolean): Record<string, string> {
      const hour = Math.floor(world.clock().getTime() / 3_600_000);
      const key = `${hour} ${resource} ${credential ?? ''}`;
      const count = (used.get(key) ?? 0) + (counts ? 1 : 0);
      used.set(key, count);
      const limit = credential === undefined ? 60 : 5000;
      return {
        'x-ratelimit-limit': String(limit),
        'x-ratelimit-remaining': String(Math.max(limit - count, 0)),
        'x-ratelimit-reset': String((hour + 1) * 3600),
        'x-ratelimit-used': String(count),
        'x-ratelimit-resource': resource,
      };
    },
  };
}
