import { describe, expect, it } from '@jest/globals';
import { WaybillErrors } from '../errors.js';
import { loadConfig } from './load-config.js';
import { isFirstParty, mayWrite, stageNamed, writableGlobs } from './lookup.js';
import type { Config } from './types.js';

const HEAD = `apiVersion: waybill/v1
warehouses:
  w: {images: {strategy: Digest, constraint: main, repos: [ghcr.io/o/api]}}
  v: {images: {constraint: ^1, repos: [ghcr.io/o/web, redis], trackOnly: false}}
`;

function load(text: string): Config {
  return loadConfig({ path: 'waybill.yaml', text });
}

/** What is wrong, as `line:column code what | remedy`. */
function problems(text: string): readonly string[] {
  try {
    load(text);
    return [];
  } catch (error) {
    if (!(error instanceof WaybillErrors)) throw error;
    return error.errors.map(
      ({ code, what, where, remedy }) => `${where.line}:${where.column} ${code} ${what} | ${remedy}`,
    );
  }
}

describe('loadConfig', () => {
  it('gives the same for the short form and for Kargo’s', () => {
    const short = load(`apiVersion: waybill/v1
warehouses:
  w:
    images: [{strategy: Digest, constraint: main, repos: [ghcr.io/o/api, redis]}]
stages:
  dev: {from: w, updates: [{images: "env/dev/**"}]}
  staging: {from: [dev], promotion: {via: pull-request}, updates: [{images: ["env/staging/**"]}]}
`);
    const kargo = load(`apiVersion: waybill/v1
warehouses:
  w:
    interval: 5m0s
    subscriptions:
      - image: {repoURL: ghcr.io/o/api, imageSelectionStrategy: Digest, constraint: main}
      - image: {repoURL: redis, imageSelectionStrategy: Digest, constraint: main}
stages:
  dev:
    requestedFreight: [{origin: {kind: Warehouse, name: w}, sources: {direct: true}}]
    updates: [{images: "env/dev/**"}]
  staging:
    requestedFreight: [{origin: {kind: Warehouse, name: w}, sources: {stages: [dev], availabilityStrategy: OneOf}}]
    updates: [{images: "env/staging/**"}]
`);
    expect(withoutPlaces(short)).toEqual(withoutPlaces(kargo));
    expect(withoutPlaces(short)).toMatchObject({
      firstParty: ['ghcr.io/o/api', 'docker.io/library/redis'],
      stages: [
        { name: 'dev', requestedFreight: [{ warehouse: 'w', direct: true, stages: [], availability: 'OneOf' }] },
        {
          name: 'staging',
          requestedFreight: [{ warehouse: 'w', direct: false, stages: ['dev'], availability: 'OneOf' }],
        },
      ],
    });
  });

  it('keeps what a subscription says, and Kargo’s defaults for the rest', () => {
    const config = load(`apiVersion: waybill/v1
warehouses:
  w:
    subscriptions:
      - image: {repoURL: redis, platform: linux/arm64/v8, strictSemvers: false, discoveryLimit: 5, constraint: "<8", allowTagsRegexes: ["^[0-9]"], ignoreTagsRegexes: [alpine$]}
        name: cache
        trackOnly: true
      - image: {repoURL: ghcr.io/o/api}
stages:
  dev: {from: w, updates: [{images: "env/dev/**"}]}
`);
    expect(config.warehouses.get('w')?.subscriptions).toEqual([
      {
        kind: 'image',
        repoURL: 'redis',
        repository: 'docker.io/library/redis',
        name: 'cache',
        imageSelectionStrategy: 'SemVer',
        constraint: '<8',
        strictSemvers: false,
        allowTagsRegexes: ['^[0-9]'],
        ignoreTagsRegexes: ['alpine$'],
        platform: 'linux/arm64/v8',
        discoveryLimit: 5,
        trackOnly: true,
        at: { file: 'waybill.yaml', line: 5, column: 9 },
      },
      {
        kind: 'image',
        repoURL: 'ghcr.io/o/api',
        repository: 'ghcr.io/o/api',
        imageSelectionStrategy: 'SemVer',
        strictSemvers: true,
        allowTagsRegexes: [],
        ignoreTagsRegexes: [],
        discoveryLimit: 20,
        trackOnly: false,
        at: { file: 'waybill.yaml', line: 8, column: 9 },
      },
    ]);
    expect(config.firstParty).toEqual(['ghcr.io/o/api']);
  });

  it('takes from upstream Stages the Warehouses they have, each from those that have it', () => {
    const config = load(`${HEAD}stages:
  production: {from: [one, two], updates: [{images: "p/**"}]}
  one: {from: w, updates: [{images: "a/**"}]}
  two:
    requestedFreight:
      - {origin: {kind: Warehouse, name: v}, sources: {direct: true}}
      - {origin: {kind: Warehouse, name: w}, sources: {direct: true, stages: [one], availabilityStrategy: All, requiredSoakTime: 1h30m}}
    updates: [{images: "b/**"}]
`);
    expect(config.stages.map(({ name }) => name)).toEqual(['one', 'two', 'production']);
    expect(stageNamed(config, 'production')?.requestedFreight).toMatchObject([
      { warehouse: 'w', direct: false, stages: ['one', 'two'] },
      { warehouse: 'v', direct: false, stages: ['two'] },
    ]);
    expect(stageNamed(config, 'two')?.requestedFreight[1]).toMatchObject({
      direct: true,
      stages: ['one'],
      availability: 'All',
      requiredSoakTime: 5_400_000,
    });
  });

  it('reads keys as Kargo does', () => {
    const config = load(`${HEAD}stages:
  dev: {from: w, updates: [{file: apps/dev.yaml, key: 'a\\.b.0.image', image: ghcr.io/o/api}]}
`);
    expect(config.stages[0]?.updates).toMatchObject([
      { kind: 'key', file: 'apps/dev.yaml', keyPath: ['a.b', '0', 'image'], repository: 'ghcr.io/o/api' },
    ]);
  });

  it('follows aliases', () => {
    const config = load(`${HEAD}stages:
  dev: {from: &from w, promotion: &promotion {via: pull-request}, updates: [{images: "env/dev/**"}]}
  local: {from: *from, promotion: *promotion, updates: [{images: "env/local/**"}]}
`);
    expect(stageNamed(config, 'local')?.requestedFreight).toMatchObject([{ warehouse: 'w', direct: true }]);
  });

  it('tells what a Stage may write and what is ours', () => {
    const config = load(`apiVersion: waybill/v1
firstParty: [ghcr.io/o/*]
warehouses: {w: {images: {repos: [ghcr.io/o/api]}}}
stages: {dev: {from: w, updates: [{images: "**/dev.yaml"}, {file: apps/x.yaml, key: a, image: ghcr.io/o/api}]}}
`);
    const [dev] = config.stages;
    if (dev === undefined) throw new Error('there is no Stage');
    expect(writableGlobs(dev)).toEqual(['**/dev.yaml', 'apps/x.yaml']);
    expect(mayWrite(dev, 'a/dev.yaml')).toBe(true);
    expect(mayWrite(dev, 'apps/x.yaml')).toBe(true);
    expect(mayWrite(dev, '.github/dev.yaml')).toBe(false);
    expect(mayWrite(dev, 'a/prod.yaml')).toBe(false);
    expect(isFirstParty(config, 'ghcr.io/o/web')).toBe(true);
    expect(isFirstParty(config, 'ghcr.io/o/team/web')).toBe(false);
    expect(isFirstParty(config, 'ghcr.io/other/web')).toBe(false);
  });

  it('tells all that is wrong at once, in the order of the lines', () => {
    expect(
      problems(`apiVersion: waybill/v1
firstparty: [ghcr.io/o/*]
warehouses:
  w: {images: {strategy: Digest, constraint: 1.0, repos: [ghcr.io/o/api]}}
stages:
  dev: {from: w, updates: [{images: "env/*/**"}]}
  staging: {from: [dve], updates: [{images: "env/staging/**"}], verification: {}}
`),
    ).toEqual([
      '2:1 config-invalid firstparty is not known here | Did you mean firstParty?',
      '4:46 config-invalid warehouses.w.images.constraint is a number to YAML, not a string | Put it in quotes: "1.0"',
      '7:20 config-invalid stages.staging.from[0] names dve, which is no Stage | Did you mean dev?',
      '7:45 config-invalid stages.staging.updates[0].images "env/staging/**" overlaps "env/*/**" of Stage dev (line 6) | Write globs that share no path: a file belongs to one Stage',
      '7:65 not-supported stages.staging.verification is not yet supported | Remove it: a Stage is verified when its promotion has landed',
    ]);
  });

  it.each([
    ['semverConstraint: ^1', 'Write constraint: "^1"'],
    ['allowTags: "^v[0-9]"', 'Write allowTagsRegexes: ["^v[0-9]"]'],
    ['ignoreTags: [v1.0]', 'Write ignoreTagsRegexes: ["^v1\\\\.0$"]'],
  ])('translates what Kargo no longer has: %s', (field, translation) => {
    const [problem] = problems(`apiVersion: waybill/v1
warehouses: {w: {subscriptions: [{image: {repoURL: ghcr.io/o/api, ${field}}}]}}
stages: {dev: {from: w, updates: [{images: "env/dev/**"}]}}
`);
    expect(problem).toContain('is no longer a field of Kargo');
    expect(problem).toContain(translation);
  });
});

