import { Ajv, type ValidateFunction } from 'ajv';
import addFormatsModule from 'ajv-formats';
import {
  type Description,
  dereference,
  githubDescription,
  type Operation,
  referencesOf,
  type Schema,
  toJsonSchema,
} from './openapi.js';

export interface AskedFor {
  readonly parameters: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly body: unknown;
}

/** Checks requests and answers; every complaint is a sentence, none means all is well. */
export interface Validator {
  request(method: string, template: string, asked: AskedFor): string[];
  answer(method: string, template: string, status: number, body: unknown): string[];
}

/** Answers any operation may give, whether described or not. */
const GENERAL_ERRORS = new Set([400, 401, 403, 404, 405, 406, 409, 410, 422, 429, 500, 501, 502, 503]);

let shared: Validator | undefined;

/** The process's one validator: what one server has compiled serves the next. */
export function githubValidator(): Validator {
  shared ??= createValidator();
  return shared;
}

/** A validator by GitHub's description. It compiles what a route needs when the route is first used. */
export function createValidator(): Validator {
  const ajv = new Ajv({ strict: false, allErrors: false, logger: false, validateFormats: true, inlineRefs: false });
  addFormats(ajv);
  const known = new Set<string>();
  const compiled = new Map<string, ValidateFunction>();
  const description = (): Description => githubDescription();

  function addComponents(schema: unknown): void {
    for (const name of referencesOf(schema)) {
      if (known.has(name)) continue;
      known.add(name);
      const component = toJsonSchema(description().components.schemas?.[name]);
      ajv.addSchema(component as Schema, `component:${name}`);
      addComponents(component);
    }
  }

  function check(key: string, schema: Schema, value: unknown): string[] {
    let validate = compiled.get(key);
    if (validate === undefined) {
      const converted = toJsonSchema(schema);
      addComponents(converted);
      validate = ajv.compile(converted as Schema);
      compiled.set(key, validate);
    }
    if (validate(value)) return [];
    return (validate.errors ?? []).map(
      (error) => `${error.instancePath || '/'} ${error.message ?? 'is invalid'} ${JSON.stringify(error.params)}`,
    );
  }

  function operation(method: string, template: string): Operation | undefined {
    return description().paths[template]?.[method.toLowerCase()];
  }

  return {
    request(method, template, asked) {
      const described = operation(method, template);
      if (described === undefined) return [`GitHub's description has no ${method} ${template}`];
      const key = `${method} ${template}`;
      return [...checkQuery(described, key, asked.query), ...checkBody(described, key, asked.body)];
    },
    answer(method, template, status, body) {
      const described = operation(method, template);
      if (described === undefined) return [];
      const response = described.responses[String(status)];
      if (response === undefined) {
        if (!GENERAL_ERRORS.has(status)) return [`status ${status} is not described`];
        return check('basic-error', { $ref: '#/components/schemas/basic-error' }, body);
      }
      const schema = contentSchema(dereference(description(), response));
      if (schema === undefined) return body === undefined || status >= 400 ? [] : ['a body where none is described'];
      return check(`${method} ${template} ${status}`, schema, body);
    },
  };

  function checkQuery(described: Operation, key: string, query: URLSearchParams): string[] {
    const parameters = (described.parameters ?? []).map((one) => dereference(description(), one));
    const found: string[] = [];
    for (const name of new Set(query.keys())) {
      const parameter = parameters.find((one) => one.in === 'query' && one.name === name);
      if (parameter === undefined) {
        found.push(`query parameter ${name} is not described`);
        continue;
      }
      const schema = parameter.schema as Schema | undefined;
      if (schema === undefined) continue;
      const text = query.get(name) ?? '';
      const type = String(dereference(description(), schema).type ?? '');
      const value =
        type === 'integer' && /^-?\d+$/.test(text) ? Number(text) : type === 'boolean' ? text === 'true' : text;
      found.push(...check(`${key} ?${name}`, schema, value).map((one) => `query parameter ${name}: ${one}`));
    }
    for (const one of parameters) {
      if (one.in === 'query' && one.required === true && !query.has(String(one.name))) {
        found.push(`query parameter ${String(one.name)} is missing`);
      }
    }
    return found;
  }

  function checkBody(described: Operation, key: string, body: unknown): string[] {
    const requestBody =
      described.requestBody === undefined ? undefined : dereference(description(), described.requestBody);
    if (requestBody === undefined) {
      const empty = body === undefined || (typeof body === 'object' && body !== null && Object.keys(body).length === 0);
      return empty ? [] : ['a body where none is described'];
    }
    if (typeof body === 'symbol') return ['Problems parsing JSON'];
    const schema = contentSchema(requestBody);
    if (schema === undefined) return [];
    if (body === undefined) return requestBody.required === true ? ['the body is missing'] : [];
    const found = check(`${key} body`, schema, body).map((one) => `body ${one}`);
    return found.length > 0 ? found : unknownProperties(dereference(description(), schema), body);
  }

  /** GitHub ignores what it does not know; a client that sends it is mistaken all the same. */
  function unknownProperties(schema: Schema, body: unknown): string[] {
    const properties = propertiesOf(schema);
    if (properties === undefined || typeof body !== 'object' || body === null || Array.isArray(body)) return [];
    return Object.keys(body)
      .filter((name) => !properties.has(name))
      .map((name) => `body property ${name} is not described`);
  }

  function propertiesOf(schema: Schema): ReadonlySet<string> | undefined {
    const alternatives = ['oneOf', 'anyOf', 'allOf'].flatMap((key) => (schema[key] as Schema[] | undefined) ?? []);
    const names = new Set(Object.keys((schema.properties as Schema | undefined) ?? {}));
    for (const one of alternatives)
      for (const name of propertiesOf(dereference(description(), one)) ?? []) names.add(name);
    return names.size === 0 || schema.additionalProperties === true ? undefined : names;
  }
}

function contentSchema(described: Schema): Schema | undefined {
  const content = described.content as Readonly<Record<string, Schema>> | undefined;
  const media = content?.['application/json'] ?? Object.values(content ?? {})[0];
  return media?.schema as Schema | undefined;
}

function addFormats(ajv: Ajv): void {
  // The package is CommonJS: its default export is the module in one loader and the function in another.
  const module = addFormatsModule as unknown as { readonly default?: (ajv: Ajv) => void };
  (module.default ?? (addFormatsModule as unknown as (ajv: Ajv) => void))(ajv);
}
