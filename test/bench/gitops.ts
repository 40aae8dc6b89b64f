import { createHash } from 'node:crypto';
import { freightId, LEDGER_BRANCH, parseState, STATE_FILE, stageRecord } from '@waybill/core';
import { type Ports, type RunFacts, type RunReport, run } from '@waybill/engine';
import { createForge } from '@waybill/forge';
import { type GitHubServer, startGitHub } from '@waybill/testbed';
import { buildContent, registryOf, stageFiles, WAREHOUSE, withOthers } from './gitops-content.js';
import { silentLog } from './silent-log.js';

export const REPOSITORY = 'acme/gitops';
const PERSON = 'alice';

/** A GitOps repository on the test bed's GitHub with the whole path before it. Time stands still but for sleeps. */
export interface GitOps {
  readonly github: GitHubServer;
  readonly ports: Ports;
  /** Of Waybill's App. */
  readonly token: string;
  /** What the registry's tags point at from now on. */
  push(build: number): void;
  wait(milliseconds: number): void;
  reconcile(): Promise<RunReport>;
  /** A person asks for the newest Freight that the Stage may have; or for the one named. */
  promote(stage: string, freight?: string): Promise<RunReport>;
  /** A person merges every open pull request. */
  mergeAll(): Promise<void>;
  close(): Promise<void>;
}

/** @param fileCount files of the repository; as many as the Stages and the configuration need when left out */
export async function startGitOps(fileCount = 0): Promise<GitOps> {
  let now = Date.UTC(2026, 10, 20, 15);
  const wait = (milliseconds: number) => {
    now += milliseconds;
  };
  const clock = {
    now: () => new Date(now),
    sleep: async (milliseconds: number) => wait(milliseconds),
  };
  const github = await startGitHub({ clock: clock.now, validate: false });
  github.createUser(PERSON);
  await github.createRepository({
    owner: 'acme',
    name: 'gitops',
    organization: true,
    files: withOthers(stageFiles(), fileCount),
    collaborators: { [PERSON]: 'write' },
    settings: { allowAutoMerge: true },
  });
  const app = github.createApp({
    slug: 'waybill',
    permissions: { contents: 'write', metadata: 'read', pull_requests: 'write' },
  });
  github.setRuleset(REPOSITORY, {
    name: 'waybill',
    include: ['refs/heads/waybill/**/*'],
    rules: ['creation', 'update', 'deletion', 'non_fast_forward'],
    bypass: [{ app: app.appId, mode: 'always' }],
  });
  const token = app.installationToken(REPOSITORY);
  let build = 0;
  let requests = 0;
  let drawn = 0;
  const ports: Ports = {
    forge: createForge({
      repository: REPOSITORY,
      token,
      apiUrl: github.apiUrl,
      fetch,
      clock,
    }),
    registry: registryOf(() => build),
    clock,
    log: silentLog,
    // The same bytes in every run, so that no name is longer in one than in the other.
    entropy: (count) => new Uint8Array(createHash('sha512').update(String(drawn++)).digest().subarray(0, count)),
  };
  const facts: RunFacts = {
    ref: 'refs/heads/main',
    runUrl: 'https://github.com/acme/gitops/actions/runs/1',
    dryRun: false,
  };
  const tick = () => wait(60_000);
  return {
    github,
    ports,
    token,
    push(next) {
      build = next;
    },
    wait,
    reconcile() {
      tick();
      return checked(run(ports, facts, { discover: true, bump: true }));
    },
    promote(stage, freight = '') {
      tick();
      const requester = { kind: 'person', login: PERSON } as const;
      const promote = { id: `${requests++}`, stage, freight, requester };
      return checked(run(ports, facts, { discover: false, bump: false, promote }));
    },
    async mergeAll() {
      tick();
      for (const pull of github.pullRequests(REPOSITORY)) {
        if (pull.state === 'open') await github.mergePullRequest(REPOSITORY, pull.number, PERSON);
      }
    },
    close: () => github.close(),
  };
}

/** A bench of a path that refused would measure nothing. */
async function checked(running: Promise<RunReport>): Promise<RunReport> {
  const report = await running;
  const [refusal] = report.refusals;
  if (refusal !== undefined) throw refusal;
  return report;
}

/** A bench of a promotion that did not land would measure nothing. */
export async function expectFreight(gitops: GitOps, stage: string, build: number): Promise<void> {
  const id = freightId(buildContent(build));
  const text = await gitops.github.readText(REPOSITORY, LEDGER_BRANCH, STATE_FILE);
  const current = stageRecord(parseState(text ?? ''), stage, WAREHOUSE).current;
  if (current?.freight !== id) throw new Error(`${stage} has ${current?.freight}, not build ${build} (${id})`);
}
