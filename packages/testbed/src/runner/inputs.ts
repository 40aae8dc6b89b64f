import { NotInTestBed, RunnerError } from './errors.js';
import type { Value } from './expressions.js';

/** An input of `workflow_dispatch` or `workflow_call`, as the parser gives it. */
export interface WorkflowInput {
  readonly type: string;
  readonly required?: boolean;
  readonly default?: unknown;
  readonly options?: readonly string[];
}

type Definitions = Readonly<Record<string, WorkflowInput>>;

/**
 * The `inputs` context of a dispatched run, typed: booleans and numbers are such in `inputs` and strings in
 * `github.event.inputs`. Throws RunnerError in the words of the 422 that
 * POST /repos/{owner}/{repo}/actions/workflows/{id}/dispatches answers.
 */
export function dispatchInputs(
  definitions: Definitions,
  given: Readonly<Record<string, unknown>>,
): Record<string, Value> {
  const unexpected = Object.keys(given).filter((name) => !(name in definitions));
  if (unexpected.length > 0) throw new RunnerError(`Unexpected inputs provided: ${JSON.stringify(unexpected)}`);
  const result: Record<string, Value> = {};
  for (const [name, definition] of Object.entries(definitions)) {
    const value = given[name];
    if (value === undefined || value === null || value === '') {
      if (definition.required && definition.default === undefined) {
        throw new RunnerError(`Required input '${name}' not provided`);
      }
      result[name] = typed(name, definition, definition.default ?? empty(definition));
      continue;
    }
    if (definition.type === 'choice' && !definition.options?.includes(String(value))) {
      throw new RunnerError(`Provided value '${String(value)}' for input '${name}' not in the list of allowed values`);
    }
    result[name] = typed(name, definition, value);
  }
  return result;
}

/** The `inputs` context of a called workflow. `given` is undefined where the caller gave none. Throws RunnerError. */
export function callInputs(definitions: Definitions, given: Readonly<Record<string, Value>>): Record<string, Value> {
  return Object.fromEntries(
    Object.entries(definitions).map(([name, definition]) => [
      name,
      typed(name, definition, given[name] ?? definition.default ?? empty(definition)),
    ]),
  );
}

/** What is wrong with a call before anything of it runs: unknown and missing inputs and secrets, in GitHub's words. */
export function checkCall(
  call: { readonly inputs: readonly string[]; readonly secrets: readonly string[] | 'inherit' },
  called: { readonly inputs: Definitions; readonly secrets: Readonly<Record<string, { readonly required?: boolean }>> },
): string | undefined {
  const lower = (names: readonly string[]): ReadonlySet<string> => new Set(names.map((name) => name.toLowerCase()));
  const declared = lower(Object.keys(called.inputs));
  const unknown = call.inputs.find((name) => !declared.has(name.toLowerCase()));
  if (unknown !== undefined) return `Invalid input, ${unknown} is not defined in the referenced workflow.`;
  const given = lower(call.inputs);
  for (const [name, input] of Object.entries(called.inputs)) {
    if (input.required && input.default === undefined && !given.has(name.toLowerCase())) {
      return `Input ${name} is required, but not provided while calling.`;
    }
  }
  if (call.secrets === 'inherit') return undefined;
  const knownSecrets = lower(Object.keys(called.secrets));
  const stray = call.secrets.find((name) => !knownSecrets.has(name.toLowerCase()));
  if (stray !== undefined) return `Invalid secret, ${stray} is not defined in the referenced workflow.`;
  const passed = lower(call.secrets);
  for (const [name, secret] of Object.entries(called.secrets)) {
    if (secret.required && !passed.has(name.toLowerCase())) {
      return `Secret ${name} is required, but not provided while calling.`;
    }
  }
  return undefined;
}

function empty(definition: WorkflowInput): Value {
  return definition.type === 'boolean' ? false : definition.type === 'number' ? 0 : '';
}

function typed(name: string, definition: WorkflowInput, value: unknown): Value {
  if (typeof value === 'object') throw new NotInTestBed(`an expression as the default of input '${name}'`);
  const text = String(value);
  switch (definition.type) {
    case 'boolean':
      if (text !== 'true' && text !== 'false')
        throw new RunnerError(`Input '${name}': expected a boolean, got '${text}'`);
      return text === 'true';
    case 'number':
      if (text.trim() === '' || Number.isNaN(Number(text))) {
        throw new RunnerError(`Input '${name}': expected a number, got '${text}'`);
      }
      return Number(text);
    default:
      return text;
  }
}
