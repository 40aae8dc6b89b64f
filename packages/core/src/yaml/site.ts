import type { ReferenceErrorClass } from '../image/reference.js';

/** Offsets in UTF-16 code units of the file's text, `[start, end)`. */
export type Range = readonly [start: number, end: number];

export type ScalarStyle = 'plain' | 'single' | 'double' | 'literal' | 'folded';

/** Why the bytes of a value can't be replaced by a splice. */
export type PieceObstacle =
  /** It spans several lines. */
  | 'multi-line'
  /** It stands in YAML inside a string whose bytes don't map one to one: folded, quoted. */
  | 'inline-inexact'
  /** It carries an explicit tag other than `!!str`, or an anchor on an empty value. */
  | 'tagged'
  /** It holds a template expression or a variable. */
  | 'template';

/** One scalar that says something about an image, where it stands in the file. */
export interface Piece {
  /** Decoded; of a block scalar without the blanks around it. */
  readonly value: string;
  /** Of the value's text, without quotes. Empty for an empty value: the place to write one. */
  readonly range: Range;
  /** The file's text in `range`. */
  readonly raw: string;
  readonly style: ScalarStyle;
  /** `key:` with nothing behind it: writing a value needs a blank before it. */
  readonly empty: boolean;
  /** 1-based. */
  readonly line: number;
  /** 1-based, in UTF-16 code units; of the value, quotes excluded. */
  readonly column: number;
  /** A plain scalar that YAML 1.1 or 1.2 reads as number, boolean, date or null. */
  readonly nonString: boolean;
  /** The anchor's name, when it has one. */
  readonly anchor?: string;
  readonly obstacle?: PieceObstacle;
}

export interface DigestPiece extends Piece {
  /** `hex`: without the algorithm, as kube-prometheus-stack's `sha`. */
  readonly encoding: 'prefixed' | 'hex';
}

/** Where a `digest` entry may be written into a mapping that has none: `before` + `digest: …`. */
export interface Insertion {
  readonly offset: number;
  /** The text before the entry: a line break and indentation, or `, ` in a flow mapping. */
  readonly before: string;
  readonly line: number;
}

export type Shape =
  /**
   * One string: `image:`, `image.ref`, a known field of a custom resource. `prefix` is what stands before the reference in
   * it: `--image=` of an option, `old=` of Argo CD's kustomize images, mostly nothing. `written` is the repository as spelled.
   */
  | { readonly kind: 'whole'; readonly piece: Piece; readonly prefix: string; readonly written: string }
  | {
      readonly kind: 'argocd-kustomize-image';
      readonly piece: Piece;
      readonly prefix: string;
      readonly written: string;
    }
  | {
      readonly kind: 'split';
      readonly registry?: Piece;
      readonly repository?: Piece;
      readonly tag?: Piece;
      readonly digest?: DigestPiece;
    }
  | {
      readonly kind: 'kustomize-image';
      readonly name: Piece;
      readonly newName?: Piece;
      readonly newTag?: Piece;
      readonly digest?: DigestPiece;
      readonly tagSuffix?: Piece;
      readonly insertion?: Insertion;
    };

export type EditObstacle =
  | PieceObstacle
  /** A key on the way to the value is written twice. */
  | 'duplicate-key'
  /** An anchor gives the value to another image, too, or to something that is no image. */
  | 'shared-value'
  /** Only a tag or a digest stands here; the repository comes from another layer. */
  | 'no-repository'
  /** The text can't be an image reference at all. */
  | 'invalid-reference';

export type Editable =
  | { readonly ok: true }
  | { readonly ok: false; readonly code: EditObstacle; readonly why: string };

/** Another place that belongs to a site: an alias to its anchor, another piece. */
export interface RelatedPlace {
  readonly role: 'alias' | 'registry' | 'repository' | 'tag' | 'digest';
  readonly keyPath: string;
  readonly line: number;
  readonly column: number;
}

/** The Kubernetes object a site stands in, as far as it says. */
export interface ObjectIdentity {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name?: string;
}

/** What a document is, which decides the rules it is read by. */
export type Zone = 'values' | 'object' | 'kustomization';

/** One image as it is deployed from a file. */
export interface ReferenceSite {
  readonly path: string;
  /** 0-based. */
  readonly document: number;
  /** `api.image.ref`, `spec.template.spec.containers[0].image`; YAML within a string follows after `|`. */
  readonly keyPath: string;
  readonly shape: Shape;
  readonly zone: Zone;
  /** A: certainly an image. B: looks like one. C: an environment variable or a parameter that names one. */
  readonly tier: 'A' | 'B' | 'C';
  readonly object?: ObjectIdentity;
  /** Normalised; absent when no repository stands here or it can't be told. */
  readonly repository?: string;
  readonly tag?: string;
  /** As it is effective: with its algorithm. May be malformed, see `error`. */
  readonly digest?: string;
  /** Why the joined text is no valid reference. */
  readonly error?: ReferenceErrorClass;
  /** A piece holds a template expression or a variable. */
  readonly unresolved: boolean;
  /** The operator reads the image's version from its tag, which must stay beside the digest. */
  readonly needsTag: boolean;
  /** Of the piece that decides: a malformed digest, else the tag, else the repository. 1-based. */
  readonly line: number;
  readonly column: number;
  readonly pullPolicy?: Piece;
  readonly related: readonly RelatedPlace[];
  readonly editable: Editable;
}

export type UnreadKind = 'template' | 'encrypted' | 'invalid-yaml' | 'not-utf8' | 'too-large';

/** Something that could not be read, and what its readable text seems to name. */
export interface Unread {
  readonly path: string;
  readonly kind: UnreadKind;
  /** 1-based; where it starts, or where the parser gave up. */
  readonly line: number;
  /** What is wrong, one sentence without a final full stop. */
  readonly detail: string;
  /** Words that look like image repositories, without tag and digest. `/o/api` stands for `…/o/api`. */
  readonly mentions: readonly string[];
}

/** A pull policy that something is told, wherever it stands. */
export interface PullPolicySite {
  /** 0-based. */
  readonly document: number;
  readonly keyPath: string;
  /** The way from the object's root, `[]` for a position: `spec.imagePullPolicy`. */
  readonly fieldPath: string;
  readonly zone: Zone;
  readonly object?: ObjectIdentity;
  readonly piece: Piece;
}

export interface FileScan {
  readonly path: string;
  /** In the order of the file. */
  readonly references: readonly ReferenceSite[];
  /** In the order of the walk, each once. */
  readonly pullPolicies: readonly PullPolicySite[];
  /** The registry that the file, as Helm values, gives to every image: `global.imageRegistry`. */
  readonly globalRegistry?: string;
  readonly unread: readonly Unread[];
}
