/**
 * What an action takes and gives, as data: the one place that the code, action.yml and the README are held against
 * (test/contract/actions). An action's code reads no other input and writes no other output.
 */
export interface ActionDefinition {
  /** The folder's name under actions/. */
  readonly name: string;
  /** As in action.yml. */
  readonly description: string;
  readonly inputs: Readonly<Record<string, InputDefinition>>;
  readonly outputs: Readonly<Record<string, OutputDefinition>>;
}

export type InputKind = 'text' | 'flag' | 'choice' | 'lines' | 'integer';

/** One input. `T` is what the code reads. */
export interface InputDefinition<T = unknown> {
  readonly kind: InputKind;
  /** As in action.yml. */
  readonly description: string;
  /** As in action.yml: the caller must give a value. */
  readonly required: boolean;
  /** As in action.yml; may be an expression (`${{ github.token }}`), which only the runner can evaluate. */
  readonly default?: string;
  /** Masked in the log and kept out of every message. */
  readonly secret: boolean;
  /** The values that a `choice` takes. */
  readonly choices?: readonly string[];
  /** From what was given: trimmed, never empty. */
  readonly parse: (value: string) => Parsed<T>;
  /** What an input that is empty, and has no default to fall back on, means. */
  readonly absent: Parsed<T>;
}

export type Parsed<T> =
  | { readonly ok: true; readonly value: T }
  /** `problem` completes "input NAME …"; `remedy` is a sentence in the imperative. */
  | { readonly ok: false; readonly problem: string; readonly remedy: string };

export interface OutputDefinition {
  /** As in action.yml. */
  readonly description: string;
}

export type InputValues<D extends ActionDefinition> = {
  readonly [K in keyof D['inputs']]: D['inputs'][K] extends InputDefinition<infer T> ? T : never;
};

export type OutputName<D extends ActionDefinition> = keyof D['outputs'] & string;

/** Text and numbers as they are, `true`/`false`, lists and objects as JSON, `undefined` as the empty text. */
export type OutputValue =
  | string
  | number
  | boolean
  | undefined
  | readonly unknown[]
  | Readonly<{ [key: string]: unknown }>;

/** What every action says about how it ended, so that a workflow can decide without reading prose. */
export const DECISIONS = {
  done: 'what was asked for was done',
  unchanged: 'there was nothing to do',
  waiting: 'it goes on later: a soak, a check or a person is awaited',
  planned: 'a dry run: this is what would be done',
  refused: 'Waybill may not or will not do it; the same run again ends the same',
  failed: 'something could not be read or written; another run may succeed',
} as const;

export type Decision = keyof typeof DECISIONS;

/** The outputs that every action has. */
export const commonOutputs = {
  decision: {
    description: `How the run ended: ${Object.entries(DECISIONS)
      .map(([decision, meaning]) => `\`${decision}\` (${meaning})`)
      .join(', ')}.`,
  },
  'reason-code': { description: 'Why, as a stable code, for conditions in workflows.' },
} as const satisfies ActionDefinition['outputs'];

/** The definition with the common outputs added; names and types of inputs and outputs are kept exactly. */
export function defineAction<
  const I extends ActionDefinition['inputs'],
  const O extends ActionDefinition['outputs'],
>(definition: {
  readonly name: string;
  readonly description: string;
  readonly inputs: I;
  readonly outputs: O;
}): {
  readonly name: string;
  readonly description: string;
  readonly inputs: I;
  readonly outputs: O & typeof commonOutputs;
} {
  return { ...definition, outputs: { ...definition.outputs, ...commonOutputs } };
}
