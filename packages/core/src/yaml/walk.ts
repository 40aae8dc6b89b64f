import { collectKustomizeImages, collectParameters } from './collect-kustomize.js';
import { collectPullPolicy } from './collect-pull-policy.js';
import { collectSplits, globalRegistryOf } from './collect-split.js';
import { collectItem, collectJsonPatch, collectVariable, collectWhole, recordWhole } from './collect-whole.js';
import { apiGroup, documentKind } from './document-kind.js';
import { type Context, entryContext, type Frame, itemContext, parentKeyOf } from './draft.js';
import { inlineSource } from './inline.js';
import { DESCRIPTIVE, IMAGE_KEY } from './keys.js';
import { scalarOf } from './piece.js';
import { RESOURCE_FIELDS, type ResourceFields } from './resource-fields.js';
import type { ObjectIdentity } from './site.js';
import type { Source } from './text.js';
import {
  effectiveEntries,
  entryOf,
  type KnownEntries,
  knownEntries,
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
  const { source, scanner } = context.frame;
  // YAML within a string is what it says itself, whatever the file is called.
  const kind = documentKind(source.depth === 0 ? scanner.path : '', node);
  if (kind.zone === 'none') return;
  const { globalRegistry: _, ...rest } = context.frame;
  const { zone, object } = kind;
  const fields = object === undefined ? [] : fieldsOf(object, scanner.fields);
  const frame: Frame = { ...rest, zone, fields, ...(object === undefined ? {} : { object }) };
  const within: Context = { ...context, frame, isRoot: true };
  visit(zone === 'values' ? withGlobalRegistry(within, node) : within, root, scanInline);
}

function fieldsOf(object: ObjectIdentity, more: readonly ResourceFields[]): readonly ResourceFields[] {
  const group = apiGroup(object.apiVersion);
  const holds = (entry: ResourceFields) => entry.group === group && (entry.kind === '*' || entry.kind === object.kind);
  return more.length === 0 ? RESOURCE_FIELDS.filter(holds) : [...more, ...RESOURCE_FIELDS].filter(holds);
}

/** How deep anchored collections may refer to each other. */
const MAX_ALIAS_DEPTH = 20;

function visit(context: Context, node: YamlNode, scanInline: ScanInline): void {
  if (node.kind === 'alias') {
    // An aliased mapping is walked again where it is used, as long as the budget lasts and it doesn't hold itself.
    if (node.target.kind === 'scalar' || context.anchored.includes(node.target)) return;
    if (context.anchored.length > MAX_ALIAS_DEPTH) context.frame.scanner.aliasBudget = -1;
    else visit({ ...context, viaAlias: true }, node.target, scanInline);
    return;
  }
  if (node.kind === 'scalar' || (context.viaAlias && --context.frame.scanner.aliasBudget < 0)) return;
  const within = node.anchor === undefined ? context : { ...context, anchored: [...context.anchored, node] };
  if (node.kind === 'map') {
    visitMap(within, node, scanInline);
    return;
  }
  // The items of a v1 List are objects of their own.
  const holdsObjects = context.frame.object !== undefined && context.key === 'items' && context.above?.isRoot === true;
  for (const [index, item] of node.items.entries()) {
    const child = itemContext(within, index);
    const target = targetOf(item);
    if (target.kind === 'scalar') visitItem(child, target, scanInline);
    else if (target.kind === 'map' && holdsObjects) walkDocument(child, item, scanInline);
    else visit(child, item, scanInline);
  }
}

function visitItem(context: Context, node: ScalarNode, scanInline: ScanInline): void {
  const inline = inlineSource(context, node);
  if (inline !== undefined) scanInline(context, inline);
  else collectItem(context, node);
}

function visitMap(context: Context, map: MapNode, scanInline: ScanInline): void {
  const entries = effectiveEntries(map);
  if (context.frame.zone === 'kustomization') {
    for (const entry of entries) visitKustomizationEntry(entryContext(context, entry), entry, scanInline);
    return;
  }
  const known = knownEntries(entries);
  const taken = collectSplits(context, entries, known);
  for (const entry of entries) {
    if (entry.key.endsWith('ullPolicy')) collectPullPolicy(entryContext(context, entry), entry);
    if (taken.has(entry.key) || isDescriptive(context, entry.key)) continue;
    visitEntry(entryContext(context, entry), entry, known, scanInline);
  }
  const value = context.index === -1 ? undefined : known.get('value');
  if (value === undefined) return;
  collectVariable(entryContext(context, value), known);
  collectJsonPatch(entryContext(context, value), known);
}

