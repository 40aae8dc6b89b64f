import { WaybillError } from '../errors.js';
import { shortId } from './id.js';

/** Bytes of entropy that a name needs. */
export const ENTROPY_BYTES = 10;

// Crockford's base 32, lower case: it sorts as the numbers do.
const DIGITS = '0123456789abcdefghjkmnpqrstvwxyz';
const ULID_LENGTH = 26;
const TIME_BITS = 48n;
const ENTROPY_BITS = 80n;
const NAME = /^([a-z0-9](?:[-a-z0-9]*[a-z0-9])?)\.([0-7][0-9a-hjkmnp-tv-z]{25})\.([0-9a-f]{7})$/;

export interface PromotionNameParts {
  readonly stage: string;
  readonly ulid: string;
  /** When it was named. */
  readonly at: Date;
  readonly freight: string;
}

/**
 * A Promotion's name as Kargo writes it: `<stage>.<ulid, lower case>.<freight, 7>`. Names of one Stage sort in the
 * order of their making: give the Stage's latest name as `after`, and the new one is greater even within one
 * millisecond or when the clock went back.
 * @throws WaybillError internal when there are not exactly 10 bytes of entropy, or no time is left
 */
export function promotionName(
  stage: string,
  now: Date,
  entropy: Uint8Array,
  freightId: string,
  after?: string,
): string {
  if (entropy.length !== ENTROPY_BYTES) {
    throw internal(`A Promotion name needs ${ENTROPY_BYTES} bytes of entropy, not ${entropy.length}`);
  }
  const time = now.getTime();
  if (!(time >= 0 && time < 2 ** 48)) throw internal('A Promotion name needs a time from 1970 on');
  const random = entropy.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
  const fresh = (BigInt(time) << ENTROPY_BITS) | random;
  const previous = after === undefined ? undefined : parsePromotionName(after);
  const floor = previous === undefined ? 0n : decode(previous.ulid) + 1n;
  return `${stage}.${encode(fresh > floor ? fresh : floor)}.${shortId(freightId)}`;
}

/** The parts of a Promotion's name, or undefined when it is none. */
export function parsePromotionName(name: string): PromotionNameParts | undefined {
  const [, stage, ulid, freight] = NAME.exec(name) ?? [];
  if (stage === undefined || ulid === undefined || freight === undefined) return undefined;
  return { stage, ulid, at: new Date(Number(decode(ulid) >> ENTROPY_BITS)), freight };
}

function encode(value: bigint): string {
  if (value >= 1n << (TIME_BITS + ENTROPY_BITS)) throw internal('A Promotion name has no time left');
  let rest = value;
  let text = '';
  for (let count = 0; count < ULID_LENGTH; count++) {
    text = (DIGITS[Number(rest & 31n)] ?? '') + text;
    rest >>= 5n;
  }
  return text;
}

function decode(ulid: string): bigint {
  return [...ulid].reduce((sum, digit) => (sum << 5n) | BigInt(DIGITS.indexOf(digit)), 0n);
}

function internal(what: string): WaybillError {
  return new WaybillError('internal', { what, remedy: 'Report this as a bug of Waybill' });
}
