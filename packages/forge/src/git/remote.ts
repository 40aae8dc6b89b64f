import { WaybillError } from '@waybill/core';
import { tokenEnvironment } from './environment.js';
import { firstLine, type GitSetting, runGit } from './process.js';

/** Where missing commits come from. */
export interface GitRemote {
  /** A remote's name in the repository's configuration, or a URL. */
  readonly name: string;
  /** Sent to `serverUrl` and nowhere else. */
  readonly credentials?: { readonly serverUrl: string; readonly token: string };
}

const OID = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/;

/** Whether a text is a whole object ID. */
export function isOid(text: string): boolean {
  return OID.test(text);
}

/**
 * Brings one commit and its tree here by its ID, no refs and no history. A whole clone stays whole.
 * @throws WaybillError forge-unavailable: the remote did not give it
 */
export async function fetchOid(setting: GitSetting, remote: GitRemote, oid: string): Promise<void> {
  // A depth would cut a whole clone's history off there; in an empty one there is nothing to cut.
  const shallow = await runGit(setting, ['rev-parse', '--is-shallow-repository']);
  const head = await runGit(setting, ['rev-parse', '--verify', '--quiet', 'HEAD']);
  const isWhole = shallow.stdout.toString('latin1').trim() !== 'true' && head.exitCode === 0;
  const depth = isWhole ? [] : ['--depth=1'];
  const options = ['--no-tags', '--no-write-fetch-head', '--no-recurse-submodules', '--quiet', ...depth];
  const { exitCode, stderr } = await runGit(
    setting,
    ['fetch', ...options, '--end-of-options', remote.name, oid],
    environmentOf(remote),
  );
  if (exitCode !== 0) throw unavailable(`The commit ${oid} is not in this clone, and fetching it failed`, stderr);
}

/**
 * The commit at the head of a branch of the remote.
 * @throws WaybillError forge-unavailable: the remote did not answer, or has no such branch
 */
export async function remoteHead(setting: GitSetting, remote: GitRemote, branch: string): Promise<string> {
  const ref = `refs/heads/${branch}`;
  const { exitCode, stdout, stderr } = await runGit(
    setting,
    ['ls-remote', '--quiet', '--end-of-options', remote.name, ref],
    environmentOf(remote),
  );
  if (exitCode !== 0) throw unavailable(`The remote’s branch ${branch} can not be looked up`, stderr);
  const found = stdout
    .toString('utf8')
    .split('\n')
    .map((line) => line.split('\t'))
    .find(([oid = '', name]) => name === ref && isOid(oid))?.[0];
  if (found === undefined) throw unavailable(`The remote has no branch ${branch}`, 'it is not in its list');
  return found;
}

function environmentOf({ credentials }: GitRemote): Readonly<Record<string, string>> {
  return credentials === undefined ? {} : tokenEnvironment(credentials.serverUrl, credentials.token);
}

function unavailable(what: string, stderr: string): WaybillError {
  return new WaybillError('forge-unavailable', {
    what: `${what}: ${firstLine(stderr)}`,
    remedy: 'Give `token` the right to read this repository’s contents, or check out with fetch-depth: 0.',
  });
}
