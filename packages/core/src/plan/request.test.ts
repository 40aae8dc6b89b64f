import { describe, expect, it } from '@jest/globals';
import { plan } from './plan.js';
import { freight, type GivenWorld, ledger, POLICIES, pull, values, world } from './test-world.js';
import type { Plan, PromoteRequest } from './world.js';

const FILES = {
  'env/dev/api.yaml': values('api', 'a0'),
  'env/dev/web.yaml': values('web', 'b0'),
  'env/staging/api.yaml': values('api', 'a0'),
  'env/staging/web.yaml': values('web', 'b0'),
  'env/production/api.yaml': values('api', 'a0'),
};
const OLD = freight({ api: 'a1', web: 'b1' }, { at: '2026-11-18T08:00:00.000Z', verified: { dev: 0 } });
const MIDDLE = freight({ api: 'a2', web: 'b1' }, { at: '2026-11-19T08:00:00.000Z', verified: { dev: 0 } });
const NEW = freight({ api: 'a3', web: 'b1' }, { at: '2026-11-20T08:00:00.000Z' });
const KNOWN = [OLD, MIDDLE, NEW];
const QUIET = { dev: {}, staging: {}, production: {} };

function ask(request: Partial<PromoteRequest>, given: GivenWorld = {}): Plan {
  return plan(world({ files: FILES, state: ledger(KNOWN, QUIET), ...given }), {
    discover: false,
    bump: false,
    promote: { id: 'run.1', stage: 'staging', freight: '', requester: { kind: 'person', login: 'ada' }, ...request },
  });
}

const opened = ({ ledger: written }: Plan) => written?.state.stages.staging?.platform?.open;
const refused = ({ refusals }: Plan) => refusals.map(({ code, message }) => `${code}: ${message}`);
const short = (record: typeof OLD) => `${record.freight.id.slice(0, 7)} (${record.freight.alias})`;

describe('choosing Freight', () => {
  it.each([
    ['nothing: the newest available', '', MIDDLE],
    ['an ID', OLD.freight.id, OLD],
    ['an ID in capitals', OLD.freight.id.toUpperCase(), OLD],
    ['a prefix', OLD.freight.id.slice(0, 4), OLD],
    ['an alias', MIDDLE.freight.alias, MIDDLE],
  ])('by %s', (_, asked, chosen) => {
    const made = ask({ freight: asked, reason: 'release day' });
    expect(refused(made)).toEqual([]);
    expect(opened(made)).toMatchObject({
      freight: chosen.freight.id,
      requestedBy: { kind: 'person', login: 'ada' },
      reason: 'release day',
      newest: chosen === MIDDLE,
      autoMerge: false,
    });
    expect(made.effects.map(({ kind }) => kind)).toEqual(['create-branch', 'commit', 'open-pull-request']);
  });

  it('refuses a Stage that is not there, naming those that are', () => {
    expect(refused(ask({ stage: 'prod' }))).toEqual([
      'stage-unknown: There is no Stage "prod" (waybill.yaml). Choose one of: dev, staging, production.',
    ]);
  });

  it.each(['nope', OLD.freight.id.slice(0, 3)])(
    'refuses %j, which names no Freight, and lists what there is',
    (asked) => {
      expect(refused(ask({ freight: asked }))).toEqual([
        `freight-not-found: No Freight "${asked}" for staging (Stage staging). Give an ID, a prefix of at least 4 digits, or an alias. ` +
          `Newest Freight: ${short(NEW)}: not available, not verified in dev · ` +
          `${short(MIDDLE)}: available, verified in dev at 2026-11-19 08:00 UTC · ` +
          `${short(OLD)}: available, verified in dev at 2026-11-18 08:00 UTC.`,
      ]);
    },
  );

  it('refuses a prefix of two', () => {
    const twins = ambiguous();
    const made = ask({ freight: twins.prefix }, { state: ledger(twins.records, QUIET) });
    expect(made.refusals.map(({ code }) => code)).toEqual(['freight-ambiguous']);
    for (const record of twins.records) expect(made.refusals[0]?.what).toContain(record.freight.id);
  });

  it('refuses what is not available, with the reason and the candidates', () => {
    const made = ask({ freight: NEW.freight.id });
    expect(made.ledger).toBeUndefined();
    expect(refused(made)).toEqual([
      expect.stringContaining(`freight-not-available: ${short(NEW)} is not available to staging: not verified in dev`),
    ]);
    expect(made.refusals[0]?.remedy).toContain(`${short(MIDDLE)}: available`);
  });

  it('refuses to choose where nothing is available, or where the Warehouse is open', () => {
    expect(refused(ask({ stage: 'production' }))).toEqual([
      expect.stringContaining('freight-not-available: Nothing is available to production'),
    ]);
    const take = (warehouse: string) => `{origin: {kind: Warehouse, name: ${warehouse}}, sources: {direct: true}}`;
    const waybill = `apiVersion: waybill/v1
warehouses:
  platform: {images: {strategy: Digest, constraint: main, repos: [ghcr.io/acme/api, ghcr.io/acme/web]}}
  other: {images: {strategy: Digest, constraint: main, repos: [ghcr.io/acme/job]}}
stages:
  dev: {requestedFreight: [${take('platform')}, ${take('other')}], updates: [{images: "env/dev/**"}]}
`;
    const files = { ...FILES, 'env/dev/job.yaml': values('job', 'a0') };
    const made = ask({ stage: 'dev' }, { waybill, files });
    expect(made.refusals[0]?.what).toBe('dev takes Freight of platform and other, and none was named');
    const named = ask({ stage: 'dev', warehouse: 'platform' }, { waybill, files });
    expect(named.ledger?.state.stages.dev?.platform?.open?.freight).toBe(NEW.freight.id);
  });
});

