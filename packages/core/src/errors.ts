/**
 * Every failure a user can meet has one of these codes. They are stable: `reason-code` carries them, and people
 * write workflow conditions on them. Add, never rename.
 */
export const ERROR_CODES = [
  // configuration and inputs
  'config-invalid',
  'config-missing',
  'input-invalid',
  'not-supported',
  // image references and the registry
  'reference-invalid',
  'registry-denied',
  'registry-not-found',
  'registry-unavailable',
  'registry-protocol',
  'registry-untrusted',
  'platform-missing',
  // trees and edits
  'edit-unsafe',
  'tree-ambiguous',
  'tree-truncated',
  // the forge
  'forge-denied',
  'forge-unavailable',
  'forge-rate-limited',
  'forge-protocol',
  'head-moved',
  'branch-not-ours',
  'path-refused',
  'preflight-failed',
  // the ledger
  'ledger-untrusted',
  'ledger-invalid',
  'ledger-unprotected',
  // promotion semantics
  'freight-not-found',
  'freight-ambiguous',
  'freight-not-available',
  'stage-unknown',
  // the image policy
  'policy-violated',
  'wrong-ref',
  'not-converged',
  // ours
  'internal',
] as const;

export type ErrorCode = (typeof ERROR_CODES)[number];

/** Where something went wrong, as far as it is known: a file position, an image, a Stage. */
export interface ErrorPlace {
  readonly file?: string;
  /** 1-based. */
  readonly line?: number;
  /** 1-based, in UTF-16 code units. */
  readonly column?: number;
  readonly image?: string;
  readonly stage?: string;
}

export interface ErrorFacts {
  /** What happened, one sentence without a final full stop. */
  readonly what: string;
  readonly where?: ErrorPlace;
  /** What to do about it, in the imperative. */
  readonly remedy: string;
  readonly cause?: unknown;
}

/** The one error of the product. Its message says what happened, where, and what to do. */
export class WaybillError extends Error {
  readonly code: ErrorCode;
  readonly what: string;
  readonly where: ErrorPlace;
  readonly remedy: string;

  constructor(code: ErrorCode, facts: ErrorFacts) {
    const place = describePlace(facts.where ?? {});
    super(`${facts.what}${place === '' ? '' : ` (${place})`}. ${facts.remedy}`, { cause: facts.cause });
    this.name = 'WaybillError';
    this.code = code;
    this.what = facts.what;
    this.where = facts.where ?? {};
    this.remedy = facts.remedy;
  }
}

/** Several findings of one look, so that nobody has to mend one, run again and meet the next. */
export class WaybillErrors extends Error {
  readonly errors: readonly [WaybillError, ...WaybillError[]];

  constructor(errors: readonly [WaybillError, ...WaybillError[]]) {
    super(errors.map((error) => error.message).join('\n'));
    this.name = 'WaybillErrors';
    this.errors = errors;
  }
}

/** `apps/api.yaml:3:7`, `image ghcr.io/o/api`, `Stage dev`: what is known, in that order. */
export function describePlace(place: ErrorPlace): string {
  const position = [place.file, place.line, place.column].filter((part) => part !== undefined).join(':');
  return [
    position,
    place.image === undefined ? '' : `image ${place.image}`,
    place.stage === undefined ? '' : `Stage ${place.stage}`,
  ]
    .filter((part) => part !== '')
    .join(', ');
}
