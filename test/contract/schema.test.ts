import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { type Config, type ConfigFile, loadConfig, loadPolicies, WaybillErrors } from '@waybill/core';
import { Ajv, type ValidateFunction } from 'ajv';
import { parse } from 'yaml';

const validateConfig = compile('waybill.schema.json');
const validatePolicies = compile('waybill.policies.schema.json');

const WAREHOUSES = 'w: {images: {strategy: Digest, constraint: main, repos: [ghcr.io/o/api]}}';
const STAGES = 'dev: {from: w, updates: [{images: "env/dev/**"}]}';

function configOf(parts: { readonly warehouses?: string; readonly stages?: string; readonly head?: string }): string {
  const { warehouses = WAREHOUSES, stages = STAGES, head = 'apiVersion: waybill/v1' } = parts;
  return [head, `warehouses: {${warehouses}}`, `stages: {${stages}}`].join('\n');
}

function image(fields: string): string {
  return configOf({ warehouses: `w: {subscriptions: [{image: {repoURL: ghcr.io/o/api, ${fields}}}]}` });
}

function images(fields: string): string {
  return configOf({ warehouses: `w: {images: {repos: [ghcr.io/o/api], ${fields}}}` });
}

function stage(fields: string): string {
  return configOf({ stages: `up: {from: w, updates: [{images: "env/up/**"}]}, dev: {${fields}}` });
}

function update(fields: string): string {
  return stage(`from: [up], updates: [{${fields}}]`);
}

function sources(fields: string): string {
  return stage(
    `requestedFreight: [{origin: {kind: Warehouse, name: w}, sources: {${fields}}}], updates: [{images: "env/dev/**"}]`,
  );
}

/** design §4, less what is not enforced yet. */
const EXAMPLE = `
# yaml-language-server: $schema=https://raw.githubusercontent.com/OWNER/waybill/v1/schema/waybill.schema.json
apiVersion: waybill/v1
firstParty: [ghcr.io/ameideio/*]
warehouses:
  platform:
    images: {strategy: Digest, constraint: main, repos: [ghcr.io/ameideio/api, ghcr.io/ameideio/web, ghcr.io/ameideio/migrations]}
stages:
  local:      {from: platform,   promotion: {via: pull-request}, updates: [{images: "sources/values/env/local/**"}]}
  dev:        {from: platform,   promotion: {via: pull-request}, updates: [{images: "sources/values/env/dev/**"}]}
  staging:    {from: [dev],      promotion: {via: pull-request}, updates: [{images: "sources/values/env/staging/**"}]}
  production: {from: [staging],  promotion: {via: pull-request}, updates: [{images: "sources/values/env/production/**"}]}
`;

const EXAMPLE_POLICIES = `
apiVersion: waybill/v1
stages:
  "{local,dev}": {autoPromotion: NewestFreight, autoMerge: true}
  production:
    floor: {paths: ["sources/values/env/production/**"], from: [staging]}
`;

const KARGO = `
apiVersion: waybill/v1
warehouses:
  platform:
    freightCreationPolicy: Automatic
    interval: 5m0s
    subscriptions:
      - image:
          repoURL: ghcr.io/o/api
          imageSelectionStrategy: Digest
          constraint: main
          strictSemvers: true
          discoveryLimit: 20
          insecureSkipTLSVerify: false
      - name: web
        image: {repoURL: ghcr.io/o/web, constraint: ^1.2, allowTagsRegexes: ["^v"], ignoreTagsRegexes: [rc], platform: linux/arm64/v8}
      - image: {repoURL: redis, strictSemvers: false, discoveryLimit: 3, cacheByTag: false}
        trackOnly: true
stages:
  dev:
    requestedFreight: [{origin: {kind: Warehouse, name: platform}, sources: {direct: true, autoPromotionOptions: {selectionPolicy: NewestFreight}}}]
    updates: [{images: ["env/dev/**", "charts/*/dev.{yaml,yml}"]}, {file: apps/dev.yaml, key: 'a\\.b.image', image: ghcr.io/o/web}]
  staging:
    requestedFreight: [{origin: {kind: Warehouse, name: platform}, sources: {direct: false, stages: [dev], requiredSoakTime: 1h30m, availabilityStrategy: All}}]
    updates: [{images: "env/staging/**"}]
`;

