import type { Config, RequestedFreight, Stage } from '../config/types.js';
import { type FreightRecord, type LedgerState, stageRecord } from '../ledger/state.js';
import { readableInstant } from '../report/instant.js';

export type Availability =
  | { readonly available: true; readonly why: string }
  | { readonly available: false; readonly why: string };

/**
 * Whether a Freight may go into a Stage: the one answer for automation, buttons, the required check and lineage.
 * Approved for the Stage, straight from its Warehouse where the Stage takes it so, or verified (and soaked) upstream.
 * Kargo: `Stage.IsFreightAvailable` in api/v1alpha1/stage_types.go.
 */
export function availability(record: FreightRecord, stage: Stage, state: LedgerState, now: Date): Availability {
  const { freight } = record;
  const request = stage.requestedFreight.find((candidate) => candidate.warehouse === freight.origin.name);
  if (request === undefined) {
    return no(`${stage.name} takes no Freight of Warehouse ${freight.origin.name}`);
  }
  const approval = record.approvedFor[stage.name];
  if (approval !== undefined)
    return yes(`approved for ${stage.name} by ${approval.by} at ${readableInstant(approval.at)}`);
  if (freight.found !== undefined) {
    return no(
      `it was found in ${list(freight.found.stages)} on the first run: it may return there, and go nowhere else`,
    );
  }
  if (request.direct) return yes(`straight from Warehouse ${request.warehouse}`);
  const upstream = request.stages.map((name) => verification(record, name, request, state, now));
  const passed = upstream.filter((answer) => answer.available);
  const enough = request.availability === 'All' ? passed.length === upstream.length : passed.length > 0;
  return enough
    ? yes(passed.map((answer) => answer.why).join('; '))
    : no(
        upstream
          .filter((answer) => !answer.available)
          .map((answer) => answer.why)
          .join('; '),
      );
}

function verification(
  record: FreightRecord,
  upstream: string,
  request: RequestedFreight,
  state: LedgerState,
  now: Date,
): Availability {
  const verified = record.verifiedIn[upstream];
  if (verified === undefined) return no(`not verified in ${upstream}`);
  const needed = request.requiredSoakTime ?? 0;
  const current = stageRecord(state, upstream, request.warehouse).current;
  const standing = current?.freight === record.freight.id ? now.getTime() - Date.parse(current.since) : 0;
  const soaked = Math.max(verified.longestSoak, standing);
  if (soaked < needed) return no(`soaked ${minutes(soaked)} of ${minutes(needed)} in ${upstream}`);
  return yes(`verified in ${upstream} at ${readableInstant(verified.at)}`);
}

/** Freight of a Warehouse that a Stage may have, newest first (by discovery; then the greater ID, as Kargo breaks ties). */
export function availableFreight(
  config: Config,
  stageName: string,
  warehouse: string,
  state: LedgerState,
  now: Date,
): readonly FreightRecord[] {
  const stage = config.stages.find((candidate) => candidate.name === stageName);
  if (stage === undefined) return [];
  return freightOf(state, warehouse).filter((record) => availability(record, stage, state, now).available);
}

/** All live Freight of a Warehouse, newest first. */
export function freightOf(state: LedgerState, warehouse: string): readonly FreightRecord[] {
  const known = IN_ORDER.get(state.freight);
  if (known !== undefined) return known.get(warehouse) ?? [];
  const byWarehouse = new Map<string, FreightRecord[]>();
  for (const record of Object.values(state.freight)) {
    const { name } = record.freight.origin;
    const records = byWarehouse.get(name);
    if (records === undefined) byWarehouse.set(name, [record]);
    else records.push(record);
  }
  for (const records of byWarehouse.values()) records.sort(newestFirst);
  IN_ORDER.set(state.freight, byWarehouse);
  return byWarehouse.get(warehouse) ?? [];
}

/** Every Stage asks for the order of the same Freight; states are never changed, only made anew. */
const IN_ORDER = new WeakMap<LedgerState['freight'], ReadonlyMap<string, readonly FreightRecord[]>>();

/** By discovery; then the greater ID, as Kargo breaks ties. */
export function newestFirst(a: FreightRecord, b: FreightRecord): number {
  if (a.freight.discoveredAt !== b.freight.discoveredAt)
    return a.freight.discoveredAt < b.freight.discoveredAt ? 1 : -1;
  return a.freight.id < b.freight.id ? 1 : -1;
}

function yes(why: string): Availability {
  return { available: true, why };
}

function no(why: string): Availability {
  return { available: false, why };
}

function list(names: readonly string[]): string {
  return names.join(', ');
}

function minutes(milliseconds: number): string {
  return `${Math.floor(milliseconds / 60_000)} min`;
}
