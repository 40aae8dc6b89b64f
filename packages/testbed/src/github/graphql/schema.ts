import { schema as published } from '@octokit/graphql-schema';
import { buildASTSchema, type GraphQLSchema, isScalarType, parse } from 'graphql';

let built: GraphQLSchema | undefined;

const SCALARS: Readonly<Record<string, RegExp>> = {
  DateTime: /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/,
  PreciseDateTime: /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/,
  GitTimestamp: /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)$/,
  GitObjectID: /^[0-9a-f]{40}$/,
  GitRefname: /^refs\/.+/,
  Base64String: /^[A-Za-z0-9+/\s]*=*\s*$/,
  URI: /^(https?|git|ssh):\/\/|^\//,
};

/** GitHub's published GraphQL schema (`@octokit/graphql-schema`), with its scalars checked both ways. */
export function githubSchema(): GraphQLSchema {
  if (built !== undefined) return built;
  const schema = buildASTSchema(parse(published.idl, { noLocation: true }), {
    assumeValid: true,
    assumeValidSDL: true,
  });
  for (const [name, pattern] of Object.entries(SCALARS)) {
    const scalar = schema.getType(name);
    if (!isScalarType(scalar)) continue;
    const check = (value: unknown): string => {
      const text = value instanceof Date ? value.toISOString().replace(/\.\d{3}Z$/, 'Z') : value;
      if (typeof text === 'string' && pattern.test(text)) return text;
      throw new TypeError(`${name} cannot represent ${JSON.stringify(value)}`);
    };
    scalar.serialize = check;
    scalar.parseValue = check;
  }
  built = schema;
  return schema;
}