describe('waybill.schema.json and loadConfig', () => {
  it.each([
    ['the example of the design', EXAMPLE],
    ["Kargo's forms", KARGO],
    ['the least', configOf({})],
    [
      'a list of images',
      configOf({ warehouses: 'w: {images: [{repos: [ghcr.io/o/api]}, {repos: [localhost:5000/o/web]}]}' }),
    ],
    ['SemVer without a constraint', images('strategy: SemVer')],
    ['SemVer with one', images('constraint: ">=1.2 <2 || ^3"')],
    ['a tag as constraint', images('strategy: Digest, constraint: v1.2_x')],
    ['trackOnly', images('trackOnly: true')],
    ['both sources', sources('direct: true, stages: [up]')],
    ['direct alone', sources('direct: true, availabilityStrategy: OneOf')],
  ])('both take %s', (_, text) => {
    expect(schemaProblems(validateConfig, text)).toEqual([]);
    expect(loaderProblems(() => loadConfig(file(text)))).toEqual([]);
  });

  it.each([
    ['no version', configOf({ head: '' })],
    ['another version', configOf({ head: 'apiVersion: waybill/v2' })],
    ['an unknown field', configOf({ head: 'apiVersion: waybill/v1\nfirstparty: []' })],
    ['no warehouses', `apiVersion: waybill/v1\nstages: {${STAGES}}`],
    ['no stages', `apiVersion: waybill/v1\nwarehouses: {${WAREHOUSES}}`],
    ['empty warehouses', configOf({ warehouses: '' })],
    ['empty stages', configOf({ stages: '' })],
    ['an empty firstParty', configOf({ head: 'apiVersion: waybill/v1\nfirstParty: []' })],
    ['a firstParty without a host', configOf({ head: 'apiVersion: waybill/v1\nfirstParty: ["o/*"]' })],
    ['a name in capitals', configOf({ stages: 'Dev: {from: w, updates: [{images: "env/dev/**"}]}' })],
    ['a name with a hyphen at its end', configOf({ stages: 'dev-: {from: w, updates: [{images: "env/dev/**"}]}' })],
    ['a name of 64', configOf({ stages: `${'d'.repeat(64)}: {from: w, updates: [{images: "env/dev/**"}]}` })],
    ['a reserved name', configOf({ stages: 'constructor: {from: w, updates: [{images: "env/dev/**"}]}' })],
    ['a warehouse without subscriptions', configOf({ warehouses: 'w: {}' })],
    [
      'a warehouse with both forms',
      configOf({
        warehouses: 'w: {images: {repos: [ghcr.io/o/api]}, subscriptions: [{image: {repoURL: ghcr.io/o/api}}]}',
      }),
    ],
    ['an empty list of subscriptions', configOf({ warehouses: 'w: {subscriptions: []}' })],
    ['an interval', configOf({ warehouses: 'w: {interval: 1m, images: {repos: [ghcr.io/o/api]}}' })],
    [
      'manual creation',
      configOf({ warehouses: 'w: {freightCreationPolicy: Manual, images: {repos: [ghcr.io/o/api]}}' }),
    ],
    [
      'criteria',
      configOf({ warehouses: 'w: {freightCreationCriteria: {expression: "true"}, images: {repos: [ghcr.io/o/api]}}' }),
    ],
    [
      'a git subscription',
      configOf({ warehouses: 'w: {subscriptions: [{git: {repoURL: "https://github.com/o/r"}}]}' }),
    ],
    ['no repositories', configOf({ warehouses: 'w: {images: {repos: []}}' })],
    ['a repository with a tag', configOf({ warehouses: 'w: {images: {repos: ["ghcr.io/o/api:main"]}}' })],
    [
      'a repository with a digest',
      configOf({ warehouses: `w: {images: {repos: ["ghcr.io/o/api@sha256:${'0'.repeat(64)}"]}}` }),
    ],
    ['a repository in capitals', configOf({ warehouses: 'w: {images: {repos: [ghcr.io/O/api]}}' })],
    ['Digest without a constraint', images('strategy: Digest')],
    ['Digest with a constraint that is no tag', images('strategy: Digest, constraint: ^1')],
    ['Digest with patterns', images('strategy: Digest, constraint: main, allowTagsRegexes: [x]')],
    ['Lexical', image('imageSelectionStrategy: Lexical')],
    ['NewestBuild', image('imageSelectionStrategy: NewestBuild')],
    ['a strategy Kargo does not know', images('strategy: Newest')],
    ['a number as constraint', images('constraint: 1.2')],
    ['an empty constraint', images('constraint: ""')],
    ['allowTags', image('allowTags: ^v')],
    ['ignoreTags', image('ignoreTags: [latest]')],
    ['semverConstraint', image('semverConstraint: ^1')],
    ['strictSemvers as a string', image('strictSemvers: "true"')],
    ['patterns that are no list', image('allowTagsRegexes: x')],
    ['a platform of one part', image('platform: linux')],
    ['a limit of 0', image('discoveryLimit: 0')],
    ['a limit of 101', image('discoveryLimit: 101')],
    ['a limit of 1.5', image('discoveryLimit: 1.5')],
    ['insecureSkipTLSVerify', image('insecureSkipTLSVerify: true')],
    ['cacheByTag', image('cacheByTag: true')],
    ['a Stage from nowhere', stage('updates: [{images: "env/dev/**"}]')],
    [
      'a Stage from both',
      stage(
        'from: w, requestedFreight: [{origin: {kind: Warehouse, name: w}, sources: {direct: true}}], updates: [{images: "env/dev/**"}]',
      ),
    ],
    ['a Stage from an empty list', stage('from: [], updates: [{images: "env/dev/**"}]')],
    ['a Stage twice upstream', stage('from: [up, up], updates: [{images: "env/dev/**"}]')],
    ['a Stage without updates', stage('from: w')],
    ['a Stage with empty updates', stage('from: w, updates: []')],
    ['a Stage that is null', configOf({ stages: 'dev: ' })],
    ['via push', stage('from: w, promotion: {via: push}, updates: [{images: "env/dev/**"}]')],
    ['promotionTemplate', stage('from: w, promotionTemplate: {spec: {steps: []}}, updates: [{images: "env/dev/**"}]')],
    ['verification', stage('from: w, verification: {}, updates: [{images: "env/dev/**"}]')],
    [
      'another kind of origin',
      stage(
        'requestedFreight: [{origin: {kind: Stage, name: w}, sources: {direct: true}}], updates: [{images: "env/dev/**"}]',
      ),
    ],
    ['sources of nothing', sources('direct: false')],
    ['sources of no Stages', sources('stages: []')],
    ['a soak time without Stages', sources('direct: true, requiredSoakTime: 1h')],
    ['a soak time without a unit', sources('stages: [up], requiredSoakTime: "90"')],
    ['another availability', sources('stages: [up], availabilityStrategy: Any')],
    ['MatchUpstream', sources('stages: [up], autoPromotionOptions: {selectionPolicy: MatchUpstream}')],
    ['an empty glob', update('images: ""')],
    ['an empty list of globs', update('images: []')],
    ['an absolute glob', update('images: /env/dev/**')],
    ['a glob that leaves the repository', update('images: env/../other/**')],
    ['a glob with an empty segment', update('images: env//dev')],
    ['a directory', update('images: env/dev/')],
    ['a negated glob', update('images: "!env/**"')],
    ['a character class', update('images: "env/[ab]/**"')],
    ['** within a segment', update('images: "env/dev**"')],
    ['workflows', update('images: ".github/**"')],
    ['images and file', update('images: "env/dev/**", file: a.yaml')],
    ['a file without a key', update('file: a.yaml, image: ghcr.io/o/api')],
    ['a file that is a glob', update('file: "*.yaml", key: a, image: ghcr.io/o/api')],
    ['a key with an empty part', update('file: a.yaml, key: a..b, image: ghcr.io/o/api')],
    ['a commit', update('file: a.yaml, key: a, commit: "https://github.com/o/r"')],
  ])('both refuse %s', (_, text) => {
    expect(schemaProblems(validateConfig, text)).not.toEqual([]);
    expect(loaderProblems(() => loadConfig(file(text)))).toHaveLength(1);
  });
});