describe('a request', () => {
  it('is taken once, however often the run is run again', () => {
    const first = ask({});
    const name = opened(first)?.name ?? '';
    expect(first.ledger?.state.requests).toEqual({ 'run.1': name });
    const again = ask(
      {},
      {
        state: first.ledger?.state ?? ledger(),
        views: { [name]: { branch: { kind: 'bare' }, pullRequest: undefined } },
      },
    );
    expect(again.ledger).toBeUndefined();
    expect(again.notes[0]).toMatchObject({ promotion: name, text: 'this request was taken already' });
    expect(again.effects.map(({ kind }) => kind)).toEqual(['commit', 'open-pull-request']);
  });

  it('is taken once also where nothing was to do', () => {
    const there = freight({ api: 'a0', web: 'b0' }, { verified: { dev: 0 } });
    const made = ask({ freight: there.freight.id }, { state: ledger([there], QUIET) });
    expect(made.effects).toEqual([]);
    expect(made.ledger?.state.requests).toHaveProperty(['run.1']);
    expect(made.ledger?.state.stages.staging?.platform?.current).toEqual({
      freight: there.freight.id,
      since: '2026-11-20T12:00:00.000Z',
    });
  });

  it('supersedes what is open, once it is certain that it can be made', () => {
    const first = ask({ freight: OLD.freight.id });
    const open = opened(first);
    if (open === undefined) throw new Error('nothing was opened');
    const given: GivenWorld = {
      state: first.ledger?.state ?? ledger(),
      views: { [open.name]: { branch: { kind: 'ours', oid: 'o' }, pullRequest: pull(7) } },
    };
    const next = ask({ id: 'run.2' }, given);
    expect(opened(next)?.freight).toBe(MIDDLE.freight.id);
    expect(next.effects).toMatchObject([
      { kind: 'close-pull-request', number: 7, comment: expect.stringMatching(/was asked for.*\/pulls\?q=.*staging/) },
      { kind: 'delete-branch', branch: `waybill/promote/${open.name}` },
      { kind: 'create-branch' },
      { kind: 'commit' },
      { kind: 'open-pull-request' },
    ]);
    const broken = {
      ...FILES,
      'env/staging/chart.yaml': '{{ if .x }}\nimage: ghcr.io/acme/api:{{ .tag }}\n{{ end }}\n',
    };
    const refusal = ask({ id: 'run.2' }, { ...given, files: broken });
    expect(refusal.refusals.map(({ code }) => code)).toContain('edit-unsafe');
    expect(opened(refusal) ?? open).toEqual({ ...open, pullRequest: 7, head: 'o' });
    expect(refusal.effects).toEqual([]);
  });
});

