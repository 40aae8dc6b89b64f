import { KNOWN_KEYS } from './keys.js';
import type { ScalarStyle } from './site.js';

/** A YAML document as a tree of nodes that know where they stand. Offsets are of the text that was parsed. */
export type YamlNode = ScalarNode | MapNode | SeqNode | AliasNode;

export interface ScalarNode {
  readonly kind: 'scalar';
  /** Of the value's text, without quotes; -1 when there is none. */
  readonly start: number;
  readonly end: number;
  readonly style: ScalarStyle;
  readonly value: string;
  /** Columns that a block scalar's lines are indented by; -1 when unknown or not a block scalar. */
  readonly indent: number;
  readonly anchor: string | undefined;
  readonly tag: string | undefined;
}

export interface MapEntry {
  readonly key: string;
  /** Undefined when the key is no scalar. */
  readonly keyNode: ScalarNode | undefined;
  readonly value: YamlNode;
  /** The same key stands in the same mapping once more. */
  readonly duplicate: boolean;
}

export interface MapNode {
  readonly kind: 'map';
  readonly start: number;
  readonly flow: boolean;
  readonly entries: readonly MapEntry[];
  readonly anchor: string | undefined;
  readonly tag: string | undefined;
}

export interface SeqNode {
  readonly kind: 'seq';
  readonly start: number;
  readonly flow: boolean;
  readonly items: readonly YamlNode[];
  readonly anchor: string | undefined;
  readonly tag: string | undefined;
}

export interface AliasNode {
  readonly kind: 'alias';
  readonly name: string;
  /** Of the name, without the asterisk. */
  readonly start: number;
  readonly target: Exclude<YamlNode, AliasNode>;
}

export interface YamlDocument {
  readonly root: YamlNode | undefined;
  /** Keys that stand twice in one mapping. */
  readonly duplicates: readonly { readonly key: string; readonly offset: number }[];
  readonly aliases: readonly AliasNode[];
}

export interface YamlProblem {
  /** In the text that was parsed. */
  readonly offset: number;
  readonly what: string;
}

export type YamlParse =
  | { readonly ok: true; readonly documents: readonly YamlDocument[] }
  | { readonly ok: false; readonly problem: YamlProblem };

export function targetOf(node: YamlNode): Exclude<YamlNode, AliasNode> {
  return node.kind === 'alias' ? node.target : node;
}

const MERGE_DEPTH = 8;
/** Entries that one mapping may take in by merging, all levels together. */
const MERGE_LIMIT = 1_000;
/** What was merged once: an aliased mapping is asked for wherever it is used. */
const MERGED = new WeakMap<MapNode, readonly MapEntry[]>();

/** A mapping's own entries, then those it merges (`<<`) and does not override. Kubernetes' parsers resolve merge keys. */
export function effectiveEntries(map: MapNode): readonly MapEntry[] {
  if (!map.entries.some(isMerge)) return map.entries;
  const known = MERGED.get(map);
  if (known !== undefined) return known;
  let left = MERGE_LIMIT;
  const merged = (from: MapNode, depth: number): readonly MapEntry[] => {
    const merges = from.entries.filter(isMerge);
    if (merges.length === 0) return from.entries;
    const entries = from.entries.filter((entry) => !isMerge(entry));
    if (depth > MERGE_DEPTH) return entries;
    const seen = new Set(entries.map((entry) => entry.key));
    for (const merge of merges) {
      const value = targetOf(merge.value);
      for (const source of value.kind === 'seq' ? value.items.map(targetOf) : [value]) {
        if (source.kind !== 'map' || left <= 0) continue;
        left -= source.entries.length + 1;
        for (const entry of merged(source, depth + 1)) {
          if (seen.has(entry.key)) continue;
          seen.add(entry.key);
          entries.push(entry);
        }
      }
    }
    return entries;
  };
  const result = merged(map, 0);
  MERGED.set(map, result);
  return result;
}

export function isMerge(entry: MapEntry): boolean {
  return entry.key === '<<' && entry.keyNode?.style === 'plain';
}

export function entryOf(entries: readonly MapEntry[], key: string): MapEntry | undefined {
  return entries.find((entry) => entry.key === key);
}

/** The entries of a mapping that the rules ask for, by key. */
export type KnownEntries = ReadonlyMap<string, MapEntry>;

export function knownEntries(entries: readonly MapEntry[]): KnownEntries {
  const known = new Map<string, MapEntry>();
  for (const entry of entries) if (KNOWN_KEYS.has(entry.key) && !known.has(entry.key)) known.set(entry.key, entry);
  return known;
}

/** The decoded text of a scalar under a key, aliases followed; undefined when there is no scalar. */
export function textUnder(map: MapNode, key: string): string | undefined {
  const value = entryOf(map.entries, key)?.value;
  const node = value === undefined ? undefined : targetOf(value);
  return node?.kind === 'scalar' ? node.value : undefined;
}
