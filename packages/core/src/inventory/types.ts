import type { Config } from '../config/types.js';
import type { FileScan, UnreadKind } from '../yaml/index.js';

/** A file as it was scanned at one commit. */
export interface InventoryFile {
  readonly path: string;
  readonly scan: FileScan;
}

/** What an inventory is taken of. */
export interface InventorySubject {
  readonly files: readonly InventoryFile[];
  /** Its Stages and Warehouses count; without it they are guessed from the files. */
  readonly config?: Config;
  /** Globs over normalised repositories; empty: the configuration's, else a guess. */
  readonly firstParty?: readonly string[];
  /** Who owns the repository on the forge: a hint at whose images are first party. */
  readonly owner?: string;
}

export interface InventoryStage {
  readonly name: string;
  readonly globs: readonly string[];
  /** The Stages it takes Freight from; empty: straight from the Warehouse. */
  readonly upstream: readonly string[];
  /** How many files belong to it. */
  readonly files: number;
}

/** One place where an image stands. */
export interface InventoryPlace {
  /** Absent where no Stage writes. */
  readonly stage?: string;
  readonly path: string;
  /** 1-based. */
  readonly line: number;
  readonly keyPath: string;
  readonly tag?: string;
  readonly digest?: string;
}

/** A first-party image, or one that a Warehouse has. */
export interface InventoryImage {
  /** Normalised. */
  readonly repository: string;
  /** The last part of the repository, or more where two images share it. */
  readonly name: string;
  /** In file order; none without a configuration. */
  readonly warehouses: readonly string[];
  /** By path and line. */
  readonly places: readonly InventoryPlace[];
  /** Stages whose `{file, key, image}` sets it, whether something stands there yet or not. */
  readonly keyedIn: readonly string[];
}

/** An image that is none of ours: never written. */
export interface OtherImage {
  readonly repository: string;
  readonly places: number;
}

/** In the order in which they are told. */
export const INVENTORY_PROBLEMS = {
  unsafe: 'Unsafe to edit',
  'shared-only': 'Only in shared files',
  unsubscribed: 'Referenced but in no Warehouse',
  unreferenced: 'Built but unreferenced',
  'not-requested': 'In a Stage that takes no Freight of its Warehouse',
  'two-digests': 'Two digests in one Stage',
  unpinned: 'Not pinned',
  missing: 'Missing in a Stage',
} as const;

export type InventoryProblemKind = keyof typeof INVENTORY_PROBLEMS;

export interface InventoryProblem {
  readonly kind: InventoryProblemKind;
  /** Normalised. */
  readonly repository: string;
  readonly stage?: string;
  /** What is wrong and, where it isn't plain, why; a sentence without a final full stop. */
  readonly text: string;
  readonly places: readonly Pick<InventoryPlace, 'path' | 'line' | 'keyPath'>[];
}

/** Something that could not be read. */
export interface InventoryUnread {
  readonly path: string;
  readonly line: number;
  readonly kind: UnreadKind;
  readonly detail: string;
  readonly stage?: string;
  /** The images of the inventory that its readable text names. */
  readonly names: readonly string[];
}

export interface Inventory {
  readonly source: 'configuration' | 'guess';
  /** Upstream before downstream. */
  readonly stages: readonly InventoryStage[];
  /** Globs over normalised repositories. */
  readonly firstParty: readonly string[];
  /** By repository. */
  readonly images: readonly InventoryImage[];
  readonly others: readonly OtherImage[];
  readonly problems: readonly InventoryProblem[];
  readonly unread: readonly InventoryUnread[];
  /** Places in Stages where only a tag or digest stands, so that whose it is can't be told. */
  readonly unnamed: readonly InventoryPlace[];
  readonly filesRead: number;
  /** What was guessed and on which grounds, for a person to check. Sentences. */
  readonly guesses: readonly string[];
}
