import { classifyTag } from '../image/tag-class.js';
import { matchesAny, type PolicySettings } from './settings.js';

/** What the policy says of a tag that stands beside a digest. */
export type TagVerdict =
  | { readonly kind: 'fine' }
  /** Branch-like: an error. */
  | { readonly kind: 'channel' }
  /** Not recognised, of a third party: a warning. */
  | { readonly kind: 'unclassified' }
  | { readonly kind: 'moving' }
  | { readonly kind: 'digest-as-tag' };

const CHANNEL_WORDS = [
  'latest',
  'main',
  'master',
  'mainline',
  'trunk',
  'head',
  'tip',
  'dev',
  'devel',
  'develop',
  'development',
  'edge',
  'nightly',
  'daily',
  'weekly',
  'stable',
  'unstable',
  'canary',
  'next',
  'current',
  'rolling',
  'snapshot',
  'preview',
  'testing',
  'staging',
  'stage',
  'prod',
  'production',
  'release',
  'lts',
  'local',
  'qa',
  'uat',
] as const;

/** A channel's word, alone or with variants behind it that say no more which build it is: `latest-alpine`. */
const CHANNEL = new RegExp(`^(?:${CHANNEL_WORDS.join('|')})(?:[-_][a-z]+)*$`, 'i');
/** `main-amd64`: an architecture's digits say no build either. */
const ARCHITECTURE = /[-_.](?:amd64|arm64|armv[67]|x86[-_]64|ppc64le|s390x|386)(?:[-_.]v[0-9])?$/i;

/** Whether a tag names a channel by its word, whoever publishes it. */
export function isChannelWord(tag: string): boolean {
  return CHANNEL.test(tag.replace(ARCHITECTURE, ''));
}

/**
 * Judges a tag by its class (image-policy.md §3c): of first-party images whatever is neither version, SHA nor date is a
 * channel; of others only what carries a channel's word, and the rest is warned about. A pattern for the repository
 * makes any tag it matches fine, except one that carries a channel's word.
 */
export function judgeTag(tag: string, repository: string | undefined, settings: PolicySettings): TagVerdict {
  if (isChannelWord(tag)) return { kind: 'channel' };
  const tagClass = classifyTag(tag);
  if (tagClass === 'digest-as-tag') return { kind: 'digest-as-tag' };
  if (repository !== undefined) {
    for (const rule of settings.policy.tagPatterns) {
      if (matchesAny([rule.repository], repository) && rule.pattern.test(tag)) return { kind: 'fine' };
    }
  }
  if (tagClass === 'moving-minor') return { kind: 'moving' };
  if (tagClass !== 'channel') return { kind: 'fine' };
  const ours = repository !== undefined && matchesAny(settings.firstParty, repository);
  return { kind: ours ? 'channel' : 'unclassified' };
}
