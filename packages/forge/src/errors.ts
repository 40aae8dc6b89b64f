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

/** A query that took too long or failed within has no type; nor has one that GitHub does not understand. */
function isOutageOf({ type, message }: GraphqlProblem): boolean {
  return type === 'SERVICE_UNAVAILABLE' || (type === '' && /something went wrong|timed? ?out/i.test(message));
}

/**
 * Whether GitHub refused a request for there were too many. GraphQL says so with HTTP 200.
 * https://docs.github.com/en/graphql/overview/rate-limits-and-query-limits-for-the-graphql-api
 */
export function isRateLimit(error: unknown): boolean {
  const status = httpStatus(error);
  if (status === 403 || status === 429) return /rate limit/i.test(forgeMessage(error));
  return graphqlProblems(error).some(({ type }) => type === 'RATE_LIMITED' || type === 'RATE_LIMIT');
}

/** Whether GitHub failed, so that the same read may succeed. Octokit reports a lost connection as status 500. */
export function isOutage(error: unknown): boolean {
  const problems = graphqlProblems(error);
  if (problems.length > 0) return problems.every(isOutageOf);
  return (httpStatus(error) ?? 0) >= 500;
}

/** One place that says what a failed request means. `doing` completes "could not …". */
export function toWaybillError(error: unknown, doing: string): WaybillError {
  if (error instanceof WaybillError) return error;
  const said = forgeMessage(error);
  const fail = (code: ErrorCode, remedy: string) =>
    new WaybillError(code, { what: `Could not ${doing}: ${said}`, remedy, cause: error });
  const status = httpStatus(error);
  const types = graphqlProblems(error).map((problem) => problem.type);
  if (isRateLimit(error)) {
    return fail(
      'forge-rate-limited',
      'Wait for it to reset; the next run picks up where this one stopped. A GitHub App token has a larger one.',
    );
  }
  if (status === 401) return fail('forge-denied', 'The token is wrong or has expired: pass a valid `token`.');
  if (types.includes('FORBIDDEN') || status === 403) return fail('forge-denied', deniedRemedy(said, neededBy(error)));
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
  if (types.length > 0 && !isOutage(error))
    return fail('forge-protocol', 'The query was refused as it stands; the message above says why.');
  return fail('forge-unavailable', 'GitHub did not answer. The next run picks up where this one stopped.');
}

/** What the GraphQL operations of this package need, where it is not `contents: read`. docs/permissions.md has them all. */
const OPERATION_NEEDS: Readonly<Record<string, string>> = {
  Branches: 'pull-requests: read',
  Commit: 'contents: write',
  AutoMerge: 'contents: write and pull-requests: write',
  NoAutoMerge: 'pull-requests: write',
};

/**
 * The permission that a refused request wants: REST says it in a header, of a GraphQL operation we know it.
 * https://docs.github.com/en/rest/using-the-rest-api/troubleshooting-the-rest-api#resource-not-accessible
 */
function neededBy(error: unknown): string | undefined {
  if (error instanceof GraphqlResponseError) {
    const [, operation = ''] = /^\s*(?:query|mutation)\s+(\w+)/.exec(String(error.request.query)) ?? [];
    return OPERATION_NEEDS[operation] ?? 'contents: read';
  }
  const accepted = error instanceof RequestError ? error.response?.headers['x-accepted-github-permissions'] : undefined;
  if (typeof accepted !== 'string' || !/^[a-z_=;, ]+$/.test(accepted)) return undefined;
  return accepted
    .split(/\s*;\s*/)
    .map((needs) =>
      needs
        .split(/\s*,\s*/)
        .map((need) => need.replaceAll('_', '-').replace('=', ': '))
        .join(' and '),
    )
    .join(' or ');
}

function deniedRemedy(said: string, needed: string | undefined): string {
  if (/not permitted to create or approve pull requests/i.test(said)) {
    return 'Turn on Settings → Actions → General → "Allow GitHub Actions to create and approve pull requests", or use a GitHub App token.';
  }
  if (/not accessible by integration/i.test(said)) {
    const which = needed === undefined ? 'a permission for this call' : needed;
    return `The token lacks ${which}: add it under \`permissions:\` of the job, or to the GitHub App (docs/permissions.md).`;
  }
  return "Check the token's permissions against docs/permissions.md.";
}
