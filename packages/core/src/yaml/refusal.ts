import { WaybillError } from '../errors.js';
import type { EditObstacle } from './site.js';

export type RefusalCode =
  | EditObstacle
  /** Something unread in the file names the repository. */
  | 'unread'
  /** A tag stands there that would lie about the digest, and no tag is known that may be written instead. */
  | 'stale-tag'
  /** The shape has room for a digest only behind a tag, and no tag is known that may be written. */
  | 'tag-needed'
  /** The shape has no field for a digest. */
  | 'no-digest-field'
  /** The value can't be written in the style that stands there. */
  | 'style'
  /** Two edits want one place. */
  | 'conflict'
  /** There is no such key, or it holds no single value. */
  | 'no-such-key'
  /** The file could not be read as YAML. */
  | 'unreadable'
  /** The result, parsed again, is not what was meant. */
  | 'verification-failed';

/** Why nothing is written, and where. */
export interface Refusal {
  readonly path: string;
  readonly line: number;
  readonly column: number;
  readonly keyPath: string;
  readonly code: RefusalCode;
  /** One sentence without a final full stop. */
  readonly why: string;
  /** In the imperative. */
  readonly remedy: string;
}

/** A refusal as the product's error, code `edit-unsafe`. */
export function refusalError(refusal: Refusal, image?: string): WaybillError {
  const { path, line, column, keyPath, why, remedy } = refusal;
  const at = keyPath === '' ? '' : `${keyPath}: `;
  return new WaybillError('edit-unsafe', {
    what: `${at}${why}`,
    where: { file: path, line, column, ...(image === undefined ? {} : { image }) },
    remedy,
  });
}
