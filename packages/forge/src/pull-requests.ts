import {
  type MergeMethod,
  type MergeOutcome,
  type PullRequest,
  type PullRequestRequest,
  WaybillError,
} from '@waybill/core';
import type { Client } from './client.js';
import { forgeMessage, graphqlProblems, httpStatus, toWaybillError } from './errors.js';

export async function createPullRequest(
  client: Client,
  request: PullRequestRequest,
): Promise<{ readonly number: number }> {
  try {
    return await client.send<{ number: number }>('POST', '/pulls', {
      head: request.head,
      base: request.base,
      title: request.title,
      body: request.body,
      maintainer_can_modify: false,
    });
  } catch (error) {
    if (httpStatus(error) === 422 && /pull request already exists/i.test(forgeMessage(error))) {
      throw new WaybillError('head-moved', {
        what: `Another run opened the pull request from ${request.head} first`,
        remedy: 'Nothing was opened twice; Waybill looks again.',
        cause: error,
      });
    }
    throw toWaybillError(error, `open the pull request for ${request.head}`);
  }
}

/** The reason comes first, and once: a run that died in between has left it there. */
export async function closePullRequest(client: Client, number: number, comment: string): Promise<void> {
  try {
    const said = await client.get<readonly { readonly body?: string }[]>('/issues/{issue_number}/comments', {
      issue_number: number,
      per_page: 100,
    });
    if (!said.some(({ body }) => body === comment)) {
      await client.send('POST', '/issues/{issue_number}/comments', { issue_number: number, body: comment });
    }
    await client.send('PATCH', '/pulls/{pull_number}', { pull_number: number, state: 'closed' });
  } catch (error) {
    throw toWaybillError(error, `close pull request #${number}`);
  }
}

/**
 * GitHub refuses auto-merge where nothing is pending ("clean status"), and on an unstable pull request, where only
 * optional checks are; both can be merged at once instead.
 */
export async function enableAutoMerge(
  client: Client,
  pullRequest: PullRequest,
  method: MergeMethod,
): Promise<'armed' | 'clean' | 'not-allowed'> {
  try {
    await client.mutate(
      `mutation AutoMerge($input: EnablePullRequestAutoMergeInput!) { enablePullRequestAutoMerge(input: $input) { pullRequest { id } } }`,
      {
        input: {
          pullRequestId: pullRequest.id,
          expectedHeadOid: pullRequest.headOid,
          mergeMethod: method.toUpperCase(),
        },
      },
    );
    return 'armed';
  } catch (error) {
    const said = forgeMessage(error);
    // The last of them is what it says of a branch without any protection (iterative/cml#955).
    if (/in (clean|unstable) status|protected branch rules not configured/i.test(said)) return 'clean';
    if (/auto[- ]merge is not allowed/i.test(said)) return 'not-allowed';
    if (/is closed|is merged|was modified/i.test(said)) {
      throw new WaybillError('head-moved', {
        what: `Pull request #${pullRequest.number} is not what it was any more: ${said}`,
        remedy: 'Waybill looks again.',
        cause: error,
      });
    }
    throw toWaybillError(error, `arm auto-merge of pull request #${pullRequest.number}`);
  }
}

/** https://docs.github.com/en/graphql/reference/mutations#disablepullrequestautomerge */
export async function disableAutoMerge(client: Client, pullRequest: PullRequest): Promise<void> {
  try {
    await client.mutate(
      'mutation NoAutoMerge($input: DisablePullRequestAutoMergeInput!) { disablePullRequestAutoMerge(input: $input) { pullRequest { id } } }',
      { input: { pullRequestId: pullRequest.id } },
    );
  } catch (error) {
    if (!graphqlProblems(error).some(({ type }) => type === 'UNPROCESSABLE')) {
      throw toWaybillError(error, `disarm auto-merge of pull request #${pullRequest.number}`);
    }
    throw new WaybillError('head-moved', {
      what: `Pull request #${pullRequest.number} is not what it was any more: ${forgeMessage(error)}`,
      remedy: 'Waybill looks again.',
      cause: error,
    });
  }
}

/** Merges only the head that was looked at. https://docs.github.com/en/rest/pulls/pulls#merge-a-pull-request */
export async function mergePullRequest(
  client: Client,
  pullRequest: PullRequest,
  method: MergeMethod,
): Promise<MergeOutcome> {
  try {
    const answer = await client.send<{ sha: string }>('PUT', '/pulls/{pull_number}/merge', {
      pull_number: pullRequest.number,
      sha: pullRequest.headOid,
      merge_method: method,
    });
    return { kind: 'merged', oid: answer.sha };
  } catch (error) {
    const status = httpStatus(error);
    if (status === 409) return { kind: 'moved', why: forgeMessage(error) };
    if (status === 405) {
      const why = forgeMessage(error);
      return /was modified/i.test(why) ? { kind: 'moved', why } : { kind: 'blocked', why };
    }
    throw toWaybillError(error, `merge pull request #${pullRequest.number}`);
  }
}
