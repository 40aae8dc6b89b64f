/** How far along an environment of this name usually stands. Names of one rank are spellings or neighbours. */
const RANKS: ReadonlyMap<string, number> = new Map(
  [
    ['local'],
    ['dev', 'development'],
    ['test'],
    ['qa'],
    ['int', 'integration'],
    ['uat'],
    ['staging', 'stage', 'stg'],
    ['preprod', 'pre-prod'],
    ['prod', 'production', 'prd'],
  ].flatMap((names, rank) => names.map((name): readonly [string, number] => [name, rank])),
);

/** `local`, `dev` and their spellings: environments that take Freight straight from the Warehouse. */
const LAST_FAST_RANK = 1;

/** Folders that hold one folder for each environment. */
const CONTAINERS: ReadonlySet<string> = new Set([
  'env',
  'envs',
  'environment',
  'environments',
  'overlays',
  'clusters',
  'stages',
]);

const KNOWN = [...RANKS.keys()].sort((a, b) => b.length - a.length).join('|');
const COMPOUND = new RegExp(`^(?:(${KNOWN})[-_.](.+)|(.+)[-_.](${KNOWN}))$`);
const TOKEN = new RegExp(`^((?:.*[-_.])?)(${KNOWN})((?:[-_.].*)?)$`);

export interface EnvironmentName {
  readonly rank: number;
  /** What makes it one of several of its rank: `eu` of `prod-eu`. */
  readonly variant?: string;
}

/** What a folder's name says of an environment: `dev`, `Production`, `prod-eu`, `eu-staging`. */
export function readEnvironmentName(folder: string): EnvironmentName | undefined {
  const name = folder.toLowerCase();
  const rank = RANKS.get(name);
  if (rank !== undefined) return { rank };
  const [, before, after, prefix, last] = COMPOUND.exec(name) ?? [];
  const compound = RANKS.get(before ?? last ?? '');
  const variant = after ?? prefix;
  return compound === undefined || variant === undefined ? undefined : { rank: compound, variant };
}

/** The environment in a YAML file's name, and the name with a `*` in its place: `values-dev.yaml` is dev of `values-*.yaml`. */
export function readFileName(file: string): { readonly name: string; readonly template: string } | undefined {
  const extension = /\.ya?ml$/.exec(file)?.[0] ?? '';
  const [, before, name, after] = TOKEN.exec(file.slice(0, file.length - extension.length).toLowerCase()) ?? [];
  if (name === undefined) return undefined;
  return { name, template: `${before ?? ''}*${after ?? ''}${extension}` };
}

export function isFastRank(rank: number): boolean {
  return rank <= LAST_FAST_RANK;
}

export function isEnvironmentContainer(folder: string): boolean {
  return CONTAINERS.has(folder.toLowerCase());
}
