import type { BranchProtection } from '@waybill/core';
import type { Client } from './client.js';
import { forgeMessage, graphqlProblems, httpStatus, toWaybillError } from './errors.js';

export async function createBranch(client: Client, branch: string, oid: string): Promise<'created' | 'exists'> {
  try {
    await client.send('POST', '/git/refs', { ref: `refs/heads/${branch}`, sha: oid });
    return 'created';
  } catch (error) {
    if (httpStatus(error) === 422 && /already exists/i.test(forgeMessage(error))) return 'exists';
    throw toWaybillError(error, `create the branch ${branch}`);
  }
}

export async function deleteBranch(client: Client, branch: string): Promise<void> {
  try {
    await client.send('DELETE', '/git/refs/{ref}', { ref: `heads/${branch}` });
  } catch (error) {
    // Gone is gone, whoever did it: GitHub answers 422 "Reference does not exist" (404 on some versions).
    const status = httpStatus(error);
    if (status === 404 || (status === 422 && /does not exist/i.test(forgeMessage(error)))) return;
    throw toWaybillError(error, `delete the branch ${branch}`);
  }
}

/**
 * The rules that hold for a branch. A 404 or 403 means that this plan or token cannot tell.
 * https://docs.github.com/en/rest/repos/rules#get-rules-for-a-branch
 */
export async function readProtection(client: Client, branch: string): Promise<BranchProtection> {
  try {
    const rules = await client.get<readonly { readonly type: string }[]>('/rules/branches/{branch}', { branch });
    return { known: true, rules: rules.map((rule) => rule.type) };
  } catch (error) {
    const status = httpStatus(error);
    if (status === 403 || status === 404 || graphqlProblems(error).length > 0) return { known: false, rules: [] };
    throw toWaybillError(error, `read the rules of ${branch}`);
  }
}

/** https://docs.github.com/en/rest/actions/permissions#get-default-workflow-permissions-for-a-repository */
export async function actionsMayCreatePullRequests(client: Client): Promise<boolean | undefined> {
  try {
    const answer = await client.get<{ readonly can_approve_pull_request_reviews: boolean }>(
      '/actions/permissions/workflow',
    );
    return answer.can_approve_pull_request_reviews;
  } catch (error) {
    const status = httpStatus(error);
    if (status === 403 || status === 404) return undefined;
    throw toWaybillError(error, 'read the settings of Actions');
  }
}
