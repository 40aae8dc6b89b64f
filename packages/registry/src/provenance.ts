import { type JsonObject, objectOr, stringEntries, textOr } from './json.js';

/** Where an image says it comes from. Claims of whoever pushed it, nothing more. */
export interface Provenance {
  readonly revision?: string;
  readonly source?: string;
  readonly version?: string;
  /** RFC 3339; absent when the build says 1970 or earlier, as reproducible ones do. */
  readonly created?: string;
}

const PREFIX = 'org.opencontainers.image.';
/** The older convention for the date, still written by some builders. */
const LABEL_SCHEMA_DATE = 'org.label-schema.build-date';
const RFC_3339 = /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:[Zz]|[+-]\d\d:\d\d)$/;
const FIRST_REAL_DATE = Date.UTC(1971, 0, 1);

/** What annotations or labels say. Keys: image-spec annotations.md, "Pre-Defined Annotation Keys". */
export function readProvenance(entries: Readonly<Record<string, string>>): Provenance {
  return compact({
    revision: textOr(entries[`${PREFIX}revision`]),
    source: textOr(entries[`${PREFIX}source`]),
    version: textOr(entries[`${PREFIX}version`]),
    created: realDate(entries[`${PREFIX}created`]) ?? realDate(entries[LABEL_SCHEMA_DATE]),
  });
}

/**
 * What an image's config says. Labels may be inherited from the base image, and then tell an earlier date than the
 * config's own: the later one is nearer the truth, as Kargo has it (pkg/image/repository_client.go).
 */
export function readConfigProvenance(config: JsonObject): Provenance {
  const labels = readProvenance(stringEntries(objectOr(config.config).Labels));
  const own = realDate(config.created);
  if (own === undefined || (labels.created !== undefined && Date.parse(labels.created) >= Date.parse(own)))
    return labels;
  return { ...labels, created: own };
}

/** Each fact from the first of the sources that knows it. */
export function firstKnown(...sources: readonly Provenance[]): Provenance {
  const first = (key: keyof Provenance): string | undefined =>
    sources.find((source) => source[key] !== undefined)?.[key];
  return compact({
    revision: first('revision'),
    source: first('source'),
    version: first('version'),
    created: first('created'),
  });
}

/** Whether a reader of labels need look no further. */
export function isComplete(provenance: Provenance): boolean {
  return provenance.revision !== undefined && provenance.source !== undefined && provenance.created !== undefined;
}

function realDate(value: unknown): string | undefined {
  if (typeof value !== 'string' || !RFC_3339.test(value)) return undefined;
  const time = Date.parse(value);
  return Number.isNaN(time) || time < FIRST_REAL_DATE ? undefined : value;
}

function compact(facts: Readonly<Record<keyof Provenance, string | undefined>>): Provenance {
  const { revision, source, version, created } = facts;
  return {
    ...(revision === undefined ? {} : { revision }),
    ...(source === undefined ? {} : { source }),
    ...(version === undefined ? {} : { version }),
    ...(created === undefined ? {} : { created }),
  };
}
