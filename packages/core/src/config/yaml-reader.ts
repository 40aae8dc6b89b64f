import { isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseAllDocuments } from 'yaml';
import { type ErrorCode, WaybillError, WaybillErrors } from '../errors.js';
import { suggestion } from './names.js';
import type { ConfigFile, SourcePlace } from './types.js';

/** One file being read, and all that was found wrong with it so far. */
export interface Reading {
  readonly file: string;
  readonly problems: WaybillError[];
  place(node: unknown, otherwise: SourcePlace): SourcePlace;
  /** The node an alias stands for; undefined when too many aliases were followed. */
  follow(node: Node): Node | undefined;
}

/** A value within the file. */
export interface Value {
  readonly reading: Reading;
  readonly node: Node | null;
  /** Where it hangs, as errors name it: `stages.dev.updates[0]`; empty for the whole. */
  readonly name: string;
  readonly at: SourcePlace;
}

export interface FieldRules {
  readonly known: readonly string[];
  /** Fields that exist but are not enforced yet, and what to do instead. */
  readonly unsupported?: ReadonlyMap<string, string>;
}

export type Fields = ReadonlyMap<string, Value>;

export interface NamedValue {
  readonly key: string;
  /** Of the key. */
  readonly at: SourcePlace;
  readonly value: Value;
}

const MAX_BYTES = 256 * 1024;
const MAX_ALIASES = 200;
const MAX_FAULTS = 10;

/**
 * The one document of a file of configuration: YAML 1.2, core schema, no key twice, at most 256 KiB and 200 aliases.
 * Undefined when it cannot be read at all; then `problems` says why.
 */
export function readYaml({ path, text }: ConfigFile, problems: WaybillError[]): Value | undefined {
  const start: SourcePlace = { file: path, line: 1, column: 1 };
  const refuse = (what: string, remedy: string, where: SourcePlace = start): undefined => {
    problems.push(new WaybillError('config-invalid', { what, where, remedy }));
  };
  if (Buffer.byteLength(text) > MAX_BYTES) {
    return refuse(`The file is larger than ${MAX_BYTES / 1024} KiB`, 'Split what it configures, or shorten it');
  }
  const lines = new LineCounter();
  const placeAt = (offset: number): SourcePlace => {
    const { line, col } = lines.linePos(offset);
    return { file: path, line, column: col };
  };
  const documents = parseDocuments(text, lines);
  if (documents === undefined) return refuse('The file nests too deeply to be read', 'Write it flatter');
  const [document, second] = documents;
  if (document === undefined || document.contents === null) {
    return refuse('The file is empty', 'Start it with apiVersion: waybill/v1');
  }
  if (second !== undefined) {
    return refuse('The file holds more than one YAML document', 'Leave one', placeAt(second.range[0]));
  }
  for (const fault of [...document.errors, ...document.warnings].slice(0, MAX_FAULTS)) {
    const duplicate = fault.code === 'DUPLICATE_KEY';
    refuse(
      duplicate ? 'A key stands here twice' : `This is not the YAML that is read here: ${oneLine(fault.message)}`,
      duplicate ? 'Keep one of them' : 'Write it as YAML 1.2',
      placeAt(fault.pos[0]),
    );
  }
  if (document.errors.length > 0) return undefined;

  let aliases = 0;
  const reading: Reading = {
    file: path,
    problems,
    place: (node, otherwise) => {
      const range = isNodeWithRange(node) ? node.range : undefined;
      return range ? placeAt(range[0]) : otherwise;
    },
    follow: (node) => {
      if (!isAlias(node)) return node;
      if (++aliases === MAX_ALIASES + 1) {
        refuse(`The file uses more than ${MAX_ALIASES} aliases`, 'Write the values out', reading.place(node, start));
      }
      if (aliases > MAX_ALIASES) return undefined;
      const target = node.resolve(document);
      if (target === undefined)
        refuse(`There is no anchor &${node.source} before this`, 'Write the value out', reading.place(node, start));
      return target;
    },
  };
  const at = reading.place(document.contents, start);
  return { reading, node: document.contents, name: '', at };
}

/** Throws what was found wrong, all of it, in the order of the lines. */
export function throwProblems(problems: readonly WaybillError[]): void {
  const sorted = [...problems].sort(
    (left, right) =>
      (left.where.line ?? 0) - (right.where.line ?? 0) || (left.where.column ?? 0) - (right.where.column ?? 0),
  );
  const [first, ...rest] = sorted;
  if (first !== undefined) throw new WaybillErrors([first, ...rest]);
}

/** Notes what is wrong with a value. `what` follows the value's name: `is no list`. */
export function report(
  value: Value,
  what: string,
  remedy: string,
  facts: { readonly code?: ErrorCode; readonly at?: SourcePlace } = {},
): undefined {
  const subject = value.name === '' ? 'The file' : value.name;
  value.reading.problems.push(
    new WaybillError(facts.code ?? 'config-invalid', {
      what: `${subject} ${what}`,
      where: facts.at ?? value.at,
      remedy,
    }),
  );
}

/** Notes that a value is understood and not enforced yet. */
export function reportUnsupported(value: Value, remedy: string, what = 'is not yet supported'): undefined {
  return report(value, what, remedy, { code: 'not-supported' });
}

/** Notes why a text inside a value could not be read, as its parser said it. */
export function reportCause(value: Value, error: unknown): undefined {
  if (!(error instanceof WaybillError)) throw error;
  const code = error.code === 'not-supported' ? 'not-supported' : 'config-invalid';
  return report(value, `cannot be used: ${error.what}`, error.remedy, { code });
}

