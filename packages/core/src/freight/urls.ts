/** Kargo's normal forms of the URLs that enter a Freight's ID (kargo, pkg/urls). */

// Go's unicode.IsPrint, less the ASCII space: letters, marks, numbers, punctuation, symbols.
const NOT_PRINTABLE = /[^\p{L}\p{M}\p{N}\p{P}\p{S}]/gu;
const NOT_PRINTABLE_ENDS = /^[^\p{L}\p{M}\p{N}\p{P}\p{S}]+|[^\p{L}\p{M}\p{N}\p{P}\p{S}]+$/gu;
const SCHEME = /^(https?|ssh):\/\//;
const SCP = /^((?:[\w-]+@)?[\w-]+(?:\.[\w-]+)*)(?::(.*))?$/;
const BAD_ESCAPE = /%(?![0-9a-f]{2})/i;
const DOCKER_HUB = /^(?:index\.|registry-1\.)?docker\.io\//;

/**
 * A Git URL in lower case, without trailing slash and `.git`; HTTP(S) also without userinfo, and `user@host:path` as
 * `ssh://user@host/path`. What is no such URL, or has a query or inner spaces, comes back unchanged.
 */
export function normGit(repoURL: string): string {
  const ends = unescapeSpaces(repoURL).replace(NOT_PRINTABLE_ENDS, '');
  if (ends.replace(NOT_PRINTABLE, '') !== ends) return repoURL;
  const repo = repoURL.replace(NOT_PRINTABLE, '');
  if (repo === '') return repoURL;
  const scheme = SCHEME.exec(repo)?.[0];
  if (scheme !== undefined) {
    if (BAD_ESCAPE.test(repo) || /\?./.test(repo)) return repoURL;
    const [, authority = '', path = '', rest = ''] = /^([^/?#]*)([^?#]*)(.*)$/.exec(repo.slice(scheme.length)) ?? [];
    const host = scheme === 'ssh://' ? authority : authority.slice(authority.lastIndexOf('@') + 1);
    return `${scheme}${host}${trimGitPath(path)}${rest}`.toLowerCase();
  }
  const scp = SCP.exec(repo);
  if (scp === null) return repoURL;
  const path = trimGitPath(scp[2] ?? '');
  if (BAD_ESCAPE.test(path)) return repoURL;
  return `ssh://${scp[1]}${path === '' ? '' : `/${path}`}`.toLowerCase();
}

/** An image repository in lower case without spaces and tag; Docker Hub's hosts and `library/` are dropped. */
export function normImage(repoURL: string): string {
  const repo = unescapeSpaces(repoURL).replace(NOT_PRINTABLE, '').toLowerCase();
  const bare = repo.replace(/@[^@/]*$/, '').replace(/:[^:/]*$/, '');
  const name = bare === '' || bare.includes('://') ? repo : bare;
  return DOCKER_HUB.test(name) || !/^[^/]*[.:][^/]*\//.test(name)
    ? name.replace(DOCKER_HUB, '').replace(/^library\//, '')
    : name;
}

/** A chart repository: `oci://` dropped, then as an image repository. */
export function normChart(repoURL: string): string {
  const repo = repoURL.replace(NOT_PRINTABLE_ENDS, '').toLowerCase();
  return normImage(repo.startsWith('oci://') ? repo.slice('oci://'.length) : repo);
}

function trimGitPath(path: string): string {
  const open = path.endsWith('/') ? path.slice(0, -1) : path;
  return open.endsWith('.git') ? open.slice(0, -'.git'.length) : open;
}

function unescapeSpaces(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
