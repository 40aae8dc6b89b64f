import { describe, expect, it } from '@jest/globals';
import { WaybillErrors } from '../errors.js';
import { loadConfig } from './load-config.js';
import { loadPolicies } from './load-policies.js';
import { policyFor } from './lookup.js';
import type { Config, Policies } from './types.js';

const CONFIG = config('[staging]');

function config(from: string, production = 'env/production/**'): Config {
  return loadConfig({
    path: 'waybill.yaml',
    text: `apiVersion: waybill/v1
warehouses: {w: {images: {repos: [ghcr.io/o/api]}}}
stages:
  local: {from: w, updates: [{images: "env/local/**"}]}
  dev: {from: w, updates: [{images: "env/dev/**"}]}
  staging: {from: [dev], updates: [{images: "env/staging/**"}]}
  production: {from: ${from}, updates: [{images: "${production}"}]}
`,
  });
}

function load(stages: string, against: Config = CONFIG): Policies {
  return loadPolicies({ path: 'waybill.policies.yaml', text: `apiVersion: waybill/v1\nstages:\n${stages}\n` }, against);
}

function problems(stages: string, against: Config = CONFIG): readonly string[] {
  try {
    load(stages, against);
    return [];
  } catch (error) {
    if (!(error instanceof WaybillErrors)) throw error;
    return error.errors.map(
      ({ code, what, where, remedy }) => `${where.file}:${where.line}:${where.column} ${code} ${what} | ${remedy}`,
    );
  }
}

describe('loadPolicies', () => {
  it('grants nothing without the file', () => {
    const policies = loadPolicies(undefined, CONFIG);
    expect(policies).toEqual({ rules: [] });
    expect(policyFor(policies, 'dev')).toEqual({ autoPromotion: 'off', autoMerge: false });
  });

  it('holds the first rule that matches a Stage', () => {
    const policies = load(`  dev: {autoPromotion: NewestFreight}
  "{local,dev}": {autoPromotion: NewestFreight, autoMerge: true}
  "*": {}`);
    expect(policyFor(policies, 'dev')).toEqual({ autoPromotion: 'NewestFreight', autoMerge: false });
    expect(policyFor(policies, 'local')).toEqual({ autoPromotion: 'NewestFreight', autoMerge: true });
    expect(policyFor(policies, 'production')).toEqual({ autoPromotion: 'off', autoMerge: false });
  });

  it('holds a floor that the configuration keeps or exceeds', () => {
    const policies = load('  production: {floor: {paths: ["env/production/**"], from: [staging, dev]}}');
    expect(policyFor(policies, 'production').floor).toEqual({ paths: ['env/production/**'], from: ['staging', 'dev'] });
    expect(
      problems(
        '  production: {floor: {paths: ["env/production/**"]}}',
        config('[staging]', 'env/production/apps/*.yaml'),
      ),
    ).toEqual([]);
  });

  it.each([
    ['promoters: ["@o/t"]', 'promoters'],
    ['approvals: {count: 1}', 'approvals'],
    ['requiredSoakTime: 1h', 'requiredSoakTime'],
    ['verifications: [smoke]', 'verifications'],
    ['floor: {from: [dev], requiredSoakTime: 30m}', 'floor.requiredSoakTime'],
    ['floor: {from: [dev], verifications: [smoke]}', 'floor.verifications'],
  ])('refuses %s by name until it is enforced', (field, name) => {
    const column = 13 + (field.startsWith('floor') ? 'floor: {from: [dev], '.length : 0);
    expect(problems(`  staging: {${field}}`)).toEqual([
      `waybill.policies.yaml:3:${column} not-supported stages.staging.${name} is not yet supported | Remove it until it is: what the file says must be what holds`,
    ]);
  });

  it.each<readonly [string, string, Config, readonly string[]]>([
    [
      'a Stage that takes Freight directly',
      '  production: {floor: {from: [staging]}}',
      config('w'),
      [
        'waybill.yaml:7:22 config-invalid Stage production takes Freight from the Warehouse w directly, below the floor of production (waybill.policies.yaml:3) | Write from: [staging] in waybill.yaml',
      ],
    ],
    [
      'a Stage with another upstream',
      '  production: {floor: {from: [staging]}}',
      config('[staging, dev]'),
      [
        'waybill.yaml:7:23 config-invalid Stage production takes Freight from Stage dev, below the floor of production (waybill.policies.yaml:3) | Write from: [staging] in waybill.yaml',
      ],
    ],
    [
      'a Stage that writes outside its paths',
      '  production: {floor: {paths: ["env/production/apps/**"]}}',
      CONFIG,
      [
        'waybill.yaml:7:43 config-invalid Stage production writes env/production/**, outside the floor of production (waybill.policies.yaml:3) | Stay within env/production/apps/**',
      ],
    ],
    [
      'another Stage that writes there',
      '  production: {floor: {paths: ["env/{production,staging}/**"]}}',
      CONFIG,
      [
        'waybill.yaml:6:36 config-invalid Stage staging writes env/staging/**, which the floor of production (waybill.policies.yaml:3) keeps for production | Write a glob that shares no path with it',
      ],
    ],
    [
      'a floor from a Stage that is not there',
      '  production: {floor: {from: [staging, stagin]}}',
      CONFIG,
      [
        'waybill.policies.yaml:3:3 config-invalid stages.production has a floor from stagin, which is no Stage | Did you mean staging?',
      ],
    ],
    [
      'a floor for a Stage that is not there',
      '  prod: {floor: {from: [staging]}}',
      CONFIG,
      [
        'waybill.policies.yaml:3:3 config-invalid stages.prod matches no Stage | There are local, dev, staging, production',
      ],
    ],
    [
      'a floor that an earlier rule hides',
      '  "*": {}\n  production: {floor: {paths: ["env/production/**"]}}',
      CONFIG,
      [
        'waybill.policies.yaml:4:3 config-invalid stages.production never holds for Stage production, which * (line 3) matches first | Put it above *',
      ],
    ],
    [
      'a floor that an earlier rule hides for one of its Stages',
      '  dev: {}\n  "{dev,staging}": {floor: {paths: ["env/{dev,staging}/**"]}}',
      CONFIG,
      [
        'waybill.policies.yaml:4:3 config-invalid stages.{dev,staging} never holds for Stage dev, which dev (line 3) matches first | Put it above dev',
      ],
    ],
  ])('refuses %s', (_, stages, against, expected) => {
    expect(problems(stages, against)).toEqual(expected);
  });

  it('lets a rule without a floor be narrowed by an earlier one, but not be hidden', () => {
    expect(problems('  dev: {}\n  "*": {autoMerge: true}')).toEqual([]);
    expect(problems('  "*": {}\n  dev: {autoMerge: true}')).toHaveLength(1);
  });
});
