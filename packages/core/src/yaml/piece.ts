import { UNRESOLVED } from './keys.js';
import { readsAsString } from './scalar.js';
import type { DigestPiece, Piece, PieceObstacle, Range } from './site.js';
import type { LineIndex, Source } from './text.js';
import { type MapEntry, type ScalarNode, targetOf } from './tree.js';

/** What is needed to say where a node stands in the file. */
export interface Position {
  readonly source: Source;
  readonly fileText: string;
  readonly lines: LineIndex;
}

/** The scalar under an entry, aliases followed. */
export function scalarOf(entry: MapEntry | undefined): ScalarNode | undefined {
  const node = entry === undefined ? undefined : targetOf(entry.value);
  return node?.kind === 'scalar' ? node : undefined;
}

/** The scalar of an entry as a piece; undefined when there is no entry or its value is no scalar. */
export function pieceOf(at: Position, entry: MapEntry | undefined): Piece | undefined {
  const node = scalarOf(entry);
  if (node === undefined || entry === undefined) return undefined;
  const piece = scalarPiece(at, node, entry.value.kind === 'alias' ? undefined : entry.keyNode);
  return piece.nonString && NULL.test(piece.value) ? { ...piece, value: '' } : piece;
}

/** How a plain scalar says that there is no value. */
const NULL = /^(?:~|null|Null|NULL)$/;

/** A scalar as a piece. `keyNode` tells where to write a value when there is none. */
export function scalarPiece(at: Position, node: ScalarNode, keyNode?: ScalarNode): Piece {
  const place = node.start === -1 ? emptyPlace(at.source.text, node, keyNode) : placeOf(at.source.text, node);
  const [start, end] = place.range;
  const fileStart = at.source.toFile(start);
  const range: Range = [fileStart, fileStart + (end - start)];
  const isBlock = node.style === 'literal' || node.style === 'folded';
  const value = isBlock ? node.value.trim() : node.value;
  const empty = node.start === -1;
  const obstacle = obstacleOf(at.source, node, place.obstacle);
  return {
    value,
    range,
    raw: at.fileText.slice(range[0], range[1]),
    style: node.style,
    empty,
    ...at.lines.at(fileStart),
    nonString: node.style === 'plain' && !isStringTag(node.tag) && !readsAsString(node.value),
    ...(node.anchor === undefined ? {} : { anchor: node.anchor }),
    ...(obstacle === undefined ? {} : { obstacle }),
  };
}

interface Place {
  readonly range: Range;
  readonly obstacle?: PieceObstacle;
}

/** Blanks around a value belong to the value's bytes only in quotes; a block scalar of one line counts as that line. */
function placeOf(text: string, node: ScalarNode): Place {
  const raw = text.slice(node.start, node.end);
  const isBlock = node.style === 'literal' || node.style === 'folded';
  const content = isBlock ? raw.trim() : raw;
  const start = isBlock ? node.start + (raw.length - raw.trimStart().length) : node.start;
  const broken = /[\r\n]/.test(content) || (content === '') !== (node.value === '') || (isBlock && node.indent === -1);
  return { range: [start, start + content.length], ...(broken ? { obstacle: 'multi-line' } : {}) };
}

/** Behind the colon of `key:`; only when nothing but the colon is between the key and the place. */
function emptyPlace(text: string, node: ScalarNode, keyNode: ScalarNode | undefined): Place {
  if (keyNode === undefined || keyNode.start === -1) return { range: [0, 0], obstacle: 'tagged' };
  const quoted = keyNode.style === 'single' || keyNode.style === 'double';
  const keyEnd = keyNode.end + (quoted ? 1 : 0);
  const colon = /^[ \t]*:(?=[ \t]*(?:#|\r?\n|,|\}|$))/.exec(text.slice(keyEnd, keyEnd + 256));
  const offset = keyEnd + (colon?.[0].length ?? 0);
  const isPlaceable = colon !== null && node.anchor === undefined && node.tag === undefined;
  return { range: [offset, offset], ...(isPlaceable ? {} : { obstacle: 'tagged' }) };
}

function obstacleOf(source: Source, node: ScalarNode, found: PieceObstacle | undefined): PieceObstacle | undefined {
  if (UNRESOLVED.test(node.value)) return 'template';
  if (!source.exact) return 'inline-inexact';
  if (found !== undefined) return found;
  return node.tag === undefined || isStringTag(node.tag) ? undefined : 'tagged';
}

function isStringTag(tag: string | undefined): boolean {
  return tag === '!!str' || tag === '!' || tag === 'tag:yaml.org,2002:str';
}

const BARE_HEX = /^[0-9a-fA-F]{40,}$/;

/** A digest's piece; a `sha` key, or hex that stands there already, goes without the algorithm. */
export function digestPiece(piece: Piece, key: string): DigestPiece {
  const bare = piece.value === '' ? /^sha(?:256)?$/i.test(key) : BARE_HEX.test(piece.value);
  return { ...piece, encoding: bare ? 'hex' : 'prefixed' };
}

/** `sha256:…` of a digest's piece, however it is written. */
export function digestOf(piece: DigestPiece): string {
  return piece.encoding === 'hex' && piece.value !== '' ? `sha256:${piece.value}` : piece.value;
}
