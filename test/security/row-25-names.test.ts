import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { isPromotionBranch, loadConfig, parsePromotionName, promotionBranch, promotionName } from '@waybill/core';
import { type Bed, startBed } from '@waybill/testbed';
import { CONFIG, errorsOf, landedInDev, mutations, smallRepository } from '../e2e/support.js';
import { forgeOf } from './support.js';

/*
 * Threat row 25: names of Stages and Warehouses become parts of branches, paths and URLs. The guard is the grammar that
 * the configuration holds them to, so that with the guard off is below it: the functions and the forge client take any
 * text, and there a name with a slash or a dot takes what is another Stage's. What a person types (stage, Freight,
 * Warehouse) is looked up among names, and becomes part of nothing.
 */

const NAMES: readonly (readonly [string, string])[] = [
  ['a way up', '../production'],
  ['a slash', 'production/x'],
  ['a dot', 'production.x'],
  ['a ref', 'refs/heads/main'],
  ['an upper-case letter', 'Production'],
  ['a blank', 'pro duction'],
  ['a hyphen first', '-production'],
  ['a hyphen last', 'production-'],
  ['64 characters', 'a'.repeat(64)],
  ['nothing', ''],
  ['a query', 'production?x=1'],
  ['a fragment', 'production#x'],
  ['an escape', 'production%2fx'],
  ['a newline', 'production\nWaybill-Freight: x'],
  ['a NUL', 'production\0'],
  ['another script', 'prоduction'],
  ['direction marks', 'production\u202e'],
  ['Markdown', '**production**'],
  ['a reserved word', 'constructor'],
  ['a word of YAML', 'true'],
  ['a prototype', '__proto__'],
];

const NOW = new Date('2026-11-20T00:00:00Z');
const ENTROPY = new Uint8Array(10);
const FREIGHT = 'f'.repeat(40);
const named = (stage: string) => promotionName(stage, NOW, ENTROPY, FREIGHT);

let bed: Bed;
beforeAll(async () => {
  bed = await startBed({ identity: 'app', files: smallRepository() });
  await landedInDev(bed);
});
afterAll(() => bed.close());
afterEach(async () => {
  await bed.github.settled();
  expect([bed.github.unhandled, bed.github.violations]).toEqual([[], []]);
});

describe('row 25: with the guard off', () => {
  it('a Stage’s name with a slash takes the place of all Promotions of another', async () => {
    const token = bed.app?.installationToken(bed.repository) ?? '';
    const { main = '' } = await bed.github.branches(bed.repository);
    // A branch called like the folder of the others: Git has no `a/b` beside `a`.
    const genuine = promotionBranch(named('production'));
    await forgeOf(bed, token).createBranch(promotionBranch(`${named('production')}/x`), main);
    await expect(forgeOf(bed, token).createBranch(genuine, main)).rejects.toThrow();
    await forgeOf(bed, token).deleteBranch(promotionBranch(`${named('production')}/x`));
  });

  it('a name with a dot is no longer told apart, and one with a newline ends a trailer', () => {
    expect(parsePromotionName(named('production'))?.stage).toBe('production');
    expect(parsePromotionName(named('production.x'))).toBeUndefined();
    expect(named('x\nWaybill-Stage: production').split('\n')[1]).toMatch(/^Waybill-Stage: production/);
  });
});

describe('row 25: names in waybill.yaml', () => {
  const stage = (name: string) => CONFIG.replace('  production:', `  ${JSON.stringify(name)}:`);
  const warehouse = (name: string) =>
    CONFIG.replace('  platform:', `  ${JSON.stringify(name)}:`).replace(
      'from: platform',
      `from: ${JSON.stringify(name)}`,
    );

  it.each(NAMES)('refuses a Stage and a Warehouse whose name has %s', (_, name) => {
    for (const text of [stage(name), warehouse(name)]) {
      expect(() => loadConfig({ path: 'waybill.yaml', text })).toThrow();
    }
    expect(isPromotionBranch(promotionBranch(named(name))) && !['constructor', 'true'].includes(name)).toBe(
      // Too long a name is all that a branch could carry; the configuration has none.
      name.length === 64,
    );
  });

  it('takes 63 characters, and names them in what it refuses', () => {
    const text = stage('a'.repeat(63));
    expect(loadConfig({ path: 'waybill.yaml', text }).stages.map(({ name }) => name)).toContain('a'.repeat(63));
    expect(() => loadConfig({ path: 'waybill.yaml', text: stage('Production') })).toThrow(/Production.*lower-case/s);
  });

  it('refuses them before anything is written', async () => {
    for (const text of [stage('../production'), warehouse('a/b')]) {
      await bed.github.commitAs('alice', bed.repository, 'main', { 'waybill.yaml': text }, 'a name');
      bed.github.log.clear();
      const result = await bed.act('reconcile');
      expect(result.outputs['reason-code']).toBe('config-invalid');
      expect(mutations(bed)).toEqual([]);
    }
    await bed.github.commitAs('alice', bed.repository, 'main', { 'waybill.yaml': CONFIG }, 'and back');
  });
});

describe('row 25: names that a person types', () => {
  it.each(NAMES.filter(([what]) => ['a way up', 'a ref', 'a newline', 'a query', 'another script'].includes(what)))(
    'finds nothing with %s, and asks GitHub for nothing of that name',
    async (_, name) => {
      bed.github.log.clear();
      for (const inputs of [{ stage: name }, { stage: 'staging', freight: name }]) {
        const result = await bed.act('promote', inputs);
        expect(result.conclusion).toBe('failure');
        expect(['stage-unknown', 'freight-not-found']).toContain(result.outputs['reason-code']);
        expect(errorsOf(result)).not.toBe('');
      }
      expect(mutations(bed)).toEqual([]);
      const paths = bed.github.log.filter(({ kind }) => kind === 'rest').map(({ path }) => decodeURIComponent(path));
      expect(paths.filter((path) => !path.endsWith('/rules/branches/waybill/ledger'))).toEqual([]);
    },
  );
});
