import { cp, readdir, rm } from 'node:fs/promises';
import { join, resolve, sep } from 'node:path';
import type { GitHubHost } from '../github/host.js';
import { NotInTestBed, RunnerError } from './errors.js';
import { writeCommitFiles } from './host-files.js';
import type { BuiltinAction } from './source.js';

/** Inputs that change nothing here: there is no Git directory, and what is checked out is one commit's files. */
const WITHOUT_EFFECT = new Set(['clean', 'fetch-depth', 'fetch-tags', 'persist-credentials', 'show-progress', 'token']);

/**
 * `actions/checkout` over the host: the files of a commit in the workspace, without a `.git`. Without `ref` it is the
 * run's own commit, for another repository its default branch. Any input it does not know fails by name.
 */
export function checkoutBuiltin(host: GitHubHost): BuiltinAction {
  return async ({ inputs, github, workspace, temp, log, setOutput }) => {
    for (const name of Object.keys(inputs)) {
      if (!WITHOUT_EFFECT.has(name) && !['repository', 'ref', 'path'].includes(name)) {
        throw new NotInTestBed(`actions/checkout with ${name}`);
      }
    }
    const own = String(github.repository);
    const repository = inputs.repository || own;
    const ref = inputs.ref || (repository === own ? String(github.sha) : host.defaultBranch(repository));
    const commit = await host.resolveRef(repository, ref);
    if (commit === undefined) throw new RunnerError(`A branch or tag with the name '${ref}' could not be found`);
    const folder = resolve(workspace, inputs.path ?? '');
    if (folder !== workspace && !folder.startsWith(workspace + sep)) {
      throw new RunnerError(`Repository path '${folder}' is not under '${workspace}'`);
    }
    const draft = join(temp, `checkout-${commit}`);
    await writeCommitFiles(host, repository, commit, draft);
    if (inputs.clean !== 'false') {
      for (const name of await readdir(folder).catch(() => [])) await rm(join(folder, name), { recursive: true });
    }
    await cp(draft, folder, { recursive: true });
    await rm(draft, { recursive: true });
    log(`Checked out ${repository}@${commit}`);
    setOutput('ref', ref);
    setOutput('commit', commit);
  };
}
