import {
  blocks,
  code,
  describePlace,
  type ErrorCode,
  heading,
  list,
  type Markdown,
  markdown,
  WaybillError,
  WaybillErrors,
} from '@waybill/core';

/** How a run ended that did not do what it was asked. */
export interface Failure {
  readonly decision: 'refused' | 'failed';
  readonly reasonCode: ErrorCode;
  readonly errors: readonly [WaybillError, ...WaybillError[]];
}

/**
 * Where we could not look or write, and where another run may have more luck. Every other code is Waybill's own no,
 * which the same run would say again.
 */
const FAILED: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'registry-denied',
  'registry-unavailable',
  'registry-protocol',
  'forge-denied',
  'forge-unavailable',
  'forge-rate-limited',
  'forge-protocol',
  'head-moved',
  'not-converged',
  'internal',
]);

/** What a caught value means. One failure among several makes the whole a failure; the code is then the failure's. */
export function describeFailure(caught: unknown, reportUrl: string): Failure {
  const errors = known(caught) ?? ([unknownError(caught, reportUrl)] as const);
  const failed = errors.find((error) => FAILED.has(error.code));
  return {
    decision: failed === undefined ? 'refused' : 'failed',
    reasonCode: (failed ?? errors[0]).code,
    errors,
  };
}

/** What happened and where, without the remedy. */
export function statement(error: WaybillError): string {
  const place = describePlace(error.where);
  return place === '' ? error.what : `${error.what} (${place})`;
}

/** What happened and what to do, for the job summary. Secrets go before the text is escaped, which would hide them from `redact`. */
export function failureSection(title: string, failure: Failure, redact: (text: string) => string): Markdown {
  const items = failure.errors.map(
    (error) =>
      markdown`${redact(statement(error))} (${code(error.code)})\\
**What to do:** ${redact(error.remedy)}`,
  );
  return blocks([heading(3, markdown`${title}: ${failure.decision}`), list(items)]);
}

/** The stack and the chain of causes, for the debug log. */
export function describeCauses(caught: unknown): string {
  const parts: string[] = [];
  let next = caught;
  for (let depth = 0; next !== undefined && depth < 8; depth += 1) {
    parts.push(next instanceof Error ? (next.stack ?? next.message) : String(next));
    next = next instanceof Error ? next.cause : undefined;
  }
  return parts.join('\ncaused by: ');
}

function known(caught: unknown): readonly [WaybillError, ...WaybillError[]] | undefined {
  if (caught instanceof WaybillErrors) {
    return caught.errors;
  }
  return caught instanceof WaybillError ? [caught] : undefined;
}

function unknownError(caught: unknown, reportUrl: string): WaybillError {
  const message = caught instanceof Error ? caught.message : String(caught);
  return new WaybillError('internal', {
    what: `Waybill met an error it does not know: ${message.replace(/[.\s]+$/, '')}`,
    remedy: `Run the job again with debug logging, and report its log at ${reportUrl}.`,
    cause: caught,
  });
}
