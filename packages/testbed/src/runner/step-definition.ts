import { NotInTestBed, RunnerError } from './errors.js';
import { conditionText, fields, literalString, type Template } from './template.js';

/** A step of a job or of a composite action, not yet evaluated. */
export interface StepDefinition {
  readonly id: string;
  readonly name?: Template;
  readonly condition?: string;
  readonly env?: Template;
  readonly continueOnError?: Template;
  readonly timeoutMinutes?: Template;
  readonly body:
    | {
        readonly kind: 'run';
        readonly script: Template;
        readonly shell?: Template;
        readonly workingDirectory?: Template;
      }
    | { readonly kind: 'uses'; readonly uses: string; readonly with?: Template };
}

const KNOWN = new Set([
  'id',
  'name',
  'if',
  'env',
  'continue-on-error',
  'timeout-minutes',
  'run',
  'shell',
  'working-directory',
  'uses',
  'with',
]);

/** Reads `steps`. Throws NotInTestBed for a key this runner does not act on; `where` is e.g. `jobs.build.steps`. */
export function readSteps(template: Template | undefined, where: string): readonly StepDefinition[] {
  if (template?.kind !== 'sequence') throw new RunnerError(`${where}: a sequence of steps was expected`);
  const taken = new Set<string>();
  return template.items.map((item, index) => {
    const step = fields(item);
    for (const key of step.keys()) {
      if (!KNOWN.has(key)) throw new NotInTestBed(`${where}[${index}].${key}`);
    }
    const uses = literalString(step.get('uses'));
    const script = step.get('run');
    if (uses === undefined && script === undefined) throw new RunnerError(`${where}[${index}]: neither run nor uses`);
    const id = literalString(step.get('id')) ?? generatedId(uses, taken);
    taken.add(id);
    return {
      id,
      ...optional('name', step.get('name')),
      ...optional('condition', conditionText(step.get('if'))),
      ...optional('env', step.get('env')),
      ...optional('continueOnError', step.get('continue-on-error')),
      ...optional('timeoutMinutes', step.get('timeout-minutes')),
      body:
        uses === undefined
          ? {
              kind: 'run' as const,
              script: script ?? { kind: 'literal' as const, value: '' },
              ...optional('shell', step.get('shell')),
              ...optional('workingDirectory', step.get('working-directory')),
            }
          : { kind: 'uses' as const, uses, ...optional('with', step.get('with')) },
    };
  });
}

/** GitHub's names for steps without an id: `__run`, `__run_2`, `__owner_name`. */
function generatedId(uses: string | undefined, taken: ReadonlySet<string>): string {
  const base = uses === undefined ? '__run' : `__${uses.replace(/@.*$/, '').replace(/[^A-Za-z0-9_-]+/g, '_')}`;
  if (!taken.has(base)) return base;
  for (let n = 2; ; n++) if (!taken.has(`${base}_${n}`)) return `${base}_${n}`;
}

/** `{[key]: value}`, or nothing for undefined. */
export function optional<K extends string, V>(key: K, value: V | undefined): { readonly [P in K]?: V } {
  return (value === undefined ? {} : { [key]: value }) as { readonly [P in K]?: V };
}
