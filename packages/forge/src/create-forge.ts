import type { Forge } from '@waybill/core';
import { readBlobs } from './blobs.js';
import { readBranches } from './branch-states.js';
import { actionsMayCreatePullRequests, createBranch, deleteBranch, readProtection } from './branches.js';
import { type ClientOptions, createClient } from './client.js';
import { commitOnBranch, compareCommits, createOrphanBranch, readHistory } from './commits.js';
import {
  closePullRequest,
  createPullRequest,
  disableAutoMerge,
  enableAutoMerge,
  mergePullRequest,
} from './pull-requests.js';
import { readSnapshot } from './snapshot.js';
import { listFiles } from './trees.js';

/** GitHub as the `Forge` port. Holds a token for one repository and no other state. */
export function createForge(options: ClientOptions): Forge {
  const client = createClient(options);
  return {
    snapshot: (query) => readSnapshot(client, query),
    files: (commit, roots, enters) => listFiles(client, commit, roots, enters),
    blobs: (oids) => readBlobs(client, oids),
    history: (commit, path, limit) => readHistory(client, commit, path, limit),
    folder: (commit, path) => listFiles(client, commit, [path], () => false),
    compare: (base, head) => compareCommits(client, base, head),
    branches: (names) => readBranches(client, names),
    protection: (branch) => readProtection(client, branch),
    actionsMayCreatePullRequests: () => actionsMayCreatePullRequests(client),
    createBranch: (branch, oid) => createBranch(client, branch, oid),
    commit: (request) => commitOnBranch(client, request),
    createOrphan: (request) => createOrphanBranch(client, request),
    deleteBranch: (branch) => deleteBranch(client, branch),
    createPullRequest: (request) => createPullRequest(client, request),
    closePullRequest: (number, comment) => closePullRequest(client, number, comment),
    enableAutoMerge: (pullRequest, method) => enableAutoMerge(client, pullRequest, method),
    disableAutoMerge: (pullRequest) => disableAutoMerge(client, pullRequest),
    merge: (pullRequest, method) => mergePullRequest(client, pullRequest, method),
  };
}
