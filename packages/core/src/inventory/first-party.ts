import { globMatch } from '../config/glob.js';
import { grouped, sorted } from './grouped.js';

/** Registries whose images nobody but their vendor builds. */
const VENDORS: ReadonlySet<string> = new Set([
  'docker.elastic.co',
  'k8s.gcr.io',
  'mcr.microsoft.com',
  'nvcr.io',
  'registry.access.redhat.com',
  'registry.k8s.io',
  'registry.redhat.io',
]);

/** Registries that many owners share, each below a path of its own. */
const SHARED =
  /^(?:docker\.io|ghcr\.io|quay\.io|gcr\.io|[a-z-]+\.gcr\.io|public\.ecr\.aws|registry\.gitlab\.com|[a-z0-9-]+\.pkg\.dev|registry\.hub\.docker\.com|icr\.io)$/;

const OFFICIAL = 'docker.io/library';

export interface FirstPartyGuess {
  readonly glob: string;
  readonly repositories: number;
  /** Where it is referred to. */
  readonly environments: readonly string[];
}

/** A repository and the environment that refers to it; shared files have none. */
export interface Use {
  readonly repository: string;
  readonly environment: string | undefined;
}

/**
 * Whose images these may be, the likeliest first: owners (a registry's organisation, or a registry of one's own) that
 * every environment refers to, the repository owner's namesake before others, then by number of repositories.
 */
export function guessFirstParty(uses: readonly Use[], owner = ''): readonly FirstPartyGuess[] {
  const total = new Set(uses.flatMap(({ environment }) => environment ?? [])).size;
  const guesses = [...grouped(uses, ({ repository }) => ownerOf(repository) ?? '')].flatMap(([prefix, group]) => {
    if (prefix === '') return [];
    const repositories = sorted(group.map(({ repository }) => repository));
    const nested = repositories.some((repository) => repository.slice(prefix.length + 1).includes('/'));
    const environments = sorted(group.flatMap(({ environment }) => environment ?? []));
    const guess: FirstPartyGuess = {
      glob: `${prefix}/${nested ? '**' : '*'}`,
      repositories: repositories.length,
      environments,
    };
    const isNamesake = owner !== '' && prefix.split('/').at(-1) === owner.toLowerCase();
    return environments.length === 0 ? [] : [{ guess, isNamesake: isNamesake && environments.length === total }];
  });
  return guesses
    .sort(
      (a, b) =>
        Number(b.isNamesake) - Number(a.isNamesake) ||
        b.guess.environments.length - a.guess.environments.length ||
        b.guess.repositories - a.guess.repositories ||
        (a.guess.glob < b.guess.glob ? -1 : 1),
    )
    .map(({ guess }) => guess);
}

/** `ghcr.io/o` of a shared registry, `registry.example.com` of one's own; undefined for a vendor's. */
export function ownerOf(repository: string): string | undefined {
  const [host = '', organisation = '', ...rest] = repository.split('/');
  if (VENDORS.has(host)) return undefined;
  if (!SHARED.test(host)) return host;
  const prefix = `${host}/${organisation}`;
  return rest.length === 0 || prefix === OFFICIAL ? undefined : prefix;
}

/** Whether a repository is matched by any of the globs. */
export function matchesAny(globs: readonly string[], repository: string): boolean {
  return globs.some((glob) => globMatch(glob, repository));
}
