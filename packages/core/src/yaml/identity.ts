import { MAX_TEXT_LENGTH } from '../image/grammar.js';
import { type ReferenceErrorClass, tryParseReference } from '../image/reference.js';
import { UNRESOLVED } from './keys.js';

/** Which image a text, or several joined, stands for. */
export interface Identity {
  /** Normalised; kept when only tag or digest are malformed or unreadable. */
  readonly repository?: string;
  readonly tag?: string;
  readonly digest?: string;
  readonly error?: ReferenceErrorClass;
  readonly unresolved: boolean;
}

export interface WrittenReference {
  /** The repository as it is spelled. */
  readonly name: string;
  readonly tag?: string;
  readonly digest?: string;
}

/** Takes a text apart at its separators without judging the parts. */
export function splitReference(text: string): WrittenReference {
  const at = text.indexOf('@');
  const digest = at === -1 ? undefined : text.slice(at + 1);
  const named = at === -1 ? text : text.slice(0, at);
  const colon = named.lastIndexOf(':');
  const hasTag = colon > named.lastIndexOf('/');
  return {
    name: hasTag ? named.slice(0, colon) : named,
    ...(hasTag ? { tag: named.slice(colon + 1) } : {}),
    ...(digest === undefined ? {} : { digest }),
  };
}

/** The image of one whole text. */
export function identify(text: string): Identity {
  if (text.length > MAX_TEXT_LENGTH) return { error: 'ErrReferenceInvalidFormat', unresolved: false };
  const parsed = tryParseReference(text);
  if (parsed.ok) {
    const { repository, tag, digest } = parsed.reference;
    return {
      repository,
      ...(tag === undefined ? {} : { tag }),
      ...(digest === undefined ? {} : { digest }),
      unresolved: false,
    };
  }
  const unresolved = UNRESOLVED.test(text);
  const { name, tag, digest } = unresolved ? readablePart(text) : splitReference(text);
  const named = tryParseReference(name);
  const isBare = named.ok && named.reference.tag === undefined && named.reference.digest === undefined;
  return {
    ...(isBare ? { repository: named.reference.repository } : {}),
    ...(tag === undefined || UNRESOLVED.test(tag) ? {} : { tag }),
    ...(digest === undefined || UNRESOLVED.test(digest) ? {} : { digest }),
    ...(unresolved ? {} : { error: parsed.error }),
    unresolved,
  };
}

/** Of `ghcr.io/o/api:{{ .tag }}` the repository can be told; of `{{ .registry }}/o/api` or `ghcr.io/o/{{ .name }}` it can't. */
function readablePart(text: string): WrittenReference {
  const template = UNRESOLVED.exec(text)?.index ?? 0;
  const head = text.slice(0, template);
  const separator = /^(.*?)[:@][^/]*$/.exec(head);
  if (separator?.[1] === undefined || /\/$/.test(head)) return { name: '' };
  return splitReference(head.endsWith(':') || head.endsWith('@') ? head.slice(0, -1) : head);
}

export interface Parts {
  readonly registry?: string | undefined;
  readonly repository: string;
  readonly tag?: string | undefined;
  /** With its algorithm. */
  readonly digest?: string | undefined;
}

/** The text that a chart makes of a split: `registry/repository:tag@digest`, empty parts left out. */
export function joinParts(parts: Parts): string {
  const { registry = '', repository, tag = '', digest = '' } = parts;
  const host = registry === '' ? '' : `${registry.replace(/\/+$/, '')}/`;
  const name = `${host}${host === '' ? repository : repository.replace(/^\/+/, '')}`;
  // A tag may carry the digest itself (`v1@sha256:…`); a digest field of its own comes last and wins.
  const at = tag.indexOf('@');
  const pureTag = at === -1 ? tag : tag.slice(0, at);
  const pureDigest = digest === '' && at !== -1 ? tag.slice(at + 1) : digest;
  return `${name}${pureTag === '' ? '' : `:${pureTag}`}${pureDigest === '' ? '' : `@${pureDigest}`}`;
}
