import { WaybillError, WaybillErrors } from '@waybill/core';
import type { ActionDefinition, InputDefinition, InputValues } from './definition.js';
import type { Environment } from './environment.js';
import type { Secrets } from './secrets.js';

/**
 * Every input of a definition from the runner's `INPUT_*` variables. An empty value counts as not given, so that a
 * workflow may pass `${{ inputs.x }}` through on events that have none. Secrets are masked before anything else is read.
 * @throws WaybillError input-invalid — WaybillErrors when several inputs are wrong, so that all can be mended at once
 */
export function readInputs<D extends ActionDefinition>(
  definition: D,
  env: Environment,
  secrets: Secrets,
): InputValues<D> {
  const entries = Object.entries(definition.inputs);
  for (const [name, input] of entries) {
    if (input.secret) {
      secrets.add(given(name, env));
    }
  }
  const errors: WaybillError[] = [];
  const values: Record<string, unknown> = {};
  for (const [name, input] of entries) {
    const parsed = readInput(name, input, env);
    if (parsed.ok) {
      values[name] = parsed.value;
    } else {
      errors.push(
        new WaybillError('input-invalid', { what: `Input ${name} ${parsed.problem}`, remedy: parsed.remedy }),
      );
    }
  }
  const [first, ...others] = errors;
  if (first !== undefined) {
    throw others.length === 0 ? first : new WaybillErrors([first, ...others]);
  }
  // Each value came out of its own definition's `parse`, which is where the mapped type takes it from.
  return values as InputValues<D>;
}

function readInput(name: string, input: InputDefinition, env: Environment) {
  const value = given(name, env);
  if (value !== '') {
    return input.parse(value);
  }
  // An expression is the runner's to evaluate; what arrives empty was evaluated to nothing.
  return input.default === undefined || input.default.includes('${{') ? input.absent : input.parse(input.default);
}

/** The runner upper-cases the name and turns blanks into underscores; hyphens stay. */
function given(name: string, env: Environment): string {
  return (env[`INPUT_${name.replace(/ /g, '_').toUpperCase()}`] ?? '').trim();
}
