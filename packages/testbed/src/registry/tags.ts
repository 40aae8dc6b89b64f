import type { RegistryDialect } from './dialect.js';
import { errorReply, jsonReply, type Reply } from './reply.js';
import type { RegistryRequest } from './request.js';
import type { StoredRepository } from './store.js';

/** `GET /v2/<name>/tags/list` (distribution spec, "Listing Tags"), in the dialect's way of paging. */
export function listTags(
  request: RegistryRequest,
  name: string,
  repository: StoredRepository,
  dialect: RegistryDialect,
): Reply {
  const all = [...repository.tags.keys()];
  const tags = dialect.tagOrder === 'lexical' ? all.sort() : all;
  if (tags.length === 0) return jsonReply(200, { name, tags: dialect.emptyTags === 'null' ? null : [] });
  if (dialect.links === 'unpaged') return jsonReply(200, { name, tags });

  const asked = request.query.get('n');
  if (asked !== null && !/^\d+$/.test(asked))
    return errorReply('UNSUPPORTED', 'invalid number of results requested', { status: 400 });
  const size = Math.min(asked === null ? dialect.pageSize : Number(asked), dialect.pageSize);
  if (size === 0) return jsonReply(200, { name, tags: [] });
  const start = dialect.links === 'repeating' ? 0 : startOf(request.query, tags, dialect);
  const page = tags.slice(start, start + size);
  const more = start + size < tags.length;
  const link = linkOf(request, name, dialect, { size, last: page.at(-1), next: start + size, more });
  return jsonReply(200, { name, tags: page }, link === undefined ? {} : { Link: `<${link}>; rel="next"` });
}

function startOf(query: URLSearchParams, tags: readonly string[], dialect: RegistryDialect): number {
  if (dialect.links === 'next-page') return decodePage(query.get('next_page'));
  const last = query.get('last');
  if (last === null) return 0;
  const at = tags.indexOf(last);
  if (at >= 0) return at + 1;
  // A tag that is gone since: the lexical order still says where it was (distribution spec).
  const after = tags.findIndex((tag) => tag > last);
  return after < 0 ? tags.length : after;
}

interface Page {
  readonly size: number;
  readonly last: string | undefined;
  readonly next: number;
  readonly more: boolean;
}

function linkOf(request: RegistryRequest, name: string, dialect: RegistryDialect, page: Page): string | undefined {
  const path = `/v2/${name}/tags/list`;
  if (dialect.links === 'repeating') return `${path}?n=${page.size}`;
  if (!page.more || page.last === undefined) return undefined;
  const query = `n=${page.size}&last=${encodeURIComponent(page.last)}`;
  switch (dialect.links) {
    case 'last':
      return `${path}?${query}`;
    case 'next-page':
      return `${path}?next_page=${encodePage(page.next)}&n=${page.size}`;
    case 'cross-origin':
      return `${request.elsewhere}${path}?${query}`;
    default:
      return undefined;
  }
}

function encodePage(index: number): string {
  return encodeURIComponent(Buffer.from(`page:${index}`).toString('base64'));
}

function decodePage(token: string | null): number {
  const index = /^page:(\d+)$/.exec(Buffer.from(token ?? '', 'base64').toString('utf8'))?.[1];
  return index === undefined ? 0 : Number(index);
}
