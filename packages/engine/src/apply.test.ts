import { describe, expect, it } from '@jest/globals';
import { type Effect, type Forge, loadConfig, type OpenPromotion, type PullRequest, type Stage } from '@waybill/core';
import { apply } from './apply.js';
import type { Ports } from './ports.js';

const STAGE: Stage = (() => {
  const config = loadConfig({
    path: 'waybill.yaml',
    text: `apiVersion: waybill/v1
warehouses: {app: {images: {strategy: Digest, constraint: main, repos: [ghcr.io/o/api]}}}
stages: {dev: {from: app, promotion: {via: pull-request}, updates: [{images: "**/dev/**"}]}}
`,
  });
  const [stage] = config.stages;
  if (stage === undefined) throw new Error('no Stage');
  return stage;
})();

const PROMOTION: OpenPromotion = {
  name: 'dev.01m7xpe600s7jdpwa93cwegncp.cf04dbd',
  stage: 'dev',
  warehouse: 'app',
  freight: 'c'.repeat(40),
  requestedBy: { kind: 'automation' },
  requestedAt: '2026-11-20T00:00:00Z',
  base: 'a'.repeat(40),
  edits: [],
  newest: true,
  autoMerge: true,
};

const PULL: PullRequest = {
  id: 'PR_1',
  number: 1,
  url: 'https://github.com/o/r/pull/1',
  state: 'open',
  title: 'x',
  author: 'waybill',
  headBranch: 'waybill/promote/x',
  headOid: 'b'.repeat(40),
  baseBranch: 'main',
  sameRepository: true,
  mergeState: 'clean',
  autoMerge: false,
  autoMergeBy: undefined,
  mergedAt: undefined,
  mergedBy: undefined,
  closedAt: undefined,
  mergeCommit: undefined,
};

function commitTo(path: string): Effect {
  return {
    kind: 'commit',
    branch: `waybill/promote/${PROMOTION.name}`,
    expectedHead: 'a'.repeat(40),
    promotion: PROMOTION,
    stage: STAGE,
    freight: {
      id: 'c'.repeat(40),
      alias: 'a-b',
      discoveredAt: '2026-11-20T00:00:00Z',
      origin: { kind: 'Warehouse', name: 'app' },
      images: [{ repoURL: 'ghcr.io/o/api', tag: 'main', digest: `sha256:${'d'.repeat(64)}` }],
    },
    files: [{ path, mode: '100644', content: new Uint8Array() }],
  };
}

/** A forge that notes what it is asked to write. */
function noting(answers: Partial<Forge> = {}) {
  const asked: string[] = [];
  const messages: string[] = [];
  const forge = {
    createBranch: async () => (asked.push('create-branch'), 'created' as const),
    commit: async ({ message }: { message: string }) => {
      asked.push('commit');
      messages.push(message);
      return { oid: 'e'.repeat(40) };
    },
    enableAutoMerge: async () => (asked.push('auto-merge'), 'armed' as const),
    merge: async () => (asked.push('merge'), { kind: 'merged', oid: 'f'.repeat(40) } as const),
    ...answers,
  } as unknown as Forge;
  const log = { debug() {}, info() {}, warning() {}, group: <T>(_: string, work: () => Promise<T>) => work() };
  return { ports: { forge, log } as unknown as Ports, asked, messages };
}

describe('apply', () => {
  it.each(['.github/workflows/dev/x.yaml', 'waybill.yaml', 'staging/api.yaml', 'dev/../.github/x.yaml'])(
    'writes nothing at all when a plan would write %s',
    async (path) => {
      const { ports, asked } = noting();
      const branch = `waybill/promote/${PROMOTION.name}`;
      const effects: Effect[] = [{ kind: 'create-branch', branch, oid: 'a'.repeat(40) }, commitTo(path)];
      await expect(apply(ports, effects, 'main', undefined)).rejects.toMatchObject({ code: 'path-refused' });
      expect(asked).toEqual([]);
    },
  );

  it.each(['main', 'waybill/ledger', 'waybill/promote/x', `elsewhere/branch/${PROMOTION.name}`])(
    'writes nothing at all when a plan would write to the branch %s',
    async (branch) => {
      const { ports, asked } = noting();
      const effects: Effect[] = [commitTo('apps/dev/api.yaml'), { kind: 'delete-branch', branch }];
      await expect(apply(ports, effects, 'main', undefined)).rejects.toMatchObject({ code: 'path-refused' });
      expect(asked).toEqual([]);
    },
  );

  it('names Stage, Freight, Promotion and ledger commit in trailers', async () => {
    const { ports, messages } = noting();
    await apply(ports, [commitTo('apps/dev/api.yaml')], 'main', '9'.repeat(40));
    expect(messages[0]?.split('\n\n').at(-1)).toBe(
      [
        'Waybill-Stage: dev',
        `Waybill-Freight: ${'c'.repeat(40)}`,
        `Waybill-Promotion: ${PROMOTION.name}`,
        `Waybill-Ledger: ${'9'.repeat(40)}\n`,
      ].join('\n'),
    );
  });

  it.each([
    ['arms auto-merge where something is pending', true, 'armed', ['auto-merge']],
    ['merges the expected head where nothing is', true, 'clean', ['auto-merge', 'merge']],
    ['merges where the repository forbids auto-merge', true, 'not-allowed', ['auto-merge', 'merge']],
    ['does not ask for auto-merge that is off', false, 'armed', ['merge']],
  ] as const)('%s', async (_, autoMerge, answer, expected) => {
    const { ports, asked } = noting();
    const forge = { ...ports.forge, enableAutoMerge: async () => (asked.push('auto-merge'), answer) };
    const effect: Effect = { kind: 'merge', pullRequest: PULL, method: 'merge', autoMerge };
    expect(await apply({ ...ports, forge }, [effect], 'main', undefined)).toEqual([]);
    expect(asked).toEqual(expected);
  });

  it('gives back merges that the forge does not allow yet', async () => {
    const { ports } = noting({ merge: async () => ({ kind: 'blocked', why: 'checks' }) });
    const effect: Effect = { kind: 'merge', pullRequest: PULL, method: 'merge', autoMerge: false };
    expect(await apply(ports, [effect], 'main', undefined)).toEqual([{ pullRequest: 1, why: 'checks' }]);
  });
});
