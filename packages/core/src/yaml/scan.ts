import { type Chunk, isEncrypted, splitDocuments, templateNode } from './documents.js';
import { type Context, keyPathOf, type Scanner } from './draft.js';
import { finishSites } from './finish.js';
import { findMentions } from './mentions.js';
import { parseYaml } from './parse.js';
import { mightHoldImages } from './prefilter.js';
import type { ResourceFields } from './resource-fields.js';
import type { FileScan, Unread } from './site.js';
import { fileSource, lineIndex, type Source } from './text.js';
import { walkDocument } from './walk.js';

export interface ScanOptions {
  /** Fields of custom resources that hold images, beside those that are known. */
  readonly fields?: readonly ResourceFields[];
  /**
   * Lists templates and encrypted files that leave no trace of an image key as well: their comments and variables may
   * still name one. A promotion asks for it, which must leave out no reference; a check of the whole tree does not.
   */
  readonly unreadable?: boolean;
}

/** Longer texts are not read: no file that people keep images in comes near. */
const MAX_LENGTH = 10 * 1024 * 1024;
const ALIAS_BUDGET = 20_000;

/**
 * The images a file deploys, each with its exact place and whether it can be edited there, and what could not be read.
 * Never throws, whatever the text.
 */
export function scanText(file: { readonly path: string; readonly text: string }, options: ScanOptions = {}): FileScan {
  const { path, text } = file;
  if (!isCandidate(text, options)) return { path, references: [], pullPolicies: [], unread: [] };
  if (text.length > MAX_LENGTH) {
    const detail = `the file is longer than ${MAX_LENGTH} characters`;
    return {
      path,
      references: [],
      pullPolicies: [],
      unread: [{ path, kind: 'too-large', line: 1, detail, mentions: findMentions(text) }],
    };
  }
  const scanner: Scanner = {
    path,
    fileText: text,
    lines: lineIndex(text),
    drafts: [],
    pullPolicies: new Map(),
    unread: [],
    fields: options.fields ?? [],
    unreadable: options.unreadable ?? false,
    usedAliases: new Set(),
    pieceNodes: new Map(),
    aliases: [],
    aliasBudget: ALIAS_BUDGET,
  };
  scanSource(scanner, fileSource(text));
  if (scanner.aliasBudget < 0) {
    const detail = 'its aliases expand to too many nodes';
    scanner.unread.push({ path, kind: 'too-large', line: 1, detail, mentions: findMentions(text) });
  }
  const pullPolicies = [...scanner.pullPolicies.values()];
  const { unread, globalRegistry } = scanner;
  const global = globalRegistry === undefined ? {} : { globalRegistry };
  return { path, references: finishSites(scanner), pullPolicies, ...global, unread };
}

/** `scanText` of a file's bytes; what is not UTF-8 is unread. A byte order mark stays part of the text. */
export function scanBytes(
  file: { readonly path: string; readonly bytes: Uint8Array },
  options: ScanOptions = {},
): FileScan {
  const { path, bytes } = file;
  if (!isCandidate(bytes, options)) return { path, references: [], pullPolicies: [], unread: [] };
  const text = decodeUtf8(bytes);
  if (text !== undefined) return scanText({ path, text }, options);
  const readable = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
  const mentions = findMentions(readable);
  return {
    path,
    references: [],
    pullPolicies: [],
    unread: [{ path, kind: 'not-utf8', line: 1, detail: 'the file is not UTF-8', mentions }],
  };
}

const TEMPLATE_OR_SECRET = /\{\{|\{%|<%|ENC\[/;

function isCandidate(content: string | Uint8Array, { fields = [], unreadable = false }: ScanOptions): boolean {
  if (mightHoldImages(content)) return true;
  if (fields.length === 0 && !unreadable) return false;
  const text =
    typeof content === 'string'
      ? content
      : Buffer.from(content.buffer, content.byteOffset, content.byteLength).toString('latin1');
  return fields.some(({ group }) => text.includes(group)) || (unreadable && TEMPLATE_OR_SECRET.test(text));
}

/** The text of UTF-8 bytes, byte order mark included; undefined when they are none. */
export function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

const SCHEMA_DOCUMENT = /^kind:[ \t]*["']?CustomResourceDefinition["']?[ \t]*(?:#.*)?\r?$/m;

function scanSource(scanner: Scanner, source: Source, outer?: Context): void {
  let document = 0;
  for (const chunk of splitDocuments(source.text)) {
    if (!isCandidate(chunk.text, scanner) || SCHEMA_DOCUMENT.test(chunk.text)) {
      document += 1;
      continue;
    }
    document += scanChunk(scanner, source, chunk, document, outer);
  }
}

/** Gives back how many documents there were. */
function scanChunk(scanner: Scanner, source: Source, chunk: Chunk, first: number, outer?: Context): number {
  const parsed = parseYaml(chunk.text);
  const place = (offset: number) => scanner.lines.at(source.toFile(chunk.start + Math.max(0, offset))).line;
  const unread = (kind: Unread['kind'], offset: number, detail: string, mentions = findMentions(chunk.text)) => {
    const where = outer === undefined ? detail : `${keyPathOf(outer)}: ${detail}`;
    scanner.unread.push({ path: scanner.path, kind, line: place(offset), detail: where, mentions });
  };
  if (!parsed.ok) {
    const template = chunk.text.search(/\{\{|\{%|<%/);
    const { offset, what } = parsed.problem;
    if (template !== -1) unread('template', template, 'it is a template, not YAML');
    else unread('invalid-yaml', offset, what);
    return 1;
  }
  const shifted: Source = chunk.start === 0 ? source : shift(source, chunk);
  parsed.documents.forEach((document, index) => {
    const { root } = document;
    if (root === undefined) return;
    const template = templateNode(chunk.text, root);
    if (template !== undefined) {
      unread('template', template, 'it is a template, not YAML');
      return;
    }
    if (isEncrypted(chunk.text, root)) {
      unread('encrypted', 0, 'it is encrypted with SOPS, whose checksum covers every value');
      return;
    }
    for (const { key, offset } of document.duplicates) {
      unread('invalid-yaml', offset, `the key ${JSON.stringify(key)} stands twice in its mapping`, []);
    }
    for (const alias of document.aliases) scanner.aliases.push(alias);
    walkDocument(contextOf(scanner, shifted, first + index, outer), root, (inner, inline) =>
      scanSource(scanner, inline, inner),
    );
  });
  return Math.max(parsed.documents.length, 1);
}

function shift(source: Source, chunk: Chunk): Source {
  return { ...source, text: chunk.text, toFile: (offset) => source.toFile(chunk.start + offset) };
}

function contextOf(scanner: Scanner, source: Source, document: number, outer?: Context): Context {
  const { fileText, lines } = scanner;
  const duplicate = outer?.duplicate ?? outer?.frame.duplicate;
  return {
    frame: {
      scanner,
      source,
      fileText,
      lines,
      document: outer?.frame.document ?? document,
      zone: 'values',
      fields: [],
      base: outer === undefined ? '' : `${keyPathOf(outer)}|`,
      ...(duplicate === undefined ? {} : { duplicate }),
    },
    isRoot: true,
    key: '',
    index: -1,
    viaAlias: outer?.viaAlias ?? false,
    anchored: [],
  };
}
