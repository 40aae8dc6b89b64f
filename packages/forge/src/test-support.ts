import type { Clock, Forge } from '@waybill/core';
import { type GitHubServer, startGitHub, type TestApp } from '@waybill/testbed';
import { createForge } from './create-forge.js';

export const REPOSITORY = 'ameideio/gitops';

export interface ForgeBed {
  readonly github: GitHubServer;
  readonly app: TestApp;
  readonly forge: Forge;
  /** Milliseconds that were waited, in order; nobody really waits. */
  readonly waits: readonly number[];
  head(branch?: string): Promise<string>;
  close(): Promise<void>;
}

/** A repository on the test bed, and the forge that an App with Waybill's permissions sees it by. */
export async function startForgeBed(
  files: Readonly<Record<string, string | { content: string; mode: '100755' }>>,
): Promise<ForgeBed> {
  const github = await startGitHub();
  github.createUser('alice');
  await github.createRepository({
    owner: 'ameideio',
    name: 'gitops',
    files,
    visibility: 'private',
    collaborators: { alice: 'write' },
    settings: { allowAutoMerge: true },
  });
  const app = github.createApp({
    slug: 'waybill',
    permissions: { contents: 'write', pull_requests: 'write', metadata: 'read' },
  });
  const waits: number[] = [];
  const clock: Clock = {
    now: () => new Date(),
    sleep: async (milliseconds) => void waits.push(milliseconds),
  };
  const forge = createForge({
    repository: REPOSITORY,
    token: app.installationToken(REPOSITORY),
    apiUrl: github.apiUrl,
    fetch,
    clock,
  });
  return {
    github,
    app,
    forge,
    waits,
    head: async (branch = 'main') => (await github.resolveRef(REPOSITORY, branch)) ?? '',
    close: () => github.close(),
  };
}

export function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
