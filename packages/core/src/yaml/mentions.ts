import { tryParseReference } from '../image/reference.js';
import type { Unread } from './site.js';

/** A path of at least two parts, with what may stand directly before it. */
const WORD = /(^|[^\w./:@-])((?:[\w.-]+(?::\d+)?)?(?:\/[a-z0-9]+(?:[._-]+[a-z0-9]+)*)+)/gm;
/** The value after a key that speaks of an image, where a repository of one part may stand. */
const AFTER_KEY = /(?:[iI]mage|IMAGE|[rR]epository)[\w-]{0,64}["']?\s*[:=]\s*["']?([a-z0-9][a-z0-9._-]*)(?![\w./-])/gm;
const LIMIT = 10_000;

/**
 * The words of a text that look like image repositories, each once, without tag and digest. Where something unreadable
 * stands before a path (`{{ .registry }}/o/api`), the path keeps its leading slash.
 */
export function findMentions(text: string): readonly string[] {
  const found = new Set<string>();
  for (const match of text.matchAll(WORD)) {
    if (found.size >= LIMIT) break;
    const word = match[2];
    if (word !== undefined && !word.startsWith('//')) found.add(word);
  }
  for (const match of text.matchAll(AFTER_KEY)) {
    if (found.size >= LIMIT) break;
    if (match[1] !== undefined) found.add(match[1]);
  }
  return [...found];
}

/**
 * Whether what can be read of something unread names a repository (normalised). A path without a host counts as its
 * end: templates and split fields keep the host elsewhere. More than `LIMIT` words are taken to name every repository.
 */
export function mentionsRepository(unread: Pick<Unread, 'mentions'>, repository: string): boolean {
  if (unread.mentions.length >= LIMIT) return true;
  return unread.mentions.some((mention) => {
    if (mention.startsWith('/')) return repository.endsWith(mention);
    const parsed = tryParseReference(mention);
    if (parsed.ok && parsed.reference.repository === repository) return true;
    return mention.includes('/') && repository.endsWith(`/${mention}`);
  });
}