describe('writing all or nothing', () => {
  it('puts every reference in one commit, to the digests of the Freight', () => {
    const made = ask({}, { files: { ...FILES, 'env/staging/job.yaml': values('api', 'c') } });
    const written = made.effects.flatMap((effect) => (effect.kind === 'commit' ? effect.files : []));
    const texts = Object.fromEntries(written.map((file) => [file.path, new TextDecoder().decode(file.content)]));
    expect(texts).toEqual({
      'env/staging/api.yaml': values('api', 'a2'),
      'env/staging/job.yaml': values('api', 'a2'),
      'env/staging/web.yaml': values('web', 'b1'),
    });
  });

  it('refuses everything of a Freight when a template it cannot read names one of its images', () => {
    const template = '{{ if .x }}\nimage: ghcr.io/acme/web:{{ .tag }}\n{{ end }}\n';
    const made = ask({}, { files: { ...FILES, 'env/staging/chart.yaml': template } });
    expect(made).toMatchObject({ ledger: undefined, effects: [] });
    expect(made.refusals.map(({ code, where }) => [code, where.file])).toEqual([
      ['edit-unsafe', 'env/staging/chart.yaml'],
    ]);
  });

  it('lists what it could not read and what names none of the images, and images without a reference', () => {
    const template = '{{ if .x }}\nimage: ghcr.io/other/thing:{{ .tag }}\n{{ end }}\n';
    const files = { ...FILES, 'env/staging/chart.yaml': template, 'env/staging/web.yaml': '# nothing here\n' };
    const made = ask({}, { files });
    expect(made.refusals).toEqual([]);
    expect(made.notes.filter(({ kind }) => kind === 'unreferenced')[0]?.text).toBe(
      'staging has no reference to ghcr.io/acme/web',
    );
    expect(made.notes.filter(({ kind }) => kind === 'unread')[0]?.text).toMatch(
      /^env\/staging\/chart\.yaml: .*; it names no image of this Freight$/,
    );
  });

  it('refuses a Stage with a floor while the ledger is unprotected, and no other', () => {
    const policies = `${POLICIES}  staging: {floor: {paths: ["env/staging/**"], from: [dev]}}\n`;
    const protection = { kind: 'unprotected', why: 'no ruleset' } as const;
    const made = ask({}, { policies, protection });
    expect(made).toMatchObject({ ledger: undefined, effects: [] });
    expect(refused(made)).toEqual([
      expect.stringContaining(
        'ledger-unprotected: The policies set a floor for staging, and the ledger is unprotected: no ruleset',
      ),
    ]);
    expect(ask({ stage: 'dev' }, { policies, protection }).refusals).toEqual([]);
    expect(ask({}, { policies }).refusals).toEqual([]);
  });
});

/** Two Freight whose IDs start with the same four digits, found by counting. */
function ambiguous() {
  const seen = new Map<string, ReturnType<typeof freight>>();
  for (let count = 0; ; count++) {
    const record = freight(
      { api: { digest: `sha256:${count.toString(16).padStart(64, '0')}` } },
      { verified: { dev: 0 } },
    );
    const prefix = record.freight.id.slice(0, 4);
    const other = seen.get(prefix);
    if (other !== undefined) return { prefix, records: [other, record] };
    seen.set(prefix, record);
  }
}
