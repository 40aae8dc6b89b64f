import { WaybillError } from '../errors.js';
import { freightId, parsePromotionName } from '../freight/index.js';
import { type FreightRecord, type LedgerState, openPromotions } from './state.js';

/** `state.json`, one Freight and one Stage a line, keys sorted: small differences make small diffs. */
export function printState(state: LedgerState): string {
  const lines = (record: Readonly<Record<string, unknown>>) =>
    Object.keys(record)
      .sort()
      .map((key) => `    ${JSON.stringify(key)}: ${JSON.stringify(record[key])}`)
      .join(',\n');
  const block = (record: Readonly<Record<string, unknown>>) =>
    Object.keys(record).length === 0 ? '{}' : `{\n${lines(record)}\n  }`;
  return `{
  "version": ${state.version},
  "base": ${JSON.stringify(state.base)},
  "freight": ${block(state.freight)},
  "stages": ${block(state.stages)},
  "requests": ${JSON.stringify(state.requests)}
}
`;
}

/** @throws WaybillError ledger-invalid, also where a Freight is not what its ID says */
export function parseState(text: string): LedgerState {
  const value = parseJson(text, 'state.json');
  if (value.version !== 1) {
    throw invalid(
      `state.json has version ${String(value.version)}, this Waybill knows 1`,
      'Use the Waybill that wrote it, or a newer one.',
    );
  }
  for (const key of ['freight', 'stages', 'requests'] as const) {
    if (!isRecord(value[key])) throw invalid(`state.json has no "${key}"`);
  }
  const state = value as unknown as LedgerState;
  for (const [id, record] of Object.entries(state.freight)) checkFreight(id, record);
  for (const name of promotionNames(state)) checkPromotionName(name);
  return state;
}

/** Names become branches and stand in pull requests as they are, so that each must be of Kargo's grammar. */
function promotionNames(state: LedgerState): readonly string[] {
  const records = Object.values(state.stages).flatMap((warehouses) => Object.values(warehouses));
  return [
    ...openPromotions(state).map(({ name }) => name),
    ...records.flatMap(({ current, last, hold }) =>
      [current?.promotion, last?.name, hold?.kind === 'promotion' ? hold.promotion : undefined].filter(
        (name) => name !== undefined,
      ),
    ),
    ...Object.values(state.requests),
  ];
}

function checkPromotionName(name: string): void {
  if (typeof name === 'string' && parsePromotionName(name) !== undefined) return;
  throw invalid(`${JSON.stringify(name).slice(0, 200)} is no name of a Promotion`);
}

export function printFreight(record: FreightRecord): string {
  return `${JSON.stringify(record, null, 2)}\n`;
}

/** @throws WaybillError ledger-invalid */
export function parseFreight(id: string, text: string): FreightRecord {
  const record = parseJson(text, `the file of Freight ${id}`) as unknown as FreightRecord;
  checkFreight(id, record);
  return record;
}

/** Freight is immutable: its ID is computed from its artifacts, so it can be checked against them. */
function checkFreight(id: string, record: FreightRecord): void {
  if (!isRecord(record) || !isRecord(record.freight) || !Array.isArray(record.freight.images)) {
    throw invalid(`Freight ${id} is no Freight`);
  }
  const computed = freightId(record.freight);
  if (record.freight.id !== id || computed !== id) {
    throw invalid(`Freight ${id} holds artifacts whose ID is ${computed}`);
  }
}

function parseJson(text: string, name: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    if (isRecord(value)) return value;
  } catch (cause) {
    throw invalid(`${name} is not JSON: ${cause instanceof Error ? cause.message : String(cause)}`);
  }
  throw invalid(`${name} is not a JSON object`);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function invalid(what: string, remedy?: string): WaybillError {
  return new WaybillError('ledger-invalid', {
    what: `The ledger cannot be read: ${what}`,
    remedy: remedy ?? 'Find the commit of waybill/ledger that did this, and restore the branch to the one before it.',
  });
}
