import { GraphqlResponseError } from '@octokit/graphql';
import { RequestError } from '@octokit/request-error';
import { type ErrorCode, WaybillError } from '@waybill/core';

interface GraphqlProblem {
  readonly type: string;
  readonly message: string;
}

/** The problems a GraphQL answer names; GitHub answers HTTP 200 for them. */
export function graphqlProblems(error: unknown): readonly GraphqlProblem[] {
  if (!(error instanceof GraphqlResponseError)) return [];
  return (error.errors ?? []).map((problem) => ({ type: problem.type ?? '', message: problem.message }));
}

export function httpStatus(error: unknown): number | undefined {
  return error instanceof RequestError ? error.status : undefined;
}

/** The message GitHub gave, without the documentation link that Octokit appends. */
export function forgeMessage(error: unknown): string {
  const problems = graphqlProblems(error);
  if (problems.length > 0) return problems.map((problem) => problem.message).join('; ');
  if (error instanceof RequestError) {
    const data: unknown = error.response?.data;
    if (typeof data === 'object' && data !== null && 'message' in data && typeof data.message === 'string') {
      return withDetails(data.message, 'errors' in data ? data.errors : undefined);
    }
  }
  return error instanceof Error ? error.message : String(error);
}

function withDetails(message: string, errors: unknown): string {
  if (!Array.isArray(errors)) return message;
  const details = errors.flatMap((entry: unknown) => {
    if (typeof entry === 'string') return [entry];
    if (typeof entry === 'object' && entry !== null && 'message' in entry && typeof entry.message === 'string') {
      return [entry.message];
    }
    return [];
  });
  return details.length === 0 ? message : `${message}: ${details.join('; ')}`;
}

/** One place that says what a failed request means. `doing` completes "could not …". */
export function toWaybillError(error: unknown, doing: string): WaybillError {
  if (error instanceof WaybillError) return error;
  const said = forgeMessage(error);
  const fail = (code: ErrorCode, remedy: string) =>
    new WaybillError(code, { what: `Could not ${doing}: ${said}`, remedy, cause: error });
  const status = httpStatus(error);
  const types = graphqlProblems(error).map((problem) => problem.type);
  if ((status === 403 || status === 429) && /rate limit/i.test(said)) {
    return fail(
      'forge-rate-limited',
      'Wait for it to reset; the next run picks up where this one stopped. A GitHub App token has a larger one.',
    );
  }
  if (status === 401) return fail('forge-denied', 'The token is wrong or has expired: pass a valid `token`.');
  if (types.includes('FORBIDDEN') || status === 403) return fail('forge-denied', deniedRemedy(said));
  if (types.includes('NOT_FOUND') || status === 404) {
    return fail(
      'forge-denied',
      'GitHub answers "not found" for what a token may not see: check the `repository` input and that the token (or the App installation) covers it.',
    );
  }
  if (types.includes('STALE_DATA') || status === 409)
    return fail('head-moved', 'Run again: Waybill plans on the new head.');
  if (status !== undefined && status >= 400 && status < 500 && status !== 408 && status !== 429) {
    return fail('forge-protocol', 'The request was refused as it stands; the message above says why.');
  }
  if (types.length > 0)
    return fail('forge-protocol', 'The query was refused as it stands; the message above says why.');
  return fail('forge-unavailable', 'GitHub did not answer. The next run picks up where this one stopped.');
}

function deniedRemedy(said: string): string {
  if (/not permitted to create or approve pull requests/i.test(said)) {
    return 'Turn on Settings → Actions → General → "Allow GitHub Actions to create and approve pull requests", or use a GitHub App token.';
  }
  if (/not accessible by integration/i.test(said)) {
    return 'The token lacks a permission for this call: add it under `permissions:` of the job, or to the GitHub App.';
  }
  return "Check the token's permissions against docs/permissions.md.";
}