describe('Stages that do not fit together', () => {
  it.each<readonly [string, string, readonly string[]]>([
    [
      'a circle',
      'a: {from: [b], updates: [{images: "a/**"}]}\n  b: {from: [a], updates: [{images: "b/**"}]}',
      [
        '7:14 config-invalid stages.b.from[0] closes a circle: a → b → a | Let one of them take Freight from a Warehouse',
      ],
    ],
    [
      'itself',
      'a: {from: [a], updates: [{images: "a/**"}]}',
      ['6:14 config-invalid stages.a.from[0] names the Stage itself | Name another Stage, upstream of it'],
    ],
    [
      'a Warehouse in brackets',
      'a: {from: [w], updates: [{images: "a/**"}]}',
      [
        '6:14 config-invalid stages.a.from[0] names w, which is a Warehouse and no Stage | Write from: w without the brackets',
      ],
    ],
    [
      'a Stage without brackets',
      'dev: {from: w, updates: [{images: "a/**"}]}\n  b: {from: dev, updates: [{images: "b/**"}]}',
      ['7:13 config-invalid stages.b.from names dev, which is a Stage and no Warehouse | Write from: [dev]'],
    ],
    [
      'Freight that never comes',
      'a: {from: w, updates: [{images: "a/**"}]}\n  b: {requestedFreight: [{origin: {kind: Warehouse, name: v}, sources: {stages: [a]}}], updates: [{images: "b/**"}]}',
      [
        '7:82 config-invalid stages.b.requestedFreight[0].sources.stages[0] names a, which gets no Freight of v | Let a request Freight of v, or remove it here',
      ],
    ],
    [
      'a Warehouse requested twice',
      'a: {requestedFreight: [{origin: {kind: Warehouse, name: w}, sources: {direct: true}}, {origin: {kind: Warehouse, name: w}, sources: {direct: true}}], updates: [{images: "a/**"}]}',
      [
        '6:122 config-invalid stages.a.requestedFreight[1].origin.name requests Freight of w a second time | Join the two requests',
      ],
    ],
    [
      'a value of an image it does not get',
      'a: {from: w, updates: [{file: a.yaml, key: x, image: ghcr.io/o/web}]}',
      [
        '6:26 config-invalid stages.a writes ghcr.io/o/web, which is in no Freight it may write | Did you mean ghcr.io/o/api?',
      ],
    ],
    [
      'one value twice',
      'a: {from: w, updates: [{file: a.yaml, key: x, image: ghcr.io/o/api}, {file: a.yaml, key: x, image: ghcr.io/o/api}]}',
      ['6:72 config-invalid stages.a writes x in a.yaml twice | Leave one of the updates'],
    ],
    [
      'one file of two',
      'a: {from: w, updates: [{file: x.yaml, key: a, image: ghcr.io/o/api}]}\n  b: {from: w, updates: [{images: "*.yaml"}]}',
      [
        '7:35 config-invalid stages.b.updates[0].images "*.yaml" overlaps "x.yaml" of Stage a (line 6) | Write globs that share no path: a file belongs to one Stage',
      ],
    ],
  ])('%s', (_, stages, expected) => {
    expect(problems(`${HEAD}stages:\n  ${stages}\n`)).toEqual(expected);
  });

  it('one repository of two Warehouses, unless one is trackOnly', () => {
    const text = (trackOnly: boolean): string => `apiVersion: waybill/v1
warehouses:
  w: {images: {repos: [ghcr.io/o/api]}}
  v: {images: {repos: [ghcr.io/o/api], trackOnly: ${trackOnly}}}
stages:
  a:
    requestedFreight:
      - {origin: {kind: Warehouse, name: w}, sources: {direct: true}}
      - {origin: {kind: Warehouse, name: v}, sources: {direct: true}}
    updates: [{images: "a/**"}]
`;
    expect(problems(text(false))).toEqual([
      '6:3 config-invalid stages.a gets ghcr.io/o/api from both w and v | Subscribe to it in one Warehouse, or mark one subscription trackOnly',
    ]);
    expect(problems(text(true))).toEqual([]);
  });

  it('a repository that is not first-party, unless it is trackOnly', () => {
    const text = (trackOnly: boolean): string => `apiVersion: waybill/v1
firstParty: [ghcr.io/o/*]
warehouses: {w: {images: {repos: [redis], trackOnly: ${trackOnly}}}}
stages: {dev: {from: w, updates: [{images: "env/dev/**"}]}}
`;
    expect(problems(text(false))).toHaveLength(1);
    expect(problems(text(true))).toEqual([]);
  });

  it('a repository that one Warehouse has twice', () => {
    expect(
      problems(`apiVersion: waybill/v1
warehouses: {w: {images: {repos: [redis, docker.io/library/redis]}}}
stages: {dev: {from: w, updates: [{images: "env/dev/**"}]}}
`),
    ).toEqual([
      '2:42 config-invalid warehouses.w subscribes to docker.io/library/redis twice | Leave one of the subscriptions',
    ]);
  });
});

function withoutPlaces(config: Config): unknown {
  const plain = { ...config, warehouses: [...config.warehouses] };
  return JSON.parse(JSON.stringify(plain, (key, value: unknown) => (key === 'at' ? undefined : value)));
}
