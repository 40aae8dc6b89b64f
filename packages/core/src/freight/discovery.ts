import type { ImageSubscription } from '../config/types.js';
import type { WaybillError } from '../errors.js';
import type { Resolution } from '../ports/registry.js';
import type { FreightImage } from './types.js';

/** What the registry answered for one tag of a subscription. */
export interface TagResolution {
  readonly tag: string;
  readonly resolution: Resolution;
}

/** A tag that was looked at and left out, and why. */
export interface SkippedTag {
  readonly tag: string;
  readonly reason: string;
}

/** What was found for one subscription. */
export interface Discovery {
  readonly subscription: ImageSubscription;
  /** Best first, at most as many as wanted. */
  readonly images: readonly FreightImage[];
  /** Left out, in the order they were looked at. */
  readonly skipped: readonly SkippedTag[];
  /** Why the registry could not be asked: then nothing is known, rather than nothing there. */
  readonly failure?: WaybillError;
}

/**
 * The ranked tags to resolve next: as many as are still wanted, and none when there is enough, a look failed or all
 * were looked at.
 */
export function nextInOrder(
  subscription: ImageSubscription,
  ranked: readonly string[],
  looked: readonly TagResolution[],
  wanted: number = subscription.discoveryLimit,
): readonly string[] {
  const { images, failure } = discoverInOrder(subscription, looked, wanted);
  if (failure !== undefined) return [];
  return ranked.slice(looked.length, looked.length + Math.max(0, wanted - images.length));
}

/**
 * What the answers, in the order of the ranked tags, add up to. A tag that is gone, is no image or does not run on the
 * platform is skipped and said (kargo#4859: one bad tag must not fail a subscription). A registry that did not answer
 * or denied is a failure of the subscription: an older image must not pass for the newest because of it.
 */
export function discoverInOrder(
  subscription: ImageSubscription,
  looked: readonly TagResolution[],
  wanted: number = subscription.discoveryLimit,
): Discovery {
  const images: FreightImage[] = [];
  const skipped: SkippedTag[] = [];
  for (const { tag, resolution } of looked) {
    if (images.length >= wanted) break;
    if (resolution.kind === 'absent') {
      skipped.push({ tag, reason: 'the registry has no such tag' });
    } else if (resolution.kind === 'failed') {
      if (!isOfTheTagAlone(resolution.error)) return { subscription, images: [], skipped, failure: resolution.error };
      skipped.push({ tag, reason: resolution.error.what });
    } else {
      const reason = platformMismatch(subscription, resolution.image.platforms);
      if (reason === undefined) images.push(imageOf(subscription, tag, resolution.image));
      else skipped.push({ tag, reason });
    }
  }
  return { subscription, images, skipped };
}

function isOfTheTagAlone({ code }: WaybillError): boolean {
  return code === 'registry-protocol' || code === 'platform-missing';
}

/** Exact on os, arch and variant, as Kargo's; single images too, whose platform their config tells. */
function platformMismatch({ platform }: ImageSubscription, platforms: readonly string[]): string | undefined {
  if (platform === undefined || platforms.includes(platform)) return undefined;
  if (platforms.length === 0) return `its platform could not be told, and ${platform} is asked for`;
  return `it runs on ${platforms.join(', ')}, not on ${platform}`;
}

function imageOf(
  { repoURL, name }: ImageSubscription,
  tag: string,
  image: Extract<Resolution, { readonly kind: 'resolved' }>['image'],
): FreightImage {
  const { digest, revision, source, created, annotations } = image;
  return {
    repoURL,
    tag,
    digest,
    ...(name === undefined ? {} : { subscriptionName: name }),
    ...(revision === undefined ? {} : { revision }),
    ...(source === undefined ? {} : { source }),
    ...(created === undefined ? {} : { created }),
    ...(Object.keys(annotations).length === 0 ? {} : { annotations }),
  };
}
