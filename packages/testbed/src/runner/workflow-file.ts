import type { EventsConfig } from '@actions/workflow-parser/model/workflow-template';
import { NotInTestBed, RunnerError } from './errors.js';
import type { WorkflowInput } from './inputs.js';
import { convertWorkflowTemplate, NoOperationTraceWriter, parseWorkflow } from './parser.js';
import { type RequestedPermissions, readPermissions } from './permissions.js';
import { optional, readSteps, type StepDefinition } from './step-definition.js';
import { conditionText, fields, literalString, type Template, toTemplate } from './template.js';

/** A workflow file that GitHub's parser takes. What this runner cannot do of it shows in `jobs()`. */
export interface WorkflowFile {
  readonly path: string;
  /** Its `name`, else its path. */
  readonly name: string;
  readonly events: EventsConfig;
  /** `on.workflow_dispatch.inputs`, read here because the parser's conversion knows no numbers there. */
  readonly dispatchInputs: Readonly<Record<string, WorkflowInput>>;
  /** `on.workflow_call`, undefined for a workflow that cannot be called. */
  readonly call?: {
    readonly inputs: Readonly<Record<string, WorkflowInput>>;
    readonly secrets: Readonly<Record<string, { readonly required: boolean }>>;
  };
  /** `on.workflow_call.outputs`. */
  readonly callOutputs: ReadonlyMap<string, Template>;
  readonly runName?: Template;
  readonly env?: Template;
  readonly permissions?: RequestedPermissions;
  readonly concurrency?: Template;
  readonly defaults: RunDefaults;
  /** Throws NotInTestBed for the first part of the language that this runner does not act on. */
  jobs(): readonly JobDefinition[];
}

interface RunDefaults {
  readonly shell?: string;
  readonly workingDirectory?: string;
}

interface JobBase {
  readonly id: string;
  readonly name?: Template;
  readonly needs: readonly string[];
  readonly condition?: string;
  readonly strategy?: Template;
  readonly concurrency?: Template;
  readonly permissions?: RequestedPermissions;
}

export interface StepsJob extends JobBase {
  readonly kind: 'steps';
  readonly env?: Template;
  readonly environment?: Template;
  readonly outputs?: Template;
  readonly defaults: RunDefaults;
  readonly timeoutMinutes?: Template;
  readonly continueOnError?: Template;
  readonly steps: readonly StepDefinition[];
}

export interface CallJob extends JobBase {
  readonly kind: 'call';
  readonly uses: string;
  readonly with?: Template;
  readonly secrets?: 'inherit' | Template;
}

export type JobDefinition = StepsJob | CallJob;

const JOB_KEYS = new Set([
  ...['concurrency', 'continue-on-error', 'defaults', 'env', 'environment', 'if', 'name', 'needs', 'outputs'],
  ...['permissions', 'runs-on', 'secrets', 'steps', 'strategy', 'timeout-minutes', 'uses', 'with'],
]);

/** Parses and validates a workflow file. Throws RunnerError listing every mistake with its line, as GitHub would. */
export async function parseWorkflowFile(path: string, text: string): Promise<WorkflowFile> {
  const parsed = parseWorkflow({ name: path, content: text }, new NoOperationTraceWriter());
  const converted =
    parsed.value === undefined ? undefined : await convertWorkflowTemplate(parsed.context, parsed.value);
  const errors = parsed.context.errors.getErrors();
  if (parsed.value === undefined || converted === undefined || errors.length > 0) {
    throw new RunnerError(`Invalid workflow file: ${errors.map((error) => error.message).join('; ')}`);
  }
  const value = parsed.value;
  const root = fields(toTemplate(value));
  const defaults = readDefaults(root.get('defaults'));
  const on = fields(root.get('on'));
  const call = fields(on.get('workflow_call'));
  const callOutputs = new Map<string, Template>();
  for (const [name, output] of fields(call.get('outputs'))) {
    const from = fields(output).get('value');
    if (from !== undefined) callOutputs.set(name, from);
  }
  return {
    path,
    name: literalString(root.get('name')) ?? path,
    events: converted.events,
    dispatchInputs: readInputs(fields(on.get('workflow_dispatch')).get('inputs')),
    ...optional(
      'call',
      converted.events.workflow_call === undefined
        ? undefined
        : { inputs: readInputs(call.get('inputs')), secrets: readSecrets(call.get('secrets')) },
    ),
    callOutputs,
    ...optional('runName', root.get('run-name')),
    ...optional('env', root.get('env')),
    ...optional('permissions', readPermissions(root.get('permissions'))),
    ...optional('concurrency', root.get('concurrency')),
    defaults,
    jobs: () => [...fields(root.get('jobs'))].map(([id, job]) => readJob(id, fields(job), defaults)),
  };
}

function readJob(id: string, job: ReadonlyMap<string, Template>, defaults: RunDefaults): JobDefinition {
  for (const key of job.keys()) {
    if (!JOB_KEYS.has(key)) throw new NotInTestBed(`jobs.${id}.${key}`);
  }
  const needs = job.get('needs');
  const base = {
    id,
    needs:
      needs?.kind === 'sequence'
        ? needs.items.map((item) => literalString(item) ?? '')
        : [literalString(needs) ?? ''].filter((need) => need !== ''),
    ...optional('name', job.get('name')),
    ...optional('condition', conditionText(job.get('if'))),
    ...optional('strategy', job.get('strategy')),
    ...optional('concurrency', job.get('concurrency')),
    ...optional('permissions', readPermissions(job.get('permissions'))),
  };
  const uses = literalString(job.get('uses'));
  if (uses !== undefined) {
    const secrets = job.get('secrets');
    return {
      kind: 'call',
      ...base,
      uses,
      ...optional('with', job.get('with')),
      ...optional('secrets', literalString(secrets) === 'inherit' ? ('inherit' as const) : secrets),
    };
  }
  return {
    kind: 'steps',
    ...base,
    ...optional('env', job.get('env')),
    ...optional('environment', job.get('environment')),
    ...optional('outputs', job.get('outputs')),
    ...optional('timeoutMinutes', job.get('timeout-minutes')),
    ...optional('continueOnError', job.get('continue-on-error')),
    defaults: { ...defaults, ...readDefaults(job.get('defaults')) },
    steps: readSteps(job.get('steps'), `jobs.${id}.steps`),
  };
}

function readInputs(template: Template | undefined): Record<string, WorkflowInput> {
  return Object.fromEntries(
    [...fields(template)].map(([name, definition]) => {
      const input = fields(definition);
      const value = input.get('default');
      const options = input.get('options');
      return [
        name,
        {
          type: literalString(input.get('type')) ?? 'string',
          required: literalString(input.get('required')) === 'true',
          ...optional('default', value?.kind === 'literal' ? (value.value ?? undefined) : value),
          ...optional(
            'options',
            options?.kind === 'sequence' ? options.items.map((item) => literalString(item) ?? '') : undefined,
          ),
        },
      ];
    }),
  );
}

function readSecrets(template: Template | undefined): Record<string, { readonly required: boolean }> {
  return Object.fromEntries(
    [...fields(template)].map(([name, secret]) => [
      name,
      { required: literalString(fields(secret).get('required')) === 'true' },
    ]),
  );
}

function readDefaults(template: Template | undefined): RunDefaults {
  const run = fields(fields(template).get('run'));
  return {
    ...optional('shell', literalString(run.get('shell'))),
    ...optional('workingDirectory', literalString(run.get('working-directory'))),
  };
}