describe('waybill.policies.schema.json and loadPolicies', () => {
  const config: Config = loadConfig(file(EXAMPLE));
  const policiesOf = (text: string): ConfigFile => ({ path: 'waybill.policies.yaml', text });
  const head = 'apiVersion: waybill/v1\n';

  it.each([
    ['the example of the design', EXAMPLE_POLICIES],
    ['nothing', head],
    ['a rule that grants nothing', `${head}stages: {dev: {}}`],
    ['a glob', `${head}stages: {"*": {autoMerge: false}}`],
    ['images', `${head}images: {enforce: ["sources/values/**"], exceptions: []}`],
    ['half a floor', `${head}stages: {staging: {floor: {from: [dev, local]}}}`],
  ])('both take %s', (_, text) => {
    expect(schemaProblems(validatePolicies, text)).toEqual([]);
    expect(loaderProblems(() => loadPolicies(policiesOf(text), config))).toEqual([]);
  });

  it.each([
    ['no version', 'stages: {}'],
    ['freezes', `${head}freezes: []`],
    ['statuses', `${head}statuses: {argocd: {app: a}}`],
    ['an unknown field of images', `${head}images: {floating: allow}`],
    [
      'an exception without an owner',
      `${head}images: {exceptions: [{image: "ghcr.io/o/*", reason: x, expires: 2027-01-01}]}`,
    ],
    ['promoters', `${head}stages: {staging: {promoters: ["@o/t"]}}`],
    ['approvals', `${head}stages: {staging: {approvals: {count: 1}}}`],
    ['a soak time', `${head}stages: {production: {floor: {from: [staging], requiredSoakTime: 30m}}}`],
    ['verifications', `${head}stages: {production: {floor: {from: [staging], verifications: [smoke]}}}`],
    ['another autoPromotion', `${head}stages: {dev: {autoPromotion: true}}`],
    ['MatchUpstream', `${head}stages: {staging: {autoPromotion: MatchUpstream}}`],
    ['autoMerge as a string', `${head}stages: {dev: {autoMerge: "yes"}}`],
    ['an empty floor', `${head}stages: {dev: {floor: {}}}`],
    ['a floor with no paths', `${head}stages: {dev: {floor: {paths: []}}}`],
    ['a floor from nowhere', `${head}stages: {staging: {floor: {from: []}}}`],
    ['a floor outside the repository', `${head}stages: {dev: {floor: {paths: [../x]}}}`],
    ['a pattern of other letters', `${head}stages: {"[ab]": {}}`],
  ])('both refuse %s', (_, text) => {
    expect(schemaProblems(validatePolicies, text)).not.toEqual([]);
    expect(loaderProblems(() => loadPolicies(policiesOf(text), config))).toHaveLength(1);
  });
});

function compile(name: string): ValidateFunction {
  const schema: unknown = JSON.parse(readFileSync(new URL(`../../schema/${name}`, import.meta.url), 'utf8'));
  if (typeof schema !== 'object' || schema === null) throw new Error(`${name} is no schema`);
  return new Ajv({ strict: true, strictRequired: false, strictTypes: false, allErrors: true }).compile(schema);
}

function file(text: string): ConfigFile {
  return { path: 'waybill.yaml', text };
}

function schemaProblems(validate: ValidateFunction, text: string): readonly string[] {
  validate(parse(text));
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}

function loaderProblems(load: () => unknown): readonly string[] {
  try {
    load();
    return [];
  } catch (error) {
    if (error instanceof WaybillErrors) return error.errors.map(({ message }) => message);
    throw error;
  }
}
