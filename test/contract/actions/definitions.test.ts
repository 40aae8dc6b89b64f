import { describe, expect, it } from '@jest/globals';
import { definitions } from '@waybill/actions';
import { type ActionDefinition, commonOutputs } from '@waybill/runtime';
import { type ActionFile, isComposite, oneLine, readActionFiles } from './action-files.js';

const actions = readActionFiles().filter((action) => !isComposite(action));

describe('the code and action.yml', () => {
  it('know the same actions', () => {
    expect(actions.map((action) => action.folder)).toEqual(definitions.map(({ name }) => name).sort());
  });

  it('agree on every description, input, default, required flag and output', () => {
    const written = Object.fromEntries(actions.map((action) => [action.folder, contractOfFile(action)]));
    const coded = Object.fromEntries(
      definitions.map((definition) => [definition.name, contractOfDefinition(definition)]),
    );
    expect(written).toEqual(coded);
  });
});

describe('every definition', () => {
  it('gives decision and reason-code', () => {
    const lacking = definitions.filter((definition) =>
      Object.keys(commonOutputs).some((name) => !Object.hasOwn(definition.outputs, name)),
    );
    expect(lacking.map(({ name }) => name)).toEqual([]);
  });

  it('has defaults that its own inputs accept', () => {
    const refused = definitions.flatMap((definition) =>
      Object.entries(definition.inputs)
        .filter(([, input]) => input.default !== undefined && !input.default.includes('${{'))
        .filter(([, input]) => !input.parse(input.default ?? '').ok)
        .map(([name]) => `${definition.name}: ${name}`),
    );
    expect(refused).toEqual([]);
  });

  it('keeps every token, password and key secret', () => {
    const exposed = definitions.flatMap((definition) =>
      Object.entries(definition.inputs)
        .filter(([name, input]) => /(?:^|-)(?:token|password|key|secret)$/.test(name) && !input.secret)
        .map(([name]) => `${definition.name}: ${name}`),
    );
    expect(exposed).toEqual([]);
  });
});

function contractOfFile({ description, inputs, outputs }: ActionFile) {
  return { description, inputs, outputs };
}

function contractOfDefinition({ description, inputs, outputs }: ActionDefinition) {
  return {
    description: oneLine(description),
    inputs: Object.fromEntries(
      Object.entries(inputs).map(([name, input]) => [
        name,
        {
          description: oneLine(input.description),
          required: input.required,
          ...(input.default === undefined ? {} : { default: input.default }),
        },
      ]),
    ),
    outputs: Object.fromEntries(
      Object.entries(outputs).map(([name, output]) => [name, { description: oneLine(output.description) }]),
    ),
  };
}
