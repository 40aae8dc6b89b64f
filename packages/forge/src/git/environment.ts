/** Environment variables, as the process was given them. */
export type GitEnvironment = Readonly<Record<string, string | undefined>>;

/** Kept of Git's own variables: how to trust a server. All others could point Git elsewhere. */
const KEPT: ReadonlySet<string> = new Set(['GIT_SSL_CAINFO', 'GIT_SSL_CAPATH']);

/**
 * The environment that Git runs in. No variable of the caller redirects it to another repository, index, configuration or
 * program; it asks no questions, takes no locks for a mere look, and shows objects as they are, without replacements.
 * https://git-scm.com/docs/git#_environment_variables
 */
export function gitEnvironment(env: GitEnvironment, more: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  const kept = Object.entries(env).filter(([name]) => !/^GIT_/i.test(name) || KEPT.has(name));
  return {
    ...Object.fromEntries(kept),
    LC_ALL: 'C',
    GIT_ATTR_NOSYSTEM: '1',
    GIT_NO_REPLACE_OBJECTS: '1',
    GIT_OPTIONAL_LOCKS: '0',
    GIT_TERMINAL_PROMPT: '0',
    ...more,
  };
}

/**
 * Configuration on every command line, stronger than the repository's own: no file monitor, hook, pager or password
 * program is started. `top` is declared safe, since a runner's workspace may belong to another user.
 * https://git-scm.com/docs/git-config
 */
export function gitOptions(top: string): readonly string[] {
  const settings = [
    'core.fsmonitor=false',
    'core.hooksPath=/dev/null',
    'core.askPass=',
    'core.bigFileThreshold=16m',
    'gc.auto=0',
    'maintenance.auto=false',
    'submodule.recurse=false',
    'http.followRedirects=false',
    `safe.directory=${top}`,
  ];
  return ['--no-pager', ...settings.flatMap((setting) => ['-c', setting])];
}

/**
 * A token as configuration in the environment, where no process list shows it. It is sent to that server alone, and
 * replaces a header that a checkout left in the repository's configuration: with two, GitHub refuses the request.
 * https://git-scm.com/docs/git-config#Documentation/git-config.txt-httpextraHeader
 */
export function tokenEnvironment(serverUrl: string, token: string): Readonly<Record<string, string>> {
  const key = `http.${new URL(serverUrl).origin}/.extraheader`;
  const credentials = Buffer.from(`x-access-token:${token}`).toString('base64');
  return {
    GIT_CONFIG_COUNT: '2',
    GIT_CONFIG_KEY_0: key,
    GIT_CONFIG_VALUE_0: '',
    GIT_CONFIG_KEY_1: key,
    GIT_CONFIG_VALUE_1: `AUTHORIZATION: basic ${credentials}`,
  };
}
