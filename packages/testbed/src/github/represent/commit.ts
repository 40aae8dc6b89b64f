import { accountOfEmail } from '../domain/identities.js';
import type { Commit, Signature } from '../git/commit.js';
import type { FileDiff } from '../git/history.js';
import { gitNodeId } from '../state/ids.js';
import type { Repository } from '../state/repositories.js';
import type { World } from '../state/world.js';
import { simpleUser } from './account.js';
import { repositoryPage, repositoryUrl } from './repository.js';

const SIGNATURE = '-----BEGIN PGP SIGNATURE-----\n\ntest bed: held by the server\n-----END PGP SIGNATURE-----\n';

/** Whether a commit is GitHub-signed is the server's knowledge, by oid; the object itself carries no signature. */
function verification(repository: Repository, commit: Commit): Record<string, unknown> {
  const at = repository.verified.get(commit.oid);
  return at === undefined
    ? { verified: false, reason: 'unsigned', signature: null, payload: null, verified_at: null }
    : {
        verified: true,
        reason: 'valid',
        signature: SIGNATURE,
        payload: `tree ${commit.tree}\n`,
        verified_at: at.toISOString(),
      };
}

function person(signature: Signature): Record<string, unknown> {
  return { name: signature.name, email: signature.email, date: isoSeconds(signature.date) };
}

/** GitHub's dates carry no fractions: `2026-01-02T03:04:05Z`. */
export function isoSeconds(date: Date): string {
  return date.toISOString().replace(/\.\d{3}Z$/, 'Z');
}

/** OpenAPI `git-commit`: the Git Data API's view. */
export function gitCommit(world: World, repository: Repository, commit: Commit): Record<string, unknown> {
  const url = repositoryUrl(world, repository);
  const page = repositoryPage(world, repository);
  return {
    sha: commit.oid,
    node_id: gitNodeId('C', repository.id, commit.oid),
    url: `${url}/git/commits/${commit.oid}`,
    html_url: `${page}/commit/${commit.oid}`,
    author: person(commit.author),
    committer: person(commit.committer),
    message: commit.message.replace(/\n$/, ''),
    tree: { sha: commit.tree, url: `${url}/git/trees/${commit.tree}` },
    parents: commit.parents.map((parent) => ({
      sha: parent,
      url: `${url}/git/commits/${parent}`,
      html_url: `${page}/commit/${parent}`,
    })),
    verification: verification(repository, commit),
  };
}

/** OpenAPI `commit`: the Commits API's view, without `stats` and `files`. */
export function fullCommit(world: World, repository: Repository, commit: Commit): Record<string, unknown> {
  const url = repositoryUrl(world, repository);
  const page = repositoryPage(world, repository);
  const author = accountOfEmail(world, commit.author.email);
  const committer = accountOfEmail(world, commit.committer.email);
  return {
    sha: commit.oid,
    node_id: gitNodeId('C', repository.id, commit.oid),
    url: `${url}/commits/${commit.oid}`,
    html_url: `${page}/commit/${commit.oid}`,
    comments_url: `${url}/commits/${commit.oid}/comments`,
    commit: {
      url: `${url}/git/commits/${commit.oid}`,
      author: person(commit.author),
      committer: person(commit.committer),
      message: commit.message.replace(/\n$/, ''),
      comment_count: 0,
      tree: { sha: commit.tree, url: `${url}/git/trees/${commit.tree}` },
      verification: verification(repository, commit),
    },
    author: author === undefined ? null : simpleUser(world, author),
    committer: committer === undefined ? null : simpleUser(world, committer),
    parents: commit.parents.map((parent) => ({
      sha: parent,
      url: `${url}/commits/${parent}`,
      html_url: `${page}/commit/${parent}`,
    })),
  };
}

/** OpenAPI `diff-entry`; the patch is left out of what is not text or too long. */
export function diffEntry(
  world: World,
  repository: Repository,
  commit: string,
  diff: FileDiff,
  patch?: string,
): Record<string, unknown> {
  const url = repositoryUrl(world, repository);
  const page = repositoryPage(world, repository);
  const path = diff.path.split('/').map(encodeURIComponent).join('/');
  return {
    sha: diff.oid,
    filename: diff.path,
    status: diff.status,
    additions: diff.additions,
    deletions: diff.deletions,
    changes: diff.additions + diff.deletions,
    blob_url: `${page}/blob/${commit}/${path}`,
    raw_url: `${page}/raw/${commit}/${path}`,
    contents_url: `${url}/contents/${path}?ref=${commit}`,
    ...(patch === undefined || patch === '' ? {} : { patch }),
    ...(diff.previousPath === undefined ? {} : { previous_filename: diff.previousPath }),
  };
}
