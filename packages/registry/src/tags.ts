import { type Log, WaybillError } from '@waybill/core';
import { answerError, type ImageName, plainText, registryErrorCodes } from './errors.js';
import { parseJsonObject } from './json.js';
import type { Session, SessionResponse } from './session.js';

/** What is asked for; ECR refuses more, and some registries ignore it. */
const PAGE_SIZE = 1000;
const MAXIMUM_PAGES = 1000;
const PAGE_MAXIMUM_BYTES = 8 * 1024 * 1024;

/** distribution-spec "Pulling manifests". */
const TAG = /^\w[\w.-]{0,127}$/;
/** Signatures, attestations and referrers' fallback tags: about images, not images. */
const SIGNATURE_TAG = /^sha256-[0-9a-f]{64}(?:\.(?:sig|att|sbom))?$/;

/**
 * Every tag of a repository, in the registry's order, each once, without signature tags. Pages are followed by their
 * `Link`, which is taken as it is: Quay's holds a token that nobody can build.
 * Rule: distribution-spec "Listing Tags".
 * @throws WaybillError registry-denied, registry-not-found, registry-unavailable, registry-protocol
 */
export async function listTags(session: Session, log: Log, image: ImageName): Promise<readonly string[]> {
  const tags = new Set<string>();
  const visited = new Set<string>();
  const base = session.address(image, 'tags/list');
  let next: URL | undefined = new URL(`?n=${PAGE_SIZE}`, base);
  let strange = 0;

  for (let page = 1; next !== undefined; page += 1) {
    const address: URL = next;
    visited.add(address.href);
    let response = await getPage(session, image, address);
    if (page === 1 && refusesPageSize(response)) response = await getPage(session, image, base);
    if (response.status !== 200) throw answerError(image, response);
    const names = parsePage(image, response);
    const before = tags.size;
    for (const name of names) {
      if (TAG.test(name)) tags.add(name);
      else strange += 1;
    }
    const news = tags.size > before;
    const link = nextLink(response.headers.get('link'));
    if (link !== undefined) {
      next = resolveLink(image, link, response, base);
      if (!news || visited.has(next.href)) throw pagingError(image, 'the pages of its tags go round in circles');
    } else {
      // Older registries cut the list at `n` and say nothing.
      const last = names.at(-1);
      const full = names.length === PAGE_SIZE && news && last !== undefined;
      next = full ? new URL(`?n=${PAGE_SIZE}&last=${encodeURIComponent(last)}`, base) : undefined;
    }
    if (page === MAXIMUM_PAGES && next !== undefined) {
      throw pagingError(image, `it has more than ${MAXIMUM_PAGES} pages of tags`);
    }
  }
  if (strange > 0) log.warning(`${image.text} lists ${strange} names that cannot be tags; they were left out.`);
  return [...tags].filter((tag) => !SIGNATURE_TAG.test(tag));
}

function getPage(session: Session, image: ImageName, address: URL): Promise<SessionResponse> {
  return session.send(image, {
    resource: address,
    method: 'GET',
    accept: 'application/json',
    maximumBytes: PAGE_MAXIMUM_BYTES,
  });
}

function refusesPageSize(response: SessionResponse): boolean {
  if (response.status === 405) return true;
  return response.status === 400 && registryErrorCodes(response.body).includes('PAGINATION_NUMBER_INVALID');
}

function parsePage(image: ImageName, response: SessionResponse): readonly string[] {
  const page = parseJsonObject(response.body);
  const tags = page?.tags;
  // An empty repository: some registries write null, some leave the field out.
  if (page !== undefined && (tags === null || tags === undefined)) return [];
  if (!Array.isArray(tags) || !tags.every((tag): tag is string => typeof tag === 'string')) {
    throw pagingError(image, 'its list of tags is not one');
  }
  return tags;
}

/** The target of the `rel="next"` link (RFC 8288), or undefined. */
export function nextLink(header: string | null): string | undefined {
  if (header === null) return undefined;
  for (const match of header.slice(0, 16_384).matchAll(/<([^<>]*)>([^<]*)/g)) {
    const [, target, parameters = ''] = match;
    if (/;\s*rel\s*=\s*(?:"(?:[^"]*\s)?next(?:\s[^"]*)?"|next(?![^\s;,]))/i.test(parameters)) return target;
  }
  return undefined;
}

/** A page at another origin would get this registry's credential, so it is refused. */
function resolveLink(image: ImageName, link: string, response: SessionResponse, base: URL): URL {
  const url = URL.canParse(link, response.url.href) ? new URL(link, response.url) : undefined;
  if (url === undefined || url.origin !== base.origin) {
    throw pagingError(image, `the next page of its tags is at ${plainText(url?.origin ?? link)}`);
  }
  return url;
}

function pagingError(image: ImageName, what: string): WaybillError {
  return new WaybillError('registry-protocol', {
    what: `The tags of ${image.text} cannot be listed: ${what}`,
    where: { image: image.text },
    remedy: 'Report this to whoever runs the registry',
  });
}