/** The fields of a map; those that are unknown or not supported are noted and left out. */
export function readFields(value: Value, { known, unsupported = new Map() }: FieldRules): Fields | undefined {
  const entries = readEntries(value);
  if (entries === undefined) return undefined;
  const fields = new Map<string, Value>();
  for (const { key, at, value: field } of entries) {
    const remedy = unsupported.get(key);
    if (known.includes(key)) fields.set(key, field);
    else if (remedy !== undefined) reportUnsupported({ ...field, at }, remedy);
    else report({ ...field, at }, 'is not known here', suggestion(key, known));
  }
  return fields;
}

/** The entries of a map, in file order. */
export function readEntries(value: Value): readonly NamedValue[] | undefined {
  const node = resolve(value);
  if (!isMap(node)) return report(value, 'is no map', 'Write it as key: value lines, or {key: value}');
  const entries: NamedValue[] = [];
  for (const { key: keyNode, value: child } of node.items) {
    const at = value.reading.place(keyNode, value.at);
    if (!isScalar(keyNode) || typeof keyNode.value !== 'string') {
      report(value, 'has a key that is no string', 'Put the key in quotes', { at });
      continue;
    }
    const key = keyNode.value;
    const name = value.name === '' ? key : `${value.name}.${key}`;
    const node = isNodeOrNull(child) ? child : null;
    entries.push({ key, at, value: { reading: value.reading, node, name, at: value.reading.place(node, at) } });
  }
  return entries;
}

/** The items of a list that has at least `min`. */
export function readList(value: Value, min = 0): readonly Value[] | undefined {
  const node = resolve(value);
  if (!isSeq(node)) return report(value, 'is no list', 'Write it as - lines, or [a, b]');
  if (node.items.length < min) return report(value, 'is an empty list', 'Name at least one');
  return node.items.map((item, index) => {
    const child = isNodeOrNull(item) ? item : null;
    const at = value.reading.place(child, value.at);
    return { reading: value.reading, node: child, name: `${value.name}[${index}]`, at };
  });
}

/** A list, or one value in its place. */
export function readListOrOne(value: Value, min = 0): readonly Value[] | undefined {
  return isList(value) ? readList(value, min) : [value];
}

export function isList(value: Value): boolean {
  return isSeq(resolve(value));
}

/** A string that is not empty. */
export function readString(value: Value): string | undefined {
  const node = resolve(value);
  const content = isScalar(node) ? node.value : undefined;
  if (typeof content === 'string' && content !== '') return content;
  if (typeof content === 'number' || typeof content === 'boolean') {
    const source = isScalar(node) ? (node.source ?? String(content)) : String(content);
    return report(value, `is a ${typeof content} to YAML, not a string`, `Put it in quotes: "${source}"`);
  }
  return report(value, content === '' ? 'is empty' : 'is no string', 'Write a string');
}

/** One of the strings; `planned` are known and not supported yet. */
export function readChoice<T extends string>(
  value: Value,
  choices: readonly T[],
  planned: readonly string[] = [],
): T | undefined {
  const node = resolve(value);
  const content = isScalar(node) ? node.value : undefined;
  const choice = choices.find((each) => each === content);
  if (choice !== undefined) return choice;
  const remedy = `Write ${choices.join(' or ')}`;
  if (planned.some((each) => each === content))
    return reportUnsupported(value, remedy, `${content} is not yet supported`);
  return report(
    value,
    typeof content === 'string' ? `is ${JSON.stringify(content)}` : `is not ${choices.join(' or ')}`,
    remedy,
  );
}

export function readBoolean(value: Value): boolean | undefined {
  const node = resolve(value);
  const content = isScalar(node) ? node.value : undefined;
  if (typeof content === 'boolean') return content;
  return report(value, 'is neither true nor false', 'Write true or false');
}

export function readInteger(value: Value, min: number, max: number): number | undefined {
  const node = resolve(value);
  const content = isScalar(node) ? node.value : undefined;
  if (typeof content === 'number' && Number.isInteger(content) && content >= min && content <= max) return content;
  return report(value, `is no whole number from ${min} to ${max}`, `Write a number from ${min} to ${max}`);
}

/** The field, or a note that it must be there. */
export function required(fields: Fields, owner: Value, key: string, remedy: string): Value | undefined {
  const value = fields.get(key);
  return value ?? report(owner, `lacks ${key}`, remedy);
}

function resolve({ reading, node }: Value): Node | undefined {
  return node === null ? undefined : reading.follow(node);
}

function parseDocuments(text: string, lineCounter: LineCounter) {
  try {
    const documents = parseAllDocuments(text, {
      version: '1.2',
      schema: 'core',
      merge: false,
      uniqueKeys: true,
      prettyErrors: false,
      lineCounter,
    });
    if ('empty' in documents) return [];
    return documents.some(({ errors }) => errors.some(isOverflow)) ? undefined : documents;
  } catch (error) {
    if (isOverflow(error)) return undefined;
    throw error;
  }
}

/** The parser recurses, and turns some overflows of the stack into findings of its own. */
function isOverflow(error: unknown): boolean {
  return error instanceof Error && error.message.includes('call stack');
}

function isNodeOrNull(node: unknown): node is Node | null {
  return node === null || isMap(node) || isSeq(node) || isScalar(node) || isAlias(node);
}

function isNodeWithRange(node: unknown): node is Node {
  return node !== null && isNodeOrNull(node);
}

function oneLine(text: string): string {
  return text.split('\n')[0] ?? '';
}
