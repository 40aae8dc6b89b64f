import type { Clock, Forge, Log, Registry } from '@waybill/core';

/** The outside world, as parameters. */
export interface Ports {
  readonly forge: Forge;
  readonly registry: Registry;
  readonly clock: Clock;
  readonly log: Log;
  /** Fresh random bytes. */
  readonly entropy: (count: number) => Uint8Array;
}

/** What a run knows of itself. */
export interface RunFacts {
  /** GITHUB_REF. */
  readonly ref: string;
  /** For the ledger: which run wrote an entry. */
  readonly runUrl: string;
  readonly dryRun: boolean;
}
