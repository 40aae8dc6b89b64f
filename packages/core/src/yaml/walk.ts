import { collectKustomizeImages, collectParameters } from './collect-kustomize.js';
import { collectSplits, globalRegistryOf } from './collect-split.js';
import { collectItem, collectJsonPatch, collectVariable, collectWhole, recordWhole } from './collect-whole.js';
import { documentKind } from './document-kind.js';
import type { Context } from './draft.js';
import { inlineSource } from './inline.js';
import { joinIndex, joinKey } from './key-path.js';
import { DESCRIPTIVE, IMAGE_KEY } from './keys.js';
import { scalarOf } from './piece.js';
import type { Source } from './text.js';
import {
  effectiveEntries,
  entryOf,
  type MapEntry,
  type MapNode,
  type ScalarNode,
  targetOf,
  type YamlNode,
} from './tree.js';

/** Scans YAML that stands in a string. */
export type ScanInline = (context: Context, source: Source) => void;

/** Walks a document and records the images it deploys, by the rules of what the document is. */
export function walkDocument(context: Context, root: YamlNode, scanInline: ScanInline): void {
  const node = targetOf(root);
  if (node.kind !== 'map') {
    visit(context, root, scanInline);
    return;
  }
  // YAML within a string is what it says itself, whatever the file is called.
  const kind = documentKind(context.source.depth === 0 ? context.scanner.path : '', node);
  if (kind.zone === 'none') return;
  const { globalRegistry: _, ...rest } = context;
  const zoned: Context = { ...rest, zone: kind.zone, ...(kind.object === undefined ? {} : { object: kind.object }) };
  visit(kind.zone === 'values' ? withGlobalRegistry(zoned, node) : zoned, root, scanInline);
}

function visit(context: Context, node: YamlNode, scanInline: ScanInline): void {
  if (node.kind === 'alias') {
    // An aliased mapping is walked again where it is used, as long as the budget lasts and it doesn't hold itself.
    if (node.target.kind !== 'scalar' && !context.above.includes(node.target)) {
      visit({ ...context, viaAlias: true }, node.target, scanInline);
    }
    return;
  }
  if (context.viaAlias && --context.scanner.aliasBudget < 0) return;
  if (node.kind === 'map') visitMap(node.anchor === undefined ? context : below(context, node), node, scanInline);
  if (node.kind !== 'seq') return;
  const within = node.anchor === undefined ? context : below(context, node);
  node.items.forEach((item, index) => {
    const child: Context = {
      ...within,
      keyPath: joinIndex(within.keyPath, index),
      fieldPath: `${within.fieldPath}[]`,
      isItem: true,
    };
    const target = targetOf(item);
    if (target.kind === 'scalar') visitItem(child, target, scanInline);
    else if (target.kind === 'map' && isListOfObjects(within)) walkDocument(child, item, scanInline);
    else visit(child, item, scanInline);
  });
}

function below(context: Context, node: YamlNode): Context {
  return { ...context, above: [...context.above, node] };
}

/** The items of a `v1` List are objects of their own. */
function isListOfObjects(context: Context): boolean {
  return context.object?.kind.endsWith('List') === true && context.fieldPath === 'items';
}

function visitItem(context: Context, node: ScalarNode, scanInline: ScanInline): void {
  const inline = inlineSource(context, node);
  if (inline !== undefined) scanInline(context, inline);
  else collectItem(context, node);
}

function visitMap(context: Context, map: MapNode, scanInline: ScanInline): void {
  const entries = effectiveEntries(map);
  if (context.zone === 'kustomization') {
    for (const entry of entries) visitKustomizationEntry(childOf(context, entry), entry, scanInline);
    return;
  }
  const taken = collectSplits(context, entries);
  for (const entry of entries) {
    const child = childOf(context, entry);
    if (!taken.has(entry.key) && !isDescriptive(context, entry.key)) visitEntry(child, entry, entries, scanInline);
  }
  const value = entryOf(entries, 'value');
  if (value === undefined) return;
  collectVariable(context, childOf(context, value), entries);
  if (context.isItem) collectJsonPatch(childOf(context, value), entries);
}

