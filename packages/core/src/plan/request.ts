import type { Stage } from '../config/types.js';
import { WaybillError } from '../errors.js';
import { type FreightRecord, stageRecord } from '../ledger/state.js';
import { availability, availableFreight, freightOf } from '../stage/availability.js';
import type { Draft } from './draft.js';
import { openPromotion } from './open.js';
import type { Candidate, PromoteRequest } from './world.js';

/** A person's Promotion: the Freight is found, judged, and recorded; or refused, with what could be had instead. */
export function promoteOnRequest(draft: Draft, request: PromoteRequest): void {
  const taken = draft.state().requests[request.id];
  if (taken !== undefined) {
    draft.note({ kind: 'waiting', stage: request.stage, promotion: taken, text: 'this request was taken already' });
    return;
  }
  try {
    const stage = findStage(draft, request.stage);
    const record = chooseFreight(draft, stage, request);
    const answer = availability(record, stage, draft.state(), draft.world.now);
    if (!answer.available) throw notAvailable(draft, stage, record, answer.why);
    openPromotion(draft, stage, record.freight, {
      requestedBy: request.requester,
      autoMerge: false,
      ...(request.reason === undefined ? {} : { reason: request.reason }),
      request: request.id,
      supersedes: `${describe(record)} was asked for`,
    });
  } catch (error) {
    if (!(error instanceof WaybillError)) throw error;
    draft.refuse(error);
  }
}

function findStage(draft: Draft, name: string): Stage {
  const { stages } = draft.world.config;
  const stage = stages.find((candidate) => candidate.name === name);
  if (stage !== undefined) return stage;
  throw new WaybillError('stage-unknown', {
    what: `There is no Stage "${name}"`,
    where: { file: draft.world.config.file },
    remedy: `Choose one of: ${stages.map((candidate) => candidate.name).join(', ')}.`,
  });
}

/** By ID, unique prefix (4 or more digits) or alias; nothing asked for means the newest available. */
function chooseFreight(draft: Draft, stage: Stage, request: PromoteRequest): FreightRecord {
  const warehouses = stage.requestedFreight
    .map((candidate) => candidate.warehouse)
    .filter((name) => request.warehouse === undefined || request.warehouse === name);
  const known = warehouses.flatMap((name) => freightOf(draft.state(), name));
  if (request.freight === '') return newestAvailable(draft, stage, warehouses);
  const asked = request.freight.toLowerCase();
  const matches = known.filter(
    ({ freight }) => freight.alias === asked || (asked.length >= 4 && freight.id.startsWith(asked)),
  );
  const [match, second] = matches;
  if (match === undefined) {
    throw new WaybillError('freight-not-found', {
      what: `No Freight "${request.freight}" for ${stage.name}`,
      where: { stage: stage.name },
      remedy: `Give an ID, a prefix of at least 4 digits, or an alias. ${listCandidates(draft, stage)}`,
    });
  }
  if (second !== undefined) {
    throw new WaybillError('freight-ambiguous', {
      what: `"${request.freight}" is the start of ${matches.map(({ freight }) => freight.id).join(' and ')}`,
      where: { stage: stage.name },
      remedy: 'Give more digits, or the alias.',
    });
  }
  return match;
}

function newestAvailable(draft: Draft, stage: Stage, warehouses: readonly string[]): FreightRecord {
  if (warehouses.length > 1) {
    throw new WaybillError('freight-ambiguous', {
      what: `${stage.name} takes Freight of ${warehouses.join(' and ')}, and none was named`,
      where: { stage: stage.name },
      remedy: 'Name the Freight (ID, prefix or alias).',
    });
  }
  const { config, now } = draft.world;
  const newest = warehouses
    .flatMap((name) => availableFreight(config, stage.name, name, draft.state(), now))
    .find(({ freight }) => freight.found === undefined);
  if (newest !== undefined) return newest;
  throw new WaybillError('freight-not-available', {
    what: `Nothing is available to ${stage.name}`,
    where: { stage: stage.name },
    remedy: listCandidates(draft, stage),
  });
}

function notAvailable(draft: Draft, stage: Stage, record: FreightRecord, why: string): WaybillError {
  return new WaybillError('freight-not-available', {
    what: `${describe(record)} is not available to ${stage.name}: ${why}`,
    where: { stage: stage.name },
    remedy: listCandidates(draft, stage),
  });
}

/** The newest Freight a Stage might be asked for, each with why or why not. */
export function candidates(draft: Draft, stage: Stage, most = 5): readonly Candidate[] {
  const { state, world } = { state: draft.state(), world: draft.world };
  return stage.requestedFreight
    .flatMap(({ warehouse }) => freightOf(state, warehouse))
    .slice(0, most)
    .map((record) => {
      const answer = availability(record, stage, state, world.now);
      const current = stageRecord(state, stage.name, record.freight.origin.name).current;
      const why = current?.freight === record.freight.id ? `${answer.why}; it is what ${stage.name} has` : answer.why;
      return { record, available: answer.available, why };
    });
}

function listCandidates(draft: Draft, stage: Stage): string {
  const lines = candidates(draft, stage).map(
    ({ record, available, why }) => `${describe(record)}: ${available ? 'available' : 'not available'}, ${why}`,
  );
  if (lines.length === 0) return 'The ledger knows no Freight for it yet: run reconcile once an image is pushed.';
  return `Newest Freight: ${lines.join(' · ')}.`;
}

export function describe(record: FreightRecord): string {
  return `${record.freight.id.slice(0, 7)} (${record.freight.alias})`;
}
