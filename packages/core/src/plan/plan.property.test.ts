import { isDeepStrictEqual } from 'node:util';
import { describe, it } from '@jest/globals';
import fc from 'fast-check';
import { parseState, printState } from '../ledger/codec.js';
import type { LedgerState } from '../ledger/state.js';
import { compareWithFreight } from '../stage/runs.js';
import { plan } from './plan.js';
import { type Outside, outside, RECONCILE } from './test-outside.js';
import { digest, treesOf, values, world } from './test-world.js';
import type { Intent, Plan, World } from './world.js';

/** What happens to a repository, in any order. Numbers choose among what is there. */
type Event =
  | { readonly kind: 'push'; readonly api: number; readonly web: number }
  | { readonly kind: 'run'; readonly writes: number }
  | { readonly kind: 'run twice'; readonly writes: number }
  | { readonly kind: 'promote'; readonly stage: number; readonly freight: number; readonly writes: number }
  | { readonly kind: 'merge' | 'close'; readonly pull: number }
  | { readonly kind: 'checks' }
  | { readonly kind: 'edit'; readonly stage: number; readonly image: number }
  | { readonly kind: 'undo'; readonly stage: number; readonly image: number }
  | { readonly kind: 'comment' | 'add file'; readonly stage: number }
  | { readonly kind: 'later'; readonly minutes: number };

const STAGES = ['dev', 'staging', 'production'] as const;
const UPSTREAM: Readonly<Record<string, string>> = { staging: 'dev', production: 'staging' };
const IMAGES = ['api', 'web'] as const;
const FILES = Object.fromEntries(
  STAGES.flatMap((stage) => IMAGES.map((image) => [`env/${stage}/${image}.yaml`, values(image, 'a0')])),
);
const POLICIES = `apiVersion: waybill/v1
stages:
  dev: {autoPromotion: NewestFreight, autoMerge: true}
  staging: {autoPromotion: NewestFreight}
`;
const { config } = world({ policies: undefined });

const small = fc.nat(3);
/** How many writes a run gets done before it dies; mostly all. */
const writes = fc.oneof({ weight: 3, arbitrary: fc.constant(99) }, { weight: 1, arbitrary: fc.nat(5) });
const event: fc.Arbitrary<Event> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('push'), api: small, web: small }) },
  { weight: 6, arbitrary: fc.record({ kind: fc.constantFrom('run', 'run twice'), writes }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('promote'), stage: fc.nat(2), freight: fc.nat(7), writes }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constantFrom('merge', 'close', 'merge'), pull: small }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('checks') }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom('edit', 'undo'), stage: fc.nat(2), image: fc.nat(1) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('comment', 'add file'), stage: fc.nat(2) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('later'), minutes: fc.nat(90) }) },
) as fc.Arbitrary<Event>;

