export type JsonObject = Readonly<Record<string, unknown>>;

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The JSON object that these bytes are, or undefined when they are anything else. */
export function parseJsonObject(bytes: Uint8Array | string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(typeof bytes === 'string' ? bytes : decoder.decode(bytes));
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The object, or an empty one when the value is none. */
export function objectOr(value: unknown): JsonObject {
  return isObject(value) ? value : {};
}

/** The entries of an object whose values are strings. */
export function stringEntries(value: unknown): Readonly<Record<string, string>> {
  if (!isObject(value)) return {};
  const entries = Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === 'string');
  return Object.fromEntries(entries);
}

/** The value, if it is a string that says something. */
export function textOr(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
