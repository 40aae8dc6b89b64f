import { type Event, getScalarValue, parseEvents, type ScalarEvent, YAMLException } from 'js-yaml';
import { parseTolerant } from './parse-tolerant.js';
import type { ScalarStyle } from './site.js';
import type { AliasNode, MapEntry, MapNode, ScalarNode, SeqNode, YamlDocument, YamlNode, YamlParse } from './tree.js';

const STYLES: Readonly<Record<number, ScalarStyle>> = {
  1: 'plain',
  2: 'single',
  3: 'double',
  4: 'literal',
  5: 'folded',
};
const DOCUMENT = 1;
const SEQUENCE = 2;
const MAPPING = 3;
const SCALAR = 4;
const ALIAS = 5;

/** Above this, a document that the fast parser refuses is not tried again with the tolerant one. */
const TOLERANT_LIMIT = 1024 * 1024;

/**
 * Parses YAML into trees that know their offsets. js-yaml's events are the fast path; what it refuses is tried again
 * with the `yaml` package, whose judgement stands. Keys that stand twice are reported, not refused; an alias
 * without an anchor is refused, as Go's parsers do. Never throws.
 */
export function parseYaml(text: string): YamlParse {
  const known = RECENT.find((recent) => recent.text === text);
  if (known !== undefined) return known.parse;
  const parse = parseAnew(text);
  RECENT.unshift({ text, parse });
  RECENT.length = Math.min(RECENT.length, RECENT_KEPT);
  return parse;
}

/** An edit is scanned, compared and scanned again: the text before it and the one after, each twice. */
const RECENT_KEPT = 2;
const RECENT: { readonly text: string; readonly parse: YamlParse }[] = [];

function parseAnew(text: string): YamlParse {
  try {
    return buildDocuments(text, parseEvents(text, {}));
  } catch (error) {
    // A template fails with both; its many errors would cost the tolerant parser dear.
    if (text.length <= TOLERANT_LIMIT && !text.includes('{{')) {
      const parsed = parseTolerant(text);
      if (parsed.ok) return parsed;
    }
    if (error instanceof YAMLException) {
      return { ok: false, problem: { offset: error.mark?.position ?? 0, what: error.reason } };
    }
    return { ok: false, problem: { offset: 0, what: 'the document is nested too deeply' } };
  }
}

/** Thrown and caught in here: an alias to nothing. */
class UndefinedAlias extends Error {
  readonly offset: number;
  constructor(name: string, offset: number) {
    super(`the alias *${name} has no anchor`);
    this.offset = offset;
  }
}

function buildDocuments(text: string, events: readonly Event[]): YamlParse {
  const documents: YamlDocument[] = [];
  let next = 0;
  let anchors = new Map<string, ScalarNode | MapNode | SeqNode>();
  let aliases: AliasNode[] = [];
  let duplicates: { key: string; offset: number }[] = [];

  /** Reads the node that starts at `next`; undefined at the end of the enclosing collection. */
  function readNode(): YamlNode | undefined {
    const event = events[next++];
    switch (event?.type) {
      case SCALAR:
        return remember(scalarOf(text, event));
      case ALIAS: {
        const name = text.slice(event.anchorStart, event.anchorEnd);
        const target = anchors.get(name);
        if (target === undefined) throw new UndefinedAlias(name, event.anchorStart);
        const alias: AliasNode = { kind: 'alias', name, start: event.anchorStart, target };
        aliases.push(alias);
        return alias;
      }
      case SEQUENCE: {
        const items: YamlNode[] = [];
        const { start, style } = event;
        const seq: SeqNode = {
          kind: 'seq',
          start,
          flow: style === 2,
          items,
          anchor: anchorOf(text, event),
          tag: tagOf(text, event),
        };
        remember(seq);
        for (let item = readNode(); item !== undefined; item = readNode()) items.push(item);
        return seq;
      }
      case MAPPING: {
        const entries: MapEntry[] = [];
        const { start, style } = event;
        const map: MapNode = {
          kind: 'map',
          start,
          flow: style === 2,
          entries,
          anchor: anchorOf(text, event),
          tag: tagOf(text, event),
        };
        remember(map);
        readEntries(entries);
        return map;
      }
      default:
        return undefined;
    }
  }

  function readEntries(entries: MapEntry[]): void {
    const seen = new Map<string, number>();
    for (let key = readNode(); key !== undefined; key = readNode()) {
      const value = readNode();
      if (value === undefined) return;
      const node = key.kind === 'alias' ? key.target : key;
      if (node.kind !== 'scalar') {
        entries.push({ key: '?', keyNode: undefined, value, duplicate: false });
        continue;
      }
      const name = node.value;
      const first = seen.get(name);
      const duplicate = first !== undefined && name !== '<<';
      if (duplicate) {
        duplicates.push({ key: name, offset: node.start });
        const earlier = entries[first];
        if (earlier !== undefined) entries[first] = { ...earlier, duplicate };
      }
      seen.set(name, entries.length);
      entries.push({ key: name, keyNode: key.kind === 'scalar' ? key : undefined, value, duplicate });
    }
  }

  function remember<N extends ScalarNode | MapNode | SeqNode>(node: N): N {
    if (node.anchor !== undefined) anchors.set(node.anchor, node);
    return node;
  }

  try {
    while (next < events.length) {
      if (events[next++]?.type !== DOCUMENT) continue;
      anchors = new Map();
      aliases = [];
      duplicates = [];
      const root = readNode();
      documents.push({ root, duplicates, aliases });
    }
  } catch (error) {
    if (error instanceof UndefinedAlias) return { ok: false, problem: { offset: error.offset, what: error.message } };
    throw error;
  }
  return { ok: true, documents };
}

function scalarOf(text: string, event: ScalarEvent): ScalarNode {
  const { valueStart, valueEnd, indent } = event;
  return {
    kind: 'scalar',
    start: valueStart,
    end: valueEnd,
    style: STYLES[event.style] ?? 'plain',
    value: event.fast ? text.slice(valueStart, valueEnd) : valueStart === -1 ? '' : getScalarValue(text, event),
    indent,
    anchor: anchorOf(text, event),
    tag: tagOf(text, event),
  };
}

function anchorOf(
  text: string,
  { anchorStart, anchorEnd }: { readonly anchorStart: number; readonly anchorEnd: number },
) {
  return anchorStart === -1 ? undefined : text.slice(anchorStart, anchorEnd);
}

function tagOf(text: string, { tagStart, tagEnd }: { readonly tagStart: number; readonly tagEnd: number }) {
  return tagStart === -1 ? undefined : text.slice(tagStart, tagEnd);
}
