import {
  type Intent,
  type LedgerState,
  plan as makePlan,
  type Note,
  type Plan,
  WaybillError,
  WaybillErrors,
  type World,
} from '@waybill/core';
import { apply, type Blocked } from './apply.js';
import { writeLedger } from './ledger.js';
import { type Memory, observe } from './observe.js';
import type { Ports, RunFacts } from './ports.js';
import { preflight } from './preflight.js';

/** What a run did and saw, for the report. */
export interface RunReport {
  /** The last World that was observed. */
  readonly world: World;
  /** The ledger's state as the run leaves it. */
  readonly state: LedgerState;
  readonly notes: readonly Note[];
  readonly refusals: readonly WaybillError[];
  readonly warnings: readonly string[];
  /** Everything that was planned and, unless the run was dry, done. */
  readonly plans: readonly Plan[];
  /** Whether anything was written. */
  readonly changed: boolean;
}

/** A run plans again while the world moves under it; past this it ends, and the next run goes on. */
const MOST_ROUNDS = 12;
/** The forge computes whether a pull request can be merged a little later than it opens it. */
const MERGE_TRIES = 5;
const MERGE_WAIT_MS = 1_000;
const FAILURES_ENDURED = 2;

/**
 * Observes, plans and applies until there is nothing left to do. Each round starts from the world as it is, so that a
 * moved head, a lost answer and a run that died half-way are all the same to it.
 */
export async function run(ports: Ports, facts: RunFacts, intent: Intent): Promise<RunReport> {
  const memory: Memory = { trees: new Map(), discoveries: undefined };
  const done = journal();
  const blocked = new Map<number, { readonly tries: number; readonly why: string }>();
  let asked = intent;
  let failures = 0;
  for (let round = 1; ; round++) {
    if (round > MOST_ROUNDS) throw notConverged();
    const world = await observe(ports, asked, memory);
    const plan = withoutHopeless(makePlan(world, asked), blocked);
    if (round === 1)
      ports.log.info(`Configuration: ${world.snapshot.repository.defaultBranch} at ${world.snapshot.head.oid}`);
    done.saw(world, plan);
    if (facts.dryRun || (plan.ledger === undefined && plan.effects.length === 0)) break;
    if (!done.checked) await done.check(ports, facts, world, plan);
    try {
      const ledger =
        plan.ledger === undefined
          ? world.ledger.head
          : await writeLedger(ports, facts, world, plan.ledger.state, plan.ledger.entries);
      if (asked.promote !== undefined) asked = withoutRequest(asked);
      const refused = await apply(ports, plan.effects, world.snapshot.repository.defaultBranch, ledger);
      await countTries(ports, blocked, refused);
    } catch (error) {
      failures = await endure(ports, error, failures);
    }
  }
  return done.report(blocked);
}

function notConverged(): WaybillError {
  return new WaybillError('not-converged', {
    what: `After ${MOST_ROUNDS} rounds there was still something to do: the repository moved under every one of them`,
    remedy: 'Run again. If it stays so, look in the log for what is written again and again, and report it.',
  });
}

/** A moved head is a reason to look again at once; so, twice, is a forge that did not answer: the effect may be there. */
async function endure(ports: Ports, error: unknown, failures: number): Promise<number> {
  if (!(error instanceof WaybillError)) throw error;
  if (error.code === 'head-moved') {
    ports.log.info(`${error.what}: planning again`);
    return failures;
  }
  if (error.code !== 'forge-unavailable' || failures >= FAILURES_ENDURED) throw error;
  ports.log.warning(`${error.what}: looking what came of it`);
  await ports.clock.sleep(MERGE_WAIT_MS);
  return failures + 1;
}

async function countTries(
  ports: Ports,
  blocked: Map<number, { readonly tries: number; readonly why: string }>,
  refused: readonly Blocked[],
): Promise<void> {
  for (const { pullRequest, why } of refused) {
    blocked.set(pullRequest, { tries: (blocked.get(pullRequest)?.tries ?? 0) + 1, why });
  }
  if (refused.length > 0) await ports.clock.sleep(MERGE_WAIT_MS);
}

function withoutHopeless(plan: Plan, blocked: ReadonlyMap<number, { readonly tries: number }>): Plan {
  const effects = plan.effects.filter(
    (effect) => effect.kind !== 'merge' || (blocked.get(effect.pullRequest.number)?.tries ?? 0) < MERGE_TRIES,
  );
  return effects.length === plan.effects.length ? plan : { ...plan, effects };
}

function withoutRequest(intent: Intent): Intent {
  const { promote: _, ...rest } = intent;
  return rest;
}

/** Collects what the rounds say. A later round's word on the same thing replaces an earlier one's, but for what happened. */
function journal() {
  const plans: Plan[] = [];
  const happened = new Map<string, Note>();
  const refusals = new Map<string, WaybillError>();
  let standing: readonly Note[] = [];
  let warnings: readonly string[] = [];
  let last: World | undefined;
  let checked = false;
  let changed = false;
  return {
    get checked() {
      return checked;
    },
    saw(world: World, plan: Plan): void {
      last = world;
      plans.push(plan);
      standing = plan.notes.filter((note) => !isEvent(note));
      for (const note of plan.notes.filter(isEvent)) happened.set(keyOf(note), note);
      for (const refusal of plan.refusals) refusals.set(refusal.message, refusal);
    },
    async check(ports: Ports, facts: RunFacts, world: World, plan: Plan): Promise<void> {
      const found = await preflight(ports, facts, world, plan);
      checked = true;
      warnings = found.warnings;
      for (const warning of warnings) ports.log.warning(warning);
      const [problem, ...others] = found.problems;
      if (problem !== undefined) throw new WaybillErrors([problem, ...others]);
      changed = true;
    },
    report(blocked: ReadonlyMap<number, { readonly tries: number; readonly why: string }>): RunReport {
      if (last === undefined)
        throw new WaybillError('internal', { what: 'The run looked at nothing', remedy: 'Please report this.' });
      const waits = [...blocked].flatMap(([number, { tries, why }]): Note[] =>
        tries >= MERGE_TRIES
          ? [{ kind: 'waiting', pullRequest: number, text: `GitHub does not merge it yet: ${why}` }]
          : [],
      );
      const finalPlan = plans.at(-1);
      return {
        world: last,
        state: finalPlan?.ledger?.state ?? last.ledger.state,
        notes: [...happened.values(), ...standing, ...waits],
        refusals: [...refusals.values()],
        warnings,
        plans,
        changed,
      };
    },
  };
}

const EVENTS: ReadonlySet<Note['kind']> = new Set([
  'discovered',
  'found',
  'not-adopted',
  'promoting',
  'landed',
  'closed',
  'hold-lifted',
  // Said once, by the round that made the edits.
  'unread',
  'unreferenced',
]);

function isEvent(note: Note): boolean {
  return EVENTS.has(note.kind);
}

function keyOf(note: Note): string {
  return [note.kind, note.stage, note.warehouse, note.promotion ?? note.freight?.id ?? note.text].join(' ');
}
