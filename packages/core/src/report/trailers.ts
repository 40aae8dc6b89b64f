import { WaybillError } from '../errors.js';
import { plainLine } from './text.js';

/** One `Key: value` line at the end of a commit message (git-interpret-trailers). */
export interface Trailer {
  readonly key: string;
  readonly value: string;
}

/** The trailers of our own commits. */
export const TRAILER_STAGE = 'Waybill-Stage';
export const TRAILER_FREIGHT = 'Waybill-Freight';
export const TRAILER_PROMOTION = 'Waybill-Promotion';

const KEY = /^[A-Za-z][A-Za-z0-9-]{0,63}$/;
/** Names, IDs, digests, logins (`github-actions[bot]`): nothing that could start a second line, a mention or a reference. */
const VALUE = /^[A-Za-z0-9][A-Za-z0-9._:/+-]{0,254}(?:\[bot\])?$/;
const LINE = /^([A-Za-z][A-Za-z0-9-]{0,63}):[ \t]*(\S.*)$/;
/** What GitHub and Git add below our trailers when a person squashes or signs off. */
const ADDED_BY_OTHERS = /^(?:co-authored-by|signed-off-by|reviewed-by)$/i;

/**
 * A commit message: the subject, the paragraphs, the trailers, a blank line between each. Subject and paragraphs may
 * quote foreign text: each becomes one line without mentions or references, and none can pass for a trailer.
 * @throws WaybillError internal — a trailer's key or value isn't of the grammar that our own values have, or the
 * subject is empty
 */
export function commitMessage(subject: string, paragraphs: readonly string[], trailers: readonly Trailer[]): string {
  const first = plainLine(subject);
  if (first === '') {
    throw new WaybillError('internal', {
      what: 'A commit message has no subject',
      remedy: 'Report this: its trailers would be read as the subject.',
    });
  }
  const last = trailers.map(trailerLine).join('\n');
  const parts = [first, ...paragraphs.map(paragraph), last];
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}

/**
 * The trailers of a message: the `Key: value` lines of its last paragraph, if it holds nothing else and isn't the
 * subject. Paragraphs that hold only lines added by others (Co-authored-by) are passed over.
 * Trailers are a claim of whoever wrote the commit; whose it is must be known before they are believed.
 */
export function parseTrailers(message: string): readonly Trailer[] {
  const paragraphs = message
    .replace(/\r\n/g, '\n')
    .trim()
    .split(/\n[ \t]*\n+/);
  for (let index = paragraphs.length - 1; index > 0; index -= 1) {
    const lines = (paragraphs[index] ?? '').split('\n').filter((line) => !/^-{3,}$/.test(line));
    const trailers = lines.map(parseLine).filter((trailer) => trailer !== undefined);
    if (trailers.length !== lines.length) {
      return [];
    }
    if (!trailers.every((trailer) => ADDED_BY_OTHERS.test(trailer.key))) {
      return trailers;
    }
  }
  return [];
}

/** The one value of a key, case-insensitive as in Git; undefined when it is absent or said twice. */
export function trailerValue(trailers: readonly Trailer[], key: string): string | undefined {
  const found = trailers.filter((trailer) => trailer.key.toLowerCase() === key.toLowerCase());
  return found.length === 1 ? found[0]?.value : undefined;
}

function trailerLine({ key, value }: Trailer): string {
  if (!KEY.test(key) || !VALUE.test(value)) {
    throw new WaybillError('internal', {
      what: `A commit trailer may not hold ${JSON.stringify(`${key}: ${value}`.slice(0, 200))}`,
      remedy: 'Report this: trailers hold only values that Waybill made itself.',
    });
  }
  return `${key}: ${value}`;
}

function parseLine(line: string): Trailer | undefined {
  const match = LINE.exec(line);
  const [key, value] = [match?.[1], match?.[2]];
  return key === undefined || value === undefined ? undefined : { key, value: value.trim() };
}

/** A paragraph that reads like a trailer is quoted, so that no reader takes it for one. */
function paragraph(value: string): string {
  const line = plainLine(value);
  return LINE.test(line) ? `> ${line}` : line;
}