function visitEntry(context: Context, entry: MapEntry, siblings: readonly MapEntry[], scanInline: ScanInline): void {
  const value = targetOf(entry.value);
  if (value.kind === 'scalar') {
    const inline = inlineSource(context, value);
    if (inline !== undefined) scanInline(context, inline);
    else collectWhole(context, entry, siblings);
    return;
  }
  if (value.kind === 'seq' && holdsKustomizeImages(context)) {
    collectKustomizeImages(context, value);
    return;
  }
  if (value.kind === 'seq' && entry.key === 'parameters' && context.parentKey === 'helm') {
    collectParameters(context, value);
    return;
  }
  if (value.kind === 'map') {
    const within = IMAGE_KEY.test(entry.key) ? imageMap(context, value) : undefined;
    if (within === 'taken') return;
    visit(holdsValues(context) ? withGlobalRegistry(asValues(context), value) : context, entry.value, scanInline);
    return;
  }
  visit(context, entry.value, scanInline);
}

/** `image: {ref: …}`, our contract, and the `reference` of an image volume. A `ref` outdoes the pieces beside it. */
function imageMap(context: Context, map: MapNode): 'taken' | undefined {
  const entries = effectiveEntries(map);
  for (const key of ['ref', 'reference']) {
    const entry = entryOf(entries, key);
    const text = scalarOf(entry)?.value.trim() ?? '';
    if (entry === undefined || text === '' || /\s/.test(text)) continue;
    const pullPolicy = entryOf(entries, 'pullPolicy') ?? entryOf(entries, 'imagePullPolicy');
    recordWhole(childOf(context, entry), entry, 'A', pullPolicy);
    return 'taken';
  }
  return undefined;
}

function isDescriptive(context: Context, key: string): boolean {
  if (DESCRIPTIVE.has(key)) return true;
  // What the cluster reports, and the object's own labels.
  return context.zone === 'object' && context.fieldPath === '' && (key === 'status' || key === 'metadata');
}

/** Lists that kustomize's image transformer reads: in Argo CD's and Flux's resources. */
function holdsKustomizeImages(context: Context): boolean {
  if (context.key !== 'images') return false;
  if (context.parentKey === 'kustomize') return true;
  const isFlux = context.object?.apiVersion.startsWith('kustomize.toolkit.fluxcd.io/') === true;
  return isFlux && context.fieldPath === 'spec.images';
}

/** Mappings that are Helm values within an object (Argo CD, Flux). */
function holdsValues(context: Context): boolean {
  if (context.zone !== 'object') return false;
  return context.key === 'valuesObject' || context.key === 'valuesInline' || context.key === 'values';
}

function asValues(context: Context): Context {
  const { object: _, ...rest } = context;
  return { ...rest, zone: 'values' };
}

function withGlobalRegistry(context: Context, map: MapNode): Context {
  const globalRegistry = globalRegistryOf(map.entries);
  return globalRegistry === undefined ? context : { ...context, globalRegistry };
}

/** What of a kustomization holds images; names, labels and resources do not. */
function visitKustomizationEntry(context: Context, entry: MapEntry, scanInline: ScanInline): void {
  const value = targetOf(entry.value);
  if (context.fieldPath === 'images' && value.kind === 'seq') {
    collectKustomizeImages(context, value);
    return;
  }
  if (context.key === 'valuesInline' && value.kind === 'map') {
    visit(withGlobalRegistry(asValues(context), value), entry.value, scanInline);
    return;
  }
  if (value.kind === 'scalar') {
    const inline = inlineSource(context, value);
    if (inline !== undefined) scanInline(context, inline);
    return;
  }
  if (/^(?:patches|patchesStrategicMerge|patchesJson6902|helmCharts)\b/.test(context.fieldPath)) {
    visit(context, entry.value, scanInline);
  }
}

function childOf(context: Context, entry: MapEntry): Context {
  return {
    ...context,
    keyPath: joinKey(context.keyPath, entry.key),
    fieldPath: context.fieldPath === '' ? entry.key : `${context.fieldPath}.${entry.key}`,
    key: entry.key,
    parentKey: context.key,
    parentIsItem: context.isItem,
    isItem: false,
    ...(entry.duplicate ? { duplicate: entry.key } : {}),
  };
}
