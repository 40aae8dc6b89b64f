import type { Identity } from './identity.js';
import { findMentions } from './mentions.js';
import type { Position } from './piece.js';
import type { EditObstacle, ObjectIdentity, Piece, ReferenceSite, Shape, Unread, Zone } from './site.js';
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
  readonly unread: Unread[];
  /** Aliases that stand where an image is read. */
  readonly usedAliases: Set<AliasNode>;
  /** The scalars that pieces were made of, by the piece's start in the file. */
  readonly pieceNodes: Map<number, ScalarNode>;
  /** Every alias of the documents read. */
  readonly aliases: AliasNode[];
  /** Nodes that may still be visited through aliases: what keeps an alias bomb harmless. */
  aliasBudget: number;
}

/** Where the walk stands. */
export interface Context extends Position {
  readonly scanner: Scanner;
  readonly document: number;
  readonly zone: Zone;
  readonly object?: ObjectIdentity;
  /** For people, with positions in lists. */
  readonly keyPath: string;
  /** From the document's root, `[]` for a position; for looking up fields. */
  readonly fieldPath: string;
  /** The key the node stands under; in a list, the list's. */
  readonly key: string;
  /** The key above that. */
  readonly parentKey: string;
  /** A key on the way here that stands twice in its mapping. */
  readonly duplicate?: string;
  /** What `global.imageRegistry` gives to every image of the values. */
  readonly globalRegistry?: string;
  /** The walk came here through an alias. */
  readonly viaAlias: boolean;
  /** The anchored collections that the node stands in. */
  readonly above: readonly YamlNode[];
  /** The node is an item of the list under `key`. */
  readonly isItem: boolean;
  /** The mapping that the node is a value of is an item of the list under `parentKey`. */
  readonly parentIsItem: boolean;
}

export interface Finding {
  readonly keyPath: string;
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
  const { scanner, document, zone, object } = context;
  const { identity, shape, tier, keyPath, pullPolicy } = finding;
  for (const entry of finding.entries) if (entry?.value.kind === 'alias') scanner.usedAliases.add(entry.value);
  const duplicate = context.duplicate ?? finding.entries.find((entry) => entry?.duplicate)?.key;
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
