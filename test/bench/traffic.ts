import type { LogEntry } from '@waybill/testbed';
import type { GitOps } from './gitops.js';

/** What the forge was asked while something ran, Git's round trips included. */
export interface Traffic {
  readonly requests: number;
  readonly mutating: number;
  /** Bodies of requests and answers together. */
  readonly bytes: number;
  readonly log: readonly LogEntry[];
}

/** Counts the requests of one piece of work. What people do meanwhile goes past the log. */
export async function trafficOf({ github }: Pick<GitOps, 'github'>, work: () => Promise<unknown>): Promise<Traffic> {
  await github.settled();
  github.log.clear();
  await work();
  await github.settled();
  const log = [...github.log];
  const [unknown] = github.unhandled;
  if (unknown !== undefined) throw new Error(`the test bed does not have ${unknown}`);
  return {
    requests: log.length,
    mutating: log.filter(({ mutating }) => mutating).length,
    bytes: log.reduce((sum, entry) => sum + entry.requestBytes + entry.responseBytes, 0),
    log,
  };
}
