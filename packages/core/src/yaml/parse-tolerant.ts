import {
  type Alias,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type Node,
  type ParsedNode,
  parseAllDocuments,
  type Scalar,
  type YAMLMap,
} from 'yaml';
import type { ScalarStyle } from './site.js';
import type { AliasNode, MapEntry, MapNode, ScalarNode, SeqNode, YamlDocument, YamlNode, YamlParse } from './tree.js';

const STYLES: Readonly<Record<string, ScalarStyle>> = {
  PLAIN: 'plain',
  QUOTE_SINGLE: 'single',
  QUOTE_DOUBLE: 'double',
  BLOCK_LITERAL: 'literal',
  BLOCK_FOLDED: 'folded',
};
const MAX_DEPTH = 200;

/** The `yaml` package's reading of a text: slower, but it accepts what the fast parser does not. Never throws. */
export function parseTolerant(text: string): YamlParse {
  try {
    const parsed = parseAllDocuments(text, { uniqueKeys: false, logLevel: 'silent', prettyErrors: false });
    const documents: YamlDocument[] = [];
    for (const document of Array.isArray(parsed) ? parsed : []) {
      const [error] = document.errors;
      if (error !== undefined) return { ok: false, problem: { offset: error.pos[0], what: error.message } };
      documents.push(convert(document.contents));
    }
    return { ok: true, documents };
  } catch {
    return { ok: false, problem: { offset: 0, what: 'the document is nested too deeply' } };
  }
}

function convert(contents: ParsedNode | null): YamlDocument {
  const anchors = new Map<string, ScalarNode | MapNode | SeqNode>();
  const aliases: AliasNode[] = [];
  const duplicates: { key: string; offset: number }[] = [];

  function remember<N extends ScalarNode | MapNode | SeqNode>(node: N): N {
    if (node.anchor !== undefined) anchors.set(node.anchor, node);
    return node;
  }

  function toNode(node: Node | null | undefined, depth: number): YamlNode {
    if (depth > MAX_DEPTH) throw new RangeError('nested too deeply');
    if (isAlias(node)) return toAlias(node);
    const common = { anchor: undefined, tag: undefined };
    if (isScalar(node)) return remember(toScalar(node));
    if (isSeq(node)) {
      const items: YamlNode[] = [];
      const { anchor, tag } = node;
      const seq = remember<SeqNode>({
        kind: 'seq',
        start: startOf(node),
        flow: node.flow === true,
        items,
        anchor,
        tag,
      });
      for (const item of node.items) items.push(toNode(item as Node, depth + 1));
      return seq;
    }
    if (isMap(node)) return toMap(node, depth);
    return { kind: 'scalar', start: -1, end: -1, style: 'plain', value: '', indent: -1, ...common };
  }

  function toMap(node: YAMLMap, depth: number): MapNode {
    const entries: MapEntry[] = [];
    const { anchor, tag } = node;
    const map = remember<MapNode>({
      kind: 'map',
      start: startOf(node),
      flow: node.flow === true,
      entries,
      anchor,
      tag,
    });
    const names = new Map<string, number>();
    for (const pair of node.items) {
      const key = toNode(pair.key as Node, depth + 1);
      const value = toNode(pair.value as Node | null, depth + 1);
      const keyNode = key.kind === 'alias' ? key.target : key;
      if (keyNode.kind !== 'scalar') {
        entries.push({ key: '?', keyNode: undefined, value, duplicate: false });
        continue;
      }
      const first = names.get(keyNode.value);
      const duplicate = first !== undefined && keyNode.value !== '<<';
      if (duplicate) {
        duplicates.push({ key: keyNode.value, offset: keyNode.start });
        const earlier = entries[first];
        if (earlier !== undefined) entries[first] = { ...earlier, duplicate };
      }
      names.set(keyNode.value, entries.length);
      entries.push({ key: keyNode.value, keyNode: key.kind === 'scalar' ? key : undefined, value, duplicate });
    }
    return map;
  }

  function toAlias(node: Alias): AliasNode {
    const target = anchors.get(node.source);
    if (target === undefined) throw new RangeError(`the alias *${node.source} has no anchor`);
    const alias: AliasNode = { kind: 'alias', name: node.source, start: startOf(node) + 1, target };
    aliases.push(alias);
    return alias;
  }

  const root = contents === null ? undefined : toNode(contents, 0);
  return { root, duplicates, aliases };
}

/** Block scalars get no range that could be spliced: their header is part of the package's range. */
function toScalar(node: Scalar): ScalarNode {
  const style = STYLES[node.type ?? 'PLAIN'] ?? 'plain';
  const [start, valueEnd] = node.range ?? [-1, -1, -1];
  const quoted = style === 'single' || style === 'double';
  const empty = start === valueEnd;
  return {
    kind: 'scalar',
    start: empty ? -1 : quoted ? start + 1 : start,
    end: empty ? -1 : quoted ? valueEnd - 1 : valueEnd,
    style,
    value: node.source ?? '',
    indent: -1,
    anchor: node.anchor,
    tag: node.tag,
  };
}

function startOf(node: Node): number {
  return node.range?.[0] ?? 0;
}
