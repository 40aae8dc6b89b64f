import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { secondaryRateLimit } from '@waybill/testbed';
import { createForge } from './create-forge.js';
import { type ForgeBed, REPOSITORY, startForgeBed } from './test-support.js';

let bed: ForgeBed;
beforeAll(async () => {
  bed = await startForgeBed({ 'a.yaml': 'a: 1\n' });
});
afterAll(async () => {
  await bed.close();
});
beforeEach(() => {
  bed.github.log.clear();
});

let currentHead = '';
const look = () => bed.forge.history(currentHead, 'a.yaml', 1);
beforeEach(async () => {
  currentHead = await bed.head();
});

describe('reads', () => {
  it.each([
    ['a server error', { kind: 'error', status: 502 }],
    ['a lost connection', { kind: 'disconnect' }],
  ] as const)('are tried again after %s', async (_, fault) => {
    bed.github.faults.push({ match: { graphql: /History/ }, times: 1, ...fault });
    expect(await look()).toHaveLength(1);
    expect(bed.waits.at(-1)).toBe(500);
  });

  it('give up in the end, saying that the next run goes on', async () => {
    bed.github.faults.push({ match: { graphql: /History/ }, kind: 'error', status: 503, times: 4 });
    await expect(look()).rejects.toMatchObject({ code: 'forge-unavailable' });
  });
});

describe('writes', () => {
  it('are not repeated when their answer is lost', async () => {
    bed.github.faults.push({ match: { method: 'POST', path: /\/git\/refs$/ }, kind: 'lost-answer', times: 1 });
    await expect(bed.forge.createBranch('lost', currentHead)).rejects.toMatchObject({ code: 'forge-unavailable' });
    expect([...bed.github.log].filter((entry) => entry.path.endsWith('/git/refs'))).toHaveLength(1);
    expect(await bed.forge.createBranch('lost', currentHead)).toBe('exists');
  });

  it('wait out a secondary rate limit as long as GitHub says', async () => {
    bed.github.faults.push(secondaryRateLimit({ method: 'POST', path: /\/git\/refs$/ }, 7));
    expect(await bed.forge.createBranch('limited', currentHead)).toBe('created');
    expect(bed.waits.at(-1)).toBe(7000);
  });
});

describe('refusals', () => {
  it('name a wrong token, and a permission that lacks', async () => {
    const clock = { now: () => new Date(), sleep: async () => undefined };
    const options = { repository: REPOSITORY, apiUrl: bed.github.apiUrl, fetch, clock };
    const wrong = createForge({ ...options, token: 'ghs_wrong' });
    await expect(wrong.history(currentHead, 'a.yaml', 1)).rejects.toMatchObject({ code: 'forge-denied' });
    const reader = createForge({
      ...options,
      token: bed.app.installationToken(REPOSITORY, { contents: 'read', metadata: 'read' }),
    });
    await expect(reader.createBranch('denied', currentHead)).rejects.toMatchObject({
      code: 'forge-denied',
      remedy: expect.stringContaining('permission'),
    });
  });
});
