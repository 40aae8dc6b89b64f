import { describe, expect, it } from '@jest/globals';
import { WaybillErrors } from '../errors.js';
import { loadConfig } from './load-config.js';
import { loadImagePolicy, loadPolicies } from './load-policies.js';
import type { ImagePolicy } from './types.js';

function load(images: string): ImagePolicy | undefined {
  return loadImagePolicy({ path: 'waybill.policies.yaml', text: `apiVersion: waybill/v1\nimages: ${images}\n` }).images;
}

function problems(images: string): readonly string[] {
  try {
    load(images);
    return [];
  } catch (error) {
    if (!(error instanceof WaybillErrors)) throw error;
    return error.errors.map(({ where, what }) => `${where.line}:${where.column} ${what}`);
  }
}

describe('images of waybill.policies.yaml', () => {
  it('has defaults for everything', () => {
    expect(load('{}')).toEqual({
      thirdPartyCharts: [],
      registries: [],
      platforms: [],
      scopes: [],
      tagPatterns: [],
      tagInLabels: [],
      tagSuffix: [],
      severities: new Map(),
      pullPolicy: 'absent-or-if-not-present',
      fields: [],
      environments: [],
      mixed: 'refused',
      exceptions: [],
    });
    expect(loadImagePolicy(undefined)).toEqual({});
  });

  it('reads all there is', () => {
    const policy = load(`
  enforce: ["sources/values/**"]
  exclude: []
  firstParty: [ghcr.io/ameideio/*]
  thirdPartyCharts: ["sources/charts/third_party/**"]
  registries: [ghcr.io, "registry.example.com:5000"]
  platforms: [linux/amd64, linux/arm64/v8]
  scopes: [compose, args]
  tagPatterns: {"quay.io/minio/*": "^RELEASE"}
  severities: {moving-tag: "off", unpinned: warning}
  pullPolicy: if-not-present
  fields: [{group: ameide.io, fields: ["spec.image", "spec.parts[].image"], needsTag: true}]
  layers: [{base: charts/api/values.yaml, overlays: ["env/*/api.yaml"]}]
  environments: [{name: dev, paths: ["env/dev/**"]}, {name: prod, paths: ["env/prod/**"], after: [dev]}]
  mixed: allowed
  exceptions: [{rule: unpinned, image: "ghcr.io/x/*", path: "a/**", owner: "@o/x", reason: y, expires: 2026-12-31}]`);
    expect(policy).toMatchObject({
      enforce: ['sources/values/**'],
      exclude: [],
      firstParty: ['ghcr.io/ameideio/*'],
      registries: ['ghcr.io', 'registry.example.com:5000'],
      severities: new Map([
        ['moving-tag', 'off'],
        ['unpinned', 'warning'],
      ]),
      fields: [{ group: 'ameide.io', kind: '*', fields: ['spec.image', 'spec.parts[].image'], needsTag: true }],
      environments: [
        { name: 'dev', paths: ['env/dev/**'], after: [] },
        { name: 'prod', paths: ['env/prod/**'], after: ['dev'] },
      ],
      mixed: 'allowed',
      exceptions: [{ rule: 'unpinned', image: 'ghcr.io/x/*', path: 'a/**', owner: '@o/x', expires: '2026-12-31' }],
    });
    expect(policy?.tagPatterns[0]?.pattern.test('RELEASE.X')).toBe(true);
  });

  it.each([
    ['{unknown: 1}', '2:10 images.unknown is not known here'],
    ['{enforce: []}', '2:19 images.enforce is an empty list'],
    ['{enforce: ["/a"]}', '2:20 images.enforce[0] cannot be used'],
    ['{firstParty: [api]}', '2:23 images.firstParty[0] "api" names no registry'],
    ['{registries: ["https://ghcr.io"]}', '2:23 images.registries[0] "https://ghcr.io" is no host'],
    ['{platforms: [amd64]}', '2:22 images.platforms[0] "amd64" is no platform'],
    ['{scopes: [helm]}', '2:19 images.scopes[0] is "helm"'],
    ['{tagPatterns: {minio: "x"}}', '2:24 images.tagPatterns.minio names no registry'],
    ['{tagPatterns: {"quay.io/a": "("}}', 'images.tagPatterns.quay.io/a cannot be used'],
    ['{severities: {nope: error}}', '2:23 images.severities.nope is no rule'],
    ['{severities: {channel-tag: note}}', '2:23 images.severities.channel-tag is always an error'],
    ['{severities: {unpinned: low}}', 'images.severities.unpinned is "low"'],
    ['{fields: [{group: a.b}]}', 'images.fields[0] lacks fields'],
    ['{fields: [{group: a.b, fields: ["/spec"]}]}', 'images.fields[0].fields[0] "/spec" is no path to a field'],
    ['{layers: [{base: "a/*", overlays: ["b/**"]}]}', 'images.layers[0] has a base that is no plain path'],
    [
      '{environments: [{name: a, paths: ["a/**"]}, {name: a, paths: ["b/**"]}]}',
      'images.environments[1] is the second named a',
    ],
    [
      '{environments: [{name: a, paths: ["a/**"], after: [b]}]}',
      'images.environments[0] comes after b, which does not stand above it',
    ],
    ['{mixed: sometimes}', 'images.mixed is "sometimes"'],
    ['{exceptions: [{path: "a/**", reason: y, expires: 2026-12-31}]}', 'images.exceptions[0] lacks owner'],
    ['{exceptions: [{owner: x, reason: y, expires: 2026-12-31}]}', 'images.exceptions[0] excuses everything'],
    ['{exceptions: [{path: "a/**", owner: x, reason: y, expires: 2026-02-30}]}', '"2026-02-30" is no day'],
    [
      '{exceptions: [{rule: channel-tag, path: "a/**", owner: x, reason: y, expires: 2026-12-31}]}',
      'channel-tag has no exceptions',
    ],
    ['{exceptions: [{rule: nope, path: "a/**", owner: x, reason: y, expires: 2026-12-31}]}', '"nope" is no rule'],
  ])('refuses %s', (images, expected) => {
    const found = problems(images);
    expect(found).toHaveLength(1);
    expect(found[0]).toContain(expected);
  });

  it('stands beside what the file says of Stages', () => {
    const config = loadConfig({
      path: 'waybill.yaml',
      text: 'apiVersion: waybill/v1\nwarehouses: {w: {images: {repos: [ghcr.io/o/api]}}}\nstages: {dev: {from: w, updates: [{images: "env/dev/**"}]}}\n',
    });
    const text = 'apiVersion: waybill/v1\nstages: {dev: {autoMerge: true}}\nimages: {enforce: ["env/**"]}\n';
    const policies = loadPolicies({ path: 'p.yaml', text }, config);
    expect(policies).toMatchObject({ file: 'p.yaml', rules: [{ pattern: 'dev' }], images: { enforce: ['env/**'] } });
  });
});
