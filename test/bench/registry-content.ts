/** What the registry of the resolve row holds. */
export const REPOSITORIES = Array.from({ length: 200 }, (_, index) => `acme/service-${index}`);
export const CHANNELS = ['main', 'next', 'edge', 'release', 'nightly'] as const;
/** A round trip's share of every answer. */
export const DELAY_MS = 40;

/** `host/repository:tag`, all of them. */
export function channelTags(host: string): readonly string[] {
  return REPOSITORIES.flatMap((repository) => CHANNELS.map((tag) => `${host}/${repository}:${tag}`));
}
