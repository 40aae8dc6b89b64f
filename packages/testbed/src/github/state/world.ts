import type { RepositoryEvent } from '../host.js';
import type { Account, App, Installation } from './accounts.js';
import type { Ids } from './ids.js';
import type { Repository } from './repositories.js';
import type { TokenTable } from './tokens.js';

/** Everything one server knows. */
export interface World {
  readonly clock: () => Date;
  readonly ids: Ids;
  readonly accounts: Map<string, Account>;
  readonly apps: Map<number, App>;
  readonly installations: Map<number, Installation>;
  readonly tokens: TokenTable;
  readonly repositories: Map<string, Repository>;
  readonly listeners: Set<(event: RepositoryEvent) => void>;
  /** The folder of the bare repositories. */
  readonly root: string;
  readonly limits: Limits;
  readonly urls: Urls;
}

export interface Limits {
  /** Entries a recursive tree answer holds before it says `truncated` (GitHub: 100,000). */
  readonly treeEntries: number;
  /** How often `mergeable` reads as unknown after a change, before it is told. */
  readonly unknownMergeabilityReads: number;
  /** Bytes of a blob whose text GraphQL cuts off (`isTruncated`; GitHub: 512,000). */
  readonly blobText: number;
}

/** Filled in when the server listens. */
export interface Urls {
  server: string;
  api: string;
  graphql: string;
}
