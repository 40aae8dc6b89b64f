import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

export type Schema = Readonly<Record<string, unknown>>;

export interface Operation {
  readonly operationId: string;
  readonly parameters?: readonly Schema[];
  readonly requestBody?: Schema;
  readonly responses: Readonly<Record<string, Schema>>;
}

export interface Description {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: Readonly<Record<string, Readonly<Record<string, Schema>>>>;
}

let loaded: Description | undefined;

/** GitHub's published description of its REST API (`@octokit/openapi`, api.github.com), read once. */
export function githubDescription(): Description {
  if (loaded === undefined) {
    const require = createRequire(import.meta.url);
    const path = require.resolve('@octokit/openapi/generated/api.github.com.json');
    loaded = JSON.parse(readFileSync(path, 'utf8')) as Description;
  }
  return loaded;
}

/** What a `$ref` into `components` names; anything else is given back as it is. */
export function dereference(description: Description, schema: Schema): Schema {
  const [, kind = '', name = ''] = /^#\/components\/(\w+)\/(.+)$/.exec(String(schema.$ref ?? '')) ?? [];
  return description.components[kind]?.[name] ?? schema;
}

const IGNORED = new Set([
  'description',
  'example',
  'examples',
  'title',
  'externalDocs',
  'deprecated',
  'xml',
  'discriminator',
  'nullable',
  'x-github',
  'default',
  'readOnly',
  'writeOnly',
]);

/**
 * An OpenAPI 3.0 schema in JSON Schema's words: `nullable` becomes a `null` type, references to components become
 * `name`-keyed schemas, and what only documents is dropped.
 */
export function toJsonSchema(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(toJsonSchema);
  if (typeof schema !== 'object' || schema === null) return schema;
  const source = schema as Schema;
  if (typeof source.$ref === 'string') {
    const reference = { $ref: source.$ref.replace('#/components/schemas/', 'component:') };
    return source.nullable === true ? { anyOf: [{ type: 'null' }, reference] } : reference;
  }
  const result: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(source)) {
    if (IGNORED.has(key)) continue;
    if (key === 'properties' || key === 'patternProperties') {
      const entries = Object.entries(value as Schema).map(([name, inner]) => [name, toJsonSchema(inner)]);
      result[key] = Object.fromEntries(entries);
    } else if (key === 'enum' || key === 'required' || key === 'const') result[key] = value;
    else result[key] = toJsonSchema(value);
  }
  // GitHub answers '' where a URI was not given, and its description has that as the default.
  if (source.format === 'uri' && source.default === '') delete result.format;
  if (source.nullable !== true) return result;
  if (Array.isArray(result.enum) && !result.enum.includes(null)) result.enum = [...result.enum, null];
  if (typeof result.type === 'string') return { ...result, type: [result.type, 'null'] };
  return { anyOf: [{ type: 'null' }, result] };
}

/** Names of the component schemas that a converted schema refers to. */
export function referencesOf(schema: unknown): string[] {
  if (Array.isArray(schema)) return schema.flatMap(referencesOf);
  if (typeof schema !== 'object' || schema === null) return [];
  return Object.entries(schema).flatMap(([key, value]) =>
    key === '$ref' && typeof value === 'string' ? [value.slice('component:'.length)] : referencesOf(value),
  );
}