/** The outside, and what the test itself remembers of it, to judge the planner by. */
function house() {
  const there = outside({ files: FILES, policies: POLICIES });
  /** By Stage: the Freight that its files ever held, every reference, when a run looked. */
  const held = new Map<string, Set<string>>();
  let counter = 0;

  function look(intent: Intent): { readonly from: World; readonly made: Plan } {
    const from = there.observe();
    const made = plan(from, intent);
    must(isDeepStrictEqual(plan(from, intent), made), 'the same World gives the same Plan');
    remember(made.ledger?.state ?? from.ledger.state);
    judge(from, made);
    return { from, made };
  }

  function remember(state: LedgerState): void {
    for (const [stage, tree] of treesOf(config, there.files())) {
      for (const { freight } of Object.values(state.freight)) {
        if (!compareWithFreight(tree, freight).holds) continue;
        held.set(stage, (held.get(stage) ?? new Set()).add(freight.id));
      }
    }
  }

  function judge(from: World, { ledger, effects }: Plan): void {
    const before = from.ledger.state;
    const after = ledger?.state ?? before;
    must(ledger === undefined || isDeepStrictEqual(parseState(printState(after)), after), 'the ledger reads back');
    for (const entry of ledger?.entries ?? []) {
      if (entry.kind !== 'promotion-requested') continue;
      const { stage, freight, requestedBy } = entry.promotion;
      expectAvailable(after, stage, freight);
      if (requestedBy.kind === 'automation') {
        must(before.stages[stage]?.platform?.hold === undefined, `automation respects the hold of ${stage}`);
        must(!isMadeByHand(from, stage), `automation leaves what a person changed in ${stage}`);
      }
    }
    for (const stage of STAGES) {
      const wasHeld = before.stages[stage]?.platform?.hold;
      if (wasHeld === undefined || after.stages[stage]?.platform?.hold !== undefined) continue;
      const lifted = ledger?.entries.some(
        (entry) => entry.kind === 'hold-lifted' && entry.stage === stage && entry.by.kind === 'person',
      );
      must(lifted === true, `only a person lifts the hold of ${stage}`);
    }
    for (const effect of effects) {
      if (effect.kind !== 'commit') continue;
      const written = effect.files.map(({ path, content }) => [path, new TextDecoder().decode(content)] as const);
      const files = { ...there.files(), ...Object.fromEntries(written) };
      const tree = treesOf(config, files).get(effect.stage.name);
      if (tree === undefined) throw new Error('no tree');
      const { holds, unreferenced } = compareWithFreight(tree, effect.freight);
      must(holds && unreferenced.length === 0, `all references of ${effect.stage.name} change together`);
    }
  }

  /** Straight from the Warehouse, found here, or once held, whole, by the Stage before. */
  function expectAvailable(state: LedgerState, stage: string, id: string): void {
    const freight = state.freight[id]?.freight;
    const upstream = UPSTREAM[stage];
    if (freight?.found !== undefined) must(freight.found.stages.includes(stage), `${id} goes nowhere but home`);
    else if (upstream !== undefined && state.freight[id]?.approvedFor[stage] === undefined) {
      must(held.get(upstream)?.has(id) === true, `${stage} gets only what ${upstream} had: ${id}`);
    }
  }

  function someFreight(index: number): string {
    const ids = Object.keys(there.state().freight);
    return ids[index % Math.max(1, ids.length)] ?? '';
  }

  function change(stage: number, image: number, version: string): void {
    const name = STAGES[stage] ?? 'dev';
    const path = `env/${name}/${IMAGES[image] ?? 'api'}.yaml`;
    const files = there.files();
    const text = (files[path] ?? '').replace(/sha256:[0-9a-f]{64}/, version);
    if (text !== files[path]) there.edit(path, text);
  }

  function happen(one: Event): void {
    switch (one.kind) {
      case 'push':
        there.push({ api: `a${one.api}`, web: `b${one.web}` });
        return;
      case 'run': {
        const { from, made } = look(RECONCILE);
        there.carryOut(from, made, one.writes);
        return;
      }
      case 'run twice': {
        const runs = [look(RECONCILE), look(RECONCILE)];
        for (const { from, made } of runs) there.carryOut(from, made, one.writes);
        return;
      }
      case 'promote': {
        const stage = STAGES[one.stage] ?? 'dev';
        const requester = { kind: 'person', login: 'ada' } as const;
        const promote = { id: `r${counter++}`, stage, freight: someFreight(one.freight), requester };
        const { from, made } = look({ discover: false, bump: false, promote });
        there.carryOut(from, made, one.writes);
        return;
      }
      case 'merge':
      case 'close': {
        const open = there.openPulls();
        const number = open[one.pull % Math.max(1, open.length)]?.number ?? 0;
        if (one.kind === 'close') there.close(number);
        else there.merge(number, 'ada');
        return;
      }
      case 'checks':
        there.passChecks();
        return;
      case 'edit':
        change(one.stage, one.image, digest(`f${(counter++ % 16).toString(16)}`));
        return;
      case 'undo':
        change(one.stage, one.image, digest('a0'));
        return;
      case 'comment': {
        const path = `env/${STAGES[one.stage]}/api.yaml`;
        there.edit(path, (there.files()[path] ?? '').replace(/replicas: \d+/, `replicas: ${counter++}`));
        return;
      }
      case 'add file':
        there.edit(`env/${STAGES[one.stage]}/more${counter++}.yaml`, 'nothing: here\n');
        return;
      case 'later':
        there.later(one.minutes);
        return;
    }
  }

  return { there, look, happen, remember: () => remember(there.state()) };
}

/** Where a Stage has a digest that only people write, though it has Freight that says otherwise. */
function isMadeByHand({ trees, ledger }: World, stage: string): boolean {
  const tree = trees.get(stage);
  const current = ledger.state.freight[ledger.state.stages[stage]?.platform?.current?.freight ?? ''];
  if (tree === undefined || current === undefined) return false;
  return compareWithFreight(tree, current.freight).differing.some(({ site }) => site.digest?.startsWith('sha256:f'));
}

/** Once for every event: plain comparisons, for `expect` takes longer than the planner does. */
function expectSound(there: Outside): void {
  const open = there.openPulls().map(({ headBranch }) => headBranch.split('/').at(-1)?.split('.')[0]);
  must(new Set(open).size === open.length, `one open pull request a Stage: ${open}`);
  const entries = there.history();
  const requested = entries.flatMap((entry) => (entry.kind === 'promotion-requested' ? entry.promotion.name : []));
  must(new Set(requested).size === requested.length, 'Promotions have names of their own');
  const ended = new Set(entries.flatMap((entry) => (entry.kind === 'promotion-ended' ? entry.promotion : [])));
  const underWay = STAGES.flatMap((stage) => there.state().stages[stage]?.platform?.open?.name ?? []);
  const unaccounted = requested.filter((name) => !ended.has(name) && !underWay.includes(name));
  must(unaccounted.length === 0, `every Promotion is under way or has ended: ${unaccounted}`);
  must(!underWay.some((name) => ended.has(name) || !requested.includes(name)), 'what is under way was asked for');
}

function must(holds: boolean, what: string): void {
  if (!holds) throw new Error(`This must hold: ${what}`);
}

describe('plan', () => {
  it('keeps what must hold, always, whatever happens in whatever order, and comes to rest', () => {
    fc.assert(
      fc.property(fc.array(event, { minLength: 5, maxLength: 40 }), (events) => {
        const { there, look, happen, remember } = house();
        for (const one of events) {
          happen(one);
          remember();
          expectSound(there);
        }
        for (let rounds = 0; rounds <= 6; rounds++) {
          const { from, made } = look(RECONCILE);
          if (made.ledger === undefined && made.effects.length === 0) return;
          must(rounds < 6, 'it comes to rest');
          there.carryOut(from, made);
          expectSound(there);
        }
      }),
      { numRuns: 100 },
    );
  });
});
