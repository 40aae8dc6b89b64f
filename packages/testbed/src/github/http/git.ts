import { spawn } from 'node:child_process';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { canSee, permits } from '../domain/access.js';
import { transact } from '../domain/auto-merge.js';
import { causeOf } from '../domain/events.js';
import { followMove } from '../domain/pulls.js';
import { pushMessage, violationsOf } from '../domain/ref-updates.js';
import { notePush, type RefMove } from '../domain/ref-writes.js';
import { gitEnvironment } from '../git/process.js';
import { resolveRefName, ZERO_OID } from '../git/refs.js';
import { Refusal } from '../refusal.js';
import { repositoryPage } from '../represent/repository.js';
import { findRepository, type Repository } from '../state/repositories.js';
import { type Actor, authenticate, type Caller } from '../state/tokens.js';
import type { World } from '../state/world.js';
import { readBody } from './message.js';

export interface GitExchange {
  readonly service: string;
  readonly status: number;
  readonly requestBytes: number;
  readonly responseBytes: number;
  readonly caller: Caller | undefined;
}

interface Cgi {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: Buffer;
}

const PATH = /^\/([^/]+)\/([^/]+?)(?:\.git)?\/(info\/refs|git-upload-pack|git-receive-pack|HEAD|objects\/.*)$/;

export function isGitPath(path: string): boolean {
  return PATH.test(path);
}

/** Smart HTTP by `git http-backend`, with GitHub's authentication, and its rules before a push is taken. */
export async function serveGit(
  world: World,
  request: IncomingMessage,
  response: ServerResponse,
  loseAnswer: boolean,
): Promise<GitExchange> {
  const url = new URL(request.url ?? '/', world.urls.server);
  const [, owner = '', name = '', rest = ''] = PATH.exec(url.pathname) ?? [];
  const service = rest === 'info/refs' ? (url.searchParams.get('service') ?? rest) : rest;
  const writing = service === 'git-receive-pack';
  const raw = await readBody(request);
  const body = request.headers['content-encoding'] === 'gzip' ? gunzipSync(raw) : raw;
  const finish = (status: number, headers: Record<string, string>, bytes: Buffer, caller?: Caller): GitExchange => {
    if (loseAnswer) request.socket.destroy();
    else {
      response.writeHead(status, { ...headers, 'content-length': String(bytes.length) });
      response.end(bytes);
    }
    return { service, status, requestBytes: raw.length, responseBytes: bytes.length, caller };
  };
  let caller: Caller;
  try {
    caller = authenticate(world, request.headers.authorization);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return finish(401, { 'www-authenticate': 'Basic realm="GitHub"' }, Buffer.from('Bad credentials\n'));
  }
  const repository = findRepository(world, `${owner}/${name}`);
  const readable =
    repository !== undefined && canSee(caller, repository) && permits(caller, repository, 'contents:read');
  if (caller.kind === 'anonymous' && (!readable || writing)) {
    return finish(401, { 'www-authenticate': 'Basic realm="GitHub"' }, Buffer.from('Authentication required\n'));
  }
  if (repository === undefined || !readable) {
    return finish(404, {}, Buffer.from('Repository not found.\n'), caller);
  }
  if (writing && (!permits(caller, repository, 'contents:write') || repository.settings.archived)) {
    const message = `Permission to ${repository.fullName}.git denied to ${'account' in caller ? caller.account.login : 'you'}.\n`;
    return finish(403, {}, Buffer.from(message), caller);
  }
  const call = () => backend(world, request, url, repository, rest, body);
  if (!writing || request.method !== 'POST' || (caller.kind !== 'user' && caller.kind !== 'installation')) {
    const answer = await call();
    return finish(answer.status, answer.headers, answer.body, caller);
  }
  const actor = caller;
  const answer = await transact(world, repository, () => push(world, repository, actor, body, call));
  return finish(answer.status, answer.headers, answer.body, caller);
}

/**
 * A push: the rules are checked once the objects are there, on a first pass into the object store alone, since whether
 * a push is a fast-forward can't be told without them. Refused refs answer as GitHub's pre-receive hook does.
 */
async function push(
  world: World,
  repository: Repository,
  actor: Actor,
  body: Buffer,
  call: () => Promise<Cgi>,
): Promise<Cgi> {
  const { commands, pack } = readCommands(body);
  if (commands.length === 0) return call();
  if (pack.length > 0) await storePack(repository, pack);
  for (const move of commands) {
    const violations = await violationsOf(repository, actor, move);
    if (violations.length > 0)
      return refusePush(commands, pushMessage(repositoryPage(world, repository), move.ref, violations));
  }
  const answer = await call();
  const cause = causeOf(actor);
  for (const move of commands) {
    if ((await resolveRefName(repository.store, move.ref)) !== move.after) continue;
    await notePush(world, repository, cause, move);
    await followMove(world, repository, cause, move);
  }
  return answer;
}

