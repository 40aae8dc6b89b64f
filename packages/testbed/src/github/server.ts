import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createHost } from './control/host.js';
import { type Control, createControl } from './control/index.js';
import type { GitHubHost } from './host.js';
import { createFaults, type FaultQueue } from './http/faults.js';
import { API_PREFIX, createHandler, GRAPHQL_PATH } from './http/handler.js';
import { createLog, type RouteLog } from './http/log.js';
import type { GitHubOptions } from './options.js';
import { ACTIONS_APP, addAccount, addApp } from './state/accounts.js';
import { createIds } from './state/ids.js';
import type { World } from './state/world.js';
import { githubValidator, type Validator } from './validate/validator.js';

/** A running GitHub: what the runner needs, what tests do as people and Apps, and what they assert on. */
export interface GitHubServer extends GitHubHost, Control {
  readonly faults: FaultQueue;
  readonly log: RouteLog;
  /** Requests for what the test bed does not have; a test asserts that it is empty. */
  readonly unhandled: string[];
  /** Requests and answers against GitHub's description; likewise. */
  readonly violations: string[];
  /** Waits until no request and no write is under way. */
  settled(): Promise<void>;
  close(): Promise<void>;
}

const NO_CHECKS: Validator = { request: () => [], answer: () => [] };

/** Starts a GitHub on a loopback port, over bare repositories in a folder of its own. */
export async function startGitHub(options: GitHubOptions = {}): Promise<GitHubServer> {
  const root = options.directory ?? (await mkdtemp(join(tmpdir(), 'github-')));
  const world: World = {
    clock: options.clock ?? (() => new Date()),
    ids: createIds(),
    accounts: new Map(),
    apps: new Map(),
    installations: new Map(),
    tokens: new Map(),
    repositories: new Map(),
    listeners: new Set(),
    root,
    limits: {
      treeEntries: options.treeEntries ?? 100_000,
      unknownMergeabilityReads: options.unknownMergeabilityReads ?? 1,
      blobText: options.blobText ?? 512_000,
    },
    urls: { server: '', api: '', graphql: '' },
  };
  addAccount(world, 'github', 'Organization');
  addAccount(world, 'web-flow', 'User', 'GitHub Web Flow');
  addApp(world, { slug: ACTIONS_APP.slug, name: 'GitHub Actions', permissions: {} }, ACTIONS_APP);

  const complaints = { unhandled: [] as string[], violations: [] as string[] };
  const faults = createFaults();
  const log = createLog();
  const validator = options.validate === false ? NO_CHECKS : githubValidator();
  const handle = createHandler({ world, validator, complaints, faults, log });
  const open = new Set<Promise<void>>();
  const server = createServer((request, response) => {
    const work = handle(request, response).catch((error: unknown) => {
      // A client that hung up is its own affair; anything else must not pass unseen.
      if (!request.destroyed) complaints.unhandled.push(`${request.method} ${request.url}: ${String(error)}`);
      response.destroy();
    });
    open.add(work);
    void work.finally(() => open.delete(work));
  });
  await listen(server, options.port ?? 0);
  const { port } = server.address() as AddressInfo;
  world.urls.server = `http://127.0.0.1:${port}`;
  world.urls.api = `${world.urls.server}${API_PREFIX}`;
  world.urls.graphql = `${world.urls.server}${GRAPHQL_PATH}`;

  async function settled(): Promise<void> {
    for (;;) {
      const queues = [...world.repositories.values()].map((repository) => repository.queue);
      await Promise.allSettled([...open, ...queues]);
      const same = [...world.repositories.values()].every((repository) => queues.includes(repository.queue));
      if (open.size === 0 && same) return;
    }
  }

  return {
    ...createHost(world),
    ...createControl(world),
    faults: faults.queue,
    log,
    ...complaints,
    settled,
    async close() {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
      await settled();
      await Promise.all([...world.repositories.values()].map((repository) => repository.store.close()));
      if (options.directory === undefined) await rm(root, { recursive: true, force: true });
    },
  };
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve());
  });
}
