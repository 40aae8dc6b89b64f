import { NotInTestBed, RunnerError } from './errors.js';
import { convertActionTemplate, NoOperationTraceWriter, parseAction } from './parser.js';
import { optional, readSteps, type StepDefinition } from './step-definition.js';
import { conditionText, fields, literalString, type Template, toTemplate } from './template.js';

/** An action.yml, validated against GitHub's schema of it. */
export interface ActionManifest {
  readonly name: string;
  /** By name in lower case. */
  readonly inputs: ReadonlyMap<string, InputDefinition>;
  /** Of composite actions: where each output's value comes from. */
  readonly outputs: ReadonlyMap<string, Template>;
  readonly runs:
    | {
        readonly kind: 'node';
        readonly main: string;
        readonly pre?: string;
        readonly preIf: string;
        readonly post?: string;
        readonly postIf: string;
      }
    | { readonly kind: 'composite'; readonly steps: readonly StepDefinition[] };
}

interface InputDefinition {
  readonly name: string;
  readonly default?: Template;
  readonly deprecationMessage?: string;
}

/** Throws RunnerError listing what GitHub's schema rejects, NotInTestBed for containers and for Nodes the runner no longer has. */
export function parseManifest(file: string, text: string): ActionManifest {
  const parsed = parseAction({ name: file, content: text }, new NoOperationTraceWriter());
  if (parsed.value !== undefined) convertActionTemplate(parsed.context, parsed.value);
  const errors = parsed.context.errors.getErrors();
  if (parsed.value === undefined || errors.length > 0) {
    throw new RunnerError(`Failed to load ${file}: ${errors.map((error) => error.message).join('; ')}`);
  }
  const root = fields(toTemplate(parsed.value));
  const inputs = new Map<string, InputDefinition>();
  for (const [name, definition] of fields(root.get('inputs'))) {
    const input = fields(definition);
    inputs.set(name.toLowerCase(), {
      name,
      ...optional('default', input.get('default')),
      ...optional('deprecationMessage', literalString(input.get('deprecationMessage'))),
    });
  }
  const outputs = new Map<string, Template>();
  for (const [name, definition] of fields(root.get('outputs'))) {
    const value = fields(definition).get('value');
    if (value !== undefined) outputs.set(name, value);
  }
  return { name: literalString(root.get('name')) ?? file, inputs, outputs, runs: readRuns(root.get('runs'), file) };
}

function readRuns(template: Template | undefined, file: string): ActionManifest['runs'] {
  const runs = fields(template);
  const using = literalString(runs.get('using')) ?? '';
  if (using === 'composite') return { kind: 'composite', steps: readSteps(runs.get('steps'), `${file} runs.steps`) };
  // Node 20 actions run on Node 24 since the runner dropped Node 20.
  if (using !== 'node24' && using !== 'node20') throw new NotInTestBed(`${file} runs.using: ${using}`);
  return {
    kind: 'node',
    main: literalString(runs.get('main')) ?? '',
    ...optional('pre', literalString(runs.get('pre'))),
    preIf: conditionText(runs.get('pre-if')) ?? 'always()',
    ...optional('post', literalString(runs.get('post'))),
    postIf: conditionText(runs.get('post-if')) ?? 'always()',
  };
}