function readCommands(body: Buffer): { readonly commands: RefMove[]; readonly pack: Buffer } {
  const commands: RefMove[] = [];
  let at = 0;
  while (at + 4 <= body.length) {
    const length = Number.parseInt(body.subarray(at, at + 4).toString('ascii'), 16);
    if (length === 0 || Number.isNaN(length)) {
      at += 4;
      break;
    }
    const line = body.subarray(at + 4, at + length).toString('utf8');
    const found = /^([0-9a-f]{40}) ([0-9a-f]{40}) ([^\0\n]+)/.exec(line);
    if (found !== null) {
      const oid = (text = '') => (text === ZERO_OID ? undefined : text);
      commands.push({ before: oid(found[1]), after: oid(found[2]), ref: found[3] ?? '' });
    }
    at += length;
  }
  const start = body.indexOf('PACK', at, 'ascii');
  return { commands, pack: start < 0 ? Buffer.alloc(0) : body.subarray(start) };
}

async function storePack(repository: Repository, pack: Buffer): Promise<void> {
  await new Promise<void>((resolve) => {
    const child = spawn('git', ['--git-dir', repository.store.directory, 'unpack-objects', '-q'], {
      env: gitEnvironment(),
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    child.stdin.on('error', () => undefined);
    child.on('error', () => resolve());
    child.on('close', () => resolve());
    child.stdin.end(pack);
  });
}

function packet(text: string | Buffer): Buffer {
  const bytes = Buffer.from(text);
  return Buffer.concat([Buffer.from((bytes.length + 4).toString(16).padStart(4, '0')), bytes]);
}

/** A report-status over side band 1 with the hook's words on side band 2. */
function refusePush(commands: readonly RefMove[], message: string): Cgi {
  const report = Buffer.concat([
    packet('unpack ok\n'),
    ...commands.map((move) => packet(`ng ${move.ref} push declined due to repository rule violations\n`)),
    Buffer.from('0000'),
  ]);
  const body = Buffer.concat([
    packet(Buffer.concat([Buffer.from([2]), Buffer.from(`${message}\n`)])),
    packet(Buffer.concat([Buffer.from([1]), report])),
    Buffer.from('0000'),
  ]);
  return {
    status: 200,
    headers: { 'content-type': 'application/x-git-receive-pack-result', 'cache-control': 'no-cache' },
    body,
  };
}

function backend(
  world: World,
  request: IncomingMessage,
  url: URL,
  repository: Repository,
  rest: string,
  body: Buffer,
): Promise<Cgi> {
  const root = join(repository.store.directory, '..');
  const folder = repository.store.directory.slice(root.length + 1);
  return new Promise((resolve, reject) => {
    const child = spawn('git', ['http-backend'], {
      env: gitEnvironment({
        GIT_PROJECT_ROOT: root,
        GIT_HTTP_EXPORT_ALL: '1',
        PATH_INFO: `/${folder}/${rest}`,
        QUERY_STRING: url.search.slice(1),
        REQUEST_METHOD: request.method ?? 'GET',
        CONTENT_TYPE: request.headers['content-type'] ?? '',
        CONTENT_LENGTH: String(body.length),
        REMOTE_USER: 'git',
        REMOTE_ADDR: '127.0.0.1',
        GIT_PROTOCOL: String(request.headers['git-protocol'] ?? ''),
        GIT_COMMITTER_NAME: 'GitHub',
        GIT_COMMITTER_EMAIL: 'noreply@github.com',
        SERVER_NAME: new URL(world.urls.server).hostname,
      }),
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    const chunks: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
    child.stdin.on('error', () => undefined);
    child.on('error', reject);
    child.on('close', () => resolve(parseCgi(Buffer.concat(chunks))));
    child.stdin.end(body);
  });
}

function parseCgi(output: Buffer): Cgi {
  const crlf = output.indexOf('\r\n\r\n');
  const end = crlf >= 0 ? crlf : output.indexOf('\n\n');
  const head = output.subarray(0, Math.max(end, 0)).toString('utf8');
  const headers: Record<string, string> = {};
  let status = end < 0 ? 500 : 200;
  for (const line of head.split(/\r?\n/)) {
    const colon = line.indexOf(':');
    const name = line.slice(0, colon).trim().toLowerCase();
    const value = line.slice(colon + 1).trim();
    if (name === 'status') status = Number.parseInt(value, 10);
    else if (name !== '') headers[name] = value;
  }
  return { status, headers, body: end < 0 ? Buffer.alloc(0) : output.subarray(end + (crlf >= 0 ? 4 : 2)) };
}
