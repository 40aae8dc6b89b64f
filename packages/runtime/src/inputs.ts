import type { InputDefinition, Parsed } from './definition.js';

interface Options {
  readonly description: string;
}

interface TextOptions extends Options {
  readonly required?: true;
  readonly default?: string;
  readonly secret?: true;
  /** What the whole value must look like, and an example or name of that for the error. */
  readonly pattern?: { readonly matches: RegExp; readonly like: string };
}

/** One text on one or more lines. Without `required` or `default` it may be absent: `undefined`. */
export function text(
  options: TextOptions & ({ readonly required: true } | { readonly default: string }),
): InputDefinition<string>;
export function text(options: TextOptions): InputDefinition<string | undefined>;
export function text(options: TextOptions): InputDefinition<string | undefined> {
  const { pattern } = options;
  return {
    kind: 'text',
    ...facts(options),
    parse: (value) =>
      pattern === undefined || pattern.matches.test(value)
        ? { ok: true, value }
        : refuse('does not have the right form', `Write it like ${pattern.like}.`),
    absent: mayBeAbsent(options) ? { ok: true, value: undefined } : missing(),
  };
}

/** `true` or `false`, also as `True` and `TRUE` (YAML 1.2 core schema, as @actions/core reads them). False unless `default` says otherwise. */
export function flag(options: Options & { readonly default?: boolean }): InputDefinition<boolean> {
  const byDefault = options.default ?? false;
  return {
    kind: 'flag',
    ...facts({ description: options.description, default: String(byDefault) }),
    parse: (value) =>
      /^(?:true|True|TRUE|false|False|FALSE)$/.test(value)
        ? { ok: true, value: value.toLowerCase() === 'true' }
        : refuse(`is neither true nor false but ${quote(value)}`, 'Write true or false.'),
    absent: { ok: true, value: byDefault },
  };
}

/** One of a few words. */
export function choice<const C extends string>(
  choices: readonly [C, ...C[]],
  options: Options & ({ readonly required: true } | { readonly default: NoInfer<C> }),
): InputDefinition<C>;
export function choice<const C extends string>(
  choices: readonly [C, ...C[]],
  options: Options,
): InputDefinition<C | undefined>;
export function choice<const C extends string>(
  choices: readonly [C, ...C[]],
  options: Options & { readonly required?: true; readonly default?: C },
): InputDefinition<C | undefined> {
  return {
    kind: 'choice',
    choices,
    ...facts(options),
    parse: (value) => {
      const found = choices.find((word) => word === value);
      return found === undefined
        ? refuse(`is ${quote(value)}, which is not one of its values`, `Write one of: ${choices.join(', ')}.`)
        : { ok: true, value: found };
    },
    absent: mayBeAbsent(options) ? { ok: true, value: undefined } : missing(),
  };
}

/** One value a line, trimmed; empty lines are left out. Empty when absent, unless `required`. */
export function lines(
  options: Options & { readonly required?: true; readonly default?: string },
): InputDefinition<readonly string[]> {
  return {
    kind: 'lines',
    ...facts(options),
    parse: (value) => ({
      ok: true,
      value: value
        .split(/\r\n|\r|\n/)
        .map((line) => line.trim())
        .filter((line) => line !== ''),
    }),
    absent: options.required === true ? missing() : { ok: true, value: [] },
  };
}

/** A whole number between two bounds, both included. */
export function integer(
  options: Options & { readonly default: number; readonly min: number; readonly max: number },
): InputDefinition<number> {
  const { min, max } = options;
  return {
    kind: 'integer',
    ...facts({ description: options.description, default: String(options.default) }),
    parse: (value) => {
      const number = /^-?\d{1,15}$/.test(value) ? Number(value) : Number.NaN;
      return number >= min && number <= max
        ? { ok: true, value: number }
        : refuse(`is ${quote(value)}`, `Write a whole number from ${min} to ${max}.`);
    },
    absent: { ok: true, value: options.default },
  };
}

/** The inputs that actions have in common; an action takes those that mean something for it. */
export const commonInputs = {
  token: text({
    description:
      "The forge's token, for this repository's API. With the default, pull requests that Waybill opens start no workflows; a GitHub App's token has no such limit. Never sent to a registry.",
    default: expression('github.token'),
    secret: true,
  }),
  'registry-token': text({
    description:
      "The registry's token or password, sent to the registries of the images and to no other host. Without it: docker login's stored credentials, GITHUB_TOKEN for ghcr.io, else anonymous.",
    secret: true,
  }),
  'registry-username': text({
    description:
      'The user name that belongs to `registry-token`. Registries that take a token as password accept any name.',
  }),
  repository: text({
    description: 'The repository to work on, as `owner/name`.',
    default: expression('github.repository'),
    pattern: { matches: /^[A-Za-z0-9-]{1,39}\/[A-Za-z0-9._-]{1,100}$/, like: 'owner/name' },
  }),
  'dry-run': flag({ description: 'Say what would be done and write nothing.' }),
} as const;

/** What the runner evaluates, `${{ github.token }}`. */
function expression(content: string): string {
  return `\${{ ${content} }}`;
}

function facts(options: {
  readonly description: string;
  readonly required?: true;
  readonly default?: string;
  readonly secret?: true;
}): Pick<InputDefinition, 'description' | 'required' | 'default' | 'secret'> {
  return {
    description: options.description,
    required: options.required ?? false,
    secret: options.secret ?? false,
    ...(options.default === undefined ? {} : { default: options.default }),
  };
}

function mayBeAbsent(options: { readonly required?: true; readonly default?: string }): boolean {
  return options.required !== true && options.default === undefined;
}

function missing(): Parsed<never> {
  return refuse('is empty', 'Give it a value under `with:`.');
}

function refuse(problem: string, remedy: string): Parsed<never> {
  return { ok: false, problem, remedy };
}

function quote(value: string): string {
  return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value);
}
