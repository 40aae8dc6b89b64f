import { createHash } from 'node:crypto';
import { posix } from 'node:path';
import { compareBytes } from './order.js';
import type { FreightChart, FreightCommit, FreightContent, FreightImage } from './types.js';
import { normChart, normGit } from './urls.js';

/** Of a Freight's ID, as people and Promotion names shorten it. */
export const SHORT_ID_LENGTH = 7;

/**
 * The Freight's ID by Kargo's algorithm: 40 lower-case hex digits, the SHA-1 of origin and artifacts. Order, alias,
 * times, annotations and branches do not enter. (kargo, pkg/api/freight.go, GenerateFreightID.)
 */
export function freightId(content: FreightContent): string {
  const artifacts = [
    ...content.images.map(imageKey),
    ...(content.commits ?? []).map(commitKey),
    ...(content.charts ?? []).map(chartKey),
  ].sort(compareBytes);
  const input = `${content.origin.kind}/${content.origin.name}:${artifacts.join('|')}`;
  return createHash('sha1').update(input, 'utf8').digest('hex');
}

/** The first seven digits of an ID. */
export function shortId(id: string): string {
  return id.slice(0, SHORT_ID_LENGTH);
}

/** The URL stands as it was written, tag and digest both: the same digest under a new tag is new Freight. */
function imageKey({ repoURL, tag, digest, subscriptionName }: FreightImage): string {
  return named(`${repoURL}:${tag}@${digest}`, subscriptionName);
}

function commitKey({ repoURL, tag, id, subscriptionName }: FreightCommit): string {
  return named([normGit(repoURL), ...(tag ? [tag] : []), id].join(':'), subscriptionName);
}

/** Joined as a path, which makes `https:/x` of `https://x`: so Kargo does. */
function chartKey({ repoURL, name, version, subscriptionName }: FreightChart): string {
  const path = posix.join(normChart(repoURL), name ?? '').replace(/\/$/, '');
  return named(`${path}:${version}`, subscriptionName);
}

function named(key: string, subscriptionName: string | undefined): string {
  return subscriptionName ? `${key}:${subscriptionName}` : key;
}
