import { mkdir, writeFile } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { installCurl } from './curl.js';
import type { Contexts, Value } from './expressions.js';
import { createMasker } from './mask.js';
import type { Session } from './session.js';
import type { ResolveAction } from './source.js';

/** A fresh machine for one job: its folders below `folder`, its event file, an empty session. */
export async function createMachine(request: {
  readonly folder: string;
  /** GITHUB_WORKSPACE when it is to be an existing folder; else a new empty one. */
  readonly workspace?: string;
  readonly nodePath: string;
  /** Extra environment of every job, as a self-hosted runner's `.env`. */
  readonly env: Readonly<Record<string, string>>;
  readonly github: Readonly<Record<string, Value>>;
  readonly jobEnv: (github: Readonly<Record<string, Value>>) => Readonly<Record<string, string>>;
  readonly contexts: Contexts;
  readonly secrets: readonly string[];
  readonly resolve: ResolveAction;
  readonly kill: AbortSignal;
  readonly cancel: AbortSignal;
  readonly onLine: (line: string) => void;
}): Promise<Session> {
  const repository = String(request.github.repository);
  const name = repository.split('/')[1] ?? 'repository';
  const workspace = request.workspace ?? join(request.folder, name, name);
  const temp = join(request.folder, '_temp');
  const home = join(request.folder, 'home');
  for (const folder of [workspace, temp, home]) await mkdir(folder, { recursive: true });
  const tools = await installCurl(request.folder, request.nodePath);
  const eventPath = join(temp, 'event.json');
  await writeFile(eventPath, JSON.stringify(request.github.event ?? {}, null, 2));
  const github = { ...request.github, event_path: eventPath, workspace };
  return {
    nodePath: request.nodePath,
    workspace: { repository, ref: '', sha: String(request.github.sha), root: workspace },
    temp,
    toolCache: join(request.folder, '_tool'),
    machineEnv: { ...machineEnv(request.nodePath, home, tools), ...request.env },
    jobEnv: request.jobEnv(github),
    exported: new Map(),
    path: [],
    masker: createMasker(request.secrets),
    github,
    contexts: request.contexts,
    resolve: request.resolve,
    kill: request.kill,
    cancel: request.cancel,
    onLine: request.onLine,
    posts: [],
    states: new Map(),
    reports: [],
    groups: new Set(),
    failed: false,
  };
}

/** What the machine gives a process. Nothing of this process's own environment but PATH, so that no setting leaks in. */
function machineEnv(nodePath: string, home: string, tools: string): Record<string, string> {
  const path = [dirname(nodePath), process.env.PATH ?? '/usr/bin:/bin', tools].join(delimiter);
  return { PATH: path, HOME: home, LANG: 'C.UTF-8' };
}