function visitEntry(context: Context, entry: MapEntry, siblings: KnownEntries, scanInline: ScanInline): void {
  const value = targetOf(entry.value);
  if (value.kind === 'scalar') {
    const inline = inlineSource(context, value);
    if (inline !== undefined) scanInline(context, inline);
    else collectWhole(context, entry, siblings);
    return;
  }
  if (value.kind === 'seq') {
    if (holdsKustomizeImages(context)) collectKustomizeImages(context, value);
    else if (entry.key === 'parameters' && parentKeyOf(context) === 'helm') collectParameters(context, value);
    else visit(context, entry.value, scanInline);
    return;
  }
  if (IMAGE_KEY.test(entry.key) && collectReference(context, value)) return;
  visit(holdsValues(context) ? asValues(context, value) : context, entry.value, scanInline);
}

/**
 * `image: {ref: …}`, our contract, and the `reference` of an image volume: it outdoes the pieces beside it. Gives back
 * whether there is one.
 */
function collectReference(context: Context, map: MapNode): boolean {
  const entries = effectiveEntries(map);
  for (const key of ['ref', 'reference']) {
    const entry = entryOf(entries, key);
    const text = scalarOf(entry)?.value.trim() ?? '';
    if (entry === undefined || text === '') continue;
    const pullPolicy = entryOf(entries, 'pullPolicy') ?? entryOf(entries, 'imagePullPolicy');
    recordWhole(entryContext(context, entry), entry, 'A', pullPolicy);
    if (pullPolicy !== undefined) collectPullPolicy(entryContext(context, pullPolicy), pullPolicy);
    return true;
  }
  return false;
}

function isDescriptive(context: Context, key: string): boolean {
  if (DESCRIPTIVE.has(key)) return true;
  // What the cluster reports, and the object's own labels.
  return context.isRoot && context.frame.zone === 'object' && (key === 'status' || key === 'metadata');
}

/** Lists that kustomize's image transformer reads: in Argo CD's and Flux's resources. */
function holdsKustomizeImages(context: Context): boolean {
  if (context.key !== 'images') return false;
  if (parentKeyOf(context) === 'kustomize') return true;
  const isFlux = context.frame.object?.apiVersion.startsWith('kustomize.toolkit.fluxcd.io/') === true;
  return isFlux && parentKeyOf(context) === 'spec' && context.above?.above?.isRoot === true;
}

/** Mappings that are Helm values within an object (Argo CD, Flux) or a kustomization. */
function holdsValues(context: Context): boolean {
  if (context.frame.zone === 'values') return false;
  return context.key === 'valuesObject' || context.key === 'valuesInline' || context.key === 'values';
}

function asValues(context: Context, map: MapNode): Context {
  const { object: _, ...rest } = context.frame;
  return withGlobalRegistry({ ...context, frame: { ...rest, zone: 'values', fields: [] } }, map);
}

function withGlobalRegistry(context: Context, map: MapNode): Context {
  const globalRegistry = globalRegistryOf(map.entries);
  if (globalRegistry !== undefined && context.isRoot && context.frame.source.depth === 0) {
    context.frame.scanner.globalRegistry = globalRegistry;
  }
  return globalRegistry === undefined ? context : { ...context, frame: { ...context.frame, globalRegistry } };
}

/** What of a kustomization may hold images, beside its `images`. */
const PATCHING = new Set(['patches', 'patchesStrategicMerge', 'patchesJson6902', 'helmCharts']);

function visitKustomizationEntry(context: Context, entry: MapEntry, scanInline: ScanInline): void {
  const value = targetOf(entry.value);
  const isTop = context.above?.isRoot === true;
  if (isTop && entry.key === 'images' && value.kind === 'seq') {
    collectKustomizeImages(context, value);
    return;
  }
  if (isTop && !PATCHING.has(entry.key)) return;
  if (value.kind === 'scalar') {
    const inline = inlineSource(context, value);
    if (inline !== undefined) scanInline(context, inline);
    return;
  }
  visit(value.kind === 'map' && holdsValues(context) ? asValues(context, value) : context, entry.value, scanInline);
}
