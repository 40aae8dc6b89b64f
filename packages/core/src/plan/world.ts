import type { Config, Policies, Stage } from '../config/types.js';
import type { WaybillError } from '../errors.js';
import type { MissingArtifact } from '../freight/assemble.js';
import type { Freight, FreightContent } from '../freight/types.js';
import type { HistoryEntry } from '../ledger/history.js';
import type { FreightRecord, LedgerState, OpenPromotion, Requester } from '../ledger/state.js';
import type { Commit, FileChange, MergeMethod, PullRequest, Snapshot } from '../ports/forge.js';
import type { StageTree } from '../stage/tree.js';

/** All that a plan is made from. Nothing else enters: no clock, no randomness, no I/O. */
export interface World {
  readonly now: Date;
  /** 32 bytes; every ID of this plan is derived from them. */
  readonly seed: Uint8Array;
  readonly snapshot: Snapshot;
  readonly config: Config;
  readonly policies: Policies;
  readonly ledger: LedgerView;
  /** By Warehouse: what its subscriptions found, when the intent asked to look. */
  readonly discoveries: ReadonlyMap<string, WarehouseDiscovery>;
  /** By Stage. */
  readonly trees: ReadonlyMap<string, StageTree>;
  /** By Promotion that has not ended: its branch and its pull request. */
  readonly branches: ReadonlyMap<string, PromotionView>;
  /** By path: the newest commits that touched it, for files that are not what the ledger expects. */
  readonly histories: ReadonlyMap<string, readonly Commit[]>;
}

export interface LedgerView {
  readonly state: LedgerState;
  /** The ledger's head, or undefined before the first run. */
  readonly head: string | undefined;
  /** Whether rules keep everyone else from writing to it, and the token can be told from other workflows'. */
  readonly protection: LedgerProtection;
}

export type LedgerProtection = { readonly kind: 'protected' } | { readonly kind: 'unprotected'; readonly why: string };

export type WarehouseDiscovery =
  | { readonly kind: 'freight'; readonly id: string; readonly content: FreightContent }
  /** All or none: at least one subscription found nothing. */
  | {
      readonly kind: 'incomplete';
      readonly missing: readonly MissingArtifact[];
      /** Subscriptions that could not be asked. */
      readonly failures: readonly WaybillError[];
    };

/** What a Promotion looks like from outside. */
export interface PromotionView {
  readonly branch: BranchView;
  /** The newest pull request from its branch that is ours. */
  readonly pullRequest: PullRequest | undefined;
}

export type BranchView =
  | { readonly kind: 'absent' }
  /** Made, and nothing committed yet. */
  | { readonly kind: 'bare' }
  | { readonly kind: 'ours'; readonly oid: string }
  | { readonly kind: 'foreign'; readonly why: string };

/** How much of the whole path a run takes. Settling what ended is part of every intent. */
export interface Intent {
  /** Look for new Freight. */
  readonly discover: boolean;
  /** Promote the newest available Freight where the policies auto-promote. */
  readonly bump: boolean;
  readonly promote?: PromoteRequest;
}

export interface PromoteRequest {
  /** The run that asked; the ledger takes it once. */
  readonly id: string;
  readonly stage: string;
  /** ID, unique prefix or alias; empty: the newest available. */
  readonly freight: string;
  /** Needed only where the Stage takes Freight of several Warehouses. */
  readonly warehouse?: string;
  readonly requester: Requester;
  readonly reason?: string;
}

/** One change of the world. Effects run in order, after the ledger has what they need. */
export type Effect =
  | { readonly kind: 'create-branch'; readonly branch: string; readonly oid: string }
  | {
      readonly kind: 'commit';
      readonly branch: string;
      readonly expectedHead: string;
      readonly promotion: OpenPromotion;
      readonly freight: Freight;
      readonly files: readonly FileChange[];
      /** Apply checks again that it may write every one of the files. */
      readonly stage: Stage;
    }
  | { readonly kind: 'open-pull-request'; readonly branch: string; readonly title: string; readonly body: string }
  | {
      readonly kind: 'merge';
      readonly pullRequest: PullRequest;
      readonly method: MergeMethod;
      readonly autoMerge: boolean;
    }
  | { readonly kind: 'disable-auto-merge'; readonly pullRequest: PullRequest }
  | { readonly kind: 'close-pull-request'; readonly number: number; readonly comment: string }
  | { readonly kind: 'delete-branch'; readonly branch: string };

export interface Plan {
  /** Written first, as one commit; undefined when nothing of the ledger changes. */
  readonly ledger: { readonly state: LedgerState; readonly entries: readonly HistoryEntry[] } | undefined;
  readonly effects: readonly Effect[];
  /** What was decided, for the report; the same words whether or not anything was to do. */
  readonly notes: readonly Note[];
  /** What could not be done; the run fails after doing the rest. */
  readonly refusals: readonly WaybillError[];
}

/** One decision, in the report's words. */
export interface Note {
  readonly kind:
    | 'discovered'
    | 'not-discovered'
    | 'found'
    | 'not-adopted'
    | 'promoting'
    | 'waiting'
    | 'landed'
    | 'closed'
    | 'held'
    | 'hold-lifted'
    | 'up-to-date'
    | 'nothing-available'
    | 'unread'
    | 'unreferenced';
  readonly stage?: string;
  readonly warehouse?: string;
  readonly freight?: Freight;
  readonly promotion?: string;
  readonly pullRequest?: number;
  /** A sentence without a full stop. Foreign text in it is escaped when it is shown. */
  readonly text: string;
}

/** Freight that a person may ask for, with why or why not: what a refusal lists. */
export interface Candidate {
  readonly record: FreightRecord;
  readonly available: boolean;
  readonly why: string;
}
