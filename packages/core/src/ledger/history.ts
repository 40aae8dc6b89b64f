import type { Freight } from '../freight/types.js';
import type { Hold, OpenPromotion, PromotionOutcome, RecordedEdit, Requester } from './state.js';

/** What happened, in the order it was learned. Entries are appended and never changed. */
export type HistoryEntry =
  | { readonly kind: 'freight-discovered'; readonly freight: Freight }
  | { readonly kind: 'freight-found'; readonly freight: Freight; readonly stages: readonly string[] }
  | {
      readonly kind: 'promotion-requested';
      readonly promotion: Omit<OpenPromotion, 'edits' | 'pullRequest'>;
      readonly edits: readonly RecordedEdit[];
      readonly request?: string;
    }
  | {
      readonly kind: 'promotion-ended';
      readonly promotion: string;
      readonly stage: string;
      readonly freight: string;
      readonly outcome: PromotionOutcome;
      readonly pullRequest?: number;
      readonly commit?: string;
      /** Who merged or closed it. */
      readonly by?: string;
      readonly why?: string;
    }
  | { readonly kind: 'held'; readonly stage: string; readonly warehouse: string; readonly hold: Hold }
  | {
      readonly kind: 'hold-lifted';
      readonly stage: string;
      readonly warehouse: string;
      readonly promotion?: string;
      readonly by: Requester;
    };

/** One ledger commit's entries, as a file of their own: `history/2026/11/20/150203123Z-….json`. */
export interface HistoryFile {
  readonly version: 1;
  readonly at: string;
  /** Who the token was, and the run it worked for. */
  readonly actor: string;
  readonly run: string;
  /** The commit of the default branch whose configuration was in force. */
  readonly config: string;
  readonly entries: readonly HistoryEntry[];
}

/** `history/<year>/<month>/<day>/<time>-<unique>.json`: names sort by time. */
export function historyPath(at: Date, unique: Uint8Array): string {
  const [day = '', time = ''] = at.toISOString().split('T');
  const suffix = [...unique].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  return `history/${day.replaceAll('-', '/')}/${time.replace(/[:.]/g, '')}-${suffix}.json`;
}

/** Where a Freight has its own file. */
export function freightPath(id: string): string {
  return `freight/${id.slice(0, 2)}/${id}.json`;
}

/** An empty file in the alias's folder that bears the Freight's ID: one folder listing finds it, however many there are. */
export function aliasPath(alias: string, id: string): string {
  return `aliases/${alias}/${id}`;
}
