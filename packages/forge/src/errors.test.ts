import { describe, expect, it } from '@jest/globals';
import { GraphqlResponseError } from '@octokit/graphql';
import { isOutage, isRateLimit, toWaybillError } from './errors.js';

/** What GitHub answers with HTTP 200 when a query fails. */
function answer(type: string | undefined, message: string): GraphqlResponseError<unknown> {
  const errors = [{ message, ...(type === undefined ? {} : { type }) }];
  const request = { method: 'POST', url: '/graphql', query: 'query Snapshot { viewer { login } }' } as const;
  // Octokit's types want fields that GitHub leaves out.
  type Given = ConstructorParameters<typeof GraphqlResponseError>;
  return new GraphqlResponseError(request as Given[0], {}, { data: null, errors } as unknown as Given[2]);
}

describe('a failed GraphQL query', () => {
  it.each([
    ['RATE_LIMITED', 'API rate limit exceeded for installation ID 1', 'forge-rate-limited', true, false],
    [undefined, 'Something went wrong while executing your query', 'forge-unavailable', false, true],
    ['SERVICE_UNAVAILABLE', 'The service is down', 'forge-unavailable', false, true],
    [undefined, "Field 'x' doesn't exist on type 'Commit'", 'forge-protocol', false, false],
    ['FORBIDDEN', 'Resource not accessible by integration', 'forge-denied', false, false],
    ['NOT_FOUND', 'Could not resolve to a Repository', 'forge-denied', false, false],
    ['STALE_DATA', 'Expected branch to point to x', 'head-moved', false, false],
    ['UNPROCESSABLE', 'Pull request is in clean status', 'forge-protocol', false, false],
  ] as const)('of type %s (%s) is %s', (type, message, code, isLimit, isDown) => {
    const error = answer(type, message);
    expect(toWaybillError(error, 'look')).toMatchObject({ code, what: `Could not look: ${message}` });
    expect(isRateLimit(error)).toBe(isLimit);
    expect(isOutage(error)).toBe(isDown);
  });
});
