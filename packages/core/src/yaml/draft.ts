import type { Identity } from './identity.js';
import { joinIndex, joinKey } from './key-path.js';
import { findMentions } from './mentions.js';
import type { Position } from './piece.js';
import type { ResourceFields } from './resource-fields.js';
import type {
  EditObstacle,
  ObjectIdentity,
  Piece,
  PullPolicySite,
  ReferenceSite,
  Shape,
  Unread,
  Zone,
} from './site.js';
import type { AliasNode, MapEntry, ScalarNode, YamlNode } from './tree.js';

/** A site before the whole file is known: whether its values are shared shows only at the end. */
export interface Draft {
  readonly document: number;
  readonly keyPath: string;
  readonly shape: Shape;
  readonly zone: Zone;
  readonly tier: ReferenceSite['tier'];
  readonly object?: ObjectIdentity;
  readonly identity: Identity;
  readonly needsTag: boolean;
  readonly pullPolicy?: Piece;
  readonly obstacle?: { readonly code: EditObstacle; readonly why: string };
}

/** One file being scanned. */
export interface Scanner {
  readonly path: string;
  readonly fileText: string;
  readonly lines: Position['lines'];
  readonly drafts: Draft[];
  /** By the start of their value in the file. */
  readonly pullPolicies: Map<number, PullPolicySite>;
  readonly unread: Unread[];
  /** Fields that hold images, beside those that are known. */
  readonly fields: readonly ResourceFields[];
  /** Templates and encrypted documents are listed whether or not they show an image key. */
  readonly unreadable: boolean;
  /** Of the file itself, not of values within it. */
  globalRegistry?: string;
  /** Aliases that stand where an image is read. */
  readonly usedAliases: Set<AliasNode>;
  /** The scalars that pieces were made of, by the piece's start in the file. */
  readonly pieceNodes: Map<number, ScalarNode>;
  /** Every alias of the documents read. */
  readonly aliases: AliasNode[];
  /** Nodes that may still be visited through aliases: what keeps an alias bomb harmless. */
  aliasBudget: number;
}

/** One document being walked. */
export interface Frame extends Position {
  readonly scanner: Scanner;
  readonly document: number;
  readonly zone: Zone;
  readonly object?: ObjectIdentity;
  /** The object's fields that are known to hold an image. */
  readonly fields: readonly ResourceFields[];
  /** What `global.imageRegistry` gives to every image of the values. */
  readonly globalRegistry?: string;
  /** The path of the string that the document stands in, with a `|` behind it. */
  readonly base: string;
  readonly duplicate?: string;
}

/** Where the walk stands: a node, by the way that led to it. */
export interface Context {
  readonly frame: Frame;
  readonly above?: Context;
  /** The root of an object. */
  readonly isRoot: boolean;
  /** The key the node stands under; in a list, the list's. */
  readonly key: string;
  /** The position in that list; -1 for the value of a mapping. */
  readonly index: number;
  /** A key on the way here that stands twice in its mapping. */
  readonly duplicate?: string;
  /** The walk came here through an alias. */
  readonly viaAlias: boolean;
  /** The anchored collections that the node stands in. */
  readonly anchored: readonly YamlNode[];
}

/** The way to a node, for people. */
export function keyPathOf(context: Context): string {
  if (context.above === undefined) return context.frame.base;
  const path = keyPathOf(context.above);
  return context.index === -1 ? joinKey(path, context.key) : joinIndex(path, context.index);
}

/** The way to a node from its object's root, `[]` for a position: for looking up fields. */
export function fieldPathOf(context: Context): string {
  if (context.above === undefined || context.isRoot) return '';
  const path = fieldPathOf(context.above);
  if (context.index !== -1) return `${path}[]`;
  return path === '' ? context.key : `${path}.${context.key}`;
}

/** The context of a list's item. */
export function itemContext(context: Context, index: number): Context {
  return { ...context, above: context, isRoot: false, index };
}

/** The context of an entry's value. */
export function entryContext(context: Context, entry: MapEntry): Context {
  const { frame, viaAlias, anchored } = context;
  const duplicate = entry.duplicate ? entry.key : context.duplicate;
  return {
    frame,
    above: context,
    isRoot: false,
    key: entry.key,
    index: -1,
    viaAlias,
    anchored,
    ...(duplicate === undefined ? {} : { duplicate }),
  };
}

/** The key that the mapping around an entry's value, or the list around that mapping, stands under. */
export function parentKeyOf(context: Context): string {
  return context.above?.key ?? '';
}

export interface Finding {
  readonly shape: Shape;
  readonly tier: ReferenceSite['tier'];
  readonly identity: Identity;
  readonly needsTag?: boolean;
  readonly pullPolicy?: Piece | undefined;
  /** The entries its pieces stand in. */
  readonly entries: readonly (MapEntry | undefined)[];
  /** What to search for mentions when the image can't be told. */
  readonly text: string;
}

/** Records an image; one that can't be told but readably names something is listed as unread, too. */
export function addDraft(context: Context, finding: Finding): void {
  const { scanner, document, zone, object } = context.frame;
  const { identity, shape, tier, pullPolicy } = finding;
  const keyPath = keyPathOf(context);
  for (const entry of finding.entries) if (entry?.value.kind === 'alias') scanner.usedAliases.add(entry.value);
  const duplicate =
    context.duplicate ?? context.frame.duplicate ?? finding.entries.find((entry) => entry?.duplicate)?.key;
  const pieces = piecesOf(shape);
  if (identity.unresolved && identity.repository === undefined) {
    const mentions = findMentions(finding.text);
    const [first] = pieces;
    if (mentions.length > 0 && first !== undefined) {
      const detail = `${keyPath} holds a template expression or a variable`;
      scanner.unread.push({ path: scanner.path, kind: 'template', line: first.line, detail, mentions });
    }
  }
  scanner.drafts.push({
    document,
    keyPath,
    shape,
    zone,
    tier,
    ...(object === undefined ? {} : { object }),
    identity,
    needsTag: finding.needsTag ?? false,
    ...(pullPolicy === undefined ? {} : { pullPolicy }),
    ...(duplicate === undefined
      ? {}
      : {
          obstacle: { code: 'duplicate-key', why: `the key ${JSON.stringify(duplicate)} stands twice in its mapping` },
        }),
  });
}

/** All pieces of a shape, the most telling last. */
export function piecesOf(shape: Shape): readonly Piece[] {
  switch (shape.kind) {
    case 'whole':
    case 'argocd-kustomize-image':
      return [shape.piece];
    case 'split':
      return [shape.registry, shape.repository, shape.tag, shape.digest].filter((piece) => piece !== undefined);
    case 'kustomize-image':
      return [shape.name, shape.newName, shape.tagSuffix, shape.newTag, shape.digest].filter(
        (piece) => piece !== undefined,
      );
  }
}
