import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Credentials } from './access.js';
import { findTool, optionalServerAbsent } from './tools.js';

const run = promisify(execFile);

/**
 * What `skopeo inspect` computes as the digest of `host/name:tag` or `host/name@digest`: the tests' oracle.
 * @throws Error `optional server absent: skopeo`, or with skopeo's own message
 */
export async function skopeoDigest(reference: string, credentials?: Credentials): Promise<string> {
  const program = findTool('skopeo');
  if (program === undefined) throw new Error(optionalServerAbsent('skopeo'));
  const login = credentials === undefined ? '--no-creds' : `--creds=${credentials.username}:${credentials.password}`;
  // An index is looked through for one platform; which one must not depend on the machine.
  const platform = ['--override-os=linux', '--override-arch=amd64'];
  const inspect = [
    'inspect',
    '--tls-verify=false',
    '--no-tags',
    '--format={{.Digest}}',
    login,
    `docker://${reference}`,
  ];
  const { stdout } = await run(program, [...platform, ...inspect]);
  return stdout.trim();
}
